"""The forms of the first move."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogue.acknowledgments.models import PARTS
from dialogue.acknowledgments.parts import GUIDE


class AcknowledgmentForm(forms.Form):
    """The five parts. None is required for a draft; the actions say what is missing or too long."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in GUIDE:
            self.fields[part.name] = forms.CharField(
                label=part.title,
                help_text=part.guidance,
                required=False,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 7}),
            )

    def parts(self) -> dict[str, str]:
        """What was typed, by part."""
        return {name: self.cleaned_data[name] for name in PARTS}


class SendBackForm(forms.Form):
    """What is missing, in words the listener reads."""

    note = forms.CharField(
        label=_("What is missing"),
        help_text=_("The listener reads this and writes again. Say which part, and what you looked for."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        strip=False,
    )
