"""The seizure and linkability drills once more, by an examiner of another kind: see bytes_examiner.py.

On the server as shipped it must find nothing; on the one without our measures, what each of its ways is made for.
"""

import struct

import pytest

from tests.drills import bytes_pages
from tests.drills.bytes_examiner import Examiner
from tests.drills.bytes_links import METHODS, Guess, gate
from tests.drills.bytes_pages import Page
from tests.drills.conftest import Tell
from tests.drills.seized import Seized

pytestmark = pytest.mark.slow
EVERYBODY = set(range(20))
ODD = {number for number in EVERYBODY if number % 2}
#: What a row tells, and what places tell; each has to be enough on a server without our measures.
ROWS = ("transaction", "line", "place of the row")
PLACES = ("log", "dump.sql", "dialogue_alias", "dialogue_alias_tag_key", "dialogue_comment")


@pytest.fixture(scope="module")
def shipped(seized: Seized) -> Examiner:
    """At work on the server as shipped."""
    return Examiner(seized)


@pytest.fixture(scope="module")
def control(seized_on_defaults: Seized) -> Examiner:
    """At work on the server without our measures."""
    return Examiner(seized_on_defaults)


def extent(examiner: Examiner) -> str:
    """How much it read."""
    return f"second examiner, {examiner.everything.read // 1_000_000} MB of bytes"


@pytest.mark.promise("P3")
def test_no_address_and_no_browser_in_any_form(shipped: Examiner, control: Examiner, tell: Tell) -> None:
    searched = f"addresses (also packed), browser types and typed paths, {extent(shipped)}"
    tell("P3", searched, shipped.kinds("P3"), control.kinds("P3"))
    assert shipped.found("P3") == []
    assert shipped.packed() == set()
    assert control.kinds("P3") == {"address": 20, "forwarded": 20, "agent": 20, "path": 20, "listener's": 1}


@pytest.mark.promise("P4")
def test_no_words_and_no_cookie_in_any_form(shipped: Examiner, control: Examiner, tell: Tell) -> None:
    searched = f"seven words, three in a row, their first letters, and cookies, {extent(shipped)}"
    tell("P4", searched, shipped.kinds("P4"), control.kinds("P4"))
    assert shipped.found("P4") == []
    assert control.kinds("P4") == {"cookie": 20}


@pytest.mark.promise("P5")
def test_no_used_card_in_any_form(shipped: Examiner, control: Examiner, tell: Tell) -> None:
    tell("P5", f"codes and digests of used cards, {extent(shipped)}", shipped.kinds("P5"), control.kinds("P5"))
    assert shipped.found("P5") == []
    assert control.kinds("P5") == {"card": 20}
    there = {hit.where for hit in shipped.unused_card()}
    assert "dump.sql" in there  # the card that nobody used
    assert any(where.startswith("live/postgres/base/") for where in there)


@pytest.mark.promise("P6")
def test_no_piece_of_a_destroyed_text(shipped: Examiner, control: Examiner, tell: Tell) -> None:
    left, found = shipped.bodies("destroyed"), control.bodies("destroyed")
    tell("P6", f"pieces of 16 bytes of destroyed ciphertexts, {extent(shipped)}", len(left), len(found))
    assert left == set()
    assert shipped.found("P6") == []
    assert found == set(range(len(control.seized.destroyed)))
    assert shipped.bodies("kept") == set(range(len(shipped.seized.kept)))
    assert len(found) == len(shipped.seized.destroyed) == 90
    assert control.kinds("P6") == {"lost": 20}


@pytest.mark.promise("P6", "P7")
def test_with_the_keys_one_reads_what_waits_and_nothing_else(shipped: Examiner, tell: Tell) -> None:
    """Odd numbers changed what was returned: the note to them still quotes it, until the text is purged."""
    readable = shipped.texts_in(shipped.readable("live/postgres", "live/keys"))
    told = {"message": EVERYBODY, "objection": EVERYBODY}
    assert readable == {"pending": EVERYBODY, "elsewhere": EVERYBODY, "note": ODD, "returned": ODD} | told

    afterwards = shipped.texts_in(shipped.readable("live/postgres", "keys-after"))
    counts = [{kind: len(whose) for kind, whose in one.items()} for one in (afterwards, readable)]
    tell("P7", "old rows, opened with the keys after a talk was purged (second examiner)", *counts)
    assert afterwards == {"elsewhere": EVERYBODY, "objection": EVERYBODY}


