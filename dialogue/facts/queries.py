"""Facts and where each side stands, as far as it may be shown."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from dialogue.facts import wording
from dialogue.facts.models import Fact, FactPosition, Position
from dialogue.facts.policies import subject_of
from dialogue.sessions.matrix import PARTICIPANT
from dialogue.sessions.models import DialogueSession, ListenerSeat
from dialogue.sessions.places import Place
from dialogue.sessions.queries_public import listed
from dialogue.sessions.snapshot import with_standing
from dialogue.tallies.queries import Counts, answered, shown

if TYPE_CHECKING:
    from dialogue.sessions.models import Viewer


@dataclass
class Stand:
    """One fact with where each side stands."""

    fact: Fact
    participants: Counts  # {} while fewer than five have answered
    listeners: list[dict[str, Any]] = field(default_factory=list)  # each a speaker and the position
    own: str = ""  # the viewer's own position, of a listener
    is_answered: bool = False  # by the viewer, a participant

    @property
    def sentences(self) -> list[str]:
        """Where each side stands, a sentence each."""
        of_listeners = Counter(one["position"] for one in self.listeners)
        return [wording.of_participants(self.participants), wording.of_listeners(of_listeners)]


def facts_of(dialogue_session: DialogueSession) -> QuerySet[Fact]:
    """The facts in their order."""
    return dialogue_session.facts.order_by("number")


def _speakers(positions: Iterable[FactPosition], viewer: "Viewer") -> dict[Any, dict[str, Any]]:
    """By seat, the listeners who took these positions, as this viewer may know them."""
    seats = ListenerSeat.objects.filter(pk__in={one.seat_id for one in positions})
    return {seat.pk: listed(seat, viewer) for seat in with_standing(seats)}


def stands(dialogue_session: DialogueSession, viewer: "Viewer", place: Place | None = None) -> list[Stand]:
    """Every fact with both sides' positions; with a place, also what the viewer said. At most five queries."""
    facts = list(facts_of(dialogue_session))
    counts = shown(subject_of(fact.pk) for fact in facts)
    found = {fact.pk: Stand(fact, _all_three(counts.get(subject_of(fact.pk), {}))) for fact in facts}
    positions = list(FactPosition.objects.filter(fact__in=list(found)))
    speakers = _speakers(positions, viewer) if positions else {}
    for one in positions:
        taken = {"speaker": speakers[one.seat_id], "position": one.position, "label": one.get_position_display()}
        found[one.fact_id].listeners.append(taken)
        if place and place.seat and place.seat.pk == one.seat_id:
            found[one.fact_id].own = one.position
    if place and place.role == PARTICIPANT:
        given = answered(viewer, [subject_of(pk) for pk in found])  # type: ignore[arg-type]  # a participant
        for pk, stand in found.items():
            stand.is_answered = subject_of(pk) in given
    for stand in found.values():
        stand.listeners.sort(key=lambda one: (not one["speaker"]["name"], one["speaker"]["name"], one["position"]))
    return list(found.values())


def _all_three(counts: Counts) -> Counts:
    return {position: counts.get(position, 0) for position in Position.values} if counts else {}


def for_report(dialogue_session: DialogueSession) -> list[dict[str, Any]]:
    """The facts as a report holds them: plain values, and of the listeners what a stranger may know."""
    return [
        {
            "number": stand.fact.number,
            "statement": stand.fact.statement,
            "source": stand.fact.source,
            "source_url": stand.fact.source_url,
            "participants": stand.participants,
            "listeners": [
                {"speaker": {key: _plain(value) for key, value in one["speaker"].items()}, "position": one["position"]}
                for one in stand.listeners
            ],
        }
        for stand in stands(dialogue_session, AnonymousUser())
    ]


def _plain(value: Any) -> Any:
    """A translated word as text, so that it can be stored."""
    return value if isinstance(value, bool) else str(value)
