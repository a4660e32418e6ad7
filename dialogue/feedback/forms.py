"""The sheet of questions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogue.feedback.questions import ITEMS, Step

LEFT_OUT = ("", _("Leave out"))


class StepField(forms.ChoiceField):
    """Nothing need be chosen; that stands beside the steps, so the label does not say it again."""

    def validate(self, value: str) -> None:
        """Raises ValidationError for what is no step."""
        if value:
            super().validate(value)


class SheetForm(forms.Form):
    """One side's eight questions. Each can be left out, which is what stands there at first."""

    use_required_attribute = False

    def __init__(self, *args: Any, side: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, item in enumerate(ITEMS, start=1):
            self.fields[item.key] = StepField(
                label=f"{number}. {item.text(side)}",
                choices=[*Step.choices, LEFT_OUT],
                initial="",
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": _("Please choose one of the steps.")},
            )
