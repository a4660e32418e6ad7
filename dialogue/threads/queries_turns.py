"""Who spoke in a round, and who is still to speak in a turn of it."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dialogue.sessions.matrix import LISTENER, PARTICIPANT, cell, goes_in_turns
from dialogue.sessions.models import Alias, ListenerSeat, Round
from dialogue.sessions.snapshot import with_standing
from dialogue.threads.models import Comment, Pass

A = TypeVar("A", Alias, ListenerSeat)


@dataclass(frozen=True)
class Voice:
    """Somebody who may write in a round: whether a text was handed in, or the turn was passed. Never when."""

    name: str
    is_listener: bool
    has_spoken: bool
    has_passed: bool

    @property
    def is_waited_for(self) -> bool:
        """Whether this person has neither spoken nor passed."""
        return not (self.has_spoken or self.has_passed)


def voices(round: Round) -> list[Voice]:
    """Those who may write in the round, participants first, each side by name: their order tells no time.

    Who has written as many texts as there were turns has spoken. Two queries at most.
    """
    found: list[Voice] = []
    if cell(PARTICIPANT, round.kind).may_write:
        here = Alias.objects.filter(dialogue_session=round.dialogue_session_id, removed=False, tag__isnull=False)
        found += [_voice(one, one.name, round) for one in _counted(here, round, "alias").order_by("name")]
    if cell(LISTENER, round.kind).may_write:
        seated = ListenerSeat.objects.filter(
            dialogue_session=round.dialogue_session_id, state=ListenerSeat.State.SEATED
        )
        if cell(LISTENER, round.kind).needs_heard:
            seated = seated.exclude(heard="")  # they can't write, so nobody waits for them
        seats = _counted(with_standing(seated), round, "seat")
        found += [_voice(seat, seat.listener.name, round) for seat in seats if seat.in_force]
    return found


def waited_for(round: Round) -> list[str]:
    """The names of those for whom the next turn waits, participants first; of nobody in a round without turns."""
    return [voice.name for voice in voices(round) if voice.is_waited_for] if goes_in_turns(round.kind) else []


def _voice(author: Alias | ListenerSeat, name: str, round: Round) -> Voice:
    written, passed = author.written, author.passed  # type: ignore[union-attr]  # of _counted
    return Voice(name, isinstance(author, ListenerSeat), has_spoken=written >= round.turn, has_passed=passed)


def _counted(authors: QuerySet[A], round: Round, author: str) -> QuerySet[A]:
    """With `written`, how many texts of their own count in this round, and `passed`."""
    in_round = Comment.objects.filter(thread__round=round.pk, parent=None, state__in=Comment.COUNTED)
    own = in_round.filter(**{author: OuterRef("pk")}).order_by().values(author)
    written = Coalesce(Subquery(own.annotate(number=Count("pk")).values("number"), IntegerField()), 0)
    passed = Pass.objects.filter(thread__round=round.pk, **{author: OuterRef("pk")})
    return authors.annotate(written=written, passed=Exists(passed))
