"""The second step of writing: the text comes back once with what was found, and goes on as it is if they say so."""

from collections.abc import Iterable
from typing import cast

from django import forms
from django.http import QueryDict

from dialogue.protection.kinds import Kind
from dialogue.protection.showing import EVERY, Check, look

#: The button that says: I have seen it, take it as it is.
AS_IS = "as_is"


class CheckedForm(forms.Form):
    """A form with somebody's words. What was shown travels in the form; nothing of it is stored."""

    words_in = "body"  # the field that is looked at
    seen = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    check: Check | None = None  # what was found in the text that was sent, if anything

    def asks(self, *, kinds: frozenset[Kind] = EVERY, known: Iterable[str] = ()) -> bool:
        """Whether the person has to look first. Only for a valid form; see `look` for what is asked about.

        No if nothing was found, or if all of it was shown and the button said to take it as it is.
        """
        return self.shows(look(self.words(), kinds=kinds, known=known))

    def words(self) -> list[str]:
        """What is looked at. Only for a valid form."""
        return [self.cleaned_data[self.words_in]]

    def shows(self, found: Check) -> bool:
        """Whether this has to be shown first; then the form carries it, and that it was shown."""
        if not found:
            return False
        self.check = found
        data = cast(QueryDict, self.data).copy()
        data["seen"] = found.seen
        self.data = data
        return AS_IS not in data or not found.was_shown(self.cleaned_data["seen"])
