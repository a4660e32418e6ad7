"""The protective check: what in a text could show who somebody is. By rules, without any model, in linear time."""

from collections.abc import Iterator

from dialogue.protection.findings import Finding, merged
from dialogue.protection.folding import fold
from dialogue.protection.kinds import Kind
from dialogue.protection.names import names
from dialogue.protection.numbers import emails, phones, spelled_phones
from dialogue.protection.rules import LANGUAGES, RuleBook, Words, books

Found = Iterator[tuple[int, int, Kind]]
BOOKS = books()  # read with the program, so that a broken file stops the start and not somebody's text
#: First names and harmless capitals of all languages.
NAME_LISTS: Words = {
    name: frozenset().union(*(BOOKS[language].words[name] for language in LANGUAGES))
    for name in ("given_name", "plain_capital")
}


def _by_rules(plain: str, book: RuleBook[Kind], language: str) -> Found:
    for rule in book.rules:
        if not rule.own or book.language == language:
            yield from ((*found.span(), rule.kind) for found in rule.pattern.finditer(plain) if found[0])


def _by_numbers(plain: str, book: RuleBook[Kind]) -> Found:
    for span in spelled_phones(plain, book.words["number_word"], book.words["joint"]):
        yield *span, Kind.PHONE


def _in_plain(plain: str, language: str) -> Found:
    yield from ((*span, Kind.EMAIL) for span in emails(plain))
    yield from ((*span, Kind.PHONE) for span in phones(plain))
    for book in BOOKS.values():
        yield from _by_rules(plain, book, language)
    for name in LANGUAGES:
        yield from _by_numbers(plain, BOOKS[name])
    yield from ((*span, Kind.NAME) for span in names(plain, NAME_LISTS))


def find(text: str, language: str) -> list[Finding]:
    """What could show who somebody is, in order, never overlapping; `text[start:end] == words`.

    People mix languages, so the rules of all of them are applied; `language` (that of the page, "en") only adds the
    rules whose words mean something else in another language. Finding nothing does not mean that nothing is there.
    """
    folded = fold(text)
    found = set()
    for start, end, kind in _in_plain(folded.text, language):
        first, last = folded.span(start, end)
        found.add(Finding(first, last, kind, text[first:last]))
    return merged(found, text)
