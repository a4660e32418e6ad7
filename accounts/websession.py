"""The web session, split: the cookie holds a random token, the store holds what only that token can read.

A copy of the store without the cookies is noise; a cookie after signing out leads to nothing.
"""

import hashlib
import json
import os
import time
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.core.cache import BaseCache, caches

from accounts.participants.keys import NONCE, sub_key

IDLE = 20 * 60  # seconds without a request after which it ends
ABSOLUTE = 4 * 3600  # seconds after which it ends in any case; signing in starts anew
KEEP_ALIVE_EVERY = 5 * 60  # seconds; a page view writes the store no more often than this


class SessionStore(SessionBase):
    """Django's web session over `caches["sessions"]`. An unreachable store raises: nobody is signed out by a fault."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._born = 0.0

    @property
    def store(self) -> BaseCache:
        """Where the encrypted sessions lie."""
        return caches["sessions"]

    def load(self) -> dict[str, Any]:
        """What was saved under this token; an empty session if there is none, it ended, or it was tampered with."""
        envelope = self._open() if self.session_key else None
        now = time.time()
        if envelope is None or envelope["born"] + ABSOLUTE <= now:
            self._session_key = None
            return {}
        self._born = envelope["born"]
        if envelope["saved"] + KEEP_ALIVE_EVERY <= now:
            self.modified = True  # the middleware then saves it, which moves its idle end
        return envelope["data"]

    def create(self) -> None:
        """Start a session under a fresh token. Its absolute end counts from here."""
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # not in the stubs
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Encrypt and store. Raises UpdateError when the session ended meanwhile, CreateError for a taken token."""
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # not in the stubs
        if self.session_key is None:
            return self.create()
        now = time.time()
        if must_create:
            self._born = now
        name, box = _split(self.session_key)
        text = json.dumps({"born": self._born, "saved": now, "data": data}).encode()
        nonce = os.urandom(NONCE)
        sealed = nonce + box.encrypt(nonce, text, name.encode())
        seconds = min(IDLE, max(1, int(self._born + ABSOLUTE - now)))
        if must_create:
            if not self.store.add(name, sealed, seconds):
                raise CreateError
            return None
        if name not in self.store:
            raise UpdateError
        self.store.set(name, sealed, seconds)
        return None

    def exists(self, session_key: str) -> bool:
        """Whether something is stored under this token."""
        return bool(session_key) and _split(session_key)[0] in self.store

    def delete(self, session_key: str | None = None) -> None:
        """End the session of this token, or this session."""
        token = session_key or self.session_key
        if token:
            self.store.delete(_split(token)[0])

    @classmethod
    def clear_expired(cls) -> None:
        """Nothing to do: the store drops what has ended."""

    def _open(self) -> dict[str, Any] | None:
        name, box = _split(self.session_key or "")
        sealed = self.store.get(name)
        if not isinstance(sealed, bytes):
            return None
        try:
            return json.loads(box.decrypt(sealed[:NONCE], sealed[NONCE:], name.encode()))
        except (InvalidTag, ValueError):
            return None


def _split(token: str) -> tuple[str, ChaCha20Poly1305]:
    """The token's two halves: the name in the store, and the key to what lies there."""
    root = hashlib.sha256(token.encode()).digest()  # 32 random characters hold 165 bits: nothing to stretch
    return sub_key(root, b"web-session/name").hex(), ChaCha20Poly1305(sub_key(root, b"web-session/key"))
