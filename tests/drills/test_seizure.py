"""Somebody takes the whole server, running or stopped. What people were promised not to be there is not there.

Each drill is done twice: on the server as shipped, and on one without our measures, where it has to find something.
"""

import json
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.drills import marks
from tests.drills.conftest import Tell
from tests.drills.dumps import Dump, raw
from tests.drills.examiner import Examiner, Find, Mark
from tests.drills.seized import Seized

ON_DISK = ("live", "stopped", "dump.sql", "dump-after.sql", "keys-after", "tmp", "here", "open", "environment.txt")
EVERYWHERE = (*ON_DISK, "redis", "mail")
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Search:
    """What of the marks is found in a seized server, and how much was looked through."""

    found: frozenset[Find]
    extent: str

    def only(self, *kinds: str) -> "Search":
        """The finds of these kinds; a kind may be the first word of several."""
        return Search(frozenset(one for one in self.found if one.kind.startswith(kinds)), self.extent)

    @property
    def kinds(self) -> dict[str, int]:
        """How many marks of each kind were found; several of one person count once."""
        return dict(sorted(Counter(kind for kind, _ in {(one.kind, one.whose) for one in self.found}).items()))

    def kinds_in(self, *places: str) -> set[str]:
        """The kinds found in these files or folders."""
        return {one.kind for one in self.found if one.file.startswith(places)}


def search(seized: Seized, wanted: list[Mark], *places: str) -> Search:
    """Look for these marks."""
    examiner = Examiner(wanted)
    found = examiner.in_files(*map(seized.place, places))
    extent = f"{examiner.files} files, {examiner.bytes // 1_000_000} MB, {len(examiner.needles)} spellings"
    return Search(frozenset(found), extent)


def everything(seized: Seized) -> Search:
    """All marks in all places, in one go."""
    # Of each person a text taken back, one returned, a message and an objection; and the notes to half of them.
    assert len(seized.destroyed) == 90
    wanted = marks.addresses(seized) + marks.secrets(seized) + marks.cards(seized) + marks.printed(seized)
    wanted += marks.words_in_clear(seized) + marks.sealed(seized.destroyed, "destroyed")
    return search(seized, wanted, *EVERYWHERE)


@pytest.fixture(scope="module")
def shipped(seized: Seized) -> Search:
    return everything(seized)


@pytest.fixture(scope="module")
def control(seized_on_defaults: Seized) -> Search:
    return everything(seized_on_defaults)


def ids_of_texts_and_names(seized: Seized) -> list[Mark]:
    """What ties a moment in a log to a person in a talk."""
    rows = json.loads(seized.place("physical.json").read_text())["aliases"]
    return [Mark("id", name, one.encode()) for _, name, _, _, pk in rows for one in (pk, name)]


@pytest.mark.promise("P3")
def test_no_address_and_no_browser(shipped: Search, control: Search, tell: Tell) -> None:
    ours, theirs = (one.only("address", "agent", "forwarded", "path") for one in (shipped, control))
    tell("P3", f"addresses, browser types and typed paths of 20 people in {ours.extent}", ours.kinds, theirs.kinds)
    assert ours.found == set()
    assert theirs.kinds == {"address": 21, "agent": 20, "forwarded": 20, "path": 20}
    assert theirs.kinds_in("live/web.log") >= {"address", "path"}  # the access log
    assert theirs.kinds_in("redis") == {"address"}  # the sign-in library's limits
    assert theirs.kinds_in("mail") >= {"agent", "forwarded"}  # the framework's mail about an error


@pytest.mark.promise("P4")
def test_no_words_and_no_cookie(shipped: Search, control: Search, tell: Tell) -> None:
    ours, theirs = (one.only("words", "cookie") for one in (shipped, control))
    tell("P4", f"seven words (right and wrong) and cookies in {ours.extent}", ours.kinds, theirs.kinds)
    assert ours.found == set()
    assert theirs.kinds_in("redis") >= {"cookie"}  # web sessions that are not split
    assert theirs.kinds_in("live/dump.rdb") >= {"cookie"}  # and Redis's own file


@pytest.mark.promise("P5")
def test_no_used_card(shipped: Search, control: Search, seized: Seized, tell: Tell) -> None:
    ours, theirs = (one.only("code", "digest") for one in (shipped, control))
    tell("P5", f"codes of used cards and their digests in {ours.extent}", ours.kinds, theirs.kinds)
    assert ours.found == set()
    assert theirs.kinds == {"digest": 20}
    unused = search(seized, marks.card(seized.unused_code, "nobody"), "live/postgres", "dump.sql")
    assert unused.kinds == {"digest": 1}  # a card that nobody used is there: the examiner can see


