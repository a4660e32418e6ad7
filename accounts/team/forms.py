"""Forms of facilitators and operators."""

from functools import cache
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import OutreachPartner, Role, User
from accounts.team.actions import MOST_CARDS
from accounts.team.cards import Paper
from seeds.languages import active


@cache
def time_zones() -> list[tuple[str, str]]:
    """Places by whose clock people live, as (name, name to read). Without the technical ones."""
    technical = ("Etc/", "posix/", "right/", "SystemV/")
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(technical))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class OwnNames(forms.Select):
    """A choice among names that stay as they are in every language: of places, and of languages."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"translate": "no"} | (attrs or {}), choices)


class TimeZoneField(forms.ChoiceField):
    """One of the world's time zones."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("initial", settings.SITE_TIME_ZONE)
        kwargs.setdefault("widget", OwnNames)
        super().__init__(choices=time_zones, label=_("Time zone"), **kwargs)


class InviteForm(forms.Form):
    """Whom to invite, as what. The hidden id makes a form that is sent twice one invitation."""

    pk = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Not one of an agency: nobody of an agency can be on the team."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=_("As"),
        choices=[(role.value, role.label) for role in (Role.FACILITATOR, Role.OPERATOR)],
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("Language of the mail"),
        choices=settings.LANGUAGES,
        initial=active,
        required=False,
        widget=OwnNames,
    )
    is_peer = forms.BooleanField(
        label=_("A peer: somebody with lived experience of drug use, who is open about it here"), required=False
    )

    def clean_pk(self) -> UUID:
        return self.cleaned_data["pk"] or uuid4()

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or active()


class AcceptForm(forms.Form):
    """The invited person's own part."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("Participants and listeners see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 12 characters. Several words in a row are good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password" in cleaned and "password_again" in cleaned and cleaned["password"] != cleaned["password_again"]:
            self.add_error("password_again", _("The two passwords differ."))
        return cleaned


class CardsForm(forms.Form):
    """For whom, and how many. The hidden id makes a form that is sent twice one batch."""

    pk = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    partner = forms.ModelChoiceField(
        OutreachPartner.objects.filter(is_active=True), label=_("For which partner?"), empty_label=_("Choose one")
    )
    count = forms.IntegerField(
        label=_("How many cards?"),
        min_value=1,
        max_value=MOST_CARDS,
        initial=8,
        help_text=_("1 to 50. Eight or ten fit on a sheet."),
        widget=forms.TextInput(attrs={"class": "short", "inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_pk(self) -> UUID:
        return self.cleaned_data["pk"] or uuid4()


class SheetsForm(forms.Form):
    """On what the cards are printed. What stands on them is not for anybody to choose."""

    paper = forms.ChoiceField(label=_("Paper"), choices=Paper.choices, initial=Paper.LETTER, widget=forms.RadioSelect)
    per_sheet = forms.TypedChoiceField(
        label=_("Cards on a sheet"),
        choices=[(8, "8"), (10, "10")],
        coerce=int,
        initial=8,
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=_("The square leads to pages in"),
        choices=settings.LANGUAGES,
        initial=active,
        help_text=_("Both addresses stand beside it in any case."),
        widget=forms.RadioSelect(attrs={"translate": "no"}),
    )


class VoidForm(forms.Form):
    """How many cards the page showed that asked."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class PartnerForm(forms.ModelForm):
    """An outreach partner."""

    time_zone = TimeZoneField()

    class Meta:
        model = OutreachPartner
        fields = ("name", "contact_name", "email", "time_zone", "language", "is_active")
        widgets = {"language": OwnNames}
        labels = {"is_active": _("Active: can be given cards, and hears of dates")}
        help_texts = {"name": _("The organization, as it calls itself."), "email": _("Gets the reminders of dates.")}


class ProfileForm(forms.ModelForm):
    """What a named person may change. A listener's name was verified, so it stays as it is."""

    time_zone = TimeZoneField(help_text=_("For the times in reminders."))

    class Meta:
        model = User
        fields = ("name", "time_zone", "language")
        widgets = {"language": OwnNames}
        help_texts = {
            "language": _("For the mail that we send you. A page changes its language with the link at its top.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.role == Role.LISTENER:
            del self.fields["name"]
