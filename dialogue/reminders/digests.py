"""What the digests at a fixed hour are about. See docs/decisions/0040-digests-at-nine.md.

Everything is asked about that hour, whenever it is asked: a mail that goes out late says no more than one in time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Max, Q

from dialogue.audit.models import AuditEvent
from dialogue.moderation.queries import waiting_in
from dialogue.reminders.ledger import UNREACHABLE
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.policies import NUDGE_HOUR
from dialogue.sessions.matrix import LISTENER, cell
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.queries import current_round

Verb = AuditEvent.Verb
#: Digests that never left: what they were about is told by the next one.
UNHEARD = Q(state=Reminder.State.DROPPED) | Q(state=Reminder.State.FAILED, error=UNREACHABLE)


def fixed_moment(dialogue_session: DialogueSession, day: date) -> datetime:
    """NUDGE_HOUR of this day in the session's time zone."""
    return datetime.combine(day, time(NUDGE_HOUR), ZoneInfo(dialogue_session.time_zone))


def texts_waiting(dialogue_session: DialogueSession, day: date) -> int:
    """How many texts that wait now were there at the fixed hour of this day, to the stretch of hours."""
    return waiting_in(dialogue_session, before=fixed_moment(dialogue_session, day)).count()


@dataclass(frozen=True)
class News:
    """What is new for listeners: texts came out, or a round began in which they may write."""

    released: bool
    turn: bool


def _window(rule: ReminderRule, day: date) -> dict[str, datetime]:
    """Since the digest before this one that anybody heard of (since ever, if there was none) up to the fixed hour of
    this day.

    Cut to the hour as the audit log is, so that each act falls into one window.
    """

    def hour(of: date) -> datetime:
        return fixed_moment(rule.about, of).astimezone(UTC).replace(minute=0)

    earlier = rule.reminders.filter(occasion__lt=day.isoformat()).exclude(UNHEARD)
    before = earlier.aggregate(last=Max("occasion"))["last"]
    since = {"at__gte": hour(date.fromisoformat(before))} if before else {}
    return {"at__lt": hour(day)} | since


def news(rule: ReminderRule, day: date) -> News:
    """What is new at the fixed hour of this day. Only what facilitators did counts: it is read off the audit log."""
    acts = AuditEvent.objects.filter(dialogue_session=rule.dialogue_session_id, **_window(rule, day))
    current = current_round(rule.about)
    rights = cell(LISTENER, current.kind) if current else None
    may = rights is not None and (rights.may_write or rights.may_reply)
    began = acts.filter(verb=Verb.MOVE_ROUND, detail=f"{current.number} open") if current and may else acts.none()
    return News(released=acts.filter(verb=Verb.RELEASE).exists(), turn=began.exists())
