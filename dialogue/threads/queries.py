"""Where somebody stands in a room, and what can be done there now."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import Participant, User
from dialogue.sessions.matrix import LISTENER, PARTICIPANT
from dialogue.sessions.models import DialogueSession, ListenerSeat, Round
from dialogue.sessions.places import Place
from dialogue.sessions.queries import own_aliases, was_removed
from dialogue.threads.models import Comment, Pass
from dialogue.threads.policies import REVISABLE, Now, now

if TYPE_CHECKING:
    from dialogue.sessions.models import Viewer


def author_place(viewer: "Viewer", pk: UUID) -> Place | None:
    """The viewer's place as an author, also one that was lost: own texts can be taken back from there at any time."""
    if isinstance(viewer, Participant):
        alias = own_aliases(viewer).select_related("dialogue_session").filter(dialogue_session=pk).first()
        return Place(alias.dialogue_session, PARTICIPANT, alias=alias) if alias else None
    seats = ListenerSeat.objects.select_related("dialogue_session").filter(dialogue_session=pk)
    seat = seats.filter(listener=viewer.pk).first() if isinstance(viewer, User) else None
    return Place(seat.dialogue_session, LISTENER, seat=seat) if seat else None


def had_place(viewer: "Viewer", pk: UUID) -> bool:
    """Whether the viewer was in this session before: what he still types is given back to him."""
    dialogue_session = DialogueSession.objects.filter(pk=pk).first()
    if dialogue_session is None:
        return False
    if isinstance(viewer, Participant):
        return was_removed(viewer, dialogue_session)
    return isinstance(viewer, User) and ListenerSeat.objects.filter(listener=viewer, dialogue_session=pk).exists()


def rounds_of(place: Place) -> list[Any]:
    """The session's rounds in order, each with its thread, `written` (texts that count), `passed`, and `asked`: does a
    text of the viewer's own wait there for an answer of his, and `told_back`: was a story of his told back there, to
    which he has not said anything. One query.
    """
    rounds = place.dialogue_session.rounds.select_related("thread").order_by("number")
    if place.alias is None and place.seat is None:
        no = Value(value=False)
        return list(rounds.annotate(written=Value(0), passed=no, asked=no, told_back=no))
    own = Comment.objects.filter(thread__round=OuterRef("pk")).counted(**place.author)
    written = own.order_by().values("thread").annotate(number=Count("pk")).values("number")
    passes = Pass.objects.filter(thread__round=OuterRef("pk"), **place.author)
    return list(
        rounds.annotate(
            written=Coalesce(Subquery(written, output_field=IntegerField()), Value(0)),
            passed=Exists(passes),
            told_back=_told_back(place),
            asked=Exists(Comment.objects.filter(thread__round=OuterRef("pk"), state__in=REVISABLE, **place.author)),
        )
    )


def _told_back(place: Place) -> Exists | Value:
    """Whether a listener told back a story of this participant in the round, and nothing was said to that yet."""
    if place.alias is None:
        return Value(value=False)
    out = Comment.objects.filter(thread__round=OuterRef("pk"), state=Comment.State.RELEASED)
    unanswered = {"reflection__answer": "", "reflection__is_out": False}
    return Exists(
        out.filter(reflection__heard__alias=place.alias, reflection__heard__state=Comment.State.RELEASED, **unanswered)
    )


def open_round(rounds: list[Any]) -> Any | None:
    """The round that is on."""
    return next((round for round in rounds if round.state == Round.State.OPEN), None)


def shown_round(rounds: list[Any], number: str) -> Any | None:
    """The round whose texts are shown: the one asked for if it has begun, the open one, or the last with texts."""
    begun = [round for round in rounds if round.state in (Round.State.OPEN, Round.State.DONE)]
    asked = next((round for round in begun if str(round.number) == number), None)
    last = next(filter(has_texts, reversed(begun)), begun[-1] if begun else None)
    return asked or open_round(begun) or last


def has_texts(round: Any) -> bool:
    """Whether a batch came out under this round's prompt."""
    return hasattr(round, "thread") and round.thread.batches > 0


def what_now(place: Place, rounds: list[Any]) -> Now:
    """What the viewer can do in the room at this moment."""
    current = open_round(rounds)
    if current:
        current.dialogue_session = place.dialogue_session  # the same row; saves a query
    written, passed = (current.written, current.passed) if current else (0, False)
    heard = place.seat is None or bool(place.seat.heard)
    return now(place.role, place.dialogue_session, current, written=written, passed=passed, heard=heard)
