"""What the check finds in a text, where, and how long it takes."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.protection.check import find
from dialogue.protection.findings import Finding, merged
from dialogue.protection.folding import fold
from dialogue.protection.kinds import Kind
from dialogue.protection.numbers import spelled_phones
from dialogue.threads.text import MAX_CHARACTERS


def told(text: str, language: str = "en") -> list[tuple[str, str]]:
    return [(finding.kind.value, finding.words) for finding in find(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call me at (267) 555 0199 any time", [("phone", "(267) 555 0199")]),
        ("its two one five five five five oh one four two", [("phone", "two one five five five five oh one four two")]),
        ("text 555-0142", [("phone", "555-0142")]),
        ("mail jdoe77@proton.me if you want", [("email", "jdoe77@proton.me")]),
        ("johnny at gmail dot com", [("email", "johnny at gmail dot com")]),
        ("read https://example.org/x then", [("link_or_handle", "https://example.org/x")]),
        ("@kensi_girl knows what I mean", [("link_or_handle", "@kensi_girl")]),
        ("docket 51-CR-0002233", [("number", "docket 51-CR-0002233")]),
        ("badge 4471 did it", [("number", "badge 4471")]),
        ("he drove KZT4471", [("number", "KZT4471")]),
        ("my social is 123-45-6789", [("number", "social is 123-45-6789")]),
        ("arrested on March 3rd there", [("date", "March 3rd")]),
        ("they picked me up 11/04", [("date", "11/04")]),
        ("yesterday they swept the camp", [("date", "yesterday")]),
        ("then 2:30 am they kicked it in", [("time", "2:30 am")]),
        ("I live at 2231 Emerald Street", [("place", "2231 Emerald Street")]),
        ("it was corner of fifth and main", [("place", "corner of fifth and main")]),
        ("room 12 of the motel", [("place", "room 12")]),
        ("I'm 34 and have two kids", [("age", "I'm 34")]),
        ("my probation officer makes me call in", [("relation", "my probation officer")]),
        ("then officer Brady told me to shut up", [("ranked_name", "officer Brady")]),
        ("my friend Tasha died in my arms", [("name", "my friend Tasha")]),
        ("we were in Camden that night", [("place", "Camden")]),
        ("then tasha died", [("name", "tasha")]),
    ],
)
def test_english(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("llámame al 612 34 56 78", [("phone", "612 34 56 78")]),
        ("marca +52 55 1234 5678 y ya", [("phone", "+52 55 1234 5678")]),
        ("nadie arroba gmail punto com", [("email", "nadie arroba gmail punto com")]),
        ("mi insta es flaco_99", [("link_or_handle", "mi insta es flaco_99")]),
        ("placa 4471 fue", [("number", "placa 4471")]),
        ("el expediente 2291/2019 es mío", [("number", "expediente 2291/2019")]),
        ("fue el 6 de junio ahí", [("date", "el 6 de junio")]),
        ("el miércoles pasado vinieron", [("date", "el miércoles pasado")]),
        ("anoche me corrieron", [("date", "anoche")]),
        ("a las tres y cuarto llegaron", [("time", "a las tres y cuarto")]),
        ("vivo en la calle Jacarandas 48", [("place", "calle Jacarandas 48")]),
        ("tengo 27 años y ya", [("age", "tengo 27 años")]),
        ("mi cuñado es policía", [("relation", "mi cuñado es policía")]),
        ("entonces la jueza Montalvo dijo", [("ranked_name", "la jueza Montalvo")]),
        ("vi morirse a Wilfredo ahí", [("name", "Wilfredo")]),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_spanish_on_pages_of_either_language(text: str, expected: list[tuple[str, str]], language: str) -> None:
    assert told(text, language) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n ",
        "I carry Narcan because nobody else will.",
        "When they take our tents we lose our medicine too. Nobody asked.",
        "24/7 they watch us, 8 out of 10 times for $20",
        "WHY IS IT ALWAYS US",
        "Los oficiales nos hablan distinto cuando hay cámara.",
        "no sé ni qué dice la ley",
        "I'm 100 percent sure, 2 mg or 8 mg",
        "كنت خائفة من أن أتصل بالإسعاف",
        "👩‍👧‍👦 🙂",
    ],
)
def test_harmless(text: str) -> None:
    assert told(text) == told(text, "es") == []


def test_places_are_those_of_the_text_as_written() -> None:
    text = "👩‍👧‍👦 e\u0301l vio\u00a0 al  oficial   Brad\u0079\u0301, “ＣＲ-２２９１”; שלום 555‑0142 ﷽ é"
    found = find(text, "es")
    assert [(finding.kind, finding.words) for finding in found] == [
        (Kind.RANKED_NAME, "al  oficial   Brady"),
        (Kind.NUMBER, "ＣＲ-２２９１"),
        (Kind.PHONE, "555‑0142"),
    ]
    assert all(text[finding.start : finding.end] == finding.words for finding in found)


def test_digits_of_every_script_are_digits() -> None:
    assert told("٢١٥-٥٥٥-٠١٤٢") == [("phone", "٢١٥-٥٥٥-٠١٤٢")]


def test_capitals_say_nothing_where_all_is_capital() -> None:
    assert told("THEY TOOK ALL THAT MARLOW HAD AND LAUGHED") == []
    assert told("They Took All That Marlow Had And Then They Laughed") == []
    assert told("They took all that Marlow had and laughed") == [("name", "Marlow")]
    assert told("THEN MARCUS DIED AND NOBODY CAME") == [("name", "MARCUS")]


def test_first_words_of_sentences_lines_and_quotes_are_no_names() -> None:
    assert told("Nobody came. Sirens did.\nLights too: “Hands up” he said – Stop! ¿Quién? (Nobody.)") == []


def test_words_that_mean_something_else_elsewhere() -> None:
    assert told("then ADA Moss left", "en") == [("ranked_name", "ADA Moss")]
    assert told("nadie me da Narcan ahí", "es") == []
    assert told("mi id 4455-22 y ya", "es") == [("number", "id 4455-22")]
    assert told("there is no 911-x for us", "en") == []


def test_overlapping_findings_become_one_of_the_kind_that_stands_first() -> None:
    text = "0123456789"
    rows = [
        Finding(0, 4, Kind.NAME, "0123"),
        Finding(2, 6, Kind.PLACE, "2345"),
        Finding(5, 7, Kind.NUMBER, "56"),
        Finding(7, 9, Kind.AGE, "78"),
    ]
    assert merged(reversed(rows), text) == [Finding(0, 7, Kind.NUMBER, "0123456"), Finding(7, 9, Kind.AGE, "78")]


def test_spelled_phones_need_numbers_in_a_row_and_one_in_words() -> None:
    numbers, joints = frozenset({"one", "two"}), frozenset({"and"})

    def spans(text: str) -> list[str]:
        return [text[start:end] for start, end in spelled_phones(text, numbers, joints)]

    assert spans("it is one two, one-two and one two. one two") == ["one two, one-two and one two"]
    assert spans("1 2 3 4 5 6 7") == []
    assert spans("one two one two one") == []


@given(st.text(max_size=200))
def test_any_text_at_all(text: str) -> None:
    found = find(text, "en")
    ends = [place for finding in found for place in (finding.start, finding.end)]
    assert ends == sorted(ends)
    assert [finding.words for finding in found] == [text[finding.start : finding.end] for finding in found]
    assert all(finding.words for finding in found)


@given(st.text(max_size=300))
def test_folding_keeps_the_way_back(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.origins)
    assert list(folded.origins) == sorted(folded.origins)
    assert not [sign for sign in folded.text if unicodedata.category(sign) in ("Mn", "Cf")]
    assert "  " not in folded.text


#: Bits of text that make rules begin and fail, over and over.
BITS = [
    "a",
    "a ",
    "A ",
    "Aa ",
    "1",
    "1 ",
    "(1",
    "1-",
    "12/",
    "my ",
    "a.",
    "@a",
    "a@a.",
    " \n",
    "case ",
    "#1",
    "one ",
    "0.1",
]
BITS += [
    "calle ",
    "officer ",
    "a-1",
    "A-1-",
    "٣",
    "﷽",
    "é",
    "👩‍👧‍👦",
    "at 5 ",
    "la Aa y ",
    "(555) ",
    "555-",
    "2155550142 ",
]
BITS += ["https://", "u/", "on insta ", "the 1st and ", "tengo 1 ", "{", "\\", "i'", "-", "a_#", "mi hijo de "]


def seconds(text: str) -> float:
    """The least processor time of three runs."""
    runs = []
    for _ in range(3):
        start = time.process_time()
        find(text, "en")
        runs.append(time.process_time() - start)
    return min(runs)


def growth(bit: str) -> float:
    """How many times as long a text of four times the length takes."""
    long = (bit * MAX_CHARACTERS)[:MAX_CHARACTERS]
    return seconds(long) / seconds(long[: MAX_CHARACTERS // 4])


@pytest.mark.parametrize("bit", BITS)
def test_work_grows_with_the_text_and_no_faster(bit: str) -> None:
    """Four times the text may take four times as long; sixteen times would be squared. Noise gets a second chance."""
    assert min(growth(bit), growth(bit)) < 9


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(BITS), min_size=3, max_size=8))
def test_mixed_hostile_texts_take_no_longer_than_a_plain_one_of_their_length(bits: list[str]) -> None:
    """A plain text is full of words, too; thirty times its time is far from what backtracking takes."""
    plain = ("They asked nothing and took what we had left there. " * 60)[:MAX_CHARACTERS]
    hostile = ("".join(bits) * MAX_CHARACTERS)[:MAX_CHARACTERS]
    assert seconds(hostile) < 30 * seconds(plain)
