"""What changed from one text to another, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, TAKEN_OUT, PUT_IN = "same", "out", "in"

_WORDS = re.compile(r"(\w+|[^\w\s]+)(\s*)|\s+")


@dataclass(frozen=True)
class Piece:
    """A stretch of text: SAME in both, TAKEN_OUT of the old one, or PUT_IN to the new one."""

    kind: str
    text: str


def _split(text: str) -> tuple[list[str], list[str]]:
    """The words to compare, and each with the space behind it, as it is shown."""
    found = list(_WORDS.finditer(text))
    return [match[1] or "" for match in found], [match[0] for match in found]


def _taken_out(words: str, before: list[Piece], *, replaced: bool) -> Piece:
    """Words that are gone, kept apart from what stands before and behind them."""
    apart = " " if before and not before[-1].text[-1:].isspace() else ""
    return Piece(TAKEN_OUT, apart + words + (" " if replaced and not words[-1:].isspace() else ""))


def difference(old: str, new: str) -> list[Piece]:
    """The pieces in reading order. SAME and PUT_IN together are `new`; a change of spaces alone is none."""
    old_words, old_shown = _split(old)
    new_words, new_shown = _split(new)
    pieces: list[Piece] = []
    # Very common words count only beside others: it keeps long texts cheap, whatever they are made of.
    for tag, a, b, c, d in SequenceMatcher(None, old_words, new_words).get_opcodes():
        if b > a and tag != "equal":
            pieces.append(_taken_out("".join(old_shown[a:b]), pieces, replaced=d > c))
        if d > c:
            pieces.append(Piece(SAME if tag == "equal" else PUT_IN, "".join(new_shown[c:d])))
    return pieces
