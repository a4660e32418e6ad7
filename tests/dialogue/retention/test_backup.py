"""A real backup, really restored; nothing in clear on the way, and nothing comes back that was destroyed."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pyrage import x25519
from pytest_django import Settings

from accounts.models import Participant, today
from dialogue.retention import backup, clock
from dialogue.retention.backup import back_up, back_up_if_due, delete_old
from dialogue.retention.models import Upkeep
from dialogue.retention.policies import BACKUPS_KEPT
from dialogue.retention.scrub import ScrubError, table_names
from dialogue.retention.sealed_files import BackupError, copy_clear, identities_from
from dialogue.retention.tasks import back_up_daily
from dialogue.sessions.models import Alias, DialogueSession, Round, State
from dialogue.threads.models import Comment
from seeds import vault
from tests import factories
from tests.racing import at_once, end_other_connections

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def identity(tmp_path: Path, settings: Settings) -> Path:
    """The operator's secret key, which is somewhere else; its public half is in the settings."""
    key = x25519.Identity.generate()
    settings.BACKUP_RECIPIENT = str(key.to_public())
    settings.BACKUP_DIR = tmp_path / "backups"
    file = tmp_path / "identity.txt"
    file.write_text(f"# created: somewhere else\n# public key: {key.to_public()}\n{key}\n")
    return file


@pytest.fixture
def written(open_session: DialogueSession) -> list[Comment]:
    """Texts in two sessions."""
    here = open_session.rounds.get(state=Round.State.OPEN)
    there = factories.make_round(factories.make_session(State.OPEN))
    return [factories.make_comment(round, text=f"Text in {round.dialogue_session_id}") for round in (here, here, there)]


@pytest.fixture
def spare() -> Iterator[str]:
    """The address of an empty database on the same server."""
    settings = connection.settings_dict
    name = f"{settings['NAME']}_restored"
    with psycopg.connect(
        dbname="postgres", user=settings["USER"], host=settings["HOST"], autocommit=True
    ) as maintenance:
        maintenance.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        maintenance.execute(f'CREATE DATABASE "{name}"')
        yield f"postgresql://{settings['USER']}@/{name}?host={settings['HOST']}"
        maintenance.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def rows(url: str | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, but the notes of upkeep, as they lie in the files; of our database without a URL."""
    settings = connection.settings_dict
    place = {"dbname": settings["NAME"], "user": settings["USER"], "host": settings["HOST"]}
    with psycopg.connect(url) if url else psycopg.connect(**place) as opened:
        names = opened.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        kept = [name for (name,) in names if name not in ("dialogue_upkeep", "django_migrations")]
        return {name: opened.execute(f'SELECT * FROM "{name}" ORDER BY ctid').fetchall() for name in kept}


def restore_into(url: str, file: Path, identity: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command as an operator gives it, in a process of its own."""
    command = [sys.executable, "manage.py", "restore", str(file), "--identity", str(identity), "--into", url, *options]
    return subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)


def readable(url: str) -> dict[Any, str]:
    """The texts that the keys at hand open, by session."""
    query = (
        "SELECT dialogue_session_id, c.id, c.body FROM dialogue_comment c JOIN dialogue_thread t ON t.id = c.thread_id"
        " JOIN dialogue_round r ON r.id = t.round_id WHERE c.body IS NOT NULL"
    )
    texts = {}
    with psycopg.connect(url) as opened:
        for session, key, body in opened.execute(query).fetchall():
            try:
                texts[key] = vault.unseal(session, key, body)
            except vault.Unreadable:
                continue
    return texts


def test_every_row_comes_back(written: list[Comment], identity: Path, spare: str) -> None:
    end_other_connections()
    clock.run(timezone.now())  # so that nothing is due after the restore
    before = rows()
    file = back_up()
    assert file.name == f"seeds-{today():%Y-%m-%d}.age"
    done = restore_into(spare, file, identity)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Restored, and the schema is up to date." in done.stdout
    assert f"The backup is from {today():%Y-%m-%d}; today is {today():%Y-%m-%d}." in done.stdout
    after = rows(spare)
    assert {name: sorted(map(repr, found)) for name, found in after.items()} == {
        name: sorted(map(repr, found)) for name, found in before.items()
    }
    assert len(after["dialogue_comment"]) == 3


