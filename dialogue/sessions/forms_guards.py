"""What is typed to go on against a scheduling guard."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.actions_guards import LONGEST
from dialogue.sessions.models_guards import Guard


class OverrideForm(forms.Form):
    """One guard of those that still ask, and why the team goes on."""

    guard = forms.ChoiceField(label=_("About which of them"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why you go on all the same"),
        max_length=LONGEST,
        help_text=_("One or two sentences. It is kept with your name and today’s date. Name nobody who takes part."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    schedule_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, guards: Iterable[Guard], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer(guards)

    def _offer(self, guards: Iterable[Guard]) -> None:
        self.fields["guard"].choices = [(guard.value, guard.label) for guard in guards]  # type: ignore[attr-defined]

    def look_again(self, guards: Iterable[Guard], schedule_version: int) -> None:
        """Show the form for what is asked by now; the reason that was typed stays."""
        self._offer(guards)
        if self.is_bound:
            self.data = {name: self.data.get(name) for name in self.fields} | {"schedule_version": schedule_version}
