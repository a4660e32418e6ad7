"""The ego guard: words that can keep others from being heard. For what listeners and staff write, never participants.

By rules in rules/, in the form of the protective check's, and like that in linear time and without any model.
"""

from dataclasses import dataclass
from pathlib import Path

from dialogue.egoguard.kinds import Kind
from dialogue.protection.folding import fold
from dialogue.protection.rules import LANGUAGES, Form, read

BOOKS = read(Path(__file__).parent / "rules", Form(Kind, says_instead=True))  # a broken file stops the start
LONGEST_CHECKED = 12_000  # characters; no form takes as many
_RANK = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Nudge:
    """A part of a text, `text[start:end] == words`, to think about once more, and a better way to say it."""

    start: int
    end: int
    kind: Kind
    words: str
    instead: str


def nudges(text: str, language: str) -> list[Nudge]:
    """What to think about once more, in order, never overlapping; `language` is that of the page.

    People mix languages, so the rules of all of them are applied, but for those that hold in one language only.
    Finding nothing does not mean that nobody is hurt by it.
    """
    if len(text) > LONGEST_CHECKED:
        return []
    page = language if language in LANGUAGES else LANGUAGES[0]
    folded = fold(text)
    found = [
        (_RANK[rule.kind], *folded.span(*match.span()), rule)
        for book in BOOKS.values()
        for rule in book.rules
        if not rule.own or book.language == page
        for match in rule.pattern.finditer(folded.text)
    ]
    kept: list[Nudge] = []
    for _rank, start, end, rule in sorted(found, key=lambda one: one[:3]):
        if all(end <= other.start or other.end <= start for other in kept):
            kept.append(Nudge(start, end, rule.kind, text[start:end], rule.instead[page]))
    return sorted(kept, key=lambda nudge: nudge.start)
