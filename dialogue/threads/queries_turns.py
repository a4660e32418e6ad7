"""Who is still to speak in a turn of a round."""

from typing import TypeVar

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from dialogue.sessions.matrix import LISTENER, PARTICIPANT, cell
from dialogue.sessions.models import Alias, ListenerSeat, Round
from dialogue.sessions.snapshot import with_standing
from dialogue.threads.models import Comment, Pass

A = TypeVar("A", Alias, ListenerSeat)


def waited_for(round: Round) -> list[str]:
    """The names of those who may write in the round, have not had this turn, and did not pass; participants first."""
    names: list[str] = []
    if cell(PARTICIPANT, round.kind).in_turn:
        here = Alias.objects.filter(dialogue_session=round.dialogue_session_id, removed=False, tag__isnull=False)
        names += _silent(here, round, "alias").order_by("name").values_list("name", flat=True)
    if cell(LISTENER, round.kind).in_turn:
        seated = ListenerSeat.objects.filter(
            dialogue_session=round.dialogue_session_id, state=ListenerSeat.State.SEATED
        )
        if cell(LISTENER, round.kind).needs_heard:
            seated = seated.exclude(heard="")  # they can't write, so nobody waits for them
        silent = _silent(with_standing(seated), round, "seat")
        names += [seat.listener.name for seat in silent.select_related("listener") if seat.in_force]
    return names


def _silent(authors: QuerySet[A], round: Round, author: str) -> QuerySet[A]:
    """Those with fewer texts of their own than there were turns, who did not pass."""
    in_round = Comment.objects.filter(thread__round=round.pk, parent=None, state__in=Comment.COUNTED)
    own = in_round.filter(**{author: OuterRef("pk")}).order_by().values(author)
    written = Coalesce(Subquery(own.annotate(number=Count("pk")).values("number"), IntegerField()), 0)
    passed = Pass.objects.filter(thread__round=round.pk, **{author: OuterRef("pk")})
    return authors.annotate(written=written).filter(~Exists(passed), written__lt=round.turn)
