"""A session that can't open when its time comes gets other times by itself. Nobody is told why."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions_plan import give_times
from dialogue.sessions.guards import Times, met_by_times, times_of
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.models_guards import Guard, GuardOverride
from dialogue.sessions.policies import missing
from dialogue.sessions.reasons import NO_TIME_FOUND
from dialogue.sessions.times import from_local, local

WAITING = (State.ANNOUNCED, State.PREPARING)
TRIES = 8  # weeks that are looked at
NOTICE = timedelta(days=1)  # so that the reminder of the day before still goes out


def postpone_those_due(now: datetime) -> int:
    """Give new times to each session whose start has come while it can't open; returns how many were changed.

    One transaction each, so that a worker that is lost leaves whole sessions; the next call finds the rest.
    """
    due = DialogueSession.objects.filter(state__in=WAITING, paused=False, starts_at__lte=now)
    return sum(_postpone_if_due(pk, now) for pk in due.order_by("starts_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def _postpone_if_due(pk: UUID, now: datetime) -> bool:
    """Under the row's lock all is asked again: somebody may just have opened it, or another worker been here."""
    rows = DialogueSession.objects.select_for_update()
    held = rows.filter(pk=pk, state__in=WAITING, paused=False, starts_at__lte=now).first()
    if held is None or not missing(held, State.OPEN):
        return False
    _find_time(held, now)
    return True


def _find_time(held: DialogueSession, now: datetime) -> None:
    for times in _weeks(held, now):
        if _takes(held, times):
            write(AuditEvent.Verb.MOVE_SESSION, by=None, session_id=held.pk, detail="postponed")
            return
    held.paused, held.pause_reason = True, NO_TIME_FOUND  # the same for whatever was missing
    held.save(update_fields=["paused", "pause_reason"])
    write(AuditEvent.Verb.MOVE_SESSION, by=None, session_id=held.pk, detail="paused")


def _weeks(held: DialogueSession, now: datetime) -> Iterator[Times]:
    """The same weekday and hours by the clock of its zone, in the weeks to come, as far as no further guard is met."""
    old = times_of(held)
    known = set(met_by_times(old)) - {Guard.BENEFIT_DAY}  # the hour stays as it was; a day of benefits is another one
    passed = max((now + NOTICE - old.starts_at) // timedelta(weeks=1), 0)
    for week in range(passed + 1, passed + 1 + TRIES):
        try:
            start, end = (
                from_local(local(moment, old.zone) + timedelta(weeks=week), old.zone)
                for moment in (old.starts_at, old.ends_at)
            )
        except ValidationError:
            continue  # the clocks skip this hour in that week
        times = Times(start, end, old.zone, old.live)
        if start >= now + NOTICE and set(met_by_times(times)) <= known:
            yield times


def _takes(held: DialogueSession, times: Times) -> bool:
    """Whether the team is free then. If so the session has these times, and the reasons that still hold."""
    version = held.schedule_version
    try:
        with transaction.atomic():
            give_times(held, times.starts_at, times.ends_at)
    except ValidationError:
        held.refresh_from_db()
        return False
    _carry_reasons_over(held, version)
    return True


def _carry_reasons_over(held: DialogueSession, version: int) -> None:
    """The hour, the place and the size are the same: who gave a reason for them is not asked again. The day is new."""
    given = GuardOverride.objects.filter(dialogue_session=held, schedule_version=version)
    GuardOverride.objects.bulk_create(
        GuardOverride(
            dialogue_session=held,
            guard=one.guard,
            reason=one.reason,
            schedule_version=held.schedule_version,
            made_by_id=one.made_by_id,
            made_on=one.made_on,
        )
        for one in given.exclude(guard=Guard.BENEFIT_DAY)
    )
