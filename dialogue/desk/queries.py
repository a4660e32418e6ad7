"""Everything a facilitator needs to see first. The number of queries does not grow with the sessions."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.listeners.queries import waiting
from accounts.models import User
from dialogue.acknowledgments.queries import to_check
from dialogue.messages.queries import with_unread
from dialogue.moderation.queries import waiting_by_session
from dialogue.reminders.models import Reminder
from dialogue.resources.models import Resource
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.policies import gaps, next_state
from dialogue.sessions.queries_public import state_shown
from dialogue.sessions.queries_team import next_action
from dialogue.sessions.snapshot import Snapshot, take
from dialogue.sessions.times import day_bounds, when

UNDER_WAY = (State.DRAFT, State.ANNOUNCED, State.PREPARING, State.OPEN)


def home(user: User, now: datetime | None = None) -> dict[str, Any]:
    """The desk: what is on today, what waits, what is missing."""
    sessions = list(DialogueSession.objects.led_by(user).filter(state__in=UNDER_WAY).order_by("starts_at", "pk"))
    snapshots = list(take(sessions).values())
    held = waiting_by_session(user)
    start, end = day_bounds(now or timezone.now(), user.time_zone)
    return {
        "today": [_today(one, held) for one in snapshots if _is_on(one.dialogue_session, start, end)],
        "gates": [row for one in snapshots if (row := _gate(one))["gaps"]],
        "tiles": _tiles(user, held),
        "queue": _queue(sessions, held),
        "failed": _failed(sessions),
        "written": with_unread(user),
        "any": bool(sessions),
    }


def _is_on(s: DialogueSession, start: datetime, end: datetime) -> bool:
    return s.state == State.OPEN or (s.state != State.DRAFT and s.starts_at < end and s.ends_at > start)


def _today(now: Snapshot, held: dict[UUID, tuple[int, int]]) -> dict[str, Any]:
    s = now.dialogue_session
    waits = held.get(s.pk, (0, 0))[0]
    return {"session": s, "when": when(s), "state": state_shown(s), "next": next_action(now), "held": waits}


def _gate(now: Snapshot) -> dict[str, Any]:
    """What is missing before the next step. While a session runs, its rounds say what comes next."""
    s = now.dialogue_session
    to = next_state(s)
    missing = gaps(now, to) if to and s.state != State.OPEN else []
    return {"session": s, "to": to.label if to else "", "gaps": missing}


def _queue(sessions: list[DialogueSession], held: dict[UUID, tuple[int, int]]) -> list[dict[str, Any]]:
    """Sessions in which texts wait, those that break their promise first."""
    rows = [
        {
            "session": s,
            "count": held[s.pk][0],
            "hours": held[s.pk][1],
            "promised": s.reading_hours,
            "late": held[s.pk][1] > s.reading_hours,
        }
        for s in sessions
        if s.pk in held
    ]
    return sorted(rows, key=lambda row: (not row["late"], -row["hours"]))


def _failed(sessions: list[DialogueSession]) -> list[dict[str, Any]]:
    """Sessions with reminders that did not go out."""
    rows = Reminder.objects.filter(dialogue_session__in=sessions, state=Reminder.State.FAILED)
    counts = Counter(rows.values_list("dialogue_session", flat=True))
    return [{"session": s, "count": counts[s.pk]} for s in sessions if counts[s.pk]]


def _tiles(user: User, held: dict[UUID, tuple[int, int]]) -> list[dict[str, Any]]:
    """Big numbers, each with the page where something can be done about it."""
    texts = sum(count for count, _hours in held.values())
    return [
        {"number": texts, "caption": _("texts to read"), "to": "moderation:queue"},
        {"number": to_check(user).count(), "caption": _("first moves to check"), "to": "acknowledgments:to_check"},
        {"number": waiting().count(), "caption": _("listeners to verify"), "to": "accounts:listeners"},
    ]


def resources() -> list[dict[str, Any]]:
    """Every help line with the date somebody checked it."""
    stale = set(Resource.objects.stale(timezone.now().date()).values_list("pk", flat=True))
    return [{"resource": one, "stale": one.pk in stale} for one in Resource.objects.all()]
