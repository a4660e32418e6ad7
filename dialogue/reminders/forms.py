"""The form of a reminder rule."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _


class RuleForm(forms.Form):
    """How long before the start."""

    use_required_attribute = False

    UNITS = (
        ("days", _("days")),
        ("weeks", _("weeks")),
        ("hours", _("hours")),
        ("minutes", _("minutes")),
    )

    count = forms.IntegerField(
        label=_("How long before the start"),
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs={"class": "short", "inputmode": "numeric"}),
    )
    unit = forms.ChoiceField(label=_("In"), choices=UNITS)

    def before(self) -> timedelta:
        """The time before the start."""
        return timedelta(**{self.cleaned_data["unit"]: self.cleaned_data["count"]})
