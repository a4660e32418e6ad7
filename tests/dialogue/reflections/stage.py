"""A session whose listening round is done, with two stories, and a reflecting round that is on."""

from typing import NamedTuple

import pytest

from accounts.models import User
from dialogue.reflections.actions import submit_reflection
from dialogue.reflections.models import Reflection
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.models import Comment
from tests import factories


class Stage(NamedTuple):
    dialogue_session: DialogueSession
    round: Round
    seat: ListenerSeat
    alias: Alias
    other_alias: Alias
    story: Comment  # of alias
    other_story: Comment  # of other_alias
    facilitator: User


def release(comment: Comment, *, batch: int = 1) -> Comment:
    """Let the text out, as far as its row is concerned."""
    place = Comment.objects.filter(thread=comment.thread, batch=batch).count() + 1
    Comment.objects.filter(pk=comment.pk).update(state="released", batch=batch, place=place, period=None)
    comment.refresh_from_db()
    return comment


def tell_back(stage: Stage, story: Comment | None = None, *, seat: ListenerSeat | None = None) -> Reflection:
    """A released reflection of the story, by the listener."""
    one = submit_reflection(stage.round, heard=story or stage.story, text="I heard you.", seat=seat or stage.seat)
    release(one.comment)
    return one


def close(round: Round) -> None:
    """The round is done."""
    Round.objects.filter(pk=round.pk).update(state=Round.State.DONE)
    round.refresh_from_db(fields=["state"])


def next_round(stage: Stage, kind: RoundKind) -> Round:
    """Close the round that is on and open one of this kind."""
    stage.dialogue_session.rounds.filter(state=Round.State.OPEN).update(state=Round.State.DONE)
    return factories.make_round(stage.dialogue_session, kind)


@pytest.fixture
def at_reflection(
    open_session: DialogueSession,
    listening: Round,
    alias: Alias,
    other_alias: Alias,
    seat: ListenerSeat,
    facilitator: User,
) -> Stage:
    """Two stories were told; the listener, of whom nobody said yet that he heard it right, may tell them back."""
    story = factories.make_comment(listening, alias, text="They took my bag.", state="released", place=1)
    other = factories.make_comment(listening, other_alias, text="Nobody called.", state="released", place=2)
    close(listening)
    ListenerSeat.objects.filter(pk=seat.pk).update(heard="")
    seat.refresh_from_db()
    round = factories.make_round(open_session, RoundKind.REFLECTING)
    return Stage(open_session, round, seat, alias, other_alias, story, other, facilitator)
