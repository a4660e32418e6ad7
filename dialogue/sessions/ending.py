"""When a session counts as ended, and the drawn day on which everything written in it goes."""

import secrets
from datetime import date, datetime, timedelta

from django.db.models import Q

from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.times import local

SHORTEST, LONGEST = 60, 74  # days from the end to the purge
SEALED_AFTER = timedelta(days=30)  # what leads from a participant to a name


def ended_at(dialogue_session: DialogueSession) -> datetime | None:
    """From when on its time runs: the closing; of a cancelled one the planned end. None while it goes on."""
    if dialogue_session.state == State.CANCELLED:
        return dialogue_session.ends_at
    return dialogue_session.closed_at


def seal_day(dialogue_session: DialogueSession) -> date | None:
    """The day on which participants are cut off from their names, in the session's time zone; None while it goes on."""
    ended = ended_at(dialogue_session)
    return ended and local(ended, dialogue_session.time_zone).date() + SEALED_AFTER


def ended_by(moment: datetime, prefix: str = "") -> Q:
    """The same as a condition: sessions that had ended at this moment."""
    closed = Q(**{f"{prefix}closed_at__lte": moment})
    cancelled = Q(**{f"{prefix}state": State.CANCELLED, f"{prefix}ends_at__lte": moment})
    return closed | cancelled


def draw_purge_date(ended: datetime, zone: str, now: datetime) -> date:
    """A day SHORTEST to LONGEST days after the end, each as likely as the others: nobody can lie in wait for it.

    Never today or earlier, so that everybody can read the date before it comes.
    """
    days = SHORTEST + secrets.randbelow(LONGEST - SHORTEST + 1)
    drawn = local(ended, zone).date() + timedelta(days=days)
    return max(drawn, local(now, zone).date() + timedelta(days=1))
