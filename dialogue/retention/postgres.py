"""What a PostgreSQL must have so that it keeps no memory of its own about people, and what is missing on this one.

The values stand in seeds/embedded.py, for the demo, the tests and docker-compose.yml alike. Here stands why.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from dialogue.retention.tables import SCRUBBED
from seeds.embedded import OLDEST_POSTGRES, POSTGRES_SETTINGS

_LOG_KEEPS_OLD = "The write-ahead log would keep what the clean-up removed."
_LOG_LEAVES = "Copies of the write-ahead log would lie where the clean-up can't reach."
_TELLS_WORDS = "The server's own log could repeat what somebody typed."
_TELLS_TIMES = "The server's own log would tell when somebody was here."

#: Setting -> why it matters. What is left out here promises nothing to anybody.
WHY = {
    "wal_recycle": _LOG_KEEPS_OLD,
    "min_wal_size": _LOG_KEEPS_OLD,
    "wal_keep_size": _LOG_KEEPS_OLD,
    "wal_level": _LOG_KEEPS_OLD,
    "archive_mode": _LOG_LEAVES,
    "max_wal_senders": _LOG_LEAVES,
    "track_commit_timestamp": "The time of every change would be kept beside the row.",
    "track_counts": "Without its counters nothing tells whether a clean-up is due.",
    "log_min_messages": _TELLS_WORDS,
    "log_min_error_statement": _TELLS_WORDS,
    "log_error_verbosity": _TELLS_WORDS,
    "log_statement": _TELLS_WORDS,
    "log_min_duration_statement": _TELLS_WORDS,
    "log_duration": _TELLS_TIMES,
    "log_parameter_max_length": _TELLS_WORDS,
    "log_parameter_max_length_on_error": _TELLS_WORDS,
    "log_connections": _TELLS_TIMES,
    "log_disconnections": _TELLS_TIMES,
    "log_hostname": _TELLS_TIMES,
    "log_lock_waits": _TELLS_TIMES,
    "log_checkpoints": _TELLS_TIMES,
    "log_autovacuum_min_duration": _TELLS_TIMES,
}
STRICTER = {"log_min_messages": {"fatal", "panic"}}  # as good as ours
#: Settings that only loaded modules have: each module writes down statements with their values.
WRITERS = {"pg_stat_statements.max": "pg_stat_statements", "auto_explain.log_analyze": "auto_explain"}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, why it matters, and the line or statement that mends it."""

    what: str
    why: str
    mend: str


def findings(connection: BaseDatabaseWrapper) -> list[Finding]:
    """Everything that is wrong with this server or database. Raises what the connection raises."""
    with connection.cursor() as cursor:
        return [*_settings(cursor), *_writers(cursor), *_slots(cursor), *_rights(cursor), *_columns(cursor)]


def missing_rights(connection: BaseDatabaseWrapper) -> list[Finding]:
    """The rights without which there can be no clean-up at all."""
    with connection.cursor() as cursor:
        return list(_rights(cursor))


def _settings(cursor: CursorWrapper) -> Iterator[Finding]:
    cursor.execute("SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [list(WHY)])
    found = dict(cursor.fetchall())
    for name, why in WHY.items():
        wanted = POSTGRES_SETTINGS[name]
        if not _as_good(name, found[name], wanted):
            yield Finding(f"{name} is {found[name] or 'empty'}.", why, f"{name} = {wanted}")


def _as_good(name: str, found: str, wanted: str) -> bool:
    plain = found.lower() or "off"  # since PostgreSQL 18 some switches are lists, and an empty one is off
    return plain == wanted.lower() or plain in STRICTER.get(name, set())


def _writers(cursor: CursorWrapper) -> Iterator[Finding]:
    """What is loaded can't be asked by an ordinary role; it shows by the settings that it brings."""
    cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s)", [list(WRITERS)])
    for (name,) in cursor.fetchall():
        module = WRITERS[name]
        yield Finding(f"The module {module} is loaded.", _TELLS_WORDS, f"shared_preload_libraries without {module}")


def _slots(cursor: CursorWrapper) -> Iterator[Finding]:
    cursor.execute("SELECT slot_name FROM pg_replication_slots ORDER BY slot_name")
    for (name,) in cursor.fetchall():
        yield Finding(
            f"There is a replication slot, {name}.", _LOG_LEAVES, f"SELECT pg_drop_replication_slot('{name}')"
        )


def _rights(cursor: CursorWrapper) -> Iterator[Finding]:
    """Grants of the role that we connect as, and that the tables are its own. Asked of a server that is new enough."""
    cursor.execute("SELECT current_user, current_setting('server_version_num')::int / 10000")
    role, version = cursor.fetchone()
    why = "The clean-up can't run without it."
    if version < OLDEST_POSTGRES:
        yield Finding(f"PostgreSQL {version} is too old.", why, f"Move to PostgreSQL {OLDEST_POSTGRES} or newer.")
        return
    cursor.execute("SELECT pg_has_role('pg_checkpoint', 'USAGE'), has_function_privilege('pg_switch_wal()', 'EXECUTE')")
    checkpoint, switch = cursor.fetchone()
    if not checkpoint:
        yield Finding(f"{role} may not CHECKPOINT.", why, f'GRANT pg_checkpoint TO "{role}"')
    if not switch:
        grant = f'GRANT EXECUTE ON FUNCTION pg_switch_wal() TO "{role}"'
        yield Finding(f"{role} may not call pg_switch_wal().", why, grant)
    cursor.execute(
        "SELECT relname FROM pg_class WHERE oid = ANY(%s) AND NOT pg_has_role(relowner, 'USAGE') ORDER BY relname",
        [_known(cursor)],
    )
    for (name,) in cursor.fetchall():
        yield Finding(f"{role} does not own {name}.", why, f'ALTER TABLE {name} OWNER TO "{role}"')


def _columns(cursor: CursorWrapper) -> Iterator[Finding]:
    """How the columns of the tables about participants are stored. A database without tables has none that is wrong."""
    cursor.execute(
        "SELECT attrelid::regclass::text, attname, attstorage::text, coalesce(attstattarget, -1) FROM pg_attribute"
        " WHERE attrelid = ANY(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attrelid::regclass::text, attnum",
        [_known(cursor)],
    )
    for table, column, storage, sampled in cursor.fetchall():
        alter = f"ALTER TABLE {table} ALTER COLUMN {column}"
        if (table, column) in sealed_columns() and storage != "p":
            why = "Large values would move to a side table that numbers them in the order of writing."
            yield Finding(f"{table}.{column} is not stored plain.", why, f"{alter} SET STORAGE PLAIN")
        if sampled != 0:
            why = "The planner's samples would keep values of rows that were deleted."
            yield Finding(f"{table}.{column} is sampled.", why, f"{alter} SET STATISTICS 0")


def sealed_columns() -> set[tuple[str, str]]:
    """Table and column of all bytes in the tables about participants."""
    return {
        (model._meta.db_table, str(field.column))
        for model in SCRUBBED
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField)
    }


def _known(cursor: CursorWrapper) -> list[int]:
    """The tables about participants that exist."""
    names = [model._meta.db_table for model in SCRUBBED]
    cursor.execute("SELECT to_regclass(name)::oid FROM unnest(%s::text[]) AS name", [names])
    return [oid for (oid,) in cursor.fetchall() if oid is not None]
