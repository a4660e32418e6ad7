"""What people type comes out as they meant it, and nothing unseen comes along."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.threads.text import MAX_CHARACTERS, is_blank, paragraphs, tidy, too_many
from seeds.vault import MAX_TEXT

FLAG_OF_SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        "No me oyeron. ¿Por qué?",
        "كنت خائفة من أن أتصل بالإسعاف.",
        "שלום, אני כאן.",
        "می‌خواهم",
        "क्‍ष",
        "👩‍👧‍👦 and 👍🏽 and ❤️‍🔥 and 1️⃣",
        FLAG_OF_SCOTLAND,
        "x" * 400,
        "one\ntwo\n\nthree",
        "𝄞 and ﷽",
        "Tiếng Việt: ở ẩn",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert tidy(text) == text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\0b", "ab"),
        ("\u202eabc\u202c", "abc"),
        ("\u2066abc\u2069", "abc"),
        ("wa\u200bter\ufeffmark\u2060ed", "watermarked"),
        ("pass\u200dport", "passport"),
        ("so\u00adft", "soft"),
        ("\U000e0041hidden", "hidden"),
        ("x\U000e0100", "x"),
        ("\x1b[31mred", "[31mred"),
        ("e\u0301", "\u00e9"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("  around  \n  line   ", "around\n  line"),
        ("Z" + "\u0336" * 40, "Z" + "\u0336" * 6),
        ("\ud800", ""),
    ],
)
def test_what_nobody_can_see_goes(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


@pytest.mark.parametrize("text", ["", " \n\t ", "\u3164", "\u2800\u2800", "\u200b", "\u0301"])
def test_nothing_to_read(text: str) -> None:
    assert is_blank(tidy(text))


@pytest.mark.parametrize("text", ["a", "?", "👍", "5", "é"])
def test_something_to_read(text: str) -> None:
    assert not is_blank(tidy(text))


@given(st.text(max_size=200))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    once.encode()  # whatever was typed, it can be stored and shown


@pytest.mark.parametrize(
    ("text", "excess"),
    [
        ("x" * MAX_CHARACTERS, 0),
        ("x" * (MAX_CHARACTERS + 7), 7),
        ("é" * (MAX_TEXT // 2), 0),
        ("é" * (MAX_TEXT // 2 + 1), 1),
        ("👍" * (MAX_TEXT // 4 + 5), 5),
    ],
)
def test_how_much_is_too_much(text: str, excess: int) -> None:
    assert too_many(text) == excess


def test_paragraphs_are_split_at_empty_lines() -> None:
    assert paragraphs("one\ntwo\n\nthree") == ["one\ntwo", "three"]
