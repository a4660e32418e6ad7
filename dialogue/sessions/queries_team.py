"""What the facilitators of a session are shown: where it stands, what comes next, what is missing."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User, today
from dialogue.sessions.matrix import goes_in_turns
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, State
from dialogue.sessions.policies import gaps, list_stands, next_state
from dialogue.sessions.queries_public import card, leader, seat_shown, speaker_of
from dialogue.sessions.snapshot import Snapshot, take

PATH = (State.DRAFT, State.ANNOUNCED, State.PREPARING, State.OPEN, State.FOLLOW_UP)
ENDED = (State.FOLLOW_UP, State.PURGED, State.CANCELLED)
MOVES = {
    State.ANNOUNCED: (
        gettext_lazy("Announce this session"),
        gettext_lazy("Everybody can then see it. People can join, and listeners can ask for seats."),
    ),
    State.PREPARING: (
        gettext_lazy("Begin preparing"),
        gettext_lazy("People can still join. You prepare each side by itself."),
    ),
    State.OPEN: (
        gettext_lazy("Open the session"),
        gettext_lazy("From then on nobody new can join. The opening round is opened as a step of its own."),
    ),
    State.FOLLOW_UP: (
        gettext_lazy("Close the session"),
        gettext_lazy("Nobody can hand in anything after that. Rounds that were not opened count as skipped."),
    ),
}


def move_words(dialogue_session: DialogueSession, to: State) -> tuple[str, str]:
    """What the next step is called and does. Who opens a session days before its start reads what that ends."""
    title, text = (str(one) for one in MOVES[to])
    ahead = (dialogue_session.starts_at - timezone.now()).days
    if to != State.OPEN or ahead < 1:
        return title, text
    early = ngettext(
        "The start is still %(count)d day away. The time to join, and to object to a listener, would end today.",
        "The start is still %(count)d days away. The time to join, and to object to a listener, would end today.",
        ahead,
    )
    return title, f"{early % {'count': ahead}} {text}"


def steps(dialogue_session: DialogueSession) -> list[dict[str, str]]:
    """The path of a session with its place on it; [] for one that was called off or purged."""
    if dialogue_session.state not in PATH:
        return []
    place = PATH.index(State(dialogue_session.state))
    words = ["done"] * place + ["now"] + ["next"] * (len(PATH) - place - 1)
    return [{"name": str(state.label), "state": word} for state, word in zip(PATH, words, strict=True)]


def next_action(now: Snapshot) -> dict[str, Any] | None:
    """The one thing to do next, as components/next_step.html takes it; None when nothing is left to do."""
    s = now.dialogue_session
    to = next_state(s)
    if to is None:
        return None
    if s.paused:
        return _step(_("This session is paused"), s.why_paused, "sessions:resume", s, _("Resume it"))
    if s.state == State.OPEN and (step := _round_step(now)):
        return step
    if missing := gaps(now, to):
        needed = _("Needed for: %(step)s.") % {"step": MOVES[to][0]}
        return {
            "title": missing[0].text,
            "text": needed,
            "url": missing[0].url,
            "action": missing[0].action,
            "post": False,
        }
    title, text = move_words(s, to)
    step = _step(title, text, "sessions:move_on", s, title)
    return step | {"url": f"{step['url']}?to={to}"}  # an old page can't take the step after


def _round_step(now: Snapshot) -> dict[str, Any] | None:
    if current := now.current_round:
        title = _("Round %(number)s, %(kind)s, is on") % _named(current)
        return _step(title, current.prompt, "sessions:round_close", current, _("Close this round"))
    if upcoming := now.next_round:
        title = _("Open round %(number)s: %(kind)s") % _named(upcoming)
        return _step(title, upcoming.prompt, "sessions:round_open", upcoming, _("Open this round"), post=True)
    return None


def _named(round: Round) -> dict[str, Any]:
    return {"number": round.number, "kind": round.get_kind_display()}


def _step(title: str, text: str, name: str, row: Any, action: str, *, post: bool = False) -> dict[str, Any]:
    url = reverse(name, kwargs={"pk": row.pk})
    return {"title": title, "text": text, "url": url, "action": action, "post": post}


def snapshot_of(dialogue_session: DialogueSession) -> Snapshot:
    """One session as it stands now."""
    return take([dialogue_session])[dialogue_session.pk]


def run_of_session(now: Snapshot) -> list[dict[str, Any]]:
    """Every round with what may be done to it at the moment."""
    s = now.dialogue_session
    adjustable = s.state in (State.DRAFT, State.ANNOUNCED, State.PREPARING, State.OPEN)
    running = s.state == State.OPEN and not s.paused
    planned = [one for one in now.rounds if one.state == Round.State.PLANNED]
    kinds = {"planned": "todo", "open": "doing", "done": "done", "skipped": "stop"}
    return [
        {
            "round": one,
            "state": {"kind": kinds[one.state], "text": one.get_state_display()},
            "can_open": running and now.current_round is None and one == now.next_round,
            "can_close": running and one.state == Round.State.OPEN,
            "can_skip": running and one == now.next_round,
            "can_turn": running and one.state == Round.State.OPEN and goes_in_turns(one.kind),
            "can_change": adjustable and one in planned,
            "can_rise": adjustable and one in planned[1:],
            "can_sink": adjustable and one in planned[:-1],
        }
        for one in now.rounds
    ]


def seats_shown(now: Snapshot) -> list[dict[str, Any]]:
    """Every seat, with the listener, what stands in the way, and what may be decided."""
    before = now.dialogue_session.state in (State.ANNOUNCED, State.PREPARING)
    live = before or now.dialogue_session.state == State.OPEN
    adds = before and not now.dialogue_session.paused and not list_stands(now.dialogue_session)
    applied, seated = ListenerSeat.State.APPLIED, ListenerSeat.State.SEATED
    return [
        {
            "seat": seat,
            "speaker": speaker_of(seat),
            "state": seat_shown(seat),
            "waits_for": _waits_for(seat) if seat.state == applied else "",
            "can_place": adds and seat.state == applied and seat.in_force and bool(seat.accepted_on),
            "can_decline": live and seat.state in (applied, seated),
        }
        for seat in now.seats
    ]


def _waits_for(seat: ListenerSeat) -> str:
    things = lacks(seat)
    return _("Still lacks: %(things)s.") % {"things": "; ".join(things)} if things else _("Everything is there.")


def lacks(seat: ListenerSeat) -> list[str]:
    """What this listener still lacks to listen in the session, in the order in which it is asked for; [] = nothing."""
    listener = seat.listener
    until = listener.listener_profile.verified_until
    things = [
        (not listener.is_active, _("an account that is open")),
        (not seat.has_pledged, _("the pledge")),
        (not seat.agency_agrees, _("the agency’s agreement")),
        (until is None or until < today(), _("our check of who this is")),
        (seat.acknowledged_on is None, _("an acknowledgment that is complete")),
        (seat.accepted_on is None, _("the participants’ “enough to begin”")),
    ]
    return [words for is_lacking, words in things if is_lacking]


def names_of(dialogue_session: DialogueSession) -> QuerySet[Alias]:
    """The names held in this session, in the order of the alphabet: it tells nothing about who came when."""
    return Alias.objects.filter(dialogue_session=dialogue_session).order_by("name")


def led(user: User) -> QuerySet[DialogueSession]:
    """This facilitator's sessions, those under way and to come first, then the latest."""
    sessions = DialogueSession.objects.led_by(user).prefetch_related("agencies", "facilitators")
    return sessions.order_by("-starts_at", "pk")


def session_page(dialogue_session: DialogueSession) -> dict[str, Any]:
    """Everything on the team's page of one session."""
    now = snapshot_of(dialogue_session)
    to = next_state(dialogue_session)
    return card(dialogue_session) | {
        "team": [leader(person) for person in now.team],
        "steps": steps(dialogue_session),
        "next": next_action(now),
        "further": gaps(now, to)[1:] if to and to != State.FOLLOW_UP else [],  # the first is the next step
        "run": run_of_session(now),
        "seats": seats_shown(now),
        "present": now.present,
        "names": names_of(dialogue_session),
        "ended": dialogue_session.state in ENDED,
        "can_postpone": dialogue_session.state in (State.ANNOUNCED, State.PREPARING, State.OPEN),
        "can_pause": dialogue_session.state in (State.ANNOUNCED, State.PREPARING, State.OPEN)
        and not dialogue_session.paused,
    }
