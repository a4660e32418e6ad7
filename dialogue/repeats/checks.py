"""What the team writes for everybody is held against what was written in the talk."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from dialogue.repeats.queries import withheld
from dialogue.repeats.words import Withheld
from dialogue.sessions.models import DialogueSession


def not_repeated(dialogue_session: DialogueSession, *texts: str, in_quote: bool = False) -> None:
    """Raises ValidationError when one of these texts repeats what it must not; it names the words.

    `in_quote`: words of a text whose author gave them word for word may stand there, and nowhere else.
    """
    _check(withheld(dialogue_session, but_given=in_quote), *texts)


def fields_not_repeated(
    dialogue_session: DialogueSession, texts: Mapping[str, str], *, but_of: User | None = None
) -> None:
    """The same, by field. `but_of`: this listener's own texts may be repeated, since it is what he promises."""
    kept, wrong = withheld(dialogue_session, but_of=but_of), {}
    for field, text in texts.items():
        try:
            _check(kept, text)
        except ValidationError as error:
            wrong[field] = error
    if wrong:
        raise ValidationError(wrong)


def _check(kept: Withheld, *texts: str) -> None:
    if words := [part for text in texts for part in kept.found_in(text)]:
        message = _("This repeats words of a text, or a name from this talk: %(words)s. Say it in your own words.")
        quoted = " … ".join(f"“{part}”" for part in words)
        raise ValidationError(message % {"words": quoted}, code="repeats")
