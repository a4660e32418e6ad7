"""Everything a facilitator needs to see first. The number of queries does not grow with the sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User, today
from dialogue.desk.counts import SOON, Kind, Waits, total, waits_for
from dialogue.moderation.queries import age_of
from dialogue.reports.models import Report
from dialogue.reports.policies import gaps as report_gaps
from dialogue.reports.policies import next_step as report_step
from dialogue.reports.queries import standings
from dialogue.resources.queries import stale_lines
from dialogue.sessions.agenda import path_of
from dialogue.sessions.models import JOINABLE, DialogueSession, ListenerSeat, State
from dialogue.sessions.policies import gaps, next_state
from dialogue.sessions.queries_public import state_shown
from dialogue.sessions.queries_team import lacks, next_action
from dialogue.sessions.snapshot import Snapshot, take
from dialogue.sessions.times import day_bounds, when

UNDER_WAY = (State.DRAFT, State.ANNOUNCED, State.PREPARING, State.OPEN)
#: What is missing for a session that starts within this time is urgent.
CLOSE = timedelta(days=2)
#: How much a part of the desk presses: broken promises and people in need, then what is on, then what waits.
NOW, TODAY, WAITING, LATER = range(4)

Rows = list[dict[str, Any]]
Found = dict[UUID | None, Waits]


@dataclass(frozen=True)
class Part:
    """One part of the desk. Without rows it is in order, and only its name is said."""

    name: str | Promise
    template: str
    rows: Any
    urgency: int = WAITING

    @property
    def path(self) -> str:
        """Its template."""
        return f"dialogue/desk/_{self.template}.html"


def home(user: User, now: datetime | None = None) -> dict[str, Any]:
    """The desk: what is on today, what waits, what is missing; what presses most on top."""
    led = DialogueSession.objects.led_by(user)
    sessions = list(led.filter(state__in=(*UNDER_WAY, State.FOLLOW_UP)).order_by("starts_at", "pk"))
    snapshots = list(take([one for one in sessions if one.state in UNDER_WAY]).values())
    over = [one for one in sessions if one.state == State.FOLLOW_UP]
    found, moment = waits_for(user), now or timezone.now()
    on = _today(snapshots, found, moment, user.time_zone)
    parts = [
        on,
        _messages(sessions, found),
        _queue(sessions, found),
        _objections(snapshots),
        _mails(sessions, found),
        *_missing(snapshots, moment),
        Part(_("Help lines"), "stale", stale_lines()),
        _reports(over),
    ]
    whole = total(found)
    return {
        "parts": sorted((part for part in parts if part.rows), key=lambda part: part.urgency),
        "in_order": [*(part.name for part in parts if not part.rows and part is not on), *_nothing_of(whole)],
        "is_quiet": not on.rows,
        "tiles": _tiles(whole),
        "sent": whole.sent if not whole.failed else 0,
        "any": bool(sessions),
    }


# --- Today ----------------------------------------------------------------------------------------------------------


def _today(snapshots: list[Snapshot], found: Found, moment: datetime, zone: str) -> Part:
    start, end = day_bounds(moment, zone)
    rows = [_on(one, found[one.dialogue_session.pk]) for one in snapshots if _is_on(one.dialogue_session, start, end)]
    return Part(_("Today"), "today", rows, TODAY)


def _is_on(s: DialogueSession, start: datetime, end: datetime) -> bool:
    return s.state == State.OPEN or (s.state != State.DRAFT and s.starts_at < end and s.ends_at > start)


def _on(now: Snapshot, waits: Waits) -> dict[str, Any]:
    """A session of today: where it stands, what waits in it, and the one thing to do next."""
    s = now.dialogue_session
    is_open = s.state == State.OPEN
    return {
        "session": s,
        "url": reverse("desk:run" if is_open else "sessions:manage", args=[s.pk]),
        "when": when(s),
        "state": state_shown(s),
        "steps": path_of(now.rounds) if now.current_round else [],
        "facts": list(_facts(waits)),
        "next": _next_in(now, waits) if is_open else _next_before(now),
    }


def _facts(waits: Waits) -> Iterator[str]:
    if held := waits.count(Kind.TEXT):
        yield ngettext("%(count)d text waits to be read.", "%(count)d texts wait to be read.", held) % {"count": held}
    if ready := waits.count(Kind.READY):
        words = ngettext("%(count)d is approved and not out.", "%(count)d are approved and not out.", ready)
        yield words % {"count": ready}


def _next_in(now: Snapshot, waits: Waits) -> dict[str, Any]:
    """What comes next in an open session, in the order of its run (see queries_run.acts), as a link."""
    s = now.dialogue_session
    run = {"url": reverse("desk:run", args=[s.pk]), "action": _("Run the session")}
    if s.paused:
        return run | {"title": _("The session is on hold")}
    read = {"url": f"{reverse('moderation:queue')}?session={s.pk}", "action": _("Read texts")}
    held, ready = waits.count(Kind.TEXT), waits.count(Kind.READY)
    if waits.late(s.reading_hours):
        return read | {"title": _("Texts have waited longer than promised")}
    if ready:
        return run | {"title": ngettext("A text is ready to come out", "Texts are ready to come out", ready)}
    if held:
        return read | {"title": ngettext("A text waits to be read", "Texts wait to be read", held)}
    step = next_action(now)
    return run | {"title": step["title"] if step else ""}


def _next_before(now: Snapshot) -> dict[str, Any] | None:
    """What comes next with a session that is not open; what asks for a POST is done on its own page."""
    step = next_action(now)
    if step and step["post"]:
        return step | {"url": reverse("sessions:manage", args=[now.dialogue_session.pk])}
    return step


# --- What waits -------------------------------------------------------------------------------------------------------


def _messages(sessions: list[DialogueSession], found: Found) -> Part:
    counted: Rows = [
        {
            "session": s,
            "unread": found[s.pk].count(Kind.MESSAGE),
            "in_distress": found[s.pk].in_distress,
            "unanswered": found[s.pk].count(Kind.UNANSWERED),
        }
        for s in sessions
    ]
    rows = [row for row in counted if row["unread"] or row["unanswered"]]
    rows.sort(key=lambda row: (-row["in_distress"], -row["unanswered"]))
    is_pressing = any(row["in_distress"] or row["unanswered"] for row in rows)
    return Part(_("Private messages"), "messages", rows, NOW if is_pressing else WAITING)


def _queue(sessions: list[DialogueSession], found: Found) -> Part:
    """Sessions in which texts wait, those that break their promise first."""
    rows = [_waiting_in(s, found[s.pk]) for s in sessions if found[s.pk].oldest is not None]
    rows.sort(key=lambda row: (-row["late"], -row["soon"], row["oldest"]))
    urgency = NOW if any(row["late"] for row in rows) else TODAY if any(row["soon"] for row in rows) else WAITING
    return Part(_("Texts to read"), "queue", {"rows": rows, "finding": _finding(rows)} if rows else None, urgency)


def _waiting_in(s: DialogueSession, waits: Waits) -> dict[str, Any]:
    late = waits.late(s.reading_hours)
    return {
        "session": s,
        "count": waits.count(Kind.TEXT),
        "oldest": waits.oldest,
        "age": age_of(waits.oldest or 0, s.reading_hours),
        "late": late,
        "soon": waits.late(s.reading_hours, ahead=SOON) - late,
    }


def _finding(rows: Rows) -> str:
    """The queue in one sentence."""
    count, late, soon = (sum(row[name] for row in rows) for name in ("count", "late", "soon"))
    texts = ngettext("%(count)d text waits", "%(count)d texts wait", count) % {"count": count}
    if not late and not soon:
        return _("%(texts)s. None will be late within %(hours)d hours.") % {"texts": texts, "hours": SOON}
    late_words = ngettext("%(count)d is late", "%(count)d are late", late) % {"count": late}
    if not soon:
        return f"{texts}. {late_words}."
    soon_words = ngettext(
        "%(count)d will be late within %(hours)d hours", "%(count)d will be late within %(hours)d hours", soon
    )
    parts = [texts, *([late_words] if late else []), soon_words % {"count": soon, "hours": SOON}]
    return ". ".join(parts) + "."


def _objections(snapshots: list[Snapshot]) -> Part:
    """Those that no gate asks about yet; of a session that is being prepared they stand with what is missing."""
    rows = [
        {"session": one.dialogue_session, "count": one.open_objections}
        for one in snapshots
        if one.open_objections and one.dialogue_session.state == State.ANNOUNCED
    ]
    return Part(_("Objections"), "objections", rows, TODAY)


def _mails(sessions: list[DialogueSession], found: Found) -> Part:
    """Sessions with reminders that did not go out."""
    rows = [
        {"session": s, "failed": found[s.pk].failed, "sent": found[s.pk].sent} for s in sessions if found[s.pk].failed
    ]
    return Part(_("Reminders that failed"), "mails", rows, TODAY)


# --- What is missing --------------------------------------------------------------------------------------------------


def _missing(snapshots: list[Snapshot], moment: datetime) -> list[Part]:
    """What sessions lack that start soon, and what the others do."""
    rows = [row for one in snapshots if (row := _gate(one))["gaps"] or row["lacking"] or row["joined"] is not None]
    close = [row for row in rows if row["session"].state != State.DRAFT and row["session"].starts_at - moment < CLOSE]
    later = [row for row in rows if row not in close]
    return [
        Part(_("Missing for what starts within two days"), "missing", close, NOW),
        Part(_("What is still missing"), "missing", later, LATER),
    ]


def _gate(now: Snapshot) -> dict[str, Any]:
    """What is missing before the next step, and which listeners are not ready; of participants only how many there are.

    While a session runs, its rounds say what comes next.
    """
    s = now.dialogue_session
    to = next_state(s)
    missing = gaps(now, to) if to and s.state != State.OPEN else []
    return {
        "session": s,
        "when": when(s),
        "to": to.label if to else "",
        "gaps": missing,
        "lacking": list(_lacking(now)) if s.state in JOINABLE else [],
        # later the gate itself says it
        "joined": now.present if s.state == State.ANNOUNCED and now.present < s.minimum else None,
    }


def _lacking(now: Snapshot) -> Iterator[dict[str, Any]]:
    for seat in now.seats:
        if seat.state in (ListenerSeat.State.APPLIED, ListenerSeat.State.SEATED) and (things := lacks(seat)):
            yield {"name": seat.listener.name, "things": things}


def _reports(over: list[DialogueSession]) -> Part:
    """Which step comes next with each report that is not out, and what is missing for it."""
    rows = [
        {"session": one.dialogue_session, "next": report_step(one), "gaps": report_gaps(one, today())}
        for one in standings(over)
        if one.state != Report.State.PUBLISHED
    ]
    return Part(_("Reports that are not out"), "reports", rows, LATER)


# --- Numbers ----------------------------------------------------------------------------------------------------------


def _tiles(whole: Waits) -> Rows:
    """Big numbers, each with the page where something can be done about it; only those that are not nought."""
    texts, moves, promises, listeners = (
        whole.count(kind) for kind in (Kind.TEXT, Kind.MOVE, Kind.PROMISE, Kind.LISTENER)
    )
    tiles = [
        (texts, ngettext("text to read", "texts to read", texts), "moderation:queue"),
        (moves, ngettext("first move to check", "first moves to check", moves), "acknowledgments:to_check"),
        (promises, ngettext("promise or news to read", "promises and news to read", promises), "commitments:to_read"),
        (listeners, ngettext("listener to verify", "listeners to verify", listeners), "accounts:listeners"),
    ]
    return [{"number": number, "caption": caption, "to": to} for number, caption, to in tiles if number]


def _nothing_of(whole: Waits) -> Iterator[str]:
    names = {Kind.MOVE: _("First moves"), Kind.PROMISE: _("Promises"), Kind.LISTENER: _("Listeners")}
    return (name for kind, name in names.items() if not whole.count(kind))
