"""When what goes. The tasks that delete and the page that tells people use these functions alike."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from dialogue.notes.policies import notes_go_on
from dialogue.sessions.ending import ended_at, ended_by, seal_day
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.times import local
from dialogue.threads.periods import HOURS, current_period

RETURNED_AFTER = timedelta(days=14)  # a text that nobody reads
REMINDERS_KEPT = timedelta(days=90)
AUDIT_KEPT = timedelta(days=365)
BACKUPS_KEPT = timedelta(days=7)
CLOCKS_DIFFER = timedelta(hours=1)  # between two servers, or before and after a correction
LONGEST_PAUSE = timedelta(days=3)  # between two runs; past it somebody has to say that the clock is right
LEFT_OPEN = timedelta(days=14)  # after its planned end, a session that nobody has closed is called off

ENDED = (State.FOLLOW_UP, State.CANCELLED)
UNENDED = (State.ANNOUNCED, State.PREPARING, State.OPEN)
HOLDABLE = (*UNENDED, *ENDED)  # a draft holds no words yet, a purged session none any more


@dataclass(frozen=True)
class Dates:
    """The days on which things of one ended session go, in its own time zone."""

    notes: date
    seal: date
    purge: date | None  # None until it is drawn, minutes after a session ended in an unusual way
    reminders: date

    @property
    def backups(self) -> date | None:
        """From when on no backup holds anything of it."""
        return self.purge + BACKUPS_KEPT if self.purge else None


def day_of(dialogue_session: DialogueSession, moment: datetime) -> date:
    """The day that this moment is in the session's time zone."""
    return local(moment, dialogue_session.time_zone).date()


def dates(dialogue_session: DialogueSession) -> Dates | None:
    """When what goes; None while the session goes on."""
    ended, notes, seal = ended_at(dialogue_session), notes_go_on(dialogue_session), seal_day(dialogue_session)
    if ended is None or notes is None or seal is None:
        return None
    return Dates(
        notes=day_of(dialogue_session, notes),
        seal=seal,
        purge=dialogue_session.purge_on,
        reminders=day_of(dialogue_session, ended + REMINDERS_KEPT),
    )


def is_seal_due(dialogue_session: DialogueSession, now: datetime) -> bool:
    """Whether the day has begun on which the names of this session are cut off from people."""
    when = dates(dialogue_session)
    return when is not None and when.seal <= day_of(dialogue_session, now)


def is_purge_due(dialogue_session: DialogueSession, now: datetime) -> bool:
    """Whether the day has begun on which the words of this session go."""
    when = dates(dialogue_session)
    return when is not None and when.purge is not None and when.purge <= day_of(dialogue_session, now)


def reminders_expired(now: datetime, prefix: str = "") -> Q:
    """Sessions whose reminders have to be gone."""
    return ended_by(now - REMINDERS_KEPT, prefix)


def oldest_period_kept() -> int:
    """Texts handed in before this stretch of hours have waited for RETURNED_AFTER, wherever in the stretch."""
    return current_period() - int(RETURNED_AFTER / timedelta(hours=HOURS))
