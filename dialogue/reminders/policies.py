"""Which reminders are wanted at a moment, and who may change their rules."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import OutreachPartner, User
from dialogue.moderation.queries import waiting_in
from dialogue.notes.models import FacilitatorNote
from dialogue.reminders.commitments import still_running
from dialogue.reminders.expiry import still_ending
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.stale_lines import still_stale
from dialogue.sessions.models import Booking, DialogueSession, ListenerSeat, State
from dialogue.sessions.policies import may_lead

Kind = ReminderRule.Kind

LIVE = (State.ANNOUNCED, State.PREPARING, State.OPEN)
REMINDED_SEATS = (ListenerSeat.State.APPLIED, ListenerSeat.State.SEATED)
TALKING = (State.OPEN, State.FOLLOW_UP)  # texts are read and come out
#: Nudges about the queue and digests go out at this hour of the session's time zone and at no other: a mail that
#: followed a participant's text by a fixed number of hours would tell when the text was handed in.
NUDGE_HOUR = 9
NUDGE_LATEST = timedelta(hours=12)  # after NUDGE_HOUR; a server that was down longer waits for the next morning
CLOSING_NOTE_AFTER = timedelta(hours=24)  # after closing
LONGEST_BEFORE = timedelta(days=90)


def _seat(*states: ListenerSeat.State) -> QuerySet[ListenerSeat]:
    """The recipient's place in the session, if it is in one of these states."""
    return ListenerSeat.objects.filter(
        dialogue_session=OuterRef("dialogue_session"),
        listener=OuterRef("user"),
        listener__is_active=True,
        state__in=states,
    )


def _entitled() -> Q:
    """The recipient is still somebody to remind: a place in the session, on its team, or an active partner."""
    booking = Booking.objects.filter(
        dialogue_session=OuterRef("dialogue_session"),
        facilitator=OuterRef("user"),
        facilitator__is_active=True,
    )
    partner = OutreachPartner.objects.filter(pk=OuterRef("partner"), is_active=True)
    return Q(Exists(_seat(*REMINDED_SEATS))) | Q(Exists(booking)) | Q(Exists(partner))


def _overtaken(now: datetime) -> Exists:
    """A reminder nearer to the start is due or sent to the same recipient: the earlier one has nothing to add."""
    nearer = Reminder.objects.filter(
        Q(user=OuterRef("user")) | Q(partner=OuterRef("partner")),
        dialogue_session=OuterRef("dialogue_session"),
        schedule_version=OuterRef("schedule_version"),
        state__in=(Reminder.State.DUE, Reminder.State.SENDING, Reminder.State.SENT),
        rule__active=True,
        rule__before__lt=OuterRef("rule__before"),
        rule__before__gte=F("dialogue_session__starts_at") - now,
    )
    return Exists(nearer)


def wanted(now: datetime) -> Q:
    """The ledger's rows that still have a reason, leaving pauses aside: a paused session's reminders wait."""
    closing_note = FacilitatorNote.objects.filter(dialogue_session=OuterRef("dialogue_session"), is_closing_note=True)
    before_start = Q(
        ~_overtaken(now),
        rule__kind=Kind.BEFORE_START,
        dialogue_session__state__in=LIVE,
        dialogue_session__starts_at__gt=now,
    )
    queue_waits = Q(
        rule__kind=Kind.QUEUE_WAITS,
        dialogue_session__state=State.OPEN,
        due_at__gt=now - timedelta(days=1),
    )
    digest = Q(dialogue_session__state__in=TALKING, due_at__gt=now - timedelta(days=1)) & (
        Q(Exists(waiting_in(OuterRef("dialogue_session"))), rule__kind=Kind.TEAM_DIGEST)
        | Q(Exists(_seat(ListenerSeat.State.SEATED)), rule__kind=Kind.SEAT_DIGEST)
    )
    note_missing = Q(~Exists(closing_note), rule__kind=Kind.CLOSING_NOTE, dialogue_session__state=State.FOLLOW_UP)
    current = Q(rule__active=True, dialogue_session__schedule_version=F("schedule_version"))
    about_sessions = current & _entitled() & (before_start | queue_waits | note_missing | digest)
    return about_sessions | still_ending(now) | still_running(now) | still_stale(now)


def sendable(now: datetime) -> Q:
    """The rows that may be sent at this moment."""
    return (Q(dialogue_session__paused=False) | Q(dialogue_session=None)) & wanted(now)


def may_change_rules(user: User, dialogue_session: DialogueSession) -> bool:
    """Whether this facilitator is on the team of a session that is still to come or under way."""
    return dialogue_session.state in (State.DRAFT, *LIVE) and may_lead(user, dialogue_session)


def moment(rule: ReminderRule, dialogue_session: DialogueSession) -> datetime | None:
    """When a rule counted from the start is due; None for a nudge."""
    return dialogue_session.starts_at - rule.before if rule.before else None


def may_remove(rule: ReminderRule) -> bool:
    """Whether nothing came of the rule yet. What went out stays in the ledger: such a rule is only switched off."""
    return rule.kind == Kind.BEFORE_START and not rule.reminders.exclude(state=Reminder.State.DUE).exists()


def is_past(before: timedelta, dialogue_session: DialogueSession) -> bool:
    """Whether the moment this long before the start has passed."""
    return dialogue_session.starts_at - before <= timezone.now()
