"""The feed of changes: every kind of change, days only, the same ids for ever, nothing of participants."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.models import Participant, today
from dialogue.commitments.models import Commitment
from tests import factories
from tests.dialogue.commitments.test_seen import answers

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ATOM = "{http://www.w3.org/2005/Atom}"


def feed(host: str = "testserver") -> str:
    return Client().get("/commitments/feed/", headers={"host": host}).content.decode()


def entries(xml: str = "") -> list[tuple[str, str, str]]:
    """Title, day and id of each."""
    root = ET.fromstring(xml or feed())
    return [
        (
            str(one.findtext(f"{ATOM}title")).partition(" – ")[0],
            str(one.findtext(f"{ATOM}updated")),
            str(one.findtext(f"{ATOM}id")),
        )
        for one in root.iter(f"{ATOM}entry")
    ]


def words(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+00:00"


def test_every_kind_of_change_has_its_entry() -> None:
    day = today()
    late = factories.make_commitment(adopted_on=day - 40 * DAY, due_on=day - 5 * DAY)
    factories.make_update(late, state="released", written_on=day - 20 * DAY)
    for number, state in enumerate(("done", "broken", "changed", "withdrawn")):
        factories.make_commitment(
            state, adopted_on=day - 50 * DAY, ended_on=day - number * DAY, due_on=day + DAY, agency=late.agency
        )
    assert [(title, at) for title, at, _ in entries()] == [
        ("Kept, as they say", words(day)),
        ("Broken", words(day - DAY)),
        ("Replaced by another promise", words(day - 2 * DAY)),
        ("Taken back", words(day - 3 * DAY)),
        ("Late: not done by its day", words(day - 5 * DAY)),
        ("News: under way", words(day - 20 * DAY)),
        ("Promised", words(day - 40 * DAY)),
        *[("Promised", words(day - 50 * DAY))] * 4,
    ]


def test_what_was_late_stays_so_when_it_is_kept_later() -> None:
    one = factories.make_commitment(due_on=today() - 5 * DAY, adopted_on=today() - 9 * DAY)
    before = entries()
    Commitment.objects.filter(pk=one.pk).update(state="done", ended_on=today())
    after = entries()
    assert [title for title, *_ in after] == ["Kept, as they say", "Late: not done by its day", "Promised"]
    assert after[1:] == before
    Commitment.objects.filter(pk=one.pk).update(ended_on=today() - 6 * DAY)
    assert [title for title, *_ in entries()] == ["Kept, as they say", "Promised"]


def test_ids_are_the_same_at_every_address_and_each_is_its_own() -> None:
    one = factories.make_commitment("done", due_on=today() - DAY)
    for _ in range(2):
        factories.make_update(one, state="released")
    here, there = entries(feed()), entries(feed("127.0.0.1"))
    assert here == there
    assert len({pk for *_, pk in here}) == len(here) == 5


def test_words_are_words_whatever_is_in_them() -> None:
    one = factories.make_commitment(text="a\x0b <script>alert(1)</script> & b")
    factories.make_update(one, state="released", text="]]> <b>x</b>")
    root = ET.fromstring(feed())
    summaries = " ".join(str(one.findtext(f"{ATOM}summary")) for one in root.iter(f"{ATOM}entry"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; b" in summaries
    assert "<script" not in summaries
    assert "&lt;b&gt;x" in summaries


def test_nothing_of_participants_and_no_proof_is_in_it() -> None:
    one = factories.make_commitment(due_on=today())
    factories.make_update(one, state="released", evidence_url="https://proof.example/")
    before = feed()
    answers(one, *["seen"] * 5)
    assert feed() == before
    assert "proof.example" not in before


def test_it_is_found_from_the_register_but_not_by_participants(
    participant: Participant, client_for: Callable[[Participant], Client]
) -> None:
    link = '<link rel="alternate" type="application/atom+xml"'
    shown = Client().get("/commitments/").content.decode()
    assert (link in shown, shown.count('href="/commitments/feed/"')) == (True, 2)
    assert "/commitments/feed/" not in client_for(participant).get("/commitments/").content.decode()


def test_nobody_keeps_a_copy_and_an_empty_one_is_one_too() -> None:
    answer = Client().get("/commitments/feed/")
    assert (answer.headers["Cache-Control"], answer.headers["Content-Type"].partition(";")[0]) == (
        "no-store",
        "application/atom+xml",
    )
    assert entries() == []


def test_it_holds_the_latest_fifty() -> None:
    owner = factories.make_listener()
    made = factories.make_commitment(owner=owner).dialogue_session
    for number in range(51):
        factories.make_commitment(owner=owner, dialogue_session=made, adopted_on=today() - number * DAY)
    found = entries()
    assert (len(found), found[-1][1]) == (50, words(today() - 48 * DAY))
