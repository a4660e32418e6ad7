"""What the ego guard says to a writer, beside what the protective check says. It asks once, and never stops anybody."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from dialogue.egoguard.check import Nudge, nudges
from dialogue.egoguard.kinds import Kind
from dialogue.protection.findings import Finding
from dialogue.protection.kinds import Kind as Detail
from dialogue.protection.showing import EVERY, Check, Span, found_in, mark_of, pieces_of, spans_of, summary

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

#: For words that are not looked at for details of people: those of staff to one person who knows them anyway.
NO_DETAILS: frozenset[Detail] = frozenset()


@dataclass(frozen=True)
class Thought:
    """Words to think about once more: what they are, how they can land, a better way to say it."""

    kind: Kind
    words: tuple[str, ...]
    instead: str

    @property
    def label(self) -> "_StrPromise":
        """A word or two for it."""
        return self.kind.label

    @property
    def why(self) -> "_StrPromise":
        """How it can land."""
        return self.kind.why

    @property
    def marks(self) -> frozenset[str]:
        """What the form carries once it was shown."""
        return frozenset(mark_of(self.kind, words) for words in self.words)


@dataclass(frozen=True)
class GuardedCheck(Check):
    """A check of a listener's or the staff's words, with what the ego guard found. False if neither found anything."""

    nudges: tuple[Thought, ...] = ()

    def kinds_not_in(self, seen: str) -> set[Kind]:
        """The kinds of which something was not on the page whose form carried `seen`."""
        return {thought.kind for thought in self.nudges if not thought.marks <= set(seen.split("."))}


def _thoughts(found: Iterable[Nudge]) -> Iterator[Thought]:
    grouped: dict[tuple[Kind, str], dict[str, None]] = {}
    for nudge in found:
        grouped.setdefault((nudge.kind, nudge.instead), {})[nudge.words] = None
    for (kind, instead), words in sorted(grouped.items(), key=lambda item: list(Kind).index(item[0][0])):
        yield Thought(kind, tuple(words), instead)


def _spans(details: Sequence[Finding], thoughts: Sequence[Nudge]) -> list[Span]:
    """What is marked in the text. Where both found something in the same words, the detail of a person is marked."""
    free = [one for one in thoughts if all(one.end <= other.start or other.end <= one.start for other in details)]
    marked: list[Span] = [(one.start, one.end, one.kind.label) for one in free]
    return sorted([*spans_of(details), *marked], key=lambda span: span[0])


def look_kindly(texts: Sequence[str], *, kinds: frozenset[Detail] = EVERY, known: Iterable[str] = ()) -> GuardedCheck:
    """Look at texts of a listener or of staff: as `dialogue.protection.showing.look`, and with the ego guard."""
    details = found_in(texts, kinds=kinds, known=known)
    found = [nudges(text, get_language() or "en") for text in texts]
    thoughts = tuple(_thoughts(nudge for one in found for nudge in one))
    parts = summary(details)
    parts["marks"] = parts["marks"].union(*(thought.marks for thought in thoughts))
    marked = zip(texts, details, found, strict=True)
    return GuardedCheck(
        texts=tuple(tuple(pieces_of(text, _spans(one, other))) for text, one, other in marked),
        nudges=thoughts,
        **parts,
    )
