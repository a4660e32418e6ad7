"""Runs of words that are the same in two texts, and names of participants.

Case, accents, punctuation and line breaks make no difference. Shorter runs than RUN are what people say anyway.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from dialogue.protection.folding import fold

RUN = 8
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
Words = tuple[str, ...]


def _split(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The words of the text made plain, and where each stands in it."""
    folded = fold(text)
    found = list(_WORD.finditer(folded.text))
    plain = [word.group().replace("'", "").casefold() for word in found]
    return plain, [folded.span(*word.span()) for word in found]


def _windows(words: list[str], size: int) -> Iterable[tuple[int, Words]]:
    return ((place, tuple(words[place : place + size])) for place in range(len(words) - size + 1))


@dataclass(frozen=True)
class Withheld:
    """What nobody may repeat outside one session: runs of words of its texts, and the names of its participants."""

    runs: frozenset[Words] = frozenset()
    names: frozenset[Words] = field(default=frozenset())

    @classmethod
    def of(cls, texts: Iterable[str], names: Iterable[str]) -> "Withheld":
        """Everything that these texts and names withhold."""
        runs = (run for text in texts for _place, run in _windows(_split(text)[0], RUN))
        return cls(frozenset(runs), frozenset(tuple(_split(name)[0]) for name in names))

    def found_in(self, text: str) -> list[str]:
        """The parts of the text, as written there, that repeat what is withheld; in order, none twice."""
        words, places = _split(text)
        hit: set[int] = set()
        for place, run in _windows(words, RUN):
            if run in self.runs:
                hit.update(range(place, place + RUN))
        for size in {len(name) for name in self.names if name}:
            for place, run in _windows(words, size):
                if run in self.names:
                    hit.update(range(place, place + size))
        return list(dict.fromkeys(text[places[first][0] : places[last][1]] for first, last in _stretches(hit)))


def _stretches(places: set[int]) -> list[tuple[int, int]]:
    """Neighboring places put together: the first and the last of each stretch."""
    stretches: list[tuple[int, int]] = []
    for place in sorted(places):
        if stretches and place == stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], place)
        else:
            stretches.append((place, place))
    return stretches
