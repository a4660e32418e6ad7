"""Forms of listeners, and of who vouches for them."""

from datetime import timedelta
from typing import Any, cast

from allauth.account.forms import AddEmailForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.listeners.policies import address_belongs
from accounts.listeners.queries import agency_owning
from accounts.models import ListenerProfile, Role, User, today


class ChangeEmailForm(AddEmailForm):
    """A new address: a listener's stays at the agency, a facilitator's or operator's stays out of every agency."""

    def __init__(self, user: User | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["email"].label = _("New e-mail address")
        self.fields["email"].widget.attrs.pop("placeholder", None)

    def clean_email(self) -> str:
        email = str(super().clean_email())
        user = cast(User, self.user)
        if user.role == Role.LISTENER:
            if user.agency is None or not address_belongs(email, user.agency):
                raise ValidationError(_("Use your address at your agency. A private address won’t do."))
        elif agency_owning(email):
            raise ValidationError(_("This address belongs to an agency. Use another one."))
        return email


class PledgeForm(forms.Form):
    """The signature under the pledge."""

    agreed = forms.BooleanField(
        label=_("I have read the pledge and I make it."),
        error_messages={"required": _("Tick the box if you make this pledge. Without it you can’t listen.")},
    )


class AgreementForm(forms.Form):
    """The signature of a head of office for the agency."""

    use_required_attribute = False

    title = forms.CharField(
        label=_("Your title"),
        help_text=_("As it stands on your letters, for example: Chief of Police. It is public, with your name."),
        max_length=120,
        error_messages={"required": _("Please write your title.")},
    )
    agreed = forms.BooleanField(
        label=_("I have read the agreement and I sign it for my agency."),
        error_messages={"required": _("Tick the box if you sign for your agency.")},
    )


def a_year_from_now() -> Any:
    return today() + timedelta(days=365)


class VerifyForm(forms.Form):
    """How somebody made sure who a listener is, and until when that counts."""

    method = forms.ChoiceField(
        label=_("How did you make sure?"),
        choices=ListenerProfile.Method.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you made sure.")},
    )
    until = forms.DateField(
        label=_("Good until and including"),
        help_text=_("At most a year from today. On the day after it the listener is locked out."),
        initial=a_year_from_now,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    is_head = forms.BooleanField(
        label=_("This person is the head of the office"),
        help_text=_("Tick it only if you made sure of that too. The head signs for the agency and is public by name."),
        required=False,
    )
    leads_unit = forms.BooleanField(
        label=_("This person leads a unit"),
        help_text=_("Tick it only if you made sure of that too. Who leads a unit can make promises for it."),
        required=False,
    )
