"""Somebody finds a backup from before a talk was purged, its key, and all keys of talks that are left."""

import base64
import json
import subprocess
from pathlib import Path

import pyrage
import pytest

from seeds.embedded import postgres_programs
from tests.drills.conftest import Tell
from tests.drills.dumps import Dump, keys_in, unsealed
from tests.drills.seized import Seized

pytestmark = [pytest.mark.slow, pytest.mark.promise("P7")]


def identity(seized: Seized) -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.from_str(seized.place("backup.key").read_text())


def opened_backup(seized: Seized, folder: Path) -> Dump:
    """The database in the backup, as text."""
    (sealed,) = seized.place("stopped/backups").glob("*.age")
    clear = folder / "backup"
    clear.write_bytes(pyrage.decrypt(sealed.read_bytes(), [identity(seized)]))
    command = [str(postgres_programs() / "pg_restore"), "--file=-", str(clear)]
    return Dump(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def readable(dump: Dump, talk: str, boxes: list[bytes]) -> tuple[int, int]:
    """How many texts of a talk open, and how many there are."""
    texts = [unsealed(row["id"], row["body"], boxes) for row in dump.texts(talk)]
    return sum(text is not None for text in texts), len(texts)


def other_secrets(seized: Seized) -> list[bytes]:
    """Whatever else on the server could be tried as a key."""
    settings = dict(line.split("=", 1) for line in seized.place("environment.txt").read_text().splitlines())
    secrets = (settings["SITE_SALT"], settings["FIELD_KEYS"], settings["SECRET_KEY"])
    return [base64.urlsafe_b64decode(one)[:32] for one in secrets[:2]] + [secrets[2].encode()[:32]]


@pytest.mark.parametrize("source", ["the encrypted backup", "a dump"])
def test_an_old_copy_of_a_purged_talk_reads_nothing(source: str, seized: Seized, tmp_path: Path, tell: Tell) -> None:
    encrypted = source == "the encrypted backup"
    dump = opened_backup(seized, tmp_path) if encrypted else Dump.read(seized.place("dump.sql"))
    before, after = (keys_in(seized.place(name)) for name in ("live/keys", "keys-after"))
    after += other_secrets(seized)
    purged, other = (readable(dump, seized.sessions[key], after) for key in ("A", "B"))
    at_the_time = readable(dump, seized.sessions["A"], before)
    tell(
        "P7",
        f"{source} from before talk A was purged, opened, with all keys that are left",
        f"{purged[0]} of {purged[1]} texts of talk A, {other[0]} of {other[1]} of talk B, which goes on",
        f"{at_the_time[0]} of {at_the_time[1]} of talk A with its key",
    )
    assert (purged, other, at_the_time) == ((0, 20), (20, 20), (20, 20))


def test_the_copy_of_the_keys_forgets_too(seized: Seized) -> None:
    sealed = seized.place("stopped/key-backup/keys.age").read_bytes()
    held = json.loads(pyrage.decrypt(sealed, [identity(seized)]))
    assert set(held) == {seized.sessions["B"].replace("-", "")}


def test_a_backup_is_not_readable_without_its_key(seized: Seized) -> None:
    (sealed,) = seized.place("stopped/backups").glob("*.age")
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed.read_bytes(), [pyrage.x25519.Identity.generate()])


def test_the_database_holds_nothing_of_a_purged_talk(seized: Seized) -> None:
    after = Dump.read(seized.place("dump-after.sql"))
    assert [row for row in after.aliases if row["dialogue_session_id"] == seized.sessions["A"]] == []
    assert [row for row in after.aliases if "tag" in row] == []  # talk B ended more than 30 days ago
    assert after.texts(seized.sessions["A"]) == []
    assert len([row for row in after.aliases if row["dialogue_session_id"] == seized.sessions["B"]]) == 20
