"""Who is to be reminded of what, and when: the ledger brought in line with the sessions, again and again.

Nothing calls this when a session is announced or moved. It looks, so whatever was missed is made up for.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import OutreachPartner, User
from accounts.policies import may_listen
from dialogue.moderation.queries import oldest_wait_hours
from dialogue.notes.policies import KEPT_FOR
from dialogue.notes.queries import without_closing_note
from dialogue.reminders import commitments, expiry, ledger, stale_lines
from dialogue.reminders.actions import create_default_rules
from dialogue.reminders.digests import fixed_moment, news, texts_waiting
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.policies import (
    CLOSING_NOTE_AFTER,
    LIVE,
    NUDGE_LATEST,
    REMINDED_SEATS,
    TALKING,
    Kind,
    wanted,
)
from dialogue.sessions.models import Booking, DialogueSession, ListenerSeat, State

Recipient = User | OutreachPartner
#: What is not about a session: each makes its rules and says whom to tell of what.
OF_THE_SITE = (expiry, commitments, stale_lines)


def plan_reminders(now: datetime) -> None:
    """Make rules where there are none, settle what is not needed any more, and write down what is to be sent."""
    _create_missing_rules(now)
    for part in OF_THE_SITE:
        part.create_rules()
    ledger.tidy(now)
    upcoming = DialogueSession.objects.filter(state__in=LIVE, paused=False, starts_at__gt=now)
    for pk in list(upcoming.values_list("pk", flat=True)):
        _plan_session(pk, now)
    _nudge_about_queues(now)
    _nudge_about_closing_notes(now)
    _plan_digests(now)
    for part in OF_THE_SITE:
        _write(part.rows(now))


def _create_missing_rules(now: datetime) -> None:
    closed_lately = Q(state=State.FOLLOW_UP, closed_at__gt=now - KEPT_FOR)
    without = DialogueSession.objects.filter(Q(state__in=LIVE) | closed_lately, reminder_rules=None)
    for dialogue_session in without:
        create_default_rules(dialogue_session)


def team(dialogue_session: DialogueSession) -> QuerySet[User]:
    """The facilitators of a session who are active."""
    booked = Booking.objects.filter(dialogue_session=dialogue_session, facilitator=OuterRef("pk"))
    return User.objects.filter(Exists(booked), is_active=True)


def recipients(dialogue_session: DialogueSession) -> list[Recipient]:
    """Whom to remind of a session's start: its team, the listeners with a place or waiting for one, the partners."""
    seats = ListenerSeat.objects.filter(
        dialogue_session=dialogue_session, listener=OuterRef("pk"), state__in=REMINDED_SEATS
    )
    listeners = User.objects.filter(Exists(seats), is_active=True)
    partners = OutreachPartner.objects.filter(is_active=True)
    return [*team(dialogue_session), *listeners, *partners]


def _row(rule: ReminderRule, version: int, recipient: Recipient, due_at: datetime, occasion: str = "") -> Reminder:
    return Reminder(
        rule=rule,
        dialogue_session_id=rule.dialogue_session_id,
        schedule_version=version,
        occasion=occasion,
        user=recipient if isinstance(recipient, User) else None,
        partner=recipient if isinstance(recipient, OutreachPartner) else None,
        due_at=due_at,
    )


def _write(rows: Iterable[Reminder]) -> None:
    """Add rows that are not there yet; the unique constraint settles who was first."""
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def _plan_session(pk: UUID, now: datetime) -> None:
    """Write down the reminders of one session's start. Another planner at work on it is left alone."""
    locked = DialogueSession.objects.select_for_update(skip_locked=True, no_key=True)
    dialogue_session = locked.filter(pk=pk, state__in=LIVE, paused=False, starts_at__gt=now).first()
    if dialogue_session is None:
        return
    rules = list(dialogue_session.reminder_rules.filter(kind=Kind.BEFORE_START, active=True))
    version = dialogue_session.schedule_version
    planned = Reminder.objects.filter(
        dialogue_session=dialogue_session, schedule_version=version, rule__kind=Kind.BEFORE_START
    )
    due = {rule: dialogue_session.starts_at - (rule.before or timedelta()) for rule in rules}
    coming = [rule for rule in rules if due[rule] > now]
    passed = [rule for rule in rules if due[rule] <= now]
    if passed and not planned.exists():
        coming.append(max(passed, key=lambda rule: due[rule]))  # short notice: one mail at once, the nearest
    known = set(planned.values_list("rule", "user", "partner"))
    rows = [_row(rule, version, person, due[rule]) for person in recipients(dialogue_session) for rule in coming]
    _write(row for row in rows if (row.rule_id, row.user_id, row.partner_id) not in known)
    _take_up_again(planned, coming, now)


