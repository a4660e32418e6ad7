"""What happened in a session and when: the steps of its staff, from the audit log, to the hour as it keeps them.

Nothing else is read from there: no look at a text, no decision about one, nobody who was taken out (decision 0068).
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.retention.policies import dates
from dialogue.sessions.models import JOINABLE, DialogueSession, RoundKind, State
from dialogue.sessions.models_guards import Guard
from dialogue.sessions.policies import list_stands_from
from dialogue.sessions.times import day, hour, local, zone_name

Verb = AuditEvent.Verb
Words = str | Promise
#: The steps that are told, in the order in which they are listed within an hour; what stands for one in the log.
STEPS: dict[tuple[str, str], Words] = {
    (Verb.CHANGE_SESSION, "created"): gettext_lazy("Planned"),
    (Verb.MOVE_SESSION, State.ANNOUNCED): gettext_lazy("Announced: everything for it was there"),
    (Verb.PLACE_LISTENER, ""): gettext_lazy("A listener got a seat"),
    (Verb.MOVE_SESSION, State.PREPARING): gettext_lazy("Preparing began: everything for it was there"),
    (Verb.MOVE_SESSION, State.OPEN): gettext_lazy("Opened: everything for it was there"),
    (Verb.MOVE_SESSION, "paused"): gettext_lazy("Put on hold"),
    (Verb.MOVE_SESSION, "resumed"): gettext_lazy("Went on"),
    (Verb.MOVE_SESSION, "postponed"): gettext_lazy("Got other times"),
    (Verb.MOVE_SESSION, State.FOLLOW_UP): gettext_lazy("Closed: its follow-up began"),
    (Verb.MOVE_SESSION, State.CANCELLED): gettext_lazy("Called off"),
    (Verb.PREVIEW_REPORT, "shown"): gettext_lazy("The participants were shown the report"),
    (Verb.PREVIEW_REPORT, "taken back"): gettext_lazy("The report was taken back to be changed"),
    (Verb.PUBLISH_REPORT, ""): gettext_lazy("The report came out"),
    (Verb.PLACE_HOLD, ""): gettext_lazy("Its deletion was stopped"),
    (Verb.LIFT_HOLD, ""): gettext_lazy("Its deletion went on"),
}
_RANKS = {step: rank for rank, step in enumerate(STEPS)}
_ROUNDS = _RANKS[Verb.MOVE_SESSION, State.OPEN] + 0.5  # rounds come after the opening
_MOVES = ("open", "turn", "done", "open again", "skipped")


def _told(event: AuditEvent, kinds: dict[int, str]) -> tuple[tuple[float, ...], Words] | None:
    """Where the step stands within its hour, and its words; None for what is not told."""
    key = (event.verb, event.detail)
    if key in STEPS:
        return (_RANKS[key],), STEPS[key]
    if event.verb == Verb.OVERRIDE_GUARD and event.detail in Guard.values:
        return (-1,), _("Went on with a reason: %(guard)s") % {"guard": Guard(event.detail).label}
    if event.verb == Verb.MOVE_ROUND:
        return _round_step(event.detail, kinds)
    if event.verb == Verb.RELEASE and (found := re.fullmatch(r"(\d+) texts", event.detail)):
        count = int(found[1])
        words = ngettext("%(count)d text came out as a batch", "%(count)d texts came out as a batch", count)
        return (_ROUNDS, 1_000), words % {"count": count}
    return None


def _round_step(detail: str, kinds: dict[int, str]) -> tuple[tuple[float, ...], Words] | None:
    found = re.fullmatch(r"(\d+) (open again|open|done|skipped|turn)(?: (\d+))?", detail)
    if found is None:
        return None
    number, move = int(found[1]), found[2]
    kind = kinds.get(number)  # not known once the words are gone
    named = {"round": f"{number}, {RoundKind(kind).label}" if kind else number, "turn": found[3]}
    words = {
        "open": _("Round %(round)s: opened"),
        "turn": _("Round %(round)s: turn %(turn)s opened"),
        "done": _("Round %(round)s: closed"),
        "open again": _("Round %(round)s: opened again"),
        "skipped": _("Round %(round)s: skipped"),
    }
    return (_ROUNDS, number, _MOVES.index(move), int(found[3] or 0)), words[move] % named


def timeline(dialogue_session: DialogueSession) -> list[dict[str, Any]]:
    """Day by day, hour by hour, in the session's time zone, the first on top. Three queries.

    Nobody knows the order within an hour; lines stand there in the order in which a session goes.
    """
    events = AuditEvent.objects.filter(dialogue_session=dialogue_session.pk).order_by("at", "pk")
    kinds = dict(dialogue_session.rounds.values_list("number", "kind"))
    told = [(event, step) for event in events.filter(verb__in=_VERBS) if (step := _told(event, kinds))]
    names = dict(User.objects.filter(pk__in={event.actor for event, _step in told}).values_list("pk", "name"))
    zone = dialogue_session.time_zone
    by_hour = groupby(told, key=lambda one: local(one[0].at, zone))
    hours = [_hour(moment, list(steps), names) for moment, steps in by_hour]
    by_day = groupby(hours, key=lambda one: day(one["moment"]))
    return [{"name": name, "hours": list(of_day)} for name, of_day in by_day]


_VERBS = {verb for verb, _detail in STEPS} | {Verb.OVERRIDE_GUARD, Verb.MOVE_ROUND, Verb.RELEASE}


def _hour(moment: datetime, told: list[tuple[AuditEvent, Any]], names: dict[UUID, str]) -> dict[str, Any]:
    ordered = sorted(told, key=lambda one: one[1][0])
    return {
        "moment": moment,
        "span": _("%(from)s to %(to)s") % {"from": hour(moment), "to": hour(moment + timedelta(hours=1))},
        # the program has no name: it acts when a time has come
        "lines": [{"text": step[1], "by": names.get(event.actor, "")} for event, step in ordered],
    }


def to_come(dialogue_session: DialogueSession, now: datetime) -> Iterator[dict[str, str]]:
    """What a time will bring: the list, the start and the end, what goes when."""
    zone = dialogue_session.time_zone
    moments = [
        (dialogue_session.starts_at, _("Starts"), dialogue_session.state in JOINABLE),
        (list_stands_from(dialogue_session), _("The list of listeners closes"), dialogue_session.state in JOINABLE),
        (dialogue_session.ends_at, _("Ends"), dialogue_session.state in (*JOINABLE, State.OPEN)),
    ]
    for moment, text, is_ahead in sorted(moments):
        if is_ahead and moment > now:
            wall = local(moment, zone)
            yield {"when": f"{day(wall)}, {hour(wall)}", "text": text}
    when = dates(dialogue_session)
    today = local(now, zone).date()
    if when is not None and dialogue_session.state != State.PURGED:
        yield from _goes(when.notes, _("Notes are deleted"), today)
        yield from _goes(when.seal, _("Names are cut off from people"), today)
        yield from _goes(when.purge, _("All words are destroyed"), today)


def _goes(on: date | None, text: str, today: date) -> Iterator[dict[str, str]]:
    if on is not None and on >= today:
        yield {"when": date_format(on, "WEEKDAY_FORMAT"), "text": text}


def timeline_page(dialogue_session: DialogueSession, now: datetime | None = None) -> dict[str, Any]:
    """Everything on the page of the timeline."""
    return {
        "session": dialogue_session,
        "zone": zone_name(dialogue_session.time_zone),
        "days": timeline(dialogue_session),
        "to_come": list(to_come(dialogue_session, now or timezone.now())),
    }
