"""What the person who told a story says to a reflection of it."""

from django.utils.translation import gettext_lazy as _

from dialogue.reflections.models import Reflection
from dialogue.threads.forms import CommentForm, WordsField
from dialogue.threads.text import is_blank, tidy

#: The answers that take one tap; "not quite" may come with words.
ONE_TAP = (Reflection.Answer.CONFIRMED, Reflection.Answer.PASSED)


class MeantField(WordsField):
    """Words that may be missing."""

    def clean(self, value: str | None) -> str:
        """ "" when there is nothing to read. Raises ValidationError for a too long text."""
        return "" if is_blank(tidy(value or "")) else super().clean(value)


class MeantForm(CommentForm):
    """ "Not quite", with what was meant, if its author wants to say that."""

    body = MeantField(
        label=_("What you meant"),
        help_text=_("You don’t have to. A facilitator reads it first. Then all in this talk can read it."),
        required=False,
    )
