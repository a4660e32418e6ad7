"""What is wrong with a PostgreSQL is found, said and mended."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.checks import Info, Warning  # noqa: A004 - Django's name
from django.core.checks.registry import registry
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from dialogue.retention import checks, postgres
from dialogue.retention.postgres import Finding, findings, missing_rights
from dialogue.retention.scrub import ScrubError, scrub
from seeds import embedded
from seeds.embedded import POSTGRES_SETTINGS, Postgres
from seeds.settings import database

pytestmark = pytest.mark.django_db(transaction=True)

Superuser = Callable[[str], None]


@pytest.fixture
def superuser() -> Iterator[Superuser]:
    """Runs a statement as the server's superuser; Django connects anew afterwards."""
    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"], user="postgres", host=settings["HOST"], autocommit=True
    ) as superuser_connection:

        def run(statement: str) -> None:
            superuser_connection.execute(statement)
            connection.close()

        yield run


def test_our_own_server_has_everything() -> None:
    assert findings(connection) == []
    assert checks.check_postgres() == []


def test_every_setting_says_why_or_promises_nothing() -> None:
    assert set(POSTGRES_SETTINGS) - set(postgres.WHY) == {"timezone", "log_timezone", "max_connections"}
    assert set(postgres.WHY) <= set(POSTGRES_SETTINGS)


@pytest.mark.parametrize(
    ("name", "value"), [("wal_recycle", "on"), ("log_statement", "all"), ("log_min_messages", "warning")]
)
def test_a_wrong_setting_is_found_with_the_line_that_mends_it(name: str, value: str, superuser: Superuser) -> None:
    place = f"DATABASE {connection.settings_dict['NAME']}"
    superuser(f"ALTER {place} SET {name} = '{value}'")
    try:
        line = f"{name} = {POSTGRES_SETTINGS[name]}"
        assert findings(connection) == [Finding(f"{name} is {value}.", postgres.WHY[name], line)]
        (warning,) = checks.check_postgres()
        assert (warning.id, warning.hint, type(warning)) == ("retention.W001", line, Warning)
    finally:
        superuser(f"ALTER {place} RESET {name}")
    assert findings(connection) == []


def test_what_logs_even_less_is_as_good(superuser: Superuser) -> None:
    place = f"DATABASE {connection.settings_dict['NAME']}"
    superuser(f"ALTER {place} SET log_min_messages = 'fatal'")
    try:
        assert findings(connection) == []
    finally:
        superuser(f"ALTER {place} RESET log_min_messages")


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ("dialogue_comment ALTER COLUMN body SET STORAGE EXTENDED", "dialogue_comment.body is not stored plain."),
        ("dialogue_alias ALTER COLUMN tag SET STATISTICS -1", "dialogue_alias.tag is sampled."),
        ("accounts_invitecode ALTER COLUMN digest SET STATISTICS 100", "accounts_invitecode.digest is sampled."),
    ],
)
@pytest.mark.promise("P2", "P5")
def test_a_wrong_column_is_found_and_its_line_mends_it(change: str, back: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {change}")
        (found,) = findings(connection)
        cursor.execute(found.mend)
    assert found.what == back
    assert findings(connection) == []


@pytest.mark.parametrize(
    ("take", "missing"),
    [
        ("REVOKE EXECUTE ON FUNCTION pg_switch_wal() FROM seeds", "seeds may not call pg_switch_wal()."),
        ("ALTER TABLE dialogue_pass OWNER TO postgres", "seeds does not own dialogue_pass."),
    ],
)
def test_without_a_right_there_is_no_clean_up_and_the_error_says_how_to_give_it(
    take: str, missing: str, superuser: Superuser
) -> None:
    superuser(take)
    (found,) = missing_rights(connection)
    try:
        assert found.what == missing
        assert found in findings(connection)
        with pytest.raises(ScrubError) as refusal:
            scrub()
        assert str(refusal.value) == f"{found.what} {found.mend}"
    finally:
        superuser(found.mend)
    assert findings(connection) == []


def other_database(url: str) -> BaseDatabaseWrapper:
    return ConnectionHandler({"default": database(url, 0)})["default"]


class Stock(Postgres):
    """A server as it comes, with nothing of ours."""

    def settle(self) -> None:
        return


def test_a_server_as_it_comes_lacks_this(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "POSTGRES_SETTINGS", {})
    server = Stock(tmp_path, test=True)
    server.start()
    with psycopg.connect(server.url_for("postgres", "template1"), autocommit=True) as superuser_connection:
        superuser_connection.execute("CREATE ROLE seeds LOGIN")
        superuser_connection.execute("CREATE DATABASE seeds")
        superuser_connection.execute("SELECT pg_create_physical_replication_slot('a_copy')")
    stock = other_database(server.url)
    try:
        found = {one.what for one in findings(stock)}
    finally:
        stock.close()
        server.stop()
    assert found >= {
        "wal_recycle is on.",
        "min_wal_size is 80MB.",
        "wal_level is replica.",
        "max_wal_senders is 10.",
        "log_min_messages is warning.",
        "log_min_error_statement is error.",
        "log_error_verbosity is default.",
        "There is a replication slot, a_copy.",
        "seeds may not CHECKPOINT.",
        "seeds may not call pg_switch_wal().",
    }
    assert not {one for one in found if one.startswith(("log_connections", "archive_mode", "track_counts"))}


def test_without_a_database_it_is_only_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_connection: Any) -> list[Finding]:
        raise OperationalError("no route")

    monkeypatch.setattr(checks, "findings", unreachable)
    (note,) = checks.check_postgres()
    assert (note.id, type(note)) == ("retention.I001", Info)


def test_the_check_belongs_to_those_for_production() -> None:
    assert checks.check_postgres in registry.deployment_checks
    assert checks.check_postgres not in registry.registered_checks
