"""Who may do what with a session, and what must be there before it may move on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User, today
from accounts.policies import may_listen
from dialogue.resources.models import Resource
from dialogue.sessions.agenda import broken_rules, counted_kinds
from dialogue.sessions.matrix import cell
from dialogue.sessions.models import (
    ALLOWED,
    JOINABLE,
    Alias,
    Booking,
    DialogueSession,
    ListenerSeat,
    Round,
    RoundKind,
    State,
)


@dataclass(frozen=True)
class Gap:
    """One thing that is missing, in plain words, and the page where it is mended."""

    text: str | Promise
    url_name: str
    pk: UUID | None = None  # what the address needs; None for an address without parameters


def may_lead(user: object, dialogue_session: DialogueSession) -> bool:
    """Whether this person is a facilitator on the session's team."""
    if not isinstance(user, User) or user.role != Role.FACILITATOR:
        return False
    return Booking.objects.filter(dialogue_session=dialogue_session, facilitator=user).exists()


def is_writable(round: Round) -> bool:
    """Whether anything can be handed in at all: the session is open and not paused, and this round is on."""
    dialogue_session = round.dialogue_session
    return dialogue_session.state == State.OPEN and not dialogue_session.paused and round.state == Round.State.OPEN


def may_write(role: str, round: Round) -> bool:
    """Whether this role may hand in a text of its own in this round, now."""
    return is_writable(round) and cell(role, round.kind).may_write


def may_reply(role: str, round: Round) -> bool:
    """Whether this role may answer a released text of this round, now."""
    return is_writable(round) and cell(role, round.kind).may_reply


def is_joinable(dialogue_session: DialogueSession) -> bool:
    """Whether participants may still join, and listeners ask for a seat."""
    return dialogue_session.state in JOINABLE and not dialogue_session.paused


def may_apply(user: User, dialogue_session: DialogueSession) -> bool:
    """Whether this listener may ask for a seat: everything in force, and the agency is invited."""
    return is_joinable(dialogue_session) and may_listen(user) and user.agency in dialogue_session.agencies.all()


def present(dialogue_session: DialogueSession) -> int:
    """How many participants hold a name in this session."""
    return Alias.objects.filter(dialogue_session=dialogue_session, removed=False, tag__isnull=False).count()


def _seated(dialogue_session: DialogueSession) -> list[ListenerSeat]:
    seats = dialogue_session.seats.filter(state=ListenerSeat.State.SEATED)
    return list(seats.select_related("listener__listener_profile"))


Check = Callable[[DialogueSession], Iterator[Gap]]


def team_gaps(facilitators: list[User], pk: UUID) -> Iterator[Gap]:
    """What is missing in a team."""
    if len(facilitators) < 2:
        yield Gap(_("A session needs at least two facilitators."), "sessions:edit", pk)
    if not any(person.is_peer for person in facilitators):
        yield Gap(_("At least one facilitator must be a peer."), "sessions:edit", pk)


def _team(s: DialogueSession) -> Iterator[Gap]:
    yield from team_gaps(list(s.facilitators.filter(is_active=True)), s.pk)


def _texts(s: DialogueSession) -> Iterator[Gap]:
    if not s.legal_basis.strip():
        yield Gap(_("The legal basis is not written yet."), "sessions:edit", s.pk)
    if not s.record_label:
        yield Gap(_("Choose what may be repeated outside (the record label)."), "sessions:edit", s.pk)
    if not s.agencies.exists():
        yield Gap(_("No agency is invited yet."), "sessions:edit", s.pk)


def _times(s: DialogueSession) -> Iterator[Gap]:
    if s.starts_at <= timezone.now():
        yield Gap(_("The start must lie in the future."), "sessions:edit", s.pk)


def _resources(_s: DialogueSession) -> Iterator[Gap]:
    if not Resource.objects.exists():
        yield Gap(_("No help line is listed yet. An operator adds the first one."), "desk:resources")
    elif Resource.objects.stale(today()).exists():
        yield Gap(_("A help line was last checked more than 90 days ago."), "desk:resources")


