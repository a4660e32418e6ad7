"""Forms in which people write."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from dialogue.egoguard.forms import GuardedForm
from dialogue.threads.actions import checked
from dialogue.threads.text import MAX_CHARACTERS, fitting


class PlainField(forms.CharField):
    """Words up to a limit, put in order; what doesn't fit comes back whole, with how much is too long."""

    def __init__(self, *, limit: int, rows: int = 0, **kwargs: Any) -> None:
        attrs: dict[str, Any] = {"dir": "auto", "autocomplete": "off"}
        widget = forms.Textarea(attrs | {"rows": rows}) if rows else forms.TextInput(attrs)
        super().__init__(strip=False, widget=widget, **kwargs)
        self.limit = limit

    def clean(self, value: str | None) -> str:
        """Raises ValidationError for a too long text, and for a blank one unless it may be missing."""
        return "" if not self.required and not (value or "").strip() else fitting(value or "", self.limit)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """As typed, but for the one character that no page may hold."""
        return data.replace("\0", "") if isinstance(data, str) else data


class WordsField(PlainField):
    """Somebody's words in a talk, as long as a text may be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(limit=MAX_CHARACTERS, rows=10, **kwargs)

    def clean(self, value: str | None) -> str:
        """Raises ValidationError for a blank or too long text."""
        return checked(value or "")


class RetellingForm(GuardedForm):
    """The choice to let a facilitator tell it in other words; a participant's only."""

    retelling = forms.BooleanField(
        label=_("Let a facilitator tell it in other words"),
        help_text=_(
            "You get to read their words first. They come out only if you say yes."
            " Then we destroy yours, and it says: told by a facilitator."
        ),
        required=False,
    )

    def __init__(self, *args: Any, by_listener: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if by_listener:
            del self.fields["retelling"]

    @property
    def wants_retelling(self) -> bool:
        """What the author chose. The form must be valid."""
        return bool(self.cleaned_data.get("retelling"))


class CommentForm(RetellingForm):
    """A text, with what says for which round it was written and which id it will have."""

    body = WordsField(
        label=_("Your text"),
        help_text=format_lazy(_("Up to {count} characters."), count=f"{MAX_CHARACTERS:,}"),
    )
    round = forms.UUIDField(widget=forms.HiddenInput, required=False)
    ticket = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
    reply = forms.UUIDField(widget=forms.HiddenInput, required=False)

    use_required_attribute = False

    def refuse(self, words: str | Promise) -> None:
        """Say above the form why the text was not taken."""
        self.add_error(None, str(words))


class RevisionForm(RetellingForm):
    """A returned text, or one for which other words are proposed, changed."""

    body = WordsField(label=_("Your text"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_767)

    use_required_attribute = False


class NextTurnForm(forms.Form):
    """Which turn the page showed, and whether it named people who had not spoken."""

    turn = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=32_766)
    without_waiting = forms.BooleanField(widget=forms.HiddenInput, required=False)
