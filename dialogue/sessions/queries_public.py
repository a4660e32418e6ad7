"""What the public pages, participants and listeners are shown of sessions."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Agency, Participant, User
from dialogue.sessions.matrix import MATRIX, ROLES
from dialogue.sessions.models import (
    JOINABLE,
    LISTED,
    Alias,
    DialogueSession,
    ListenerSeat,
    Round,
    RoundKind,
    State,
)
from dialogue.sessions.policies import list_stands, list_stands_from
from dialogue.sessions.queries import my_aliases
from dialogue.sessions.snapshot import with_standing
from dialogue.sessions.times import day, hour, local, site_zone, span, when, zone_name

if TYPE_CHECKING:
    from dialogue.sessions.models import Viewer

AHEAD = (State.ANNOUNCED, State.PREPARING, State.OPEN)
STATE_KINDS = {
    State.DRAFT: "todo",
    State.ANNOUNCED: "todo",
    State.PREPARING: "doing",
    State.OPEN: "doing",
    State.FOLLOW_UP: "done",
    State.PURGED: "done",
    State.CANCELLED: "stop",
}


def ahead(viewer: Any) -> QuerySet[DialogueSession]:
    """Sessions to come or under way that this viewer may know of, the next one first."""
    sessions = DialogueSession.objects.visible_to(viewer).filter(state__in=AHEAD)
    return sessions.prefetch_related("agencies", "facilitators").order_by("starts_at", "pk")


def state_shown(dialogue_session: DialogueSession) -> dict[str, str]:
    """The state as a word with its shape."""
    if dialogue_session.paused:
        return {"kind": "warn", "text": _("Paused")}
    state = State(dialogue_session.state)
    return {"kind": STATE_KINDS[state], "text": str(state.label)}


def card(dialogue_session: DialogueSession) -> dict[str, Any]:
    """One session as a list shows it. Agencies and facilitators should be prefetched."""
    return {
        "session": dialogue_session,
        "when": when(dialogue_session),
        "agencies": list(dialogue_session.agencies.all()),
        "team": [leader(person) for person in sorted(dialogue_session.facilitators.all(), key=attrgetter("name"))],
        "state": state_shown(dialogue_session),
        "list_note": list_note(dialogue_session),
    }


def list_note(dialogue_session: DialogueSession) -> str:
    """From when nobody is added to the list of listeners, in one sentence; "" once the session is over."""
    if dialogue_session.state not in AHEAD and dialogue_session.state != State.DRAFT:
        return ""
    if dialogue_session.state == State.OPEN:
        return _("The list of listeners is closed. Nobody is added.")
    zone = dialogue_session.time_zone
    moment = local(list_stands_from(dialogue_session), zone)
    words = {"day": day(moment), "hour": hour(moment), "zone": zone_name(zone)}
    if list_stands(dialogue_session):
        return (
            _("The list of listeners has been closed since %(day)s, %(hour)s (%(zone)s time). Nobody is added.") % words
        )
    return _("The list of listeners closes on %(day)s, %(hour)s (%(zone)s time). Then nobody is added.") % words


def leader(person: User) -> dict[str, Any]:
    """A facilitator as a speaker."""
    return {"kind": "facilitator", "name": person.name, "peer": person.is_peer}


def speaker_of(seat: ListenerSeat) -> dict[str, Any]:
    """The listener in this seat as a speaker."""
    return listener_speaks(seat.listener)


def listener_speaks(person: User) -> dict[str, Any]:
    """A listener as a speaker: name, rank, agency and what kind of office it is, always all of them."""
    agency = person.agency
    return {
        "kind": "listener",
        "name": person.name,
        "rank": person.listener_profile.rank,
        "agency": agency.name if agency else "",
        "role": Agency.Kind(agency.kind).label if agency else "",
    }


def sees_names(viewer: "Viewer") -> bool:
    """Whether this viewer reads the names of all listeners. A stranger reads those that consented, and of heads."""
    return viewer.is_authenticated


def as_known(person: User, viewer: "Viewer") -> dict[str, Any]:
    """A listener as a speaker, without the name where this viewer may not read it."""
    profile = person.listener_profile
    shown = sees_names(viewer) or profile.is_head or profile.shows_name
    return listener_speaks(person) | ({} if shown else {"name": ""})


def listed(seat: ListenerSeat, viewer: "Viewer") -> dict[str, Any]:
    """A seated listener as this viewer finds him in the list; `locked` while a promise or the check has run out."""
    return as_known(seat.listener, viewer) | {"locked": not seat.in_force}


def roster(dialogue_session: DialogueSession, viewer: "Viewer") -> list[dict[str, Any]]:
    """Who listens, as this viewer may know it; a listener who is locked at the moment stays in the list."""
    seats = ListenerSeat.objects.filter(dialogue_session=dialogue_session, state=ListenerSeat.State.SEATED)
    return in_order(listed(seat, viewer) for seat in with_standing(seats))


def in_order(speakers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those without a name last, and by agency: their place must not tell how the name begins."""
    return sorted(speakers, key=lambda one: (not one["name"], one["name"], one["agency"], one["rank"]))


