"""Codes between their making and their printing: they wait for who made them, and for nobody else (accounts.pickup)."""

import json
from dataclasses import asdict, dataclass
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from accounts import pickup

#: Seconds until codes that nobody printed are gone.
WAITS = 60 * 60
#: Seconds in which the same sheets can be had again: the first try may have been the first half of a double click.
AGAIN = 60


@dataclass(frozen=True)
class Batch:
    """The codes of new cards, for whom they are, and whether their sheets were taken."""

    codes: list[str]
    partner: str
    taken: bool = False


def keep(pk: UUID, batch: Batch, *, lock: str) -> None:
    """Let the batch wait: for an hour, and for a minute once it was taken."""
    pickup.leave(pk, json.dumps(asdict(batch)).encode(), lock=lock, seconds=AGAIN if batch.taken else WAITS)


def waiting(pk: UUID, session: SessionBase) -> Batch | None:
    """The batch, if it waits for this web session."""
    found = pickup.found(pk, session)
    return None if found is None else Batch(**json.loads(found))
