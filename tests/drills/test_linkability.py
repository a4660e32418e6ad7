"""Somebody has the whole database and tries to say which name in talk B is the same person as a name in talk A.

Twenty people joined both talks, each in one sitting. By chance one pair in twenty is right; the gate is six.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.drills.conftest import Tell
from tests.drills.dumps import Dump, Row, raw
from tests.drills.play import PEOPLE
from tests.drills.seized import Seized

GATE = 6
Pairs = list[tuple[str, str]]
pytestmark = [pytest.mark.slow, pytest.mark.promise("P2")]


def right(seized: Seized, pairs: Pairs) -> int:
    """How many of these guesses (a name in A, a name in B) are right."""
    truth = {(person.names[seized.sessions["A"]], person.names[seized.sessions["B"]]) for person in seized.people}
    return len(truth & set(pairs))


def in_step(seized: Seized, order: list[tuple[str, str]]) -> Pairs:
    """The first name of A with the first of B and so on, given (talk, name) in some order."""
    names = {key: [name for talk, name in order if talk == pk] for key, pk in seized.sessions.items()}
    return list(zip(names["A"], names["B"], strict=False))


def dumped_aliases(seized: Seized) -> list[Row]:
    """The rows of the table of names, as they stand in the dump."""
    return Dump.read(seized.place("dump.sql")).aliases


def by_order_in_the_dump(seized: Seized) -> Pairs:
    return in_step(seized, [(row["dialogue_session_id"], row["name"]) for row in dumped_aliases(seized)])


def physical(seized: Seized, what: str) -> list[list[str]]:
    return json.loads(seized.place("physical.json").read_text())[what]


def by_nearest_transaction(seized: Seized) -> Pairs:
    """With each name of A the name of B whose transaction is nearest; of equally near ones the nearest in the file."""
    rows = [(talk, name, int(number), place(where)) for talk, name, number, where, _ in physical(seized, "aliases")]
    ours, theirs = ([row for row in rows if row[0] == seized.sessions[key]] for key in ("A", "B"))
    nearest = [min(theirs, key=lambda b: (abs(a[2] - b[2]), distance(a[3], b[3]))) for a in ours]
    return [(a[1], b[1]) for a, b in zip(ours, nearest, strict=True)]


def place(where: str) -> tuple[int, int]:
    page, row = where.strip("()").split(",")
    return int(page), int(row)


def distance(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return abs(one[0] - other[0]), abs(one[1] - other[1])


def by_order_in_the_journal(seized: Seized) -> Pairs:
    """In the order in which the tags first stand in the write-ahead log."""
    journal = b"".join(path.read_bytes() for path in sorted(seized.place("live/postgres/pg_wal").glob("0*")))
    return in_step(seized, in_order(seized, journal))


def by_order_in_the_files(seized: Seized) -> Pairs:
    """In the order in which the tags stand in the table's and its indexes' files, old copies included."""
    data = b"".join(path.read_bytes() for path in table_files(seized))
    return in_step(seized, in_order(seized, data))


def table_files(seized: Seized) -> list[Path]:
    files = sorted(seized.place("live/postgres/base").glob("*/*"))
    tags = [raw(row["tag"]) for row in dumped_aliases(seized) if "tag" in row]
    return [path for path in files if tags[0] in path.read_bytes()]


def in_order(seized: Seized, data: bytes) -> list[tuple[str, str]]:
    rows = [row for row in dumped_aliases(seized) if "tag" in row]
    found = [(data.find(raw(row["tag"])), row) for row in rows]
    there = sorted((start, row["dialogue_session_id"], row["name"]) for start, row in found if start >= 0)
    return [(talk, name) for _, talk, name in there]


WAYS: dict[str, tuple[Callable[[Seized], Pairs], int]] = {
    # how to match, and what the control must reach at least
    "order of rows in the dump": (by_order_in_the_dump, PEOPLE - 4),
    "nearest transaction": (by_nearest_transaction, PEOPLE - 4),
    "order in the write-ahead log": (by_order_in_the_journal, PEOPLE - 4),
}


@pytest.mark.parametrize("way", WAYS)
def test_names_of_one_person_can_not_be_matched(
    way: str, seized: Seized, seized_on_defaults: Seized, tell: Tell
) -> None:
    match, expected = WAYS[way]
    shipped, control = (right(one, match(one)) for one in (seized, seized_on_defaults))
    tell("P2", f"20 people in two talks, matched by {way}", f"{shipped} of 20 (1 by chance)", f"{control} of 20")
    assert control >= expected
    assert shipped < GATE


def test_the_files_keep_no_order(seized: Seized) -> None:
    assert right(seized, by_order_in_the_files(seized)) < GATE


def test_one_transaction_wrote_everything_and_rows_lie_by_their_ids(seized: Seized, seized_on_defaults: Seized) -> None:
    def state(one: Seized) -> tuple[int, bool]:
        numbers = {row[2] for what in ("aliases", "comments") for row in physical(one, what)}
        ids = [row["id"] for row in dumped_aliases(one)]
        return len(numbers), ids == sorted(ids)

    assert state(seized) == (1, True)
    numbers, ordered = state(seized_on_defaults)
    assert (numbers > PEOPLE, ordered) == (True, False)


def test_no_text_lies_in_a_side_table(seized: Seized, seized_on_defaults: Seized, tell: Tell) -> None:
    def entries(one: Seized) -> int:
        return sum(bool(row[4]) for row in physical(one, "comments"))

    def order_of_writing(one: Seized) -> bool:
        rows = sorted((int(row[4]), row[1]) for row in physical(one, "comments") if row[4])
        names = [person.names[one.sessions["B"]] for person in one.people]
        return [name for _, name in rows] == names

    tell(
        "P2",
        "numbers of side-table entries",
        entries(seized),
        f"{entries(seized_on_defaults)}, in the order of writing",
    )
    assert entries(seized) == 0
    assert (entries(seized_on_defaults), order_of_writing(seized_on_defaults)) == (PEOPLE, True)
