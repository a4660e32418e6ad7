"""The form of a hold."""

from django import forms
from django.utils.translation import gettext_lazy as _


class HoldForm(forms.Form):
    """Why the deletion is stopped."""

    use_required_attribute = False

    reason = forms.CharField(
        label=_("Why the deletion is stopped"),
        max_length=300,
        help_text=_("One plain sentence. Participants, listeners and strangers all read it. Name nobody."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why, in one sentence.")},
    )
