"""The id that a text will have, given out with its form: sending the form twice makes one row.

Signed for one author and one round, because an id chosen by a browser could tell an order. Short enough to travel
unseen with a text through the sign-in form.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from uuid import UUID, uuid4

from django.utils.crypto import salted_hmac

MAC = 12  # bytes; 96 bits


def _mac(pk: UUID, round_pk: UUID, author_pk: UUID) -> bytes:
    value = pk.bytes + round_pk.bytes + author_pk.bytes
    return salted_hmac("dialogue.threads.tickets", value, algorithm="sha256").digest()[:MAC]


def issue(round_pk: UUID, author_pk: UUID) -> str:
    """A fresh ticket of 38 characters. It tells nothing of when it was issued."""
    pk = uuid4()
    return urlsafe_b64encode(pk.bytes + _mac(pk, round_pk, author_pk)).decode().rstrip("=")


def redeem(ticket: str, round_pk: UUID, author_pk: UUID) -> UUID | None:
    """The id in the ticket; None unless it was issued for this author and round. Works any number of times."""
    try:
        data = urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
    except (Error, ValueError):
        return None
    if len(data) != 16 + MAC:
        return None
    pk = UUID(bytes=data[:16])
    return pk if secrets.compare_digest(data[16:], _mac(pk, round_pk, author_pk)) else None
