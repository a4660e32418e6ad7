"""Who may do what with a session, and what must be there before it may move on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.policies import may_listen
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
from dialogue.sessions.snapshot import Snapshot, take


@dataclass(frozen=True)
class Gap:
    """One thing that is missing, in plain words, and the page where it is mended."""

    text: str | Promise
    action: str | Promise  # what one does there: the words of the link
    url_name: str
    pk: UUID | None = None  # what the address needs; None for an address without parameters
    fragment: str = ""  # the part of that page

    @property
    def url(self) -> str:
        """The address of that page."""
        address = reverse(self.url_name, kwargs={"pk": self.pk} if self.pk else None)
        return f"{address}#{self.fragment}" if self.fragment else address


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


def may_reopen(round: Round) -> bool:
    """Whether the closing of a round of this kind can be undone.

    Not of a reflecting round: closed, it lets out the answer of a single participant, which no open one may.
    """
    return round.kind != RoundKind.REFLECTING


def is_joinable(dialogue_session: DialogueSession) -> bool:
    """Whether participants may still join, and listeners ask for a seat."""
    return dialogue_session.state in JOINABLE and not dialogue_session.paused


def list_stands_from(dialogue_session: DialogueSession) -> datetime:
    """The moment from which nobody is added to the list of listeners. Another start gives another moment."""
    return dialogue_session.starts_at - timedelta(days=dialogue_session.roster_days)


def list_stands(dialogue_session: DialogueSession) -> bool:
    """Whether nobody is added to the list of listeners any more, so that no participant is surprised."""
    is_ahead = dialogue_session.state in (State.DRAFT, *JOINABLE)
    return not is_ahead or timezone.now() >= list_stands_from(dialogue_session)


def may_apply(user: User, dialogue_session: DialogueSession) -> bool:
    """Whether this listener may ask for a seat: the list is not closed, all is in force, the agency is invited."""
    if not is_joinable(dialogue_session) or list_stands(dialogue_session):
        return False
    return may_listen(user) and user.agency in dialogue_session.agencies.all()


def present(dialogue_session: DialogueSession) -> int:
    """How many participants hold a name in this session."""
    return Alias.objects.filter(dialogue_session=dialogue_session, removed=False, tag__isnull=False).count()


Check = Callable[[Snapshot], Iterator[Gap]]


def team_gaps(facilitators: list[User], pk: UUID) -> Iterator[Gap]:
    """What is missing in a team."""
    if len(facilitators) < 2:
        yield Gap(_("A session needs at least two facilitators."), _("Choose the team"), "sessions:edit", pk)
    if not any(person.is_peer for person in facilitators):
        yield Gap(_("At least one facilitator must be a peer."), _("Choose the team"), "sessions:edit", pk)


def _team(now: Snapshot) -> Iterator[Gap]:
    yield from team_gaps(now.team, now.dialogue_session.pk)


def _texts(now: Snapshot) -> Iterator[Gap]:
    s = now.dialogue_session
    if not s.legal_basis.strip():
        yield Gap(_("The legal basis is not written yet."), _("Write the legal basis"), "sessions:edit", s.pk)
    if not s.record_label:
        text = _("Choose what may be repeated outside (the record label).")
        yield Gap(text, _("Choose the label"), "sessions:edit", s.pk)
    if not now.agencies:
        yield Gap(_("No agency is invited yet."), _("Invite an agency"), "sessions:edit", s.pk)


def _times(now: Snapshot) -> Iterator[Gap]:
    if now.dialogue_session.starts_at <= timezone.now():
        text = _("The start must lie in the future.")
        yield Gap(text, _("Choose another start"), "sessions:edit", now.dialogue_session.pk)
    elif list_stands_from(now.dialogue_session) <= timezone.now():
        text = _("The list of listeners would be closed already. Choose a later start, or fewer days for the list.")
        yield Gap(text, _("Choose another start"), "sessions:edit", now.dialogue_session.pk)


def _guards(now: Snapshot) -> Iterator[Gap]:
    for guard in now.open_guards:
        text = _("{guard}. To go on all the same, say why.")
        gap = format_lazy(text, guard=guard.label)
        yield Gap(gap, _("Give a reason"), "sessions:guards", now.dialogue_session.pk)


def _resources(now: Snapshot) -> Iterator[Gap]:
    if not now.resources:
        yield Gap(
            _("No help line is listed yet. An operator adds the first one."),
            _("Go to the help lines"),
            "resources:list",
        )
    if now.stale_resources:
        text = _("A help line was last checked more than 90 days ago.")
        yield Gap(text, _("Check the help line"), "resources:list")


def _agenda(now: Snapshot) -> Iterator[Gap]:
    for sentence in broken_rules(counted_kinds(now.rounds)):
        yield Gap(sentence, _("Change the agenda"), "sessions:agenda", now.dialogue_session.pk)


def _first_move(now: Snapshot) -> Iterator[Gap]:
    asking = [*now.seated, *(seat for seat in now.seats if seat.state == ListenerSeat.State.APPLIED)]
    if not any(seat.in_force and seat.acknowledged_on for seat in asking):
        text = _("No listener’s first move is complete yet.")
        yield Gap(text, _("Check first moves"), "acknowledgments:to_check")


def _first_listener(now: Snapshot) -> Iterator[Gap]:
    if not any(seat.in_force for seat in now.seated):
        text = _("No listener has a seat yet.")
        yield Gap(text, _("Seat a listener"), "sessions:manage", now.dialogue_session.pk, "seats")


def _listeners_ready(now: Snapshot) -> Iterator[Gap]:
    for seat in now.seated:
        if seat.accepted_on is None or not seat.in_force:
            text = _("{name} may not listen at the moment: a promise or the check has run out.")
            gap = format_lazy(text, name=seat.listener.name)
            yield Gap(gap, _("Decide about the seat"), "sessions:manage", now.dialogue_session.pk, "seats")


def _participants(now: Snapshot) -> Iterator[Gap]:
    s = now.dialogue_session
    if now.present < s.minimum:
        text = _("Joined so far: {count}. The session needs {minimum}.")
        yield Gap(format_lazy(text, count=now.present, minimum=s.minimum), _("Make more cards"), "accounts:cards")
    if len(now.seated) > now.present:
        text = _("There are more listeners than participants.")
        yield Gap(text, _("Take a seat back"), "sessions:manage", s.pk, "seats")


def _objections(now: Snapshot) -> Iterator[Gap]:
    if now.open_objections:
        text = _("Objections that nobody has dealt with: {count}.")
        gap = format_lazy(text, count=now.open_objections)
        yield Gap(gap, _("Deal with objections"), "sessions:objections_team", now.dialogue_session.pk)


def _opening_next(now: Snapshot) -> Iterator[Gap]:
    upcoming = now.next_round
    if upcoming is None or upcoming.kind != RoundKind.OPENING:
        text = _("The next round must be an opening.")
        yield Gap(text, _("Change the agenda"), "sessions:agenda", now.dialogue_session.pk)


def _closed_well(now: Snapshot) -> Iterator[Gap]:
    done = [one.kind for one in now.rounds if one.state == Round.State.DONE]
    if now.current_round:
        text = _("A round is still on. Close it first.")
        yield Gap(text, _("Run the session"), "desk:run", now.dialogue_session.pk)
    if RoundKind.CLOSING not in done:
        text = _("The closing round is not done yet.")
        yield Gap(text, _("Run the session"), "desk:run", now.dialogue_session.pk)


#: What is asked before a session may enter a state. States that are not listed have no gate.
GATES: dict[State, tuple[Check, ...]] = {
    State.ANNOUNCED: (_team, _texts, _times, _guards, _resources, _agenda),
    State.PREPARING: (_team, _guards, _agenda, _first_move),
    State.OPEN: (
        _team,
        _guards,
        _agenda,
        _first_listener,
        _listeners_ready,
        _participants,
        _objections,
        _opening_next,
    ),
    State.FOLLOW_UP: (_closed_well,),
}


def gaps(now: Snapshot, to_state: str) -> list[Gap]:
    """Everything that is missing before this session may enter `to_state`; [] = the gate is open."""
    return [gap for check in GATES.get(State(to_state), ()) for gap in check(now)]


def missing(dialogue_session: DialogueSession, to_state: str) -> list[Gap]:
    """The same, read freshly from the database."""
    return gaps(take([dialogue_session])[dialogue_session.pk], to_state)


def next_state(dialogue_session: DialogueSession) -> State | None:
    """The state that follows in the ordinary course of a session, None at its end and before the purge."""
    for state in (State.ANNOUNCED, State.PREPARING, State.OPEN, State.FOLLOW_UP):
        if state in ALLOWED[State(dialogue_session.state)]:
            return state
    return None


_ALWAYS = frozenset({"title", "topic", "about", "agencies", "facilitators", "capacity", "minimum", "reading_hours"})
_FACTS = frozenset(
    {"format", "venue", "time_zone", "starts_at", "ends_at", "agreements", "legal_basis", "record_label"}
)
_GROUND_RULES = frozenset({"listener_places", "roster_days", "answers_needed", "enough_share"})
_BEFORE = _FACTS | _GROUND_RULES
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
