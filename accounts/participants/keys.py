"""From seven words to keys; from printed codes to what the database may hold.

passphrase -> root (Argon2id, salted outside the database) -> lookup, which finds the row, and a key that unwraps
the random master -> alias key -> one tag a dialogue session. Nothing of it leads back.
"""

import hmac
import os
import secrets
import threading
import unicodedata
from functools import cache
from pathlib import Path
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from django.conf import settings

WORDS_IN_PASSPHRASE = 7
LETTERS_THAT_COUNT = 3  # no two words of the list share their first three letters
MAX_PASSPHRASE = 200  # characters; longer input is not a passphrase
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
CODE_LENGTH = 12  # characters of 5 bits
LOOKALIKES = str.maketrans("OIL", "011")
NONCE = 12
WAIT_FOR_TURN = 10  # seconds

#: Argon2 takes 64 MiB and a fifth of a second; two at a time in each process, or sign-ins could take the server down.
_turn = threading.BoundedSemaphore(2)


class TooManyAtOnce(Exception):
    """No turn for the costly computation within WAIT_FOR_TURN seconds. Nothing was tried; trying again is fine."""


class WrongKey(Exception):
    """What was wrapped was not wrapped with this key, or was changed."""


@cache
def word_list() -> tuple[str, ...]:
    """The 1,251 words, adapted from the EFF's (see words.LICENSE)."""
    return tuple((Path(__file__).parent / "words.txt").read_text(encoding="ascii").split())


def generate_passphrase() -> str:
    """Seven random words, in lower case with single spaces: 7 x log2(1,251) = 72.0 bits, never chosen by a person."""
    return " ".join(secrets.choice(word_list()) for _ in range(WORDS_IN_PASSPHRASE))


def normalize(text: str) -> str:
    """What counts of typed words: of each its first three letters, lower case, joined by hyphens.

    Numbers, accents, capitals, line breaks and punctuation around the words do no harm, and neither do most typos.
    """
    plain = unicodedata.normalize("NFKD", text).casefold().replace("'", "").replace("\u2019", "")
    spaced = "".join(c if "a" <= c <= "z" else " " for c in plain if not unicodedata.combining(c))
    return "-".join(word[:LETTERS_THAT_COUNT] for word in spaced.split())


def root_key(passphrase: str) -> bytes:
    """32 bytes from the words: Argon2id, 64 MiB, three passes, one lane, salted with SITE_SALT.

    Costs the same whatever the words. Raises TooManyAtOnce.
    """
    if not _turn.acquire(timeout=WAIT_FOR_TURN):
        raise TooManyAtOnce
    try:
        return hash_secret_raw(
            normalize(passphrase).encode(),
            settings.SITE_SALT,
            time_cost=3,
            memory_cost=64 * 1024,
            parallelism=1,
            hash_len=32,
            type=Type.ID,
        )
    finally:
        _turn.release()


def sub_key(root: bytes, label: bytes) -> bytes:
    """32 bytes for one use, named by its label (HKDF-SHA256, RFC 5869, expand step); `root` must be uniform."""
    return HKDFExpand(SHA256(), 32, b"seeds/v1/" + label).derive(root)


def lookup(root: bytes) -> bytes:
    """What finds the participant's row."""
    return sub_key(root, b"lookup")


def wrap(root: bytes, master: bytes) -> bytes:
    """The 32-byte master key, locked with the words: 60 bytes, bound to the row it is for."""
    nonce = os.urandom(NONCE)
    return nonce + ChaCha20Poly1305(sub_key(root, b"wrap")).encrypt(nonce, master, lookup(root))


def unwrap(root: bytes, wrapped: bytes | memoryview) -> bytes:
    """The master key. Raises WrongKey."""
    data = bytes(wrapped)
    try:
        return ChaCha20Poly1305(sub_key(root, b"wrap")).decrypt(data[:NONCE], data[NONCE:], lookup(root))
    except InvalidTag as error:
        raise WrongKey from error


def alias_key(master: bytes) -> bytes:
    """From which the tags in sessions are computed; lives in the encrypted web session only."""
    return sub_key(master, b"alias")


def alias_tag(alias_key: bytes, session_id: UUID) -> bytes:
    """Marks one participant in one dialogue session. Without the key, two tags of one person have nothing in common."""
    return hmac.digest(alias_key, b"seeds/v1/alias-tag/" + session_id.bytes, "sha256")


def tally_tag(alias_key: bytes, subject: str) -> bytes:
    """Marks that one participant answered one question (`subject`). Leads neither to the answer nor to another tag."""
    return hmac.digest(alias_key, b"seeds/v1/tally-tag/" + subject.encode(), "sha256")


def generate_code() -> str:
    """A card's code: 12 characters of Crockford's base 32, 60 bits. Shown in groups of four by `spaced`."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def spaced(code: str) -> str:
    """The code as it is printed: three groups of four."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def normalize_code(text: str) -> str:
    """A typed code without spaces and signs, in capitals, with O read as 0 and I and L as 1."""
    plain = unicodedata.normalize("NFKD", text).upper()
    return "".join(c for c in plain if c.isascii() and c.isalnum()).translate(LOOKALIKES)


def code_digest(code: str) -> bytes:
    """What the database holds of an unused card: HMAC-SHA256 with SITE_SALT, which lies outside the database."""
    return hmac.digest(settings.SITE_SALT, b"seeds/v1/card/" + normalize_code(code).encode(), "sha256")
