"""A text made plain for the rules: no accents, no joiners, one kind of dash, quote and space; and the way back."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_SAME = {
    **dict.fromkeys("‘’ʼ`´′", "'"),
    **dict.fromkeys("“”„«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": ".",
}
_LONGEST = 4  # plain characters made of one; some signs of Arabic would become a whole sentence
_LINE_ENDS = frozenset("\n\r\v\f\x85\u2028\u2029")


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """What this character becomes; "" if nobody sees it or it only sits on another."""
    if character in _SAME:
        return _SAME[character]
    if character.isspace():
        return "\n" if character in _LINE_ENDS else " "
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    parts = unicodedata.normalize("NFKD", character)
    if len(parts) > _LONGEST:
        return character
    return "".join(_SAME.get(part, part) for part in parts if unicodedata.category(part) not in ("Mn", "Me", "Cf"))


@dataclass(frozen=True)
class Folded:
    """The plain text, and for each of its characters where it comes from."""

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of the plain text, which must not be empty, stands in the text as written."""
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> Folded:
    """The text in plain characters. Runs of spaces become one; with a line break in them, a line break."""
    plain: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        for part in _plain(character):
            if part in " \n" and plain and plain[-1] in " \n":
                plain[-1] = "\n" if "\n" in (part, plain[-1]) else " "
            else:
                plain.append(part)
                origins.append(place)
    return Folded("".join(plain), tuple(origins))
