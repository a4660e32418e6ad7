"""Reading the rules from their files. A rule that is broken, or could take long, stops the start and is named.

The protective check's rules are in rules/; other packages keep rules of their own in folders of the same form.
A file holds lists of words, shapes, and rules (see rules/shared.toml). What a rule says becomes one regular
expression whose every repetition has an upper bound and repeats one character, so its work at each place of a text is
bounded, and the work of the whole is in proportion to the length of the text.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from dialogue.protection.folding import fold
from dialogue.protection.kinds import Kind

FOLDER = Path(__file__).parent / "rules"
SHARED = "shared"
LANGUAGES = ("en", "es")
MOST_REPEATED = 40
#: Lists that every language must bring, as they are used outside the rules.
REQUIRED = {"given_name", "plain_capital", "number_word", "joint"}

#: What stands in for words that people write: `{month}`. Counts, as in `{1,3}`, look different.
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]{1,30})\}")
_ESCAPED_OR_CLASS = re.compile(r"\\.|\[\^?\]?[^\]]*\]")
_KEYS = {"kind", "says", "finds", "spares", "cased", "own"}
Words = Mapping[str, frozenset[str]]
K = TypeVar("K", bound=StrEnum)


class BrokenRules(Exception):
    """A file of rules can't be used; the text says which one and why."""


@dataclass(frozen=True)
class Rule(Generic[K]):
    """Words of one kind. `finds` and `spares` are examples of what it must find and must leave alone."""

    kind: K
    pattern: re.Pattern[str]
    finds: tuple[str, ...]
    spares: tuple[str, ...]
    own: bool  # only for texts of the rule's own language: elsewhere the words mean something else
    instead: Mapping[str, str]  # a better way to say it, for pages of each language; empty where rules need none


@dataclass(frozen=True)
class RuleBook(Generic[K]):
    """The rules of one file, and all words: its own and the shared ones."""

    language: str
    words: Words
    rules: tuple[Rule[K], ...]


@dataclass(frozen=True)
class Form(Generic[K]):
    """What a folder of rules holds: the kinds there are, its files, and whether each rule says what is better."""

    kinds: type[K]
    files: tuple[str, ...] = LANGUAGES
    says_instead: bool = False


#: The protective check's own rules.
PROTECTIVE = Form(Kind, (SHARED, *LANGUAGES))


def refuse_slow(pattern: str) -> None:
    """Raise BrokenRules if this could take longer than in proportion to a text: unbounded or nested repetition."""
    bare = _ESCAPED_OR_CLASS.sub("x", pattern)
    if re.search(r"[*+]|\{\d*,\}", bare):
        raise BrokenRules(f"repeats without an upper bound: {pattern}")
    if re.search(r"[)}?]\{", bare):
        raise BrokenRules(f"repeats a group: {pattern}")
    if any(int(most) > MOST_REPEATED for most in re.findall(r"(\d+)\}", bare)):
        raise BrokenRules(f"repeats more than {MOST_REPEATED} times: {pattern}")


def _one_of(words: Iterable[str]) -> str:
    """An expression for any of the words, longer ones first."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s") for word in ordered) + ")"


def _list(name: str, value: object) -> frozenset[str]:
    """A list of words: a TOML list, or a text in which spaces part the words."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        raise BrokenRules(f"words.{name} is not a list of words")
    return frozenset(fold(word).text.lower() for word in words)


def _filled(said: str, parts: Mapping[str, str]) -> str:
    """What a rule says with words and shapes in place. Raises BrokenRules for a name that nobody explains."""

    def part(found: re.Match[str]) -> str:
        if found[1] not in parts:
            raise BrokenRules(f"nobody explains {{{found[1]}}} in: {said}")
        return parts[found[1]]

    return _PLACEHOLDER.sub(part, said).replace(" ", r"\s")


def _instead(number: int, entry: dict[str, Any], form: Form[K]) -> dict[str, str]:
    """The better way to say it in each language. Raises BrokenRules if one is missing."""
    given = entry.get("instead", {})
    if form.says_instead and (not isinstance(given, dict) or set(given) != set(LANGUAGES) or not all(given.values())):
        raise BrokenRules(f"rule {number} has no better way to say it in each language: {', '.join(LANGUAGES)}")
    return dict(given)


def _rule(number: int, entry: dict[str, Any], parts: Mapping[str, str], form: Form[K]) -> Rule[K]:
    known = _KEYS | {"instead"} if form.says_instead else _KEYS
    unknown, says = set(entry) - known, entry.get("says")
    if unknown:
        raise BrokenRules(f"rule {number} has unknown keys: {', '.join(sorted(unknown))}")
    if entry.get("kind") not in {kind.value for kind in form.kinds}:
        raise BrokenRules(f"rule {number} is of no known kind: {entry.get('kind')!r}")
    if not says or not entry.get("finds"):
        raise BrokenRules(f"rule {number} says nothing, or has no example of what it finds")
    whole = r"(?<!\w)(?:" + "|".join(_filled(said, parts) for said in says) + r")(?!\w)"
    refuse_slow(whole)
    try:
        pattern = re.compile(whole, 0 if entry.get("cased") else re.IGNORECASE)
    except re.error as error:
        raise BrokenRules(f"rule {number} can't be read: {error}") from error
    examples = tuple(entry["finds"]), tuple(entry.get("spares", ()))
    return Rule(form.kinds(entry["kind"]), pattern, *examples, bool(entry.get("own")), _instead(number, entry, form))


def _file(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BrokenRules(str(error)) from error
    if unknown := set(data) - {"words", "shapes", "rule"}:
        raise BrokenRules(f"unknown parts: {', '.join(sorted(unknown))}")
    return data


def _book(path: Path, below: RuleBook[K] | None, shapes: dict[str, str], form: Form[K]) -> RuleBook[K]:
    data = _file(path)
    own = {name: _list(name, value) for name, value in data.get("words", {}).items()}
    words = {**(below.words if below else {}), **own}
    shapes |= data.get("shapes", {})
    parts = {name: _one_of(listed) for name, listed in words.items()}
    for name, shape in shapes.items():
        parts[name] = f"(?:{_filled(shape, parts)})"
    rules = tuple(_rule(number, entry, parts, form) for number, entry in enumerate(data.get("rule", []), 1))
    return RuleBook(path.stem, words, rules)


def read(folder: Path, form: Form[K]) -> dict[str, RuleBook[K]]:
    """The rules of each language. Raises BrokenRules, which names the file and what is wrong in it."""
    books: dict[str, RuleBook[K]] = {}
    shapes: dict[str, str] = {}
    for name in form.files:
        path = folder / f"{name}.toml"
        try:
            books[name] = _book(path, books.get(SHARED), shapes if name == SHARED else dict(shapes), form)
        except BrokenRules as error:
            raise BrokenRules(f"{path.name}: {error}") from error
    return books


def complete(books: dict[str, RuleBook[Kind]]) -> dict[str, RuleBook[Kind]]:
    """The same. Raises BrokenRules if a language has no list of a name that is needed."""
    for language in LANGUAGES:
        if missing := REQUIRED - set(books[language].words):
            raise BrokenRules(f"{language}.toml: has no words.{min(missing)}")
    return books


@cache
def books() -> dict[str, RuleBook[Kind]]:
    """The rules that Seeds ships, read once."""
    return complete(read(FOLDER, PROTECTIVE))
