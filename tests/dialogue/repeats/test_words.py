"""Words that must not be repeated are found again, however they are written."""

import pytest

from dialogue.repeats.words import RUN, Withheld

TEXT = "They took my tent at night, and nobody would say why they had to do it."
SEVEN = "They took my tent at night and"
EIGHT = "They took my tent at night, and nobody"
KEPT = Withheld.of([TEXT], ["Quiet River"])


def test_eight_words_are_a_run_and_seven_are_not() -> None:
    assert RUN == 8
    assert KEPT.found_in(f"Somebody said that {SEVEN} so on.") == []
    assert KEPT.found_in(f"Somebody said: {EIGHT}.") == [EIGHT]


@pytest.mark.parametrize(
    "written",
    [
        "THEY TOOK MY TENT AT NIGHT AND NOBODY",
        "They took  my\ntent – at night; and ‘nobody’",
        "Thëy tóok my tent at night and nobödy",
        "they, took, my, tent, at, night, and, nobody",
    ],
)
def test_case_accents_and_punctuation_do_not_matter(written: str) -> None:
    assert KEPT.found_in(written) != []


def test_apostrophes_do_not_matter() -> None:
    kept = Withheld.of(["I don’t know why they didn’t ask me first"], [])
    assert kept.found_in("i dont know why they didnt ask me") == ["i dont know why they didnt ask me"]


def test_a_longer_stretch_is_told_whole_and_each_once() -> None:
    assert KEPT.found_in(f"First: {TEXT} Then again: {TEXT}") == [TEXT[:-1]]
    two = Withheld.of(["one two three four five six seven eight", "a b c d e f g h"], [])
    assert two.found_in("One two three four five six seven eight, but A B C D E F G H") == [
        "One two three four five six seven eight",
        "A B C D E F G H",
    ]


def test_names_are_found_as_whole_words() -> None:
    assert KEPT.found_in("What quiet RIVER said") == ["quiet RIVER"]
    assert KEPT.found_in("A quiet place by the river. Quiet Rivers.") == []


def test_nothing_is_found_in_nothing() -> None:
    assert KEPT.found_in("") == []
    assert Withheld.of(["", "two words"], [""]).found_in(TEXT) == []
