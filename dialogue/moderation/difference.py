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


def difference(old: str, new: str) -> list[Piece]:
    """The pieces in reading order. SAME and PUT_IN together are `new`; a change of spaces alone is none."""
    old_words, old_shown = _split(old)
    new_words, new_shown = _split(new)
    pieces: list[Piece] = []
    # Very common words count only beside others: it keeps long texts cheap, whatever they are made of.
    for tag, a, b, c, d in SequenceMatcher(None, old_words, new_words).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(SAME, "".join(new_shown[c:d])))
            continue
        pieces += [Piece(TAKEN_OUT, "".join(old_shown[a:b]))] if b > a else []
        pieces += [Piece(PUT_IN, "".join(new_shown[c:d]))] if d > c else []
    return pieces
