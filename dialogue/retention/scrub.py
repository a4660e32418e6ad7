"""Destroy what PostgreSQL itself remembers about who wrote what, with what else, and when.

Every row carries the number of the transaction that wrote it, rows lie in the order of writing, changed and deleted
rows stay in the file, and the write-ahead log repeats it all. So: give all rows of all tables about participants one
transaction number, rewrite each table in the order of its random keys, and move the log on.

People never fail because of it and wait no longer than the work takes: all locks together are waited for shorter
than PostgreSQL waits before it looks for deadlocks, so that it is always the clean-up that steps back.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import errors, sql

from dialogue.retention.models import Upkeep
from dialogue.retention.postgres import missing_rights
from dialogue.retention.tables import SCRUBBED
from dialogue.retention.upkeep import note_done

ONE_AT_A_TIME = 8_247_113_001  # the number of our advisory lock; any will do, as long as it stays
PATIENCE = 60.0  # seconds to keep trying while people write
PAUSE = 0.1  # seconds between two tries, in which those who waited for us get their turn
ROUNDS = 3  # how often to begin anew when somebody wrote in the middle
LOCK_SHARE = 0.8  # of the time after which PostgreSQL looks for deadlocks

T = TypeVar("T")


class ScrubError(Exception):
    """The clean-up did not happen, or not wholly; the message says why, for the console."""


class Busy(ScrubError):
    """Others kept the tables, or another clean-up ran, for all of the time allowed."""


@dataclass(frozen=True)
class Report:
    """What was done: rows rewritten, how often it began anew, and for how long (seconds) nobody else could read."""

    rows: int
    rounds: int
    seconds: float
    closed_seconds: float
    complete: bool  # False: somebody wrote in the middle each time; those rows are treated next time


@dataclass(frozen=True)
class _Sorted:
    """The state under the lock, after the tables were rewritten."""

    rows: int
    changes: int
    untidy: list[str]
    kept_dead: list[str]
    seconds: float


def table_names() -> list[str]:
    """The tables about participants; they are always locked in this order."""
    return [model._meta.db_table for model in SCRUBBED]


def scrub(*, patience: float = PATIENCE) -> Report:
    """Clean up now, and note that it was done. Must not run inside a transaction.

    Raises ScrubError when a right is missing or an old transaction keeps deleted rows alive, Busy when the tables
    could not be had within `patience` seconds. What was begun is then simply done again by the next clean-up.
    """
    if connection.in_atomic_block:
        raise ScrubError("The clean-up needs transactions of its own; it can't run inside another one.")
    with exclusively(patience):
        if missing := missing_rights(connection):
            raise ScrubError("\n".join(f"{one.what} {one.mend}" for one in missing))
        return _scrub(time.monotonic(), patience)


def scrub_if_due(*, patience: float = PATIENCE) -> Report | None:
    """Clean up if rows changed since the last time; None when there was nothing to do."""
    with exclusively(patience):
        return scrub(patience=patience) if is_due() else None


def is_due() -> bool:
    """Whether rows changed since the last clean-up, by the database's own counters."""
    last = Upkeep.objects.filter(kind=Upkeep.Kind.SCRUB).first()
    with connection.cursor() as cursor:
        return last is None or last.changes != _changes(cursor)


@contextmanager
def exclusively(patience: float = PATIENCE) -> Iterator[None]:
    """Keep other clean-ups and backups away meanwhile; within one connection it can be entered again. Raises Busy."""
    deadline = time.monotonic() + patience
    with connection.cursor() as cursor:
        while not _answer(cursor, "SELECT pg_try_advisory_lock(%s)", ONE_AT_A_TIME):
            if time.monotonic() > deadline:
                raise Busy("Another clean-up or backup is still running.")
            time.sleep(PAUSE)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def untidy_tables(cursor: CursorWrapper) -> list[str]:
    """Tables that still tell something: not in the order of their keys, or with another transaction number."""
    seen = {name: _state(cursor, name) for name in table_names()}
    numbers = {number for one in seen.values() for number in (one[1], one[2]) if number is not None}
    return [name for name, (_rows, low, high, ordered) in seen.items() if not ordered or (low and len(numbers) > 1)]


def _scrub(started: float, patience: float) -> Report:
    deadline = started + patience
    done, rounds = _once(deadline), 1
    while (done.untidy and rounds < ROUNDS) or (done.kept_dead and time.monotonic() < deadline):
        time.sleep(PAUSE * 2**rounds)  # the older transaction may be PostgreSQL's own, which ends soon
        done, rounds = _once(deadline), rounds + 1
    _move_log_on()
    if done.kept_dead:
        tables = ", ".join(done.kept_dead)
        raise ScrubError(f"{_oldest_transaction()} is still open, so deleted rows stay in: {tables}.")
    if not done.untidy:
        note_done(Upkeep.Kind.SCRUB, changes=done.changes)
    return Report(done.rows, rounds, time.monotonic() - started, done.seconds, not done.untidy)


