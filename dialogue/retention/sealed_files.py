"""Files that this machine can write and can't read: encrypted to an operator's public key in the age format.

The format is public (https://age-encryption.org/v1): the ordinary `age` program opens them as well. Nothing in clear
touches a disk; what is encrypted or decrypted streams through memory in small pieces.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pyrage

from seeds.service import private_folder

UNFINISHED = ".unfinished"


class BackupError(Exception):
    """There is no backup, or it can't be restored; the message says why, for the console."""


class _Nowhere:
    """Takes everything and keeps nothing: to see whether a file is whole."""

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        return


def recipient_from(text: str, variable: str) -> pyrage.x25519.Recipient:
    """The public key in a setting. Raises BackupError naming the variable."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BackupError(f"{variable} must be an age public key, age1... (see docs/operations.md).") from error


def identities_from(path: Path) -> list[pyrage.x25519.Identity]:
    """The secret keys in a file as `age-keygen` writes it. Raises BackupError."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise BackupError(f"{path} can't be read as an age secret key ({type(error).__name__}).") from error
    if not found:
        raise BackupError(f"{path} holds no age secret key.")
    return found


def write_sealed(target: Path, source: BinaryIO, recipient: pyrage.x25519.Recipient, check: Callable[[], None]) -> None:
    """Encrypt all of `source` into the target, readable by its owner only, whole or not at all.

    `check` is called when the source has ended and raises if it ended badly; then an earlier target stays.
    """
    draft = private_folder(target.parent) / f"{target.name}{UNFINISHED}"
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            pyrage.encrypt_io(source, file, [recipient])
            check()
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def check_whole(path: Path, identities: list[pyrage.x25519.Identity]) -> None:
    """Raises BackupError unless every byte up to the end is as it was written, for one of these keys."""
    copy_clear(path, identities, _Nowhere())


def copy_clear(path: Path, identities: list[pyrage.x25519.Identity], sink: object) -> None:
    """Decrypt the file into something with `write`. Raises BackupError; some may have been written by then."""
    try:
        with path.open("rb") as file:
            pyrage.decrypt_io(file, sink, identities)
    except pyrage.DecryptError as error:
        raise BackupError(f"{path.name} can't be opened with this key: {error}.") from error
    except OSError as error:  # pyrage's for a changed piece in the middle, as well as the system's own
        raise BackupError(f"{path.name} can't be read to its end, or was changed: {error}.") from error
