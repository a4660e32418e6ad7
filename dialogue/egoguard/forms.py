"""The second step of writing, for those who write by name: what could show who somebody is, and the ego guard."""

from collections.abc import Iterable

from dialogue.egoguard.actions import Writer, count_shown
from dialogue.egoguard.showing import look_kindly
from dialogue.protection.forms import CheckedForm
from dialogue.protection.kinds import Kind
from dialogue.protection.showing import EVERY


class GuardedForm(CheckedForm):
    """A checked form in which listeners or staff may write. Without a `writer` it is a participant's: no ego guard."""

    def asks(self, *, kinds: frozenset[Kind] = EVERY, known: Iterable[str] = (), writer: Writer | None = None) -> bool:
        """Whether the person has to look first, as in `CheckedForm`. What the ego guard shows for the first time is
        counted, by kind."""
        if writer is None:
            return super().asks(kinds=kinds, known=known)
        found = look_kindly(self.words(), kinds=kinds, known=known)
        asked = self.shows(found)
        if asked:
            count_shown(writer, found.kinds_not_in(self.cleaned_data["seen"]))
        return asked
