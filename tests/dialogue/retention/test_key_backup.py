"""The copy of the keys: brings texts back when a disk dies, and never a session that was purged."""

import stat
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pyrage import x25519
from pytest_django import Settings

from accounts.models import today
from dialogue.retention import clock, key_backup
from dialogue.retention.key_backup import back_up_keys, renew_keys, restore_keys
from dialogue.retention.sealed_files import BackupError, copy_clear, identities_from
from dialogue.retention.tasks import renew_key_copy
from dialogue.sessions.models import DialogueSession, State
from seeds import vault
from seeds.embedded import postgres_client
from seeds.service import ServiceError
from tests import factories


@pytest.fixture
def identity(tmp_path: Path, settings: Settings) -> Path:
    """The secret key of those who keep the copy; its public half is in the settings."""
    key = x25519.Identity.generate()
    settings.KEY_BACKUP_RECIPIENT = str(key.to_public())
    settings.KEY_BACKUP_DIR = tmp_path / "key-backup"
    file = tmp_path / "identity.txt"
    file.write_text(f"{key}\n")
    return file


@pytest.fixture
def ended(db: None) -> DialogueSession:
    """A session whose day has come."""
    moment = timezone.now() - timedelta(days=80)
    return factories.make_session(
        State.FOLLOW_UP,
        starts_at=moment - timedelta(days=3),
        ends_at=moment,
        announced_at=moment - timedelta(days=9),
        closed_at=moment,
        purge_on=today() - timedelta(days=1),
    )


def clear_text(path: Path, identity: Path, tmp_path: Path) -> bytes:
    clear = tmp_path / "clear"
    with clear.open("wb") as file:
        copy_clear(path, identities_from(identity), file)
    return clear.read_bytes()


@pytest.mark.django_db
def test_after_a_disk_died_the_texts_can_be_read_again(draft: DialogueSession, identity: Path) -> None:
    sealed = vault.seal(draft.pk, draft.pk, "We begin at six.")
    path = back_up_keys()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == ["keys.age", "keys.list"]
    key = vault.key_file(draft.pk).read_bytes()
    assert key not in path.read_bytes()
    vault.key_file(draft.pk).unlink()
    said = StringIO()
    call_command("restore", path, identity=identity, keys=True, stdout=said)
    assert said.getvalue() == "1 key files are there again.\n"
    assert stat.S_IMODE(vault.key_file(draft.pk).stat().st_mode) == 0o600
    assert vault.unseal(draft.pk, draft.pk, sealed) == "We begin at six."
    assert restore_keys(path, identity) == 0  # a key that is there is left alone


@pytest.mark.django_db(transaction=True)
@pytest.mark.promise("P7")
def test_a_purged_session_s_key_goes_from_the_copy_too(
    ended: DialogueSession, draft: DialogueSession, identity: Path, tmp_path: Path
) -> None:
    path = back_up_keys()
    assert key_backup.listed() == {ended.pk, draft.pk}
    old = tmp_path / "kept-against-the-rules.age"
    old.write_bytes(path.read_bytes())
    assert not renew_keys()

    clock.run(timezone.now())
    renew_key_copy()

    assert key_backup.listed() == {draft.pk}
    clear = clear_text(path, identity, tmp_path)
    assert (ended.pk.hex.encode() in clear, draft.pk.hex.encode() in clear) == (False, True)
    assert restore_keys(old, identity) == 0  # not even from a copy that somebody kept
    assert not vault.key_file(ended.pk).exists()


@pytest.mark.django_db
def test_the_last_copy_of_a_lost_key_is_not_replaced(draft: DialogueSession, identity: Path, tmp_path: Path) -> None:
    path = back_up_keys()
    before = path.read_bytes()
    key = vault.key_file(draft.pk).read_bytes()
    vault.key_file(draft.pk).unlink()
    with pytest.raises(BackupError, match="1 sessions have no key file"):
        renew_keys()
    assert path.read_bytes() == before
    assert restore_keys(path, identity) == 1
    assert vault.key_file(draft.pk).read_bytes() == key


@pytest.mark.django_db
def test_without_a_public_key_there_is_no_copy(draft: DialogueSession, identity: Path, settings: Settings) -> None:
    settings.KEY_BACKUP_RECIPIENT = ""
    assert not renew_keys()
    with pytest.raises(CommandError, match="KEY_BACKUP_RECIPIENT must be an age public key"):
        call_command("backup", keys=True)
    assert not Path(settings.KEY_BACKUP_DIR).exists()


@pytest.mark.django_db
def test_a_wrong_key_brings_nothing(draft: DialogueSession, identity: Path, tmp_path: Path) -> None:
    said = StringIO()
    call_command("backup", keys=True, stdout=said)
    path = Path(said.getvalue().removeprefix("Written: ").strip())
    vault.key_file(draft.pk).unlink()
    wrong = tmp_path / "wrong.txt"
    wrong.write_text(f"{x25519.Identity.generate()}\n")
    with pytest.raises(CommandError, match=r"keys.age can't be opened with this key"):
        call_command("restore", path, identity=wrong, keys=True)
    assert not vault.key_file(draft.pk).exists()
    wrong.write_text("# nothing here\n")
    with pytest.raises(CommandError, match="holds no age secret key"):
        call_command("restore", path, identity=wrong, keys=True)


def test_a_missing_program_is_named() -> None:
    with pytest.raises(ServiceError, match="no pg_nothing found"):
        postgres_client("pg_nothing")
