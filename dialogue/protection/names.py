"""Names of people and places by their capital letters, and first names however they are written."""

import re
from collections.abc import Iterator
from itertools import groupby

from dialogue.protection.rules import Words

_WORD = re.compile(r"[^\W\d_]{1,40}(?:'[^\W\d_]{1,40})?")
#: What stands before the first word of a sentence, apart from spaces. A comma is none.
_STOPS = frozenset('.!?:;\n"([{<>*-=/|~¿¡')
SHOUTING = 0.6  # share of capital letters from which on they say nothing
FEW_WORDS = 4  # in fewer words than this there is no telling
Span = tuple[int, int]


def _begins_sentence(plain: str, start: int) -> bool:
    """Whether the word at this place is the first of a sentence, a line or a quotation."""
    before = plain[max(0, start - 2) : start].rstrip(" ")
    return not before or before[-1] in _STOPS


def _is_capital(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and word[1:] != word[1:].upper()


def _is_shouted(plain: str, words: list[re.Match[str]]) -> bool:
    """Whether capital letters are a manner of this text: all of it, or the first of nearly each word."""
    long = [word for word in words if len(word[0]) >= FEW_WORDS]
    firsts = sum(word[0][0].isupper() for word in long)
    capitals = sum(character.isupper() for character in plain)
    letters = sum(character.isalpha() for character in plain)
    return capitals > SHOUTING * letters or (len(long) > FEW_WORDS and firsts > SHOUTING * len(long))


def _stem(word: str) -> str:
    """The word as it stands in the lists: small, without 's."""
    return word.lower().partition("'")[0]


def _is_name(plain: str, word: re.Match[str], lists: Words, *, shouted: bool) -> bool:
    stem = _stem(word[0])
    if stem in lists["given_name"]:
        return True
    if shouted or not _is_capital(word[0]) or stem in lists["plain_capital"]:
        return False
    return not _begins_sentence(plain, word.start())


def names(plain: str, lists: Words) -> Iterator[Span]:
    """Words with a capital letter inside a sentence that are on no list of harmless ones; and known first names.

    Neighbors are told as one: “Marcus Dillby”. Where a whole text is in capitals, only first names are found.
    """
    words = list(_WORD.finditer(plain))
    shouted = _is_shouted(plain, words)
    judged = [(word, _is_name(plain, word, lists, shouted=shouted)) for word in words]
    for is_name, group in groupby(judged, key=lambda pair: pair[1]):
        if is_name:
            yield from _joined(plain, [word for word, _ in group])


def _joined(plain: str, group: list[re.Match[str]]) -> Iterator[Span]:
    start, end = group[0].span()
    for word in group[1:]:
        if plain[end : word.start()] != " ":
            yield start, end
            start = word.start()
        end = word.end()
    yield start, end
