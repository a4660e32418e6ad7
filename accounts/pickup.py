"""What waits for one person for a short time: in Redis' memory, locked with a key that only his web session holds.

The open half of that key may be written down, so that work behind the pages can lock a file for him too. Nobody else
opens it: not this server without his cookie, nor he himself once he signed out. It is on no disk and in no backup.
"""

from uuid import UUID

import pyrage
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import BaseCache, caches

IN_SESSION = "pickup"


def _shelf() -> BaseCache:
    return caches["pickup"]


def lock_of(session: SessionBase) -> str:
    """The open half of this web session's key. A page with a form asks for it first, so that the key is there when
    the form comes back, were it twice at once."""
    if IN_SESSION not in session:
        session[IN_SESSION] = str(pyrage.x25519.Identity.generate())
    return str(pyrage.x25519.Identity.from_str(session[IN_SESSION]).to_public())


def leave(name: UUID, content: bytes, *, lock: str, seconds: int) -> None:
    """Keep this for whoever holds the key of `lock`, in place of what was left under this name before."""
    _shelf().set(name.hex, pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(lock)]), seconds)


def is_there(name: UUID) -> bool:
    """Whether something waits under this name, for anybody."""
    return name.hex in _shelf()


def found(name: UUID, session: SessionBase) -> bytes | None:
    """What waits under this name, if it is for this web session. It stays until its time is over."""
    locked = _shelf().get(name.hex)
    if locked is None or IN_SESSION not in session:
        return None
    try:
        return pyrage.decrypt(locked, [pyrage.x25519.Identity.from_str(session[IN_SESSION])])
    except pyrage.DecryptError:
        return None


def clear(name: UUID) -> None:
    """Let go of what waits under this name."""
    _shelf().delete(name.hex)
