"""Phone numbers and e-mail addresses, told apart by libraries that know them; phone numbers in words by counting."""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from phonenumbers import Leniency, PhoneNumberMatcher

#: Where people of a session may have a phone. Puerto Rico has the plan of the US.
REGIONS = ("US", "MX", "ES")
LONGEST = 40  # characters in a phone number with all its brackets and spaces
FEWEST_WORDS = 6  # of a phone number that is spelled out
MOST_TRIES = 12  # of the library, for one run of digits

#: A run of digits as a phone number may have them. What the library says about a run costs a bounded time.
_RUN = re.compile(r"(?<![\w])[+(]?\d[\d ().\-/]{5,38}\d(?!\w)")
_LOCAL = re.compile(r"(?<![\w./#-])\d{3}[-. ]\d{4}(?![\w/-])|(?<![\w./#-])555\d{4}(?!\w)")
_ADDRESS = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.ASCII)
_WORD = re.compile(r"[a-z]{1,20}|\d{1,4}|[^\sa-z\d,-]", re.IGNORECASE)
Span = tuple[int, int]


def _in_run(run: str) -> Span | None:
    for region in REGIONS:
        matcher = PhoneNumberMatcher(run, region, leniency=Leniency.VALID, max_tries=MOST_TRIES)
        for match in matcher:
            return match.start, match.end
    return None


def phones(plain: str) -> Iterator[Span]:
    """Phone numbers in digits: those that exist in one of REGIONS, and those of seven digits without area code."""
    for run in _RUN.finditer(plain):
        if found := _in_run(run[0]):
            yield run.start() + found[0], run.start() + found[1]
    for local in _LOCAL.finditer(plain):
        yield local.span()


def _is_number(word: str, number_words: frozenset[str]) -> bool:
    return word.isdigit() or word.lower() in number_words


def spelled_phones(plain: str, number_words: frozenset[str], joints: frozenset[str]) -> Iterator[Span]:
    """Phone numbers in words: at least FEWEST_WORDS of numbers in a row, `joints` (“and”) between them not counted."""
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(plain):
        if _is_number(word[0], number_words):
            run.append(word)
        elif not (run and word[0].lower() in joints):
            yield from _long_enough(run)
            run = []
    yield from _long_enough(run)


def _long_enough(run: list[re.Match[str]]) -> Iterator[Span]:
    if len(run) >= FEWEST_WORDS and any(not word[0].isdigit() for word in run):
        yield run[0].start(), run[-1].end()


def emails(plain: str) -> Iterator[Span]:
    """E-mail addresses, as far as Django takes them for such."""
    for found in _ADDRESS.finditer(plain):
        try:
            validate_email(found[0])
        except ValidationError:
            continue
        yield found.span()