def agenda(dialogue_session: DialogueSession) -> list[dict[str, Any]]:
    """The rounds as the timeline shows them; skipped ones are left out."""
    states = {Round.State.DONE: "done", Round.State.OPEN: "now", Round.State.PLANNED: "next"}
    return [
        {"title": one.get_kind_display(), "text": one.prompt, "state": states[Round.State(one.state)]}
        for one in dialogue_session.rounds.order_by("number")
        if one.state in states
    ]


def matrix_rows() -> list[dict[str, Any]]:
    """The table of who may write, one row a kind of round."""
    return [{"kind": kind.label, "cells": [MATRIX[kind][role] for role in ROLES]} for kind in RoundKind]


def months(viewer: Any, now: datetime | None = None) -> list[dict[str, Any]]:
    """Sessions that are not over, by the month of their start, in the site's time zone."""
    zone = site_zone()
    sessions = ahead(viewer).prefetch_related(None).filter(ends_at__gte=now or timezone.now())
    rows: list[dict[str, Any]] = [
        {"session": one, "span": span(one.starts_at, one.ends_at, zone), "start": local(one.starts_at, zone)}
        for one in sessions
    ]
    return [
        {"name": name, "rows": list(of_month)}
        for name, of_month in groupby(rows, key=lambda row: date_format(row["start"], "YEAR_MONTH_FORMAT"))
    ]


def joinable(participant: Participant, mine: Iterable[Alias]) -> QuerySet[DialogueSession]:
    """Sessions this participant could join."""
    held = [alias.dialogue_session_id for alias in mine]
    return ahead(participant).filter(state__in=JOINABLE, paused=False).exclude(pk__in=held)


def with_listeners(sessions: Iterable[DialogueSession], viewer: "Viewer") -> list[dict[str, Any]]:
    """Cards that also say who will listen and whether there are places left; two queries for all."""
    rows = [card(one) for one in sessions]
    ids = [row["session"].pk for row in rows]
    seats = with_standing(ListenerSeat.objects.filter(dialogue_session__in=ids, state=ListenerSeat.State.SEATED))
    names = Alias.objects.filter(dialogue_session__in=ids, removed=False, tag__isnull=False)
    present = Counter(names.values_list("dialogue_session", flat=True))
    listening = list(seats)
    for row in rows:
        pk = row["session"].pk
        row["roster"] = in_order(listed(seat, viewer) for seat in listening if seat.dialogue_session_id == pk)
        row["full"] = present[pk] >= row["session"].capacity
    return rows


def mine(participant: Participant) -> list[dict[str, Any]]:
    """The participant's own sessions with the name held in each: what is on, to come, over. `inside`: it has begun."""
    aliases = my_aliases(participant).filter(dialogue_session__state__in=LISTED)
    aliases = aliases.prefetch_related("dialogue_session__agencies", "dialogue_session__facilitators")
    order = (State.OPEN, *JOINABLE, State.FOLLOW_UP)
    return [
        card(alias.dialogue_session) | {"alias": alias, "inside": alias.dialogue_session.state not in JOINABLE}
        for alias in sorted(aliases, key=lambda alias: order.index(State(alias.dialogue_session.state)))
    ]


def my_seats(listener: User) -> list[dict[str, Any]]:
    """The listener's seats in sessions that are not over, the next one first."""
    seats = with_standing(listener.seats.filter(dialogue_session__state__in=(*AHEAD, State.FOLLOW_UP)))
    seats = seats.select_related("dialogue_session").order_by("dialogue_session__starts_at", "pk")
    return [
        {
            "seat": seat,
            "session": seat.dialogue_session,
            "when": when(seat.dialogue_session),
            "state": seat_shown(seat),
            "list_note": list_note(seat.dialogue_session),
        }
        for seat in seats
    ]


def seat_shown(seat: ListenerSeat) -> dict[str, str]:
    """A seat's state as a word with its shape; a lapse shows, whatever the seat says."""
    kinds = {
        ListenerSeat.State.APPLIED: "doing",
        ListenerSeat.State.SEATED: "done",
        ListenerSeat.State.NOT_PLACED: "stop",
        ListenerSeat.State.LEFT: "stop",
    }
    if seat.state == ListenerSeat.State.SEATED and not seat.in_force:
        return {"kind": "stop", "text": _("Locked: a promise or the check has run out")}
    state = ListenerSeat.State(seat.state)
    return {"kind": kinds[state], "text": str(state.label)}
