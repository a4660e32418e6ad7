"""Forms of the operator's records."""

from django import forms

from accounts.models import OutreachPartner, User
from accounts.team.forms import TimeZoneField


class OutreachPartnerForm(forms.ModelForm):
    time_zone = TimeZoneField()

    class Meta:
        model = OutreachPartner
        fields = ("name", "contact_name", "email", "time_zone", "language", "is_active")


class UserForm(forms.ModelForm):
    time_zone = TimeZoneField()

    class Meta:
        model = User
        fields = ("name", "time_zone", "language", "is_active")
