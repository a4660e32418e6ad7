"""The ego guard's rules: each does what its examples say, and says what is better in each language."""

import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.egoguard import main, measure, sentences
from dialogue.acknowledgments.parts import GUIDE
from dialogue.egoguard import check
from dialogue.egoguard.check import BOOKS, LONGEST_CHECKED, nudges
from dialogue.egoguard.kinds import Kind
from dialogue.moderation.policies import READY_NOTES
from dialogue.protection.rules import BrokenRules, Form, Rule, read

RULES = [
    pytest.param(book.language, rule, id=f"{book.language}-{number}-{rule.kind}")
    for book in BOOKS.values()
    for number, rule in enumerate(book.rules, 1)
]
FOLDER = Path(check.__file__).parent / "rules"


def found(text: str, language: str = "en") -> list[tuple[str, str]]:
    return [(nudge.kind.value, nudge.words) for nudge in nudges(text, language)]


@pytest.mark.parametrize(("language", "rule"), RULES)
def test_each_rule_finds_its_examples_and_leaves_the_others_alone(language: str, rule: Rule[Kind]) -> None:
    missed = [text for text in rule.finds if rule.kind not in {nudge.kind for nudge in nudges(text, language)}]
    asked = [text for text in rule.spares if nudges(text, language)]
    assert (missed, asked) == ([], [])
    assert set(rule.instead) == {"en", "es"}


def test_each_kind_has_rules_in_both_languages() -> None:
    assert {name: {rule.kind for rule in book.rules} for name, book in BOOKS.items()} == {
        "en": set(Kind),
        "es": set(Kind),
    }


def test_a_rule_without_a_better_way_to_say_it_stops_the_start(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "rules"))
    for better in ("", 'instead = { en = "Say who." }\n', 'instead = { en = "", es = "Di quién." }\n'):
        (folder / "es.toml").write_text(f'[[rule]]\nkind = "but"\nsays = ["a"]\nfinds = ["a"]\n{better}')
        with pytest.raises(BrokenRules) as error:
            read(folder, Form(Kind, says_instead=True))
        assert str(error.value) == "es.toml: rule 1 has no better way to say it in each language: en, es"


def test_a_nudge_says_what_is_better_in_the_language_of_the_page() -> None:
    text = "Mistakes were made. Se cometieron errores."
    english, spanish = ([nudge.instead for nudge in nudges(text, language)] for language in ("en", "es"))
    assert (english[0], spanish[0]) == (
        "Say who did it: “I did …”, “my unit did …”.",
        "Diga quién lo hizo: “I did …”, “my unit did …”.",
    )
    assert (english[1], spanish[1]) == (
        "Say who did it: “yo hice …”, “mi unidad hizo …”.",
        "Diga quién lo hizo: “yo hice …”, “mi unidad hizo …”.",
    )
    assert [nudge.instead for nudge in nudges(text, "fr")] == english


def test_accents_capitals_quotes_and_line_breaks_don_t_hide_anything() -> None:
    assert found("I’M SORRY\nIF anyone was hurt") == [("conditional_apology", "I’M SORRY\nIF")]
    assert found("Siéntate. TE ESCUCHO. Péro tenemos trabajo")[0][0] == "but"


def test_overlapping_nudges_are_told_once() -> None:
    assert found("I am sorry if I hurt you, but mistakes were made on both sides.") == [
        ("conditional_apology", "I am sorry if"),
        ("excuse", "mistakes were made"),
        ("equalizing", "on both sides"),
    ]


def test_the_examples_that_listeners_are_given_pass() -> None:
    assert [found(str(part.example)) for part in GUIDE] == [[]] * len(GUIDE)


def test_what_is_too_long_is_left_alone() -> None:
    assert found("mistakes were made " * 1_000) == []
    assert len("mistakes were made " * 1_000) > LONGEST_CHECKED


@given(st.text(max_size=400))
def test_any_text_is_read_and_the_words_stand_where_it_says(text: str) -> None:
    for nudge in nudges(f"{text} mistakes were made {text}", "es"):
        assert f"{text} mistakes were made {text}"[nudge.start : nudge.end] == nudge.words


def test_the_time_grows_with_the_text_only() -> None:
    """Texts built to be read again and again by the rules take no longer than others."""
    worst = ["i am sorry " * 1_000, "sorry, i understand you " * 450, "lo siento si " * 900, "if " * 3_900]
    start = time.perf_counter()
    for text in worst:
        nudges(text[:LONGEST_CHECKED], "en")
    assert time.perf_counter() - start < 2 * len(worst)


# --- measured --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_finds_what_it_was_tuned_on_and_asks_about_little_else(language: str) -> None:
    """Floors, under what is measured (docs/decisions/0058)."""
    tune, test = measure(language, "tune"), measure(language, "test")
    assert len(sentences(language, "tune") + sentences(language, "test")) >= 240
    assert min(tune.labels.values()) >= 18
    assert (tune.recall >= 0.95, test.recall >= 0.45) == (True, True)
    assert (tune.false_alarms <= 0.03, test.false_alarms <= 0.05) == (True, True)


def test_the_report_names_each_kind(capsys: pytest.CaptureFixture[str]) -> None:
    main(["test"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines if ":" in line] == ["en test", "es test"]
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [*Kind, *Kind]


def test_the_ready_notes_to_authors_ask_nobody_to_think_again() -> None:
    """A facilitator sends them forty times in an evening."""
    assert [str(note) for note in READY_NOTES.values() if nudges(str(note), "en")] == []