def test_no_code_of_cards_that_were_just_printed(shipped: Search, seized: Seized) -> None:
    assert shipped.only("printed").found == set()
    digests = [mark for code in seized.printed for mark in marks.card(code, code) if mark.kind == "digest"]
    assert search(seized, digests, "dump.sql").kinds == {"digest": 8}  # they still let in


@pytest.mark.promise("P6")
def test_what_was_taken_back_or_changed_is_destroyed(
    shipped: Search, control: Search, seized_on_defaults: Seized, tell: Tell
) -> None:
    gone = ("destroyed", *(f"text {kind}" for kind in marks.DESTROYED))
    ours, theirs = (one.only(*gone) for one in (shipped, control))
    tell("P6", f"texts taken back or changed, clear and sealed, in {ours.extent}", ours.kinds, theirs.kinds)
    assert ours.found == set()
    assert theirs.kinds == {"destroyed": len(seized_on_defaults.destroyed), "text lost": 20}
    assert theirs.kinds_in("live/postgres/pg_wal") == {"destroyed"}


@pytest.mark.promise("P7")
def test_nothing_is_kept_in_clear(shipped: Search, seized: Seized, tell: Tell) -> None:
    ours, sealed = shipped.only("text"), marks.sealed(seized.kept, "sealed")
    there, dumped = (search(seized, sealed, place) for place in ("live/postgres", "dump.sql"))
    tell("P7", f"all texts in clear in {ours.extent}", ours.kinds, f"{there.kinds} in the data directory")
    assert ours.found == set()
    assert there.kinds == dumped.kinds == {"sealed": len(seized.kept)}  # what waits is there: the examiner can see


@pytest.mark.promise("P6", "P7")
def test_what_was_told_in_private_goes_with_the_names(seized: Seized, tell: Tell) -> None:
    """Talk B's names are sealed, talk A is purged: messages and objections are gone from the disk, not only locked."""
    tables = Dump.read(seized.place("dump.sql")).tables
    told = [row for name in ("dialogue_privatemessage", "dialogue_objection") for row in tables[name] if "body" in row]
    wanted = marks.sealed([raw(row["body"]) for row in told], "private")
    there, left = search(seized, wanted, "live/postgres"), search(seized, wanted, "stopped/postgres", "dump-after.sql")
    tell("P6", f"private messages and objections once names are sealed, {left.extent}", left.kinds, there.kinds)
    assert (len(told), there.kinds, left.found) == (40, {"private": 40}, set())


@pytest.mark.promise("P7")
def test_a_purged_talk_is_gone_from_the_disk(seized: Seized) -> None:
    rows = json.loads(seized.place("physical.json").read_text())["aliases"]
    ids = [Mark("id", name, UUID(pk).bytes) for talk, name, *_, pk in rows if talk == seized.sessions["A"]]
    assert search(seized, ids, "live/postgres").kinds == {"id": 20}
    assert search(seized, ids, "stopped/postgres", "stopped/keys", "dump-after.sql").found == set()


@pytest.mark.promise("P8")
def test_logs_tie_no_moment_to_anybody(seized: Seized, seized_on_defaults: Seized, tell: Tell) -> None:
    logs = [f"live/{name}.log" for name in ("web", "worker", "beat", "postgres", "redis")]
    ours, theirs = (search(one, ids_of_texts_and_names(one), *logs) for one in (seized, seized_on_defaults))
    tell("P8", f"names and ids of 20 people in the logs of five programs, {ours.extent}", ours.kinds, theirs.kinds)
    assert ours.found == set()
    assert {one.file.rpartition("/")[2] for one in theirs.found} >= {"postgres.log", "web.log"}


def test_redis_writes_no_file(seized: Seized, seized_on_defaults: Seized) -> None:
    def files(one: Seized) -> list[str]:
        return [path.name for path in one.folder.rglob("*") if path.suffix in (".rdb", ".aof")]

    assert (files(seized), files(seized_on_defaults)) == ([], ["dump.rdb", "dump.rdb"])


def test_the_settings_hold_no_mark(seized: Seized) -> None:
    settings = seized.place("environment.txt").read_text()
    assert "SITE_SALT=" in settings
    assert "SECRET_KEY=" in settings