def _once(deadline: float) -> _Sorted:
    _insist(_stamp, deadline)
    _drop_dead()
    return _insist(_sort, deadline)


def _insist(step: Callable[[], T], deadline: float) -> T:
    """Do the step as soon as the locks can be had."""
    while True:
        try:
            return step()
        except OperationalError as error:
            if not isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
                raise
            if time.monotonic() > deadline:
                raise Busy("The tables were in use all the time; is a transaction open that nobody ends?") from error
        time.sleep(PAUSE)


def _stamp() -> None:
    """One transaction number for every row. Others may read meanwhile, and nobody holds the lock of a single row."""
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(cursor, "EXCLUSIVE")
        for name in table_names():
            cursor.execute(sql.SQL("UPDATE {} SET id = id").format(sql.Identifier(name)))
        cursor.execute("SELECT pg_stat_force_next_flush()")  # so that our own changes stand in the counters below


def _drop_dead() -> None:
    """Clear deleted rows away first: rewriting would keep those that are younger than a writer in another database."""
    names = sql.SQL(", ").join(map(sql.Identifier, table_names()))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("VACUUM (SKIP_LOCKED, TRUNCATE off) {}").format(names))


def _sort() -> _Sorted:
    """Rewrite every table in the order of its keys, without what was deleted; its indexes are built anew as well."""
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(cursor, "ACCESS EXCLUSIVE")
        started = time.monotonic()
        changes = _changes(cursor)  # nobody can add to it now, so whatever comes later counts as new
        for name in table_names():
            key = sql.Identifier(_primary_key(cursor, name))
            cursor.execute(sql.SQL("CLUSTER {} USING {}").format(sql.Identifier(name), key))
        rows = {name: int(_state(cursor, name)[0]) for name in table_names()}
        kept_dead = [name for name in rows if _indexed(cursor, name) != rows[name]]
        untidy = untidy_tables(cursor)
        return _Sorted(sum(rows.values()), changes, untidy, kept_dead, time.monotonic() - started)


def _lock(cursor: CursorWrapper, mode: str) -> None:
    """All tables, or LockNotAvailable; the waits together are shorter than PostgreSQL's own for deadlocks."""
    detector = _answer(cursor, "SELECT setting::int FROM pg_settings WHERE name = 'deadlock_timeout'")
    each = max(1, int(LOCK_SHARE * detector / len(SCRUBBED)))
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{each}ms"])
    names = sql.SQL(", ").join(map(sql.Identifier, table_names()))
    cursor.execute(sql.SQL("LOCK TABLE {} IN {} MODE").format(names, sql.SQL(mode)))


def _move_log_on() -> None:
    """Leave no file of the write-ahead log that still tells of what was rewritten (with wal_recycle=off)."""
    with connection.cursor() as cursor:
        for statement in ("CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"):
            cursor.execute(statement)


def _changes(cursor: CursorWrapper) -> int:
    query = (
        "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint"
        " FROM pg_stat_user_tables WHERE relid = ANY(%s::regclass[])"
    )
    return int(_answer(cursor, query, table_names()))


def _state(cursor: CursorWrapper, name: str) -> tuple[int, int | None, int | None, bool]:
    """Rows, lowest and highest transaction number (None without rows), and whether they lie in the keys' order."""
    query = sql.SQL(
        "SELECT count(*), min(number), max(number), coalesce(bool_and(ordered), true) FROM ("
        " SELECT xmin::text::bigint AS number, coalesce(id > lag(id) OVER (ORDER BY ctid), true) AS ordered FROM {}"
        ") AS rows"
    )
    cursor.execute(query.format(sql.Identifier(name)))
    rows, low, high, ordered = cursor.fetchone()
    return rows, low, high, ordered


def _indexed(cursor: CursorWrapper, name: str) -> int:
    """The rows in the key's new index: also those that are deleted but that some older transaction may still see."""
    query = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass"  # -1 stands for an empty one
    return int(_answer(cursor, query, _primary_key(cursor, name)))


def _oldest_transaction() -> str:
    """What keeps deleted rows alive, in words for the console; its process if we may see it, never its query."""
    query = (
        "SELECT pid, coalesce(state, backend_type) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid()"
        " AND (backend_xid IS NOT NULL OR (datname = current_database() AND backend_xmin IS NOT NULL))"
        " ORDER BY datname = current_database() DESC, greatest(age(backend_xmin), age(backend_xid)) DESC LIMIT 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchone()
    return "A transaction that began earlier" + (f" (process {found[0]}, {found[1]})" if found else "")


def _primary_key(cursor: CursorWrapper, name: str) -> str:
    query = (
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
        " WHERE indrelid = %s::regclass AND indisprimary"
    )
    return str(_answer(cursor, query, name))


def _answer(cursor: CursorWrapper, query: str, *parameters: int | str | list[str]) -> int:
    cursor.execute(query, parameters)
    (value,) = cursor.fetchone()
    return value
