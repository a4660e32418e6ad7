"""Forms of the operator's records."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, OutreachPartner, Role, User
from accounts.team.forms import TimeZoneField

DOMAIN = re.compile(r"(?=.{4,120}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


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


class OutreachPartnerForm(forms.ModelForm):
    time_zone = TimeZoneField()

    class Meta:
        model = OutreachPartner
        fields = ("name", "contact_name", "email", "time_zone", "is_active")


class UserForm(forms.ModelForm):
    time_zone = TimeZoneField()

    class Meta:
        model = User
        fields = ("name", "time_zone", "is_active")
