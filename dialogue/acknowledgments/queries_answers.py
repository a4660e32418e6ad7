"""What the participants answered, as far as anybody may know."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from dialogue.acknowledgments.models import Acknowledgment, GateAnswer
from dialogue.sessions.models import JOINABLE, Alias, ListenerSeat
from dialogue.sessions.policies import present


@dataclass(frozen=True)
class Count:
    """How many have answered, of how many who could, and how many are needed. Never who, and never what."""

    answered: int
    present: int
    needed: int

    @property
    def may_count(self) -> bool:
        """Whether enough have answered."""
        return self.answered >= self.needed


def answers_to(acknowledgment: Acknowledgment) -> QuerySet[GateAnswer]:
    """The answers of those who hold a name in the session."""
    return acknowledgment.answers.filter(alias__removed=False, alias__tag__isnull=False)


def count_of(acknowledgment: Acknowledgment) -> Count:
    """Three numbers for the team."""
    dialogue_session = acknowledgment.seat.dialogue_session
    return Count(answers_to(acknowledgment).count(), present(dialogue_session), dialogue_session.answers_needed)


def own_answers(alias: Alias, to: Iterable[UUID]) -> dict[UUID, str]:
    """What this participant answered to which of these acknowledgments."""
    rows = GateAnswer.objects.filter(alias=alias, acknowledgment__in=list(to))
    return dict(rows.values_list("acknowledgment", "answer"))


def unanswered(aliases: Collection[Alias]) -> set[UUID]:
    """The sessions of these names, to come, in which a first move waits for an answer of the one who holds the name."""
    asked = Acknowledgment.objects.filter(
        seat__dialogue_session__in=[alias.dialogue_session_id for alias in aliases],
        seat__dialogue_session__state__in=JOINABLE,
        seat__state=ListenerSeat.State.APPLIED,
        state=Acknowledgment.State.COMPLETE,
    )
    waiting = asked.exclude(answers__alias__in=[alias.pk for alias in aliases])
    return set(waiting.values_list("seat__dialogue_session", flat=True))