def _agenda(s: DialogueSession) -> Iterator[Gap]:
    for sentence in broken_rules(counted_kinds(s.rounds.all())):
        yield Gap(sentence, "sessions:agenda", s.pk)


def _first_listener(s: DialogueSession) -> Iterator[Gap]:
    if not any(may_listen(seat.listener) for seat in _seated(s)):
        yield Gap(_("No listener has a place yet."), "sessions:manage", s.pk)


def _listeners_ready(s: DialogueSession) -> Iterator[Gap]:
    seats = _seated(s)
    if not seats:
        yield Gap(_("No listener has a place yet."), "sessions:manage", s.pk)
    for seat in seats:
        if seat.acknowledged_on is None or not may_listen(seat.listener):
            text = _("%(name)s may not listen at the moment: a promise or the check has run out.")
            yield Gap(_format(text, name=seat.listener.name), "sessions:manage", s.pk)


def _participants(s: DialogueSession) -> Iterator[Gap]:
    count = present(s)
    if count < s.minimum:
        text = _("%(count)s participants have joined; the session needs %(minimum)s.")
        yield Gap(_format(text, count=count, minimum=s.minimum), "sessions:manage", s.pk)
    if len(_seated(s)) > count:
        yield Gap(_("There are more listeners than participants."), "sessions:manage", s.pk)


def _opening_next(s: DialogueSession) -> Iterator[Gap]:
    upcoming = s.rounds.filter(state=Round.State.PLANNED).order_by("number").first()
    if upcoming is None or upcoming.kind != RoundKind.OPENING:
        yield Gap(_("The next round must be an opening."), "sessions:agenda", s.pk)


def _closed_well(s: DialogueSession) -> Iterator[Gap]:
    if not s.rounds.filter(kind=RoundKind.CLOSING, state=Round.State.DONE).exists():
        yield Gap(_("The closing round is not done yet."), "sessions:manage", s.pk)
    if s.rounds.filter(state=Round.State.OPEN).exists():
        yield Gap(_("A round is still on. Close it first."), "sessions:manage", s.pk)


def _format(text: str | Promise, **values: object) -> str:
    return str(text) % values


#: What is asked before a session may enter a state. States that are not listed have no gate.
GATES: dict[State, tuple[Check, ...]] = {
    State.ANNOUNCED: (_team, _texts, _times, _resources, _agenda),
    State.PREPARING: (_team, _agenda, _first_listener),
    State.OPEN: (_team, _agenda, _listeners_ready, _participants, _opening_next),
    State.FOLLOW_UP: (_closed_well,),
}


def missing(dialogue_session: DialogueSession, to_state: str) -> list[Gap]:
    """Everything that is missing before the session may enter `to_state`; [] = the gate is open."""
    return [gap for check in GATES.get(State(to_state), ()) for gap in check(dialogue_session)]


def next_state(dialogue_session: DialogueSession) -> State | None:
    """The state that follows in the ordinary course of a session, None at its end and before the purge."""
    for state in (State.ANNOUNCED, State.PREPARING, State.OPEN, State.FOLLOW_UP):
        if state in ALLOWED[State(dialogue_session.state)]:
            return state
    return None


_ALWAYS = frozenset({"title", "topic", "about", "agencies", "facilitators", "capacity", "minimum", "reading_hours"})
_BEFORE = frozenset({"format", "time_zone", "starts_at", "ends_at", "agreements", "legal_basis", "record_label"})
#: Which fields may still be changed in which state. People joined under the texts; other times are a postponement.
EDITABLE: dict[State, frozenset[str]] = {
    State.DRAFT: _ALWAYS | _BEFORE,
    State.ANNOUNCED: _ALWAYS,
    State.PREPARING: _ALWAYS,
    State.OPEN: frozenset({"title", "topic", "about", "facilitators", "reading_hours"}),
    State.FOLLOW_UP: frozenset(),
    State.PURGED: frozenset(),
    State.CANCELLED: frozenset(),
}
