"""After the clean-up the database tells neither time nor order; nobody who writes meanwhile is harmed."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from accounts.models import InviteCode, Participant
from dialogue.retention import scrub as scrubbing
from dialogue.retention.models import Upkeep
from dialogue.retention.scrub import Busy, ScrubError, is_due, scrub, scrub_if_due, table_names, untidy_tables
from dialogue.retention.tables import SCRUBBED
from dialogue.retention.tasks import scrub_when_due
from dialogue.sessions.models import Alias, DialogueSession, Round, State
from dialogue.threads.models import Comment
from tests import factories
from tests.racing import at_once, end_other_connections

pytestmark = pytest.mark.django_db(transaction=True)


def untidy() -> list[str]:
    with connection.cursor() as cursor:
        return untidy_tables(cursor)


def physically(table: str) -> list[tuple[Any, str]]:
    """Key and transaction number of every row, as they lie in the file."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, xmin::text FROM {table} ORDER BY ctid")
        return cursor.fetchall()


@contextmanager
def beside(database: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own to the same database, or to another one of this server, in a transaction."""
    settings = connection.settings_dict
    database = database or settings["NAME"]
    with closing(psycopg.connect(dbname=database, user=settings["USER"], host=settings["HOST"])) as other:
        yield other


def server_bytes() -> bytes:
    """Everything in the server's folder: tables, indexes, samples, the write-ahead log."""
    content = []
    for folder, _folders, names in os.walk(Path(os.environ["DATA_DIR"]) / "postgres"):  # folders may go meanwhile
        for name in sorted(names):
            with suppress(OSError):  # gone meanwhile, or no file
                content.append((Path(folder) / name).read_bytes())
    return b"\0".join(content)


@pytest.fixture
def room(open_session: DialogueSession) -> Round:
    """A round with six texts by three people who joined two sessions in one sitting."""
    end_other_connections()
    second = factories.make_session(State.OPEN)
    here = open_session.rounds.get(state=Round.State.OPEN)
    for _ in range(3):
        person = factories.make_participant()
        alias = factories.make_alias(open_session, person)
        factories.make_alias(second, person)
        factories.make_comment(here, alias)
        factories.make_comment(here, alias)
    InviteCode.objects.create(digest=b"d" * 32, partner=factories.make_partner())
    return here


@pytest.mark.promise("P2")
def test_afterwards_one_transaction_number_and_the_order_of_random_keys(room: Round) -> None:
    before = {model: set(model._default_manager.values_list()) for model in SCRUBBED}
    assert len({number for name in table_names() for _key, number in physically(name)}) >= 20
    assert untidy() != []

    report = scrub()

    assert report.complete  # in one round, or a few while PostgreSQL's own short transactions end
    rows = {name: physically(name) for name in table_names()}
    assert report.rows == sum(map(len, rows.values())) == sum(map(len, before.values())) >= 20
    assert len({number for found in rows.values() for _key, number in found}) == 1
    assert {name: [key for key, _ in found] for name, found in rows.items()} == {
        name: sorted(key for key, _ in found) for name, found in rows.items()
    }
    assert {model: set(model._default_manager.values_list()) for model in SCRUBBED} == before
    assert untidy() == []


@pytest.mark.promise("P2", "P5", "P6")
def test_nothing_that_was_deleted_stays_in_the_files(room: Round) -> None:
    gone = Comment.objects.first()
    assert gone is not None
    assert gone.body is not None
    card = InviteCode.objects.create(digest=b"DIGEST-OF-A-USED-CARD-0123456789", partner=factories.make_partner())
    markers = [bytes(gone.body), bytes(card.digest), card.pk.bytes]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the server does by itself, now and then
        cursor.execute("CHECKPOINT")
    assert [marker for marker in markers if marker not in server_bytes()] == []
    Comment.objects.filter(pk=gone.pk).update(body=None, state=Comment.State.WITHDRAWN, period=None)
    card.delete()
    scrub()
    assert [marker for marker in markers if marker in server_bytes()] == []


def test_nothing_about_people_is_counted_up_or_sampled() -> None:
    """Serials keep an order, and the planner samples the values of expressions in indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = ANY(%s::regclass[]) AND indexprs IS NOT NULL",
            [table_names()],
        )
        assert cursor.fetchall() == []
        owned = {name: connection.introspection.get_sequences(cursor, name) for name in table_names()}
    assert owned == {name: [] for name in table_names()}


@pytest.mark.promise("P2")
def test_two_sessions_of_one_person_no_longer_lie_side_by_side(room: Round) -> None:
    scrub()
    keys = [key for key, _ in physically(Alias._meta.db_table)]
    assert keys == sorted(keys)


def test_it_is_due_when_rows_changed(room: Round) -> None:
    assert is_due()
    report = scrub_if_due()
    assert report is not None
    assert not is_due()
    assert scrub_if_due() is None
    note = Upkeep.objects.get(kind=Upkeep.Kind.SCRUB)
    Comment.objects.filter(pk=Comment.objects.order_by("pk")[0].pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    assert is_due()
    scrub_when_due()
    assert not is_due()
    later = Upkeep.objects.get(kind=Upkeep.Kind.SCRUB)
    assert (later.pk, later.changes > note.changes, later.done_at > note.done_at) == (note.pk, True, True)


def test_what_was_written_in_the_middle_is_treated_next_time(room: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = scrubbing._stamp

    def with_somebody_writing() -> None:
        stamp()
        factories.make_participant()

    monkeypatch.setattr(scrubbing, "_stamp", with_somebody_writing)
    report = scrub()
    assert report.rounds >= scrubbing.ROUNDS
    assert not report.complete
    assert is_due()
    monkeypatch.undo()
    assert scrub().complete
    assert (is_due(), untidy()) == (False, [])


def test_an_old_transaction_that_keeps_deleted_rows_is_named(room: Round) -> None:
    with beside() as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT count(*) FROM django_migrations")  # holds no lock of ours, sees the old state
        process = f"process {other.info.backend_pid}, idle in transaction"
        Comment.objects.all().delete()
        with pytest.raises(ScrubError, match=rf"earlier \({process}\) is still open.*dialogue_comment"):
            scrub(patience=0.5)
        assert not Upkeep.objects.exists()
    scrub()
    assert not is_due()


def test_who_writes_in_another_database_does_not_matter(room: Round) -> None:
    """Our own view of the rows is as old as the oldest writer of the whole server, and rewriting goes by it."""
    with beside("postgres") as other:
        other.execute("SELECT pg_current_xact_id()")
        Comment.objects.all().delete()
        assert scrub(patience=5).complete
    assert (is_due(), untidy()) == (False, [])


def test_tables_in_use_all_the_time_make_it_step_back(room: Round) -> None:
    with beside() as other:
        other.execute("UPDATE dialogue_alias SET removed = removed")
        started = time.monotonic()
        with pytest.raises(Busy, match="is a transaction open"):
            scrub(patience=0.5)
        assert time.monotonic() - started < 3
        other.commit()
    assert scrub().complete


def test_two_at_once_do_the_work_once(room: Round) -> None:
    first, second = at_once(scrub_if_due, scrub_if_due)
    assert {first is None, second is None} == {True, False}


def test_one_waits_for_the_other_and_gives_up_in_the_end(room: Round) -> None:
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with scrubbing.exclusively():
            held.set()
            free.wait(10)

    def ask() -> None:
        held.wait(10)
        try:
            scrub(patience=0.3)
        finally:
            free.set()

    _, refused = at_once(hold, ask)
    assert isinstance(refused, Busy)
    assert scrub().complete


def test_inside_a_transaction_it_refuses() -> None:
    with transaction.atomic(), pytest.raises(ScrubError, match="transactions of its own"):
        scrub()


def test_people_who_write_meanwhile_lose_nothing_and_never_fail(room: Round) -> None:
    """Three people write, change and take back in both orders of tables, as the clean-up runs over and over."""
    session = room.dialogue_session
    finished = threading.Event()
    longest = [0.0]
    kept: list[list[Any]] = [[], [], []]

    def write(mine: list[Any]) -> None:
        alias = factories.make_alias(session)
        while not finished.is_set():
            began = time.monotonic()
            with transaction.atomic():
                comment = factories.make_comment(room, alias)
                Alias.objects.filter(pk=alias.pk).update(name=f"{alias.pk.hex[:8]} {len(mine)}")
            with transaction.atomic():
                Alias.objects.select_for_update().get(pk=alias.pk)
                Comment.objects.filter(pk=comment.pk).update(version=2)
                Participant.objects.count()
            longest[0] = max(longest[0], time.monotonic() - began)
            mine.append(comment.pk)

    def clean() -> bool:
        try:
            return all(scrub().rows for _ in range(4))
        finally:
            finished.set()

    cleaned, *failures = at_once(clean, *(lambda mine=mine: write(mine) for mine in kept))
    assert failures == [None, None, None]
    assert cleaned is True
    assert min(map(len, kept)) > 5
    written = {key for mine in kept for key in mine}
    assert set(Comment.objects.filter(version=2).values_list("pk", flat=True)) == written
    assert longest[0] < 3
    assert scrub().complete


def test_a_writer_who_waits_for_two_tables_is_never_the_one_who_loses(room: Round) -> None:
    """The worst order: somebody holds the last table, and then wants the first, while the clean-up takes them."""
    last, first = table_names()[-1], table_names()[0]
    with beside() as other:
        other.execute(f"LOCK TABLE {last} IN ROW EXCLUSIVE MODE")

        def person() -> None:
            time.sleep(0.05)
            other.execute(f"LOCK TABLE {first} IN ROW EXCLUSIVE MODE")
            time.sleep(1.5)
            other.commit()

        failed, report = at_once(person, scrub)
    assert failed is None
    assert report.complete
