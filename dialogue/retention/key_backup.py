"""A copy of the sessions' key files, in a file of its own: one current file, replaced, never a dated one.

A key that is destroyed must be gone from here too, so this copy is written anew as soon as it holds a key too many.
Beside the sealed file lies the list of the sessions in it: this machine can't open the file to look.
"""

import io
import json
import os
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from dialogue.retention.sealed_files import (
    BackupError,
    check_whole,
    copy_clear,
    identities_from,
    recipient_from,
    write_sealed,
)
from dialogue.sessions.models import DialogueSession, State
from seeds.service import private_folder
from seeds.vault import key_file, keys_kept

FILE, LIST = "keys.age", "keys.list"


def back_up_keys() -> Path:
    """Replace the copy by one of today's keys; its path.

    Raises BackupError when a session's key is missing: replacing the copy would then destroy the last one.
    """
    recipient = recipient_from(settings.KEY_BACKUP_RECIPIENT, "KEY_BACKUP_RECIPIENT")
    kept = sorted(keys_kept(), key=str)
    if lost := set(_needed()) - set(kept):
        raise BackupError(f"{len(lost)} sessions have no key file. Restore the keys first, or their last copy is gone.")
    words = json.dumps({key.hex: b64encode(key_file(key).read_bytes()).decode() for key in kept})
    folder = Path(settings.KEY_BACKUP_DIR)
    write_sealed(folder / FILE, io.BytesIO(words.encode()), recipient, check=lambda: None)
    _write_list(folder, kept)
    return folder / FILE


def renew_keys() -> bool:
    """Replace the copy if the keys have changed since, above all when one was destroyed. Raises as `back_up_keys`."""
    if not settings.KEY_BACKUP_RECIPIENT or listed() == set(keys_kept()):
        return False
    back_up_keys()
    return True


def listed() -> set[UUID]:
    """The sessions whose keys are in the copy."""
    file = Path(settings.KEY_BACKUP_DIR) / LIST
    return {UUID(hex=line) for line in file.read_text("utf-8").split()} if file.exists() else set()


def is_current() -> bool:
    """Whether the copy holds the keys that are here, and none of them is missing."""
    kept = set(keys_kept())
    return listed() == kept and set(_needed()) <= kept


def keys_changed_at() -> datetime | None:
    """When a key was last made or destroyed; None if there never was one."""
    folder = Path(settings.KEY_DIR)
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC) if folder.exists() else None


def restore_keys(copy: Path, identity: Path) -> int:
    """Bring back the key files that are missing, of sessions that are still to be read; how many. Raises BackupError.

    A session that was purged gets none, and a key that is there is left alone.
    """
    identities = identities_from(identity)
    check_whole(copy, identities)
    clear = io.BytesIO()
    copy_clear(copy, identities, clear)
    found = {UUID(hex=name): b64decode(key) for name, key in json.loads(clear.getvalue()).items()}
    wanted = set(_needed()) - set(keys_kept())
    private_folder(Path(settings.KEY_DIR))
    for session in wanted & set(found):
        with os.fdopen(os.open(key_file(session), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(found[session])
            file.flush()
            os.fsync(file.fileno())
    return len(wanted & set(found))


def _needed() -> list[UUID]:
    """The sessions that need a key: all that were not purged."""
    return list(DialogueSession.objects.exclude(state=State.PURGED).values_list("pk", flat=True))


def _write_list(folder: Path, kept: list[UUID]) -> None:
    """After the file: a list that was not written makes the next run write both again."""
    draft = folder / f"{LIST}.unfinished"
    draft.write_text("".join(f"{key.hex}\n" for key in kept), "utf-8")
    draft.replace(folder / LIST)
