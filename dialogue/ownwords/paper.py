"""A listener's own words as a PDF that screen readers can read: tagged, with headings, a title and its language."""

import json
import re
import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any

from dialogue.threads.text import paragraphs, tidy
from seeds import press

FOLDER = Path(__file__).parent / "paper"
#: More than this takes too long to set, and too much memory; about 200 pages. The other file holds any amount.
LONGEST = 600_000  # characters
#: More than this (about 35 pages) is not made while a page waits.
QUICK = 100_000

_UNSEEN = {"Mn", "Me", "Cf", "Sk"}  # that only changes what stands before it: skin tones, joiners
_UNBROKEN = re.compile(r"[^\s\u200b]{40}")  # a run without a space, which would go over the edge of the page


class TooMuch(Exception):
    """There is more than fits."""


@cache
def _ranges() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The first and the last code point of each range that the fonts hold."""
    lines = [line for line in (FOLDER / "printable.txt").read_text().splitlines() if not line.startswith("#")]
    pairs = [part.partition("-") for part in " ".join(lines).split()]
    return tuple(int(first, 16) for first, _, _ in pairs), tuple(int(last or first, 16) for first, _, last in pairs)


def _is_printable(character: str) -> bool:
    firsts, lasts = _ranges()
    place = bisect_right(firsts, ord(character)) - 1
    return character == "\n" or (place >= 0 and ord(character) <= lasts[place])


def _stand_in(character: str) -> str:
    """What is printed for a character that the fonts don't hold: its name, so that it can be seen and heard."""
    if unicodedata.category(character) in _UNSEEN:
        return ""
    name = unicodedata.name(character, "")
    return f"[{name.lower()}]" if name and not name.startswith(("CJK", "HANGUL")) else f"[U+{ord(character):04X}]"


def printable(text: str) -> str:
    """The text as the fonts can show it, with places to break a run that is too long for a line."""
    plain = tidy(text).replace("\t", " ")
    shown = "".join(one if _is_printable(one) else _stand_in(one) for one in plain)
    return _UNBROKEN.sub(lambda run: f"{run[0]}\u200b", shown)


def _is_rtl(line: str) -> bool:
    """Whether the first letter that has a direction runs from right to left."""
    strong = (unicodedata.bidirectional(character) for character in line)
    return next((kind != "L" for kind in strong if kind in ("L", "R", "AL")), False)


def lines_of(text: str) -> list[dict[str, Any]]:
    """A text in paragraphs, each with its direction, for the template."""
    return [{"text": printable(part), "rtl": _is_rtl(part)} for part in paragraphs(tidy(text)) if part]


def set_pdf(*, title: str, author: str, language: str, blocks: list[dict[str, Any]], longest: int = LONGEST) -> bytes:
    """The PDF. Raises TooMuch when there is more than `longest`, or press.NotNow when others wait already."""
    data = {"title": printable(title), "author": printable(author), "language": language, "blocks": blocks}
    if len(json.dumps(data, ensure_ascii=False)) > longest:
        raise TooMuch
    return press.set_pdf(FOLDER / "own_words.typ", data)
