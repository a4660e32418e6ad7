"""Forms of operators: an agency, and whom to look for."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Role, User
from accounts.team.forms import OwnNames

DOMAIN = re.compile(r"(?=.{4,120}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


class PeopleForm(forms.Form):
    """Whom to look for. What can't be read looks for everybody."""

    words = forms.CharField(
        label=_("Name or e-mail"), required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All")), *Role.choices])
    agency = forms.ModelChoiceField(
        Agency.objects.all(), label=_("Agency"), required=False, empty_label=_("All"), widget=OwnNames
    )


class AgencyForm(forms.ModelForm):
    """Domains are stored plain: lower case, without the @."""

    class Meta:
        model = Agency
        fields = ("name", "kind", "area", "population", "email_domains")
        help_texts = {
            "population": _(
                "In the city or county where it works. Below 50,000, or left empty, each session that invites it asks"
                " its facilitators for a reason: where few people live, a story is easy to place."
            ),
        }

    def clean_email_domains(self) -> list[str]:
        domains = [str(part).strip().lower().lstrip("@") for part in self.cleaned_data["email_domains"]]
        for domain in domains:
            if not DOMAIN.fullmatch(domain):
                raise ValidationError(
                    _("“%(domain)s” is not a domain, like police.example."), params={"domain": domain}
                )
        return domains

    def clean(self) -> dict[str, Any] | None:
        """Nobody on the team may find himself in an agency: the address would contradict the role."""
        cleaned = super().clean()
        for domain in self.cleaned_data.get("email_domains") or []:
            team = User.objects.exclude(role=Role.LISTENER).filter(email__iregex=rf"[@.]{re.escape(domain)}$")
            if team.exists():
                raise ValidationError(
                    _("Somebody on the team has an address at %(domain)s. Nobody of an agency can be on the team."),
                    params={"domain": domain},
                )
        return cleaned
