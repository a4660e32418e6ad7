"""Which stories can be told back, what became of each try, and what waits to be let out."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from dialogue.reflections.models import Reflection
from dialogue.sessions.models import DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.models import Comment


def stories(dialogue_session: DialogueSession | UUID) -> QuerySet[Comment]:
    """What participants told in the session's listening rounds and did not take back, in reading order.

    Also the stories of people who are not there any more: what is missing would tell a listener who left.
    """
    told = Comment.objects.filter(
        thread__round__dialogue_session=dialogue_session,
        thread__round__kind=RoundKind.LISTENING,
        state=Comment.State.RELEASED,
        parent=None,
        alias__isnull=False,
    )
    return told.select_related("alias").order_by("thread__round__number", "batch", "place")


def with_texts() -> QuerySet[Reflection]:
    """Reflections with everything the policies look at, without the words."""
    related = Reflection.objects.select_related("comment__thread__round__dialogue_session", "heard__alias", "seat")
    return related.defer("comment__body", "heard__body")


def tries_of(seat: ListenerSeat) -> dict[UUID, list[Reflection]]:
    """A listener's tries by the story's id, the earliest first."""
    found: dict[UUID, list[Reflection]] = defaultdict(list)
    for one in with_texts().filter(seat=seat).order_by("attempt"):
        found[one.heard_id].append(one)
    return found


def latest_tries(seat: ListenerSeat) -> list[Reflection]:
    """A listener's last try at each story."""
    return [tries[-1] for tries in tries_of(seat).values()]


def latest_tries_in(dialogue_session: DialogueSession) -> dict[UUID, list[Reflection]]:
    """The last try at each story, by the id of the listener's seat. One query."""
    tries = with_texts().filter(seat__dialogue_session=dialogue_session).order_by("attempt")
    found: dict[UUID, list[Reflection]] = defaultdict(list)
    for one in {(one.seat_id, one.heard_id): one for one in tries}.values():
        found[one.seat_id].append(one)
    return found


def unsettled(round: Round) -> QuerySet[Reflection]:
    """The reflections that came out in the round and whose answers are not let out."""
    return with_texts().filter(comment__thread__round=round, comment__state=Comment.State.RELEASED, is_out=False)


def unsettled_in(dialogue_session: DialogueSession) -> dict[UUID, list[Reflection]]:
    """As `unsettled`, for all rounds of the session by their ids. One query."""
    found: dict[UUID, list[Reflection]] = defaultdict(list)
    out = with_texts().filter(comment__state=Comment.State.RELEASED, is_out=False)
    for one in out.filter(comment__thread__round__dialogue_session=dialogue_session):
        found[one.comment.thread.round_id].append(one)
    return found


def reflecting_is_on(dialogue_session: DialogueSession) -> bool:
    """Whether a reflecting round is open."""
    return dialogue_session.rounds.filter(kind=RoundKind.REFLECTING, state=Round.State.OPEN).exists()


def answered_of(waiting: list[Reflection]) -> dict[str, Any]:
    """How many of these reflections without a let out answer have one; never which."""
    return {"answered": sum(bool(one.answer) for one in waiting), "waiting": len(waiting)}