@pytest.mark.promise("P2")
def test_a_backup_shows_rows_in_the_order_of_random_keys_only(
    written: list[Comment], identity: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when somebody writes between the clean-up and the dump: that row waits for the next backup."""
    scrub, late = backup.scrub, list[Participant]()

    def with_somebody_writing() -> None:
        scrub()
        if len(late) < 2:
            late.append(factories.make_participant())

    monkeypatch.setattr(backup, "scrub", with_somebody_writing)
    with backup.exclusively(), backup.cleaned_snapshot() as snapshot:
        at_once(factories.make_participant)  # on a connection of its own
        settings = connection.settings_dict
        with psycopg.connect(dbname=settings["NAME"], user=settings["USER"], host=settings["HOST"]) as other:
            other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            other.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            for name in table_names():
                keys = [key for (key,) in other.execute(f"SELECT id FROM {name} ORDER BY ctid").fetchall()]
                assert keys == sorted(keys)
    assert len(late) == 2


def test_people_who_never_stop_writing_are_named_as_the_cause(
    identity: Path, written: list[Comment], monkeypatch: pytest.MonkeyPatch
) -> None:
    scrub = backup.scrub

    def with_somebody_writing() -> None:
        scrub()
        factories.make_participant()

    monkeypatch.setattr(backup, "scrub", with_somebody_writing)
    with pytest.raises(BackupError, match="People were writing"):
        back_up()
    assert backup.backups() == []


@pytest.mark.promise("P7")
def test_of_a_session_whose_key_was_destroyed_an_old_backup_reads_nothing(
    written: list[Comment], identity: Path, spare: str
) -> None:
    file = back_up()
    gone, kept = written[0].thread.round.dialogue_session_id, written[2].thread.round.dialogue_session_id
    restored = subprocess.run(
        [sys.executable, "manage.py", "restore", str(file), "--identity", str(identity), "--into", spare],
        cwd=ROOT,
        env={**os.environ, "KEY_DIR": str(vault.key_file(kept).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert restored.returncode == 0, restored.stderr
    assert len(readable(spare)) == 3  # the control: with all keys all can be read
    vault.destroy_key(gone)
    assert readable(spare) == {written[2].pk: f"Text in {kept}"}


@pytest.mark.promise("P7")
def test_what_should_be_gone_by_now_goes_again(written: list[Comment], identity: Path, spare: str) -> None:
    due = written[0].thread.round.dialogue_session
    ended = timezone.now() - timedelta(days=80)
    DialogueSession.objects.filter(pk=due.pk).update(
        state=State.FOLLOW_UP,
        starts_at=ended - timedelta(days=3),
        ends_at=ended,
        announced_at=ended - timedelta(days=9),
        closed_at=ended,
        purge_on=today() - timedelta(days=1),
    )
    file = back_up()
    done = restore_into(spare, file, identity)
    assert done.returncode == 0, done.stderr
    after = rows(spare)
    assert len(after["dialogue_comment"]) == 1
    assert {name for (name,) in _column(spare, "dialogue_alias", "dialogue_session_id")} != {due.pk}
    assert due.pk not in {name for (name,) in _column(spare, "dialogue_alias", "dialogue_session_id")}
    assert ("purged",) in _column(spare, "dialogue_dialoguesession", "state")


def _column(url: str, table: str, column: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as opened:
        return opened.execute(f"SELECT {column} FROM {table}").fetchall()


@pytest.mark.promise("P2", "P7")
def test_nothing_in_clear_reaches_a_disk(
    written: list[Comment], identity: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte that lies in the backup and temporary folders at any moment is looked at."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    name = Alias.objects.filter(dialogue_session=written[0].thread.round.dialogue_session)[0].name
    markers = [name.encode(), b"PGDMP", b"dialogue_comment", bytes(written[0].body or b"")]
    seen: dict[str, bytes] = {}

    def look() -> None:
        for folder in (temporary, tmp_path / "backups"):
            for file in folder.rglob("*"):
                seen[str(file)] = seen.get(str(file), b"") + file.read_bytes()

    ended_well = backup.ended_well

    def look_first(process: Any) -> None:
        look()
        ended_well(process)

    monkeypatch.setattr(backup, "ended_well", look_first)
    path = back_up()
    look()
    assert set(seen) == {str(path), f"{path}.unfinished"}
    assert all(content.startswith(b"age-encryption.org/v1") for content in seen.values())
    assert [marker for marker in markers for content in seen.values() if marker in content] == []
    clear = tmp_path / "clear"
    with clear.open("wb") as file:
        copy_clear(path, identities_from(identity), file)
    assert [marker for marker in markers[1:3] if marker not in clear.read_bytes()] == []  # the control


def test_only_the_owner_may_read_it(identity: Path, written: list[Comment]) -> None:
    path = back_up()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_wrong_key_a_cut_or_changed_file_never_touch_the_database(
    written: list[Comment], identity: Path, spare: str, tmp_path: Path
) -> None:
    path = back_up()
    content = path.read_bytes()
    wrong = tmp_path / "wrong.txt"
    wrong.write_text(f"{x25519.Identity.generate()}\n")
    cut, changed, empty, text = (tmp_path / f"{name}.age" for name in ("cut", "changed", "empty", "text"))
    cut.write_bytes(content[:-20])
    middle = len(content) // 2
    changed.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    empty.write_bytes(b"")
    text.write_text("a letter")
    cases = [(path, wrong), (cut, identity), (changed, identity), (empty, identity), (text, identity)]
    for file, key in cases:
        done = restore_into(spare, file, key)
        assert done.returncode == 1, (file.name, done.stdout)
        assert f"CommandError: {file.name} can't be" in done.stderr
        assert rows(spare) == {}
    missing = restore_into(spare, path, tmp_path / "no-such-file")
    assert (missing.returncode, "can't be read as an age secret key" in missing.stderr) == (1, True)
    assert rows(spare) == {}


def test_a_database_with_tables_is_refused(identity: Path, written: list[Comment]) -> None:
    path = back_up()
    with pytest.raises(CommandError, match="is not empty: it has"):
        call_command("restore", path, identity=identity)
    assert Comment.objects.count() == 3


def test_without_a_clean_up_there_is_no_backup(
    identity: Path, written: list[Comment], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise ScrubError("No right to do so.")

    monkeypatch.setattr(backup, "scrub", refuse)
    with pytest.raises(CommandError, match="No right to do so"):
        call_command("backup")
    assert backup.backups() == []
    assert not Upkeep.objects.filter(kind=Upkeep.Kind.BACKUP).exists()


def test_a_dump_that_fails_leaves_the_earlier_backup_and_says_why(
    identity: Path, written: list[Comment], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = back_up()
    before = path.read_bytes()
    monkeypatch.setattr(backup, "_address", lambda: "dbname=nowhere host=/nonexistent")
    with pytest.raises(BackupError, match="pg_dump: error: connection to server"):
        back_up()
    assert (path.read_bytes(), [file.name for file in path.parent.iterdir()]) == (before, [path.name])


@pytest.mark.parametrize("value", ["", "age1nonsense", "ssh-ed25519 AAAA"])
def test_without_a_good_public_key_there_is_no_backup(value: str, identity: Path, settings: Settings) -> None:
    settings.BACKUP_RECIPIENT = value
    with pytest.raises(CommandError, match="BACKUP_RECIPIENT must be an age public key"):
        call_command("backup")


@pytest.mark.promise("P7")
def test_after_seven_days_a_backup_is_gone_even_if_none_are_made_any_more(identity: Path, settings: Settings) -> None:
    folder = Path(settings.BACKUP_DIR)
    folder.mkdir()
    day = today()
    for age in range(10):
        (folder / f"seeds-{day - timedelta(days=age):%Y-%m-%d}.age").write_bytes(b"sealed")
    (folder / "seeds-2020-01-01.age.unfinished").write_bytes(b"sealed")
    (folder / "somebody-elses.txt").write_bytes(b"mine")
    settings.BACKUP_RECIPIENT = ""
    back_up_daily()
    assert [found for _path, found in backup.backups()] == [day - timedelta(days=age) for age in range(6, -1, -1)]
    assert sorted(file.name for file in folder.iterdir())[-1] == "somebody-elses.txt"
    assert len(list(folder.iterdir())) == 8
    assert delete_old() == []


def test_the_daily_work_makes_one_backup_a_day(identity: Path, written: list[Comment], settings: Settings) -> None:
    assert back_up_if_due() is not None
    assert back_up_if_due() is None
    note = Upkeep.objects.get(kind=Upkeep.Kind.BACKUP)
    assert note.done_at <= timezone.now()
    settings.BACKUP_RECIPIENT = ""
    assert back_up_if_due() is None


def test_the_commands_say_what_they_did(identity: Path, written: list[Comment]) -> None:
    said = StringIO()
    call_command("backup", stdout=said)
    (found,) = backup.backups()
    assert said.getvalue() == f"Written: {found[0]}\n"
    assert found[1] == today()


def test_no_backup_may_outlive_what_the_page_about_a_session_says(settings: Settings) -> None:
    assert settings.BACKUP_DAYS == BACKUPS_KEPT.days == 7


def test_the_password_is_in_no_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "p@ss word")
    assert "p@ss" not in backup._address()
    assert f"dbname={connection.settings_dict['NAME']}" in backup._address()
