"""The ledger's own steps: claim, renew, settle. Each is one short transaction; no mail is sent inside any of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from dialogue.reminders.models import Reminder
from dialogue.reminders.policies import Kind, sendable, wanted

State = Reminder.State

BATCH = 50
MAX_ATTEMPTS = 5
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
TRIED_FOR = sum(BACKOFF, timedelta())  # at least so long, before a mail fails for what the server said
INTERRUPTED = "interrupted"
UNREACHABLE = "unreachable"
RAN_OUT_WITHIN = timedelta(days=1)  # what was wanted so lately and is not any more, with all else as it was, ran out


def lease_from(now: datetime) -> datetime:
    """Until when a claim holds: longer than one mail can take, so that nobody repeats a mail under way."""
    return now + timedelta(seconds=settings.REMINDER_LEASE)


def claim(now: datetime) -> list[Reminder]:
    """Take up to BATCH rows that are due, or whose worker's lease ran out, for the caller alone."""
    ready = Q(state=State.DUE, due_at__lte=now) | Q(state=State.SENDING, lease_until__lt=now)
    with transaction.atomic():
        rows = Reminder.objects.filter(ready, sendable(now), attempts__lt=MAX_ATTEMPTS)
        ids = _lock(rows.order_by("due_at", "pk")[:BATCH], skip_locked=True)
        Reminder.objects.filter(pk__in=ids).update(state=State.SENDING, lease_until=lease_from(now))
    claimed = Reminder.objects.filter(pk__in=ids).select_related("rule", "dialogue_session", "user", "partner")
    return list(claimed.order_by("due_at", "pk"))


def _held(row: Reminder) -> Q:
    """The row as long as the caller holds it: another claim would have written another lease."""
    return Q(pk=row.pk, state=State.SENDING, lease_until=row.lease_until)


def _lock(rows: QuerySet[Reminder], *, skip_locked: bool = False) -> list[UUID]:
    """Lock these rows in the caller's transaction; their ids.

    Django's own `update()` would move a condition on another table, and all conditions with it, into a subquery, which
    PostgreSQL does not ask again after waiting for a colleague's change. A locking SELECT is asked again.
    """
    return list(rows.select_for_update(of=("self",), skip_locked=skip_locked).values_list("pk", flat=True))


@transaction.atomic
def renew(row: Reminder, now: datetime) -> bool:
    """Just before sending: is the row still ours and still wanted? Counts the attempt and starts a fresh lease."""
    ids = _lock(Reminder.objects.filter(_held(row), sendable(now)))
    if not ids:
        return False
    lease = lease_from(now)
    Reminder.objects.filter(pk__in=ids).update(lease_until=lease, attempts=F("attempts") + 1)
    row.lease_until, row.attempts = lease, row.attempts + 1
    return True


def give_back(rows: Iterable[Reminder], **why: str) -> None:
    """Return claimed rows unsent; what to do with them is decided anew. `why`: the `error`, if there was one."""
    for row in rows:
        Reminder.objects.filter(_held(row)).update(state=State.DUE, lease_until=None, **why)


def mark_sent(row: Reminder, now: datetime) -> None:
    """The mail server has taken the mail. Whoever holds the row by now: it must not be sent again."""
    unsent = Reminder.objects.filter(pk=row.pk, state__in=(State.SENDING, State.DUE))
    unsent.update(state=State.SENT, sent_at=now, lease_until=None, error="")


def mark_refused(row: Reminder, reason: str, now: datetime) -> None:
    """The mail server did not take it: again later, and `failed` after MAX_ATTEMPTS."""
    held = Reminder.objects.filter(_held(row))
    if row.attempts >= MAX_ATTEMPTS:
        held.update(state=State.FAILED, lease_until=None, error=reason)
    else:
        again = now + BACKOFF[row.attempts - 1]
        held.update(state=State.DUE, lease_until=None, error=reason, due_at=again)


def mark_unreachable(row: Reminder, others: Iterable[Reminder]) -> None:
    """No mail server could be reached for this row; `others` are claimed too and wait for the same.

    That says nothing about any one mail, so it costs no attempt.
    """
    Reminder.objects.filter(_held(row)).update(
        state=State.DUE, lease_until=None, error=UNREACHABLE, attempts=F("attempts") - 1
    )
    give_back(others, error=UNREACHABLE)


def waits_for_server() -> Q:
    """The rows that would be out if a mail server could be reached."""
    paused = Q(dialogue_session__isnull=False, dialogue_session__paused=True)
    return Q(state__in=(State.DUE, State.SENDING), error=UNREACHABLE) & ~paused


@transaction.atomic
def take_up_failed(rows: QuerySet[Reminder], now: datetime) -> int:
    """Put those of the failed `rows` that still have a reason back among what is due; returns how many."""
    ids = _lock(rows.filter(wanted(now), state=State.FAILED))
    return Reminder.objects.filter(pk__in=ids).update(state=State.DUE, due_at=now, attempts=0, error="")


def tidy(now: datetime) -> None:
    """Settle what will not be sent: failed if it was tried in vain, dropped if there is no reason for it any more."""
    cut_off = Q(state=State.SENDING, lease_until__lt=now)
    in_vain = Reminder.objects.filter(cut_off, attempts__gte=MAX_ATTEMPTS)
    in_vain.update(state=State.FAILED, lease_until=None, error=INTERRUPTED)
    waiting = Reminder.objects.filter(Q(state=State.DUE) | cut_off)
    too_late = Q(
        rule__before__isnull=False,
        dialogue_session__starts_at__lte=now,
        dialogue_session__schedule_version=F("schedule_version"),
    )
    too_old = ~Q(rule__kind=Kind.BEFORE_START) & wanted(now - RAN_OUT_WITHIN) & ~wanted(now)
    _settle(waiting.exclude(error="").filter(too_late | too_old), State.FAILED)
    _settle(waiting.exclude(wanted(now)), State.DROPPED)


@transaction.atomic
def _settle(rows: QuerySet[Reminder], state: str) -> None:
    ids = _lock(rows, skip_locked=True)
    Reminder.objects.filter(pk__in=ids).update(state=state, lease_until=None)
