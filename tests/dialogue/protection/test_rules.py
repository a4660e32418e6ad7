"""The files of rules: each rule does what its examples say, and a broken file is named."""

import shutil
from pathlib import Path

import pytest

from dialogue.protection.check import find
from dialogue.protection.kinds import Kind
from dialogue.protection.rules import FOLDER, PROTECTIVE, BrokenRules, Rule, books, complete, read, refuse_slow

RULES = [
    pytest.param(book.language, rule, id=f"{book.language}-{number}-{rule.kind}")
    for book in books().values()
    for number, rule in enumerate(book.rules, 1)
]
GOOD = 'kind = "age"\nsays = ["aged {years}"]\nfinds = ["aged 40"]\n'


@pytest.mark.parametrize(("language", "rule"), RULES)
def test_each_rule_finds_its_examples_and_leaves_the_others_alone(language: str, rule: Rule[Kind]) -> None:
    # a mark of the same kind, or one of a kind that stands above it and covers the same words
    missed = [text for text in rule.finds if not find(text, language)]
    marked = [text for text in rule.spares if any(found.kind == rule.kind for found in find(text, language))]
    blind = [text for text in rule.finds if not rule.pattern.search(text)]
    assert (missed, marked, blind) == ([], [], [])


def test_rules_cover_every_kind_that_no_library_knows_in_both_languages() -> None:
    by_libraries = {"phone"}
    for language in ("en", "es"):
        kinds = {rule.kind for name in ("shared", language) for rule in books()[name].rules}
        kinds_of_people = {
            "link_or_handle",
            "number",
            "ranked_name",
            "age",
            "time",
            "date",
            "relation",
            "place",
            "name",
        }
        assert kinds - by_libraries == kinds_of_people | {"email"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rules, to be broken."""
    return Path(shutil.copytree(FOLDER, tmp_path / "rules"))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ('kind = "shoe"\nsays = ["a"]\nfinds = ["a"]', "es.toml: rule 1 is of no known kind: 'shoe'"),
        ('kind = "age"\nsays = []\nfinds = ["a"]', "es.toml: rule 1 says nothing, or has no example of what it finds"),
        ('kind = "age"\nsays = ["a"]', "es.toml: rule 1 says nothing, or has no example of what it finds"),
        ('kind = "age"\nsays = ["a"]\nfinds = ["a"]\nnote = "x"', "es.toml: rule 1 has unknown keys: note"),
        ('kind = "age"\nsays = ["{nobody}"]\nfinds = ["a"]', "es.toml: nobody explains {nobody} in: {nobody}"),
        ('kind = "age"\nsays = ["(a"]\nfinds = ["a"]', "es.toml: rule 1 can't be read:"),
        ('kind = "age"\nsays = ["a+"]\nfinds = ["a"]', "es.toml: repeats without an upper bound:"),
        ('kind = "age"\nsays = "a\nfinds = ["a"]', "es.toml: "),
    ],
)
def test_a_broken_rule_is_refused_by_name(folder: Path, rule: str, words: str) -> None:
    (folder / "es.toml").write_text(f"[[rule]]\n{rule}\n")
    with pytest.raises(BrokenRules) as error:
        read(folder, PROTECTIVE)
    assert str(error.value).startswith(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[rules]\n", "en.toml: unknown parts: rules"),
        ("[words]\nmonth = 3\n", "en.toml: words.month is not a list of words"),
        ('[words]\nmonth = ["may", 5]\n', "en.toml: words.month is not a list of words"),
        ("[words]\nmonth = []\n", "en.toml: words.month is not a list of words"),
    ],
)
def test_a_broken_list_is_refused_by_name(folder: Path, text: str, words: str) -> None:
    (folder / "en.toml").write_text(text)
    with pytest.raises(BrokenRules) as error:
        read(folder, PROTECTIVE)
    assert str(error.value) == words


def test_a_missing_list_is_refused_by_name(folder: Path) -> None:
    path = folder / "es.toml"
    path.write_text(path.read_text().replace("\njoint =", "\nglue ="))
    with pytest.raises(BrokenRules) as error:
        complete(read(folder, PROTECTIVE))
    assert str(error.value) == "es.toml: has no words.joint"


def test_a_missing_file_is_refused_by_name(folder: Path) -> None:
    (folder / "shared.toml").unlink()
    with pytest.raises(BrokenRules, match=r"^shared\.toml: "):
        read(folder, PROTECTIVE)


def test_lists_and_shapes_stand_in_for_words(folder: Path) -> None:
    words = '[words]\nyears = ["forty one", "forty"]\n[shapes]\nsaid = "(?:is|was) aged"\n'
    (folder / "en.toml").write_text(f"{words}[[rule]]\n{GOOD.replace('aged {years}', '{said} {years}')}")
    (rule,) = read(folder, PROTECTIVE)["en"].rules
    assert [found[0] for found in rule.pattern.finditer("He WAS aged\nforty one. damaged forty. aged forty")] == [
        "WAS aged\nforty one"
    ]


@pytest.mark.parametrize(
    "pattern", ["a*", "a+", "a{2,}", "(ab){2,3}", "(a?b){2}", "a{1,41}", "[ab]+", r"\d*x", "(?:a|b)+"]
)
def test_slow_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(BrokenRules):
        refuse_slow(pattern)


@pytest.mark.parametrize("pattern", ["a?", "[+*]", r"\+\*", "[a-z]{1,40}", "(?:ab)?", r"a\{2,\}", "(?<!a)b(?=c{2})"])
def test_bounded_patterns_are_taken(folder: Path, pattern: str) -> None:
    (folder / "en.toml").write_text(f"[shapes]\nsaid = '{pattern}'\n[[rule]]\n{GOOD.replace('aged {years}', '{said}')}")
    (rule,) = read(folder, PROTECTIVE)["en"].rules
    assert pattern in rule.pattern.pattern
