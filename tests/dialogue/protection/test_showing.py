"""What a person is shown of a check, and what the form remembers of it."""

from typing import Any

from django.http import QueryDict

from dialogue.protection.forms import CheckedForm
from dialogue.protection.kinds import Kind
from dialogue.protection.showing import LONGEST_CHECKED, OF_OTHERS, Check, look
from dialogue.threads.forms import CommentForm
from tests.reading import grade

TEXT = "It was Officer Brady, on Cutler Ave.\nThen Officer Brady laughed."


def pieces(check: Check) -> list[list[tuple[str, str]]]:
    return [[(piece.words, str(piece.label)) for piece in text] for text in check.texts]


def test_a_text_is_cut_at_its_findings_and_stays_whole() -> None:
    check = look([TEXT])
    assert pieces(check) == [
        [
            ("It was ", ""),
            ("Officer Brady", "rank and name"),
            (", ", ""),
            ("on Cutler Ave", "place"),
            (".\nThen ", ""),
            ("Officer Brady", "rank and name"),
            (" laughed.", ""),
        ]
    ]
    assert [(str(reason.label), reason.words) for reason in check.reasons] == [
        ("rank and name", ("Officer Brady",)),
        ("place", ("on Cutler Ave",)),
    ]


def test_nothing_found_is_nothing_to_look_at() -> None:
    check = look(["They laughed.", ""])
    assert (bool(check), check.reasons, check.seen) == (False, (), "")
    assert pieces(check) == [[("They laughed.", "")], []]


def test_fewer_findings_were_shown_and_more_were_not() -> None:
    shown = look([TEXT]).seen
    assert look([TEXT]).was_shown(shown)
    assert look(["Then Officer Brady left. Again: Officer Brady"]).was_shown(shown)
    assert not look([f"{TEXT} I am 34."]).was_shown(shown)
    assert not look(["It was Officer Moss"]).was_shown(shown)
    assert not look([TEXT]).was_shown("")
    assert look(["Nothing"]).was_shown("")


def test_what_the_form_carries_holds_none_of_the_words() -> None:
    seen = look([TEXT]).seen
    assert (len(seen), "Brady" in seen, " " in seen) == (17, False, False)


def test_ones_own_name_and_agency_are_no_news() -> None:
    known = ("Dana Whitfield", "Harbor City Police")
    assert not look(["So said Sergeant Whitfield of the Harbor City police."], known=known)
    assert look(["So said Sergeant Moss."], known=known)
    assert look(["my number is 215-555-0142"], known=("215-555-0142",))


def test_some_kinds_only() -> None:
    text = "By May 3 Officer Brady gets case 22-CR-0044, aged 34."
    assert {str(reason.label) for reason in look([text], kinds=OF_OTHERS).reasons} == {"rank and name", "number"}


def test_texts_that_no_form_takes_are_not_read() -> None:
    assert look(["Officer Brady "])
    assert not look(["Officer Brady " * (LONGEST_CHECKED // 10)])


class SampleForm(CheckedForm):
    body = CommentForm.base_fields["body"]


def sent(**fields: Any) -> SampleForm:
    data = QueryDict(mutable=True)
    data.update(fields)
    form = SampleForm(data)
    assert form.is_valid()
    return form


def test_a_form_asks_once_about_the_same_words() -> None:
    first = sent(body=TEXT)
    assert first.asks()
    seen = first["seen"].value()
    assert not sent(body=TEXT, seen=seen, as_is="1").asks()
    assert not sent(body="Then Officer Brady laughed.", seen=seen, as_is="1").asks()
    assert sent(body=TEXT, seen=seen).asks()  # “check again”
    assert sent(body=f"{TEXT} I am 34.", seen=seen, as_is="1").asks()
    assert sent(body=TEXT, seen="", as_is="1").asks()
    assert not sent(body="They laughed.").asks()


def test_a_form_that_was_let_through_still_knows_what_was_found() -> None:
    """So that the page offers the same way on if something else goes wrong."""
    form = sent(body=TEXT, seen=look([TEXT]).seen, as_is="1")
    assert not form.asks()
    assert form.check


def test_reasons_are_plain_and_never_promise() -> None:
    words = " ".join(f"{kind.label}. {kind.why}" for kind in Kind)
    assert grade(words) <= 6
    assert [word for word in ("safe", "secure", "guarantee", "confidential") if word in words.lower()] == []
    assert {kind for kind in Kind if not str(kind.why).endswith(".")} == set()