@pytest.mark.promise("P7")
def test_the_purged_talks_key_is_nowhere(shipped: Examiner) -> None:
    keys = {path.name: path.read_bytes() for path in shipped.seized.place("live/keys").glob("*.key")}
    after = {path.name for path in shipped.seized.place("keys-after").glob("*.key")}
    assert (len(keys), len(after)) == (2, 1)
    for name, key in keys.items():
        places = shipped.places_of(key)
        assert f"live/keys/{name}" in places
        assert any(where.startswith(("stopped", "keys-after")) for where in places) == (name in after)


@pytest.mark.promise("P2")
def test_bytes_do_not_tell_who_is_who(shipped: Examiner, control: Examiner, tell: Tell) -> None:
    best, known = (max(one.guesses, key=lambda guess: guess.right) for one in (shipped, control))
    ways = len({guess.pairing for guess in shipped.guesses})
    tell("P2", f"pairs by {ways} ways to order bytes (chance: fewer than {gate(shipped.guesses)})", best, known)
    assert ways >= 20
    assert [str(guess) for guess in shipped.guesses if guess.right >= gate(shipped.guesses)] == []


def by_clue(guesses: list[Guess], *names: str) -> dict[str, int]:
    """Most pairs that were right with clues of each name."""
    return {name: max(guess.right for guess in guesses if name in guess.clue) for name in names}


@pytest.mark.promise("P2")
def test_each_way_to_pair_works_without_our_measures(control: Examiner) -> None:
    pairs = len(control.tags["B"])
    assert pairs == 19  # one was forgotten in the second talk
    files = {name: path.name for name, path in control.people_relations("live").items()}
    found = by_clue(control.guesses, *ROWS, *(files.get(name, name) for name in PLACES))
    assert {name: right for name, right in found.items() if right < 15} == {}
    methods = {method: max(one.right for one in control.guesses if one.method == method) for method in METHODS}
    assert {method: right for method, right in methods.items() if right < 15} == {}


@pytest.mark.promise("P2")
def test_rows_carry_one_transaction_number_and_nothing_dead(shipped: Examiner, control: Examiner) -> None:
    tables = shipped.people_tables("live")
    assert {"dialogue_alias", "dialogue_comment", "dialogue_moderationdecision"} < set(tables)
    rows = [row for path in tables.values() for row in bytes_pages.rows(path)]
    assert len(rows) > 100
    assert (len({row.xmin for row in rows}), {row.xmax for row in rows}) == (1, {0})
    assert all(row.alive for row in rows)

    others = [row for path in control.people_tables("live").values() for row in bytes_pages.rows(path)]
    assert len({row.xmin for row in others}) > 100
    assert not all(row.alive for row in others)


@pytest.mark.promise("P2", "P6")
def test_pages_of_people_hold_nothing_between_their_rows(shipped: Examiner, control: Examiner) -> None:
    assert [left for page in pages(shipped, "live") for left in page.leftovers() if not is_pointer(page, left[1])] == []
    kept = sum(len(left[1]) for page in pages(control, "live") for left in page.leftovers())
    assert kept > 0


def pages(examiner: Examiner, copy: str) -> list[Page]:
    """All pages of the tables about participants and of their indexes."""
    return [page for path in examiner.people_relations(copy).values() for page in bytes_pages.pages(path)]


def is_pointer(page: Page, left: bytes) -> bool:
    """Whether it is the spare line pointer that building an index leaves behind: it repeats the last one."""
    (last,) = struct.unpack_from("<I", page.data, page.lower - 4)
    return page.is_btree and left.ljust(4, b"\0") == struct.pack("<I", last)
