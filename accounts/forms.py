"""What a listener adds to allauth's sign-up form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.listeners.policies import address_belongs
from accounts.models import Agency, ListenerProfile, User


class ListenerSignupForm(forms.Form):
    """Name, rank and agency. The address must be one of the agency's, and nothing here tells who has an account."""

    field_order = ("name", "rank", "agency", "email", "password1", "password2")

    name = forms.CharField(
        label=_("Your full name"),
        max_length=User._meta.get_field("name").max_length,
        help_text=_("Everybody in a session sees your name, rank and agency."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    rank = forms.CharField(
        label=_("Your rank or title"),
        max_length=ListenerProfile._meta.get_field("rank").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    agency = forms.ModelChoiceField(
        Agency.objects.all(),
        label=_("Your agency"),
        empty_label=_("Choose one"),
        help_text=_("Yours is not here? Ask the people who run this site to add it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        email, agency = cleaned.get("email"), cleaned.get("agency")
        if email and agency and not address_belongs(email, agency):
            self.add_error("email", _("Use your address at this agency. A private address won’t do."))
        return cleaned

    def signup(self, request: object, user: User) -> None:
        """Asked for by allauth; the adapter has stored everything by now."""