def _take_up_again(planned: QuerySet[Reminder], rules: list[ReminderRule], now: datetime) -> None:
    """A rule switched on again, or a listener who came back, before the moment has passed."""
    dropped = planned.filter(wanted(now), rule__in=rules, state=Reminder.State.DROPPED, due_at__gt=now)
    dropped.update(state=Reminder.State.DUE)


def _active_rules(kind: str, sessions: QuerySet[DialogueSession]) -> QuerySet[ReminderRule]:
    rules = ReminderRule.objects.filter(kind=kind, active=True, dialogue_session__in=sessions)
    return rules.select_related("dialogue_session")


def _todays_hour(dialogue_session: DialogueSession, now: datetime) -> tuple[date, datetime]:
    """Today where the session is, and the fixed hour of today."""
    day = now.astimezone(ZoneInfo(dialogue_session.time_zone)).date()
    return day, fixed_moment(dialogue_session, day)


def _nudge_about_queues(now: datetime) -> None:
    sessions = DialogueSession.objects.filter(state=State.OPEN, paused=False)
    for rule in _active_rules(Kind.QUEUE_WAITS, sessions):
        _nudge_about_queue(rule, now)


def _nudge_about_queue(rule: ReminderRule, now: datetime) -> None:
    """At NUDGE_HOUR: did a text wait longer than promised then? A later look on the same day asks about that hour."""
    dialogue_session = rule.about
    day, asked_at = _todays_hour(dialogue_session, now)
    if not timedelta() <= now - asked_at < NUDGE_LATEST:
        return
    waited = oldest_wait_hours(dialogue_session)
    if waited is None or timedelta(hours=waited) - (now - asked_at) <= timedelta(hours=dialogue_session.reading_hours):
        return
    version = dialogue_session.schedule_version
    _write(_row(rule, version, person, asked_at, day.isoformat()) for person in team(dialogue_session))


def _nudge_about_closing_notes(now: datetime) -> None:
    closed = DialogueSession.objects.filter(
        state=State.FOLLOW_UP,
        paused=False,
        closed_at__lte=now - CLOSING_NOTE_AFTER,
        closed_at__gt=now - KEPT_FOR,
    )
    for rule in _active_rules(Kind.CLOSING_NOTE, without_closing_note(closed)):
        dialogue_session = rule.about
        due_at = (dialogue_session.closed_at or now) + CLOSING_NOTE_AFTER
        version = dialogue_session.schedule_version
        _write(_row(rule, version, person, due_at) for person in team(dialogue_session))


def _plan_digests(now: datetime) -> None:
    """After the nudges: a team that is told that texts wait too long need not be told that texts wait."""
    sessions = DialogueSession.objects.filter(state__in=TALKING, paused=False)
    for kind, to_whom in ((Kind.TEAM_DIGEST, _team_with_texts), (Kind.SEAT_DIGEST, _listeners_with_news)):
        for rule in _active_rules(kind, sessions):
            day, asked_at = _todays_hour(rule.about, now)
            if timedelta() <= now - asked_at < NUDGE_LATEST and not _has_rows(rule, day):
                version = rule.about.schedule_version
                _write(_row(rule, version, person, asked_at, day.isoformat()) for person in to_whom(rule, day))


def _has_rows(rule: ReminderRule, day: date) -> bool:
    return rule.reminders.filter(occasion=day.isoformat()).exists()


def _team_with_texts(rule: ReminderRule, day: date) -> Iterable[User]:
    """The team, if texts wait and no nudge says so already."""
    dialogue_session = rule.about
    nudged = Reminder.objects.filter(
        dialogue_session=dialogue_session, rule__kind=Kind.QUEUE_WAITS, occasion=day.isoformat()
    )
    return [] if nudged.exists() or not texts_waiting(dialogue_session, day) else team(dialogue_session)


def _listeners_with_news(rule: ReminderRule, day: date) -> Iterable[User]:
    """The seated listeners who may come in, if there is something new for them."""
    found = news(rule, day)
    if not (found.released or found.turn):
        return []
    seats = ListenerSeat.objects.filter(dialogue_session=rule.about, state=ListenerSeat.State.SEATED)
    seated = seats.filter(listener__is_active=True).select_related("listener")
    return [seat.listener for seat in seated if may_listen(seat.listener)]
