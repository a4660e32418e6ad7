"""The forms of the first move."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogue.acknowledgments.models import PARTS, Acknowledgment
from dialogue.acknowledgments.parts import GUIDE


class PartField(forms.CharField):
    """Required in the end, yet a draft may leave it empty: the actions say what is missing or too long."""

    def validate(self, value: str) -> None:
        return


class ScopeField(forms.ChoiceField):
    """For whom the listener speaks; for oneself, where nothing was chosen."""

    def clean(self, value: str | None) -> str:
        return str(super().clean(value or Acknowledgment.Scope.PERSONAL))


class AcknowledgmentForm(forms.Form):
    """For whom the listener speaks, and the five parts."""

    use_required_attribute = False

    scope = ScopeField(
        label=_("For whom do you speak?"),
        help_text=_(
            "For yourself: what you did and will do. For your agency: only with the head’s word for it; once it is"
            " accepted it stands on the agency’s public page. For your profession: what all of you have to answer for."
        ),
        choices=Acknowledgment.Scope.choices,
        initial=Acknowledgment.Scope.PERSONAL,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in GUIDE:
            self.fields[part.name] = PartField(
                label=part.title,
                help_text=part.guidance,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 7}),
            )

    def parts(self) -> dict[str, str]:
        """What was typed, by part."""
        return {name: self.cleaned_data[name] for name in PARTS}


class SendBackForm(forms.Form):
    """What is missing, in words the listener reads."""

    use_required_attribute = False

    note = forms.CharField(
        label=_("What is missing"),
        help_text=_("The listener reads this and writes again. Say which part, and what you looked for."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please write what is missing.")},
        strip=False,
    )
