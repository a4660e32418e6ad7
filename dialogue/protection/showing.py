"""What the check says to the person who wrote: the text with its marks, the reasons, and what was shown already."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from dialogue.protection.check import find
from dialogue.protection.findings import Finding
from dialogue.protection.folding import fold
from dialogue.protection.kinds import Kind
from dialogue.protection.rules import books

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

EVERY = frozenset(Kind)
#: Of people who speak under their own name: what is theirs may stand, what belongs to others is asked about.
OF_OTHERS = EVERY - {Kind.AGE, Kind.TIME, Kind.DATE, Kind.RELATION, Kind.PLACE}
#: Kinds in which somebody's own name or agency can turn up.
_NAMES = frozenset({Kind.NAME, Kind.RANKED_NAME, Kind.PLACE})
Span = tuple[int, int, "_StrPromise | str"]  # where a piece that was found stands, and its label
LONGEST_CHECKED = 12_000  # characters; no form takes as many
#: What stands between or before names.
_BETWEEN = frozenset({"and", "&", "y", "e", "of", "the", "de", "la", "el", "from", "in", "at", "to", "with", "con"})
_MARK = 6  # bytes for each finding that was shown


@dataclass(frozen=True)
class Piece:
    """A stretch of a text as written; with a label if it was found."""

    words: str
    label: "_StrPromise | str" = ""


@dataclass(frozen=True)
class Reason:
    """A kind of detail that was found, why it could show who somebody is, and the words."""

    label: "_StrPromise"
    why: "_StrPromise"
    words: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """What was found in some texts. Empty (false) if nothing was, which does not mean that nothing is there."""

    texts: tuple[tuple[Piece, ...], ...]
    reasons: tuple[Reason, ...]
    marks: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.marks)

    @property
    def seen(self) -> str:
        """What the form carries, so that the next step knows what was shown. Tells nothing about the words."""
        return ".".join(sorted(self.marks))

    def was_shown(self, seen: str) -> bool:
        """Whether all of it was on the page whose form carried `seen`: a text may lose findings, but gain none."""
        return self.marks <= set(seen.split("."))


def mark_of(kind: str, words: str) -> str:
    """What a form carries for something that was shown. Tells nothing about the words."""
    value = f"{kind}\0{words}"
    digest = salted_hmac("dialogue.protection.seen", value, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:_MARK]).decode()


def pieces_of(text: str, spans: Iterable[Span]) -> Iterator[Piece]:
    """The whole text in pieces. The spans are in order and don't overlap."""
    place = 0
    for start, end, label in spans:
        if start > place:
            yield Piece(text[place:start])
        yield Piece(text[start:end], label)
        place = end
    if place < len(text):
        yield Piece(text[place:])


def _reasons(findings: Sequence[Finding]) -> Iterator[Reason]:
    for kind in Kind:
        words = tuple(dict.fromkeys(finding.words for finding in findings if finding.kind == kind))
        if words:
            yield Reason(kind.label, kind.why, words)


def _words(text: str) -> set[str]:
    return {word.strip(".,;:()'\"").lower() for word in fold(text).text.split()}


def _found(text: str, kinds: frozenset[Kind], own: set[str]) -> list[Finding]:
    """The findings of these kinds; without those that are no more than the writer's own name, rank and agency."""
    if len(text) > LONGEST_CHECKED:
        return []
    found = [finding for finding in find(text, get_language() or "en") if finding.kind in kinds]
    return [finding for finding in found if finding.kind not in _NAMES or not _words(finding.words) <= own]


def found_in(texts: Sequence[str], *, kinds: frozenset[Kind] = EVERY, known: Iterable[str] = ()) -> list[list[Finding]]:
    """What could show who somebody is, text by text. For `known` see `look`."""
    own = {word for text in known for word in _words(text)}
    if own:
        own |= _BETWEEN | books()["en"].words["rank"] | books()["es"].words["rank"]
    return [_found(text, kinds, own) for text in texts]


def spans_of(findings: Iterable[Finding]) -> list[Span]:
    """Where the findings of a text stand, for `pieces_of`."""
    return [(finding.start, finding.end, finding.kind.label) for finding in findings]


def look(texts: Sequence[str], *, kinds: frozenset[Kind] = EVERY, known: Iterable[str] = ()) -> Check:
    """Look at some texts together. `known` = names that everybody here knows anyway: those of the writer's own."""
    found = found_in(texts, kinds=kinds, known=known)
    return Check(
        texts=tuple(tuple(pieces_of(text, spans_of(one))) for text, one in zip(texts, found, strict=True)),
        **summary(found),
    )


def summary(found: Iterable[Iterable[Finding]]) -> dict[str, Any]:
    """The reasons and marks of a `Check` with these findings."""
    every = [finding for findings in found for finding in findings]
    return {
        "reasons": tuple(_reasons(every)),
        "marks": frozenset(mark_of(finding.kind, finding.words) for finding in every),
    }
