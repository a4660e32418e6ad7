"""Text that becomes unreadable on its date: one random key file a session, outside the database.

ChaCha20-Poly1305 (RFC 8439) with the row's id as associated data, so a text can't be moved to another row;
padded to 256 bytes, so its length says little.
"""

import os
import re
import uuid
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from django.conf import settings

BLOCK = 256
NONCE = 12
TAG = 16
MAX_SEALED = 6_000  # above it PostgreSQL would move the value to a side table whose ids keep the order of writing
MAX_TEXT = (MAX_SEALED - NONCE - TAG) // BLOCK * BLOCK - 1


class Unreadable(Exception):
    """The key is gone or the text is not what was sealed for this row."""


class TooLong(ValueError):
    """The text has more than MAX_TEXT bytes."""


def key_file(session_id: uuid.UUID) -> Path:
    """Where the key of this session lies."""
    return Path(settings.KEY_DIR) / f"{session_id.hex}.key"


def create_key(session_id: uuid.UUID) -> None:
    """Make the session's key, once; an existing one is kept. The folder is readable by its owner only."""
    folder = Path(settings.KEY_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(key_file(session_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(32))
        file.flush()
        os.fsync(file.fileno())


def keys_kept() -> list[uuid.UUID]:
    """The sessions whose key lies in the folder."""
    names = [file.stem for file in Path(settings.KEY_DIR).glob("*.key")]
    return [uuid.UUID(hex=name) for name in names if re.fullmatch("[0-9a-f]{32}", name)]


def destroy_key(session_id: uuid.UUID) -> None:
    """Everything sealed for this session is unreadable from now on, in every copy. Doing it twice is fine.

    Returns only once the disk has been told. The bytes are overwritten first, which is worth something on a plain disk
    and nothing on one that writes elsewhere: docs/operations.md says which disk a server needs.
    """
    path = key_file(session_id)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(32))
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Until then a power cut could bring a deleted name back."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _box(session_id: uuid.UUID) -> ChaCha20Poly1305:
    try:
        return ChaCha20Poly1305(key_file(session_id).read_bytes())
    except (FileNotFoundError, ValueError) as error:
        raise Unreadable from error


def seal(session_id: uuid.UUID, row_id: uuid.UUID, text: str) -> bytes:
    """The text, encrypted for this row. Raises TooLong or, without the session's key, Unreadable."""
    plain = text.encode()
    if len(plain) > MAX_TEXT:
        raise TooLong
    padded = plain + b"\x80" + b"\0" * (-(len(plain) + 1) % BLOCK)
    nonce = os.urandom(NONCE)
    return nonce + _box(session_id).encrypt(nonce, padded, row_id.bytes)


def unseal(session_id: uuid.UUID, row_id: uuid.UUID, sealed: bytes | memoryview) -> str:
    """The text that was sealed for this row. Raises Unreadable when the key is gone or the bytes were changed."""
    data = bytes(sealed)
    try:
        padded = _box(session_id).decrypt(data[:NONCE], data[NONCE:], row_id.bytes)
    except InvalidTag as error:
        raise Unreadable from error
    return padded.rstrip(b"\0")[:-1].decode()
