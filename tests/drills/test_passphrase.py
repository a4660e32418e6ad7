"""Somebody is forced to say the seven words, and whoever forces them has the whole server, keys and all.

They find that person's names in the talks that are on, and what stands there: the pages say so. They find nothing in a
talk where the person pressed "forget me here", nothing that was taken back, nothing that the clock sealed or purged,
and nothing of anybody else.
"""

import pytest

from tests.drills.conftest import Tell
from tests.drills.dumps import Dump, keys_in
from tests.drills.people import Person
from tests.drills.seized import Seized

pytestmark = [pytest.mark.slow, pytest.mark.promise("P6", "P7")]
THERE = ("pending", "elsewhere", "message", "objection")


def found_with(words: str, seized: Seized, dump: str, keys: str) -> tuple[set[str], set[str]]:
    """The names and the words that these seven words lead to."""
    database = Dump.read(seized.place(dump))
    names = database.names_of(words)
    return {row["name"] for row in names}, set(database.words_by(names, keys_in(seized.place(keys))))


def written(person: Person, *kinds: str) -> set[str]:
    return {person.texts[kind] for kind in kinds}


def test_the_words_lead_to_what_is_there_and_to_nobody_else(seized: Seized, tell: Tell) -> None:
    changed, taken_back = seized.people[5], seized.people[4]
    names, texts = found_with(changed.words, seized, "dump.sql", "live/keys")
    tell(
        "P6",
        "one person's seven words, with all keys and the database of talks that are on",
        f"{len(names)} names and {len(texts)} texts, all of that person, none taken back, as the pages say",
        "the same",
    )
    assert (names, texts) == (set(changed.names.values()), written(changed, *THERE, "note"))
    names, texts = found_with(taken_back.words, seized, "dump.sql", "live/keys")
    assert (names, texts) == (set(taken_back.names.values()), written(taken_back, *THERE))


def test_forget_me_here_holds(seized: Seized) -> None:
    person = seized.people[-1]
    names, texts = found_with(person.words, seized, "dump.sql", "live/keys")
    assert names == {person.names[seized.sessions["A"]]}
    assert texts == written(person, "pending", "message", "note")
    assert person.names[seized.sessions["B"]] in {row["name"] for row in Dump.read(seized.place("dump.sql")).aliases}


def test_after_the_clock_the_words_lead_nowhere(seized: Seized, tell: Tell) -> None:
    people = seized.people[:3]
    found = [found_with(person.words, seized, "dump-after.sql", "keys-after") for person in people]
    before = [found_with(person.words, seized, "dump.sql", "live/keys") for person in people]
    tell(
        "P7",
        "three people's seven words, with all keys, once one talk was purged and the names of the other sealed",
        sum(len(names) + len(texts) for names, texts in found),
        f"{sum(len(names) for names, _ in before)} names before",
    )
    assert found == [(set(), set())] * 3
    assert [names for names, _ in before] == [set(person.names.values()) for person in people]


def test_wrong_words_lead_nowhere(seized: Seized) -> None:
    assert found_with(seized.people[0].wrong_words, seized, "dump.sql", "live/keys") == (set(), set())
