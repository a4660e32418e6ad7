"""When a story can be told back, what is heard be answered, answers be let out, and a listener be let write."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from dialogue.reflections.models import Reflection
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads.models import Comment
from dialogue.threads.policies import closed

Words = str | Promise
Answer = Reflection.Answer

#: States of a session in which facilitators let answers out.
LETS_OUT = (State.OPEN, State.FOLLOW_UP)
#: Answers that say something. A pass comes out with the silence of others, so that nobody can tell the two apart.
SPOKEN = (Answer.CONFIRMED, Answer.CORRECTED)


def retelling_refusal(last: Reflection | None) -> Words | None:
    """Why a listener can't tell a story back (again) after this try of his, the latest; None if he can."""
    if last is None:
        return None
    if last.is_out and last.answer == Answer.CORRECTED:
        return None
    if last.is_out and last.answer == Answer.PASSED:
        return _("No answer came to what you heard in this story. Leave it at that, and choose another one.")
    if last.comment.state == Comment.State.WITHDRAWN:
        return None
    if last.is_out:
        return _("They said of what you heard: yes, that’s it.")
    if last.comment.state in (Comment.State.RETURNED, Comment.State.UPHELD):
        return _("What you wrote about this story came back to you. Change that text, or take it back first.")
    return _("You told this story back already. You can try again if they say: not quite.")


def is_answerable_story(story: Comment) -> bool:
    """Whether somebody is there to answer: the story was not taken back, its author neither removed nor forgotten."""
    author = story.alias
    return (
        story.state == Comment.State.RELEASED and author is not None and author.tag is not None and not author.removed
    )


def answer_refusal(reflection: Reflection, alias: Alias) -> Words | None:
    """Why this author of the story can't say now if it was heard right; None if he can."""
    if reflection.heard.alias_id != alias.pk:
        return _("Only the person who told the story can say if it was heard right.")
    shut = closed(reflection.comment.thread.round.dialogue_session)
    if shut is not None:
        return shut
    if reflection.is_out:
        return _("The answers of this round are out by now, so yours stays as it is.")
    if reflection.comment.state != Comment.State.RELEASED or not is_answerable_story(reflection.heard):
        return _("There is nothing to answer here any more.")
    return None


def is_final(round: Round) -> bool:
    """Whether letting out settles the round: who has not answered by then has not answered."""
    return round.state == Round.State.DONE


def going_out(waiting: Iterable[Reflection], round: Round) -> list[Reflection]:
    """Which of the reflections without a let out answer get one now: all once the round is closed; before that those
    to which somebody said something."""
    if is_final(round):
        return list(waiting)
    return [one for one in waiting if one.answer in SPOKEN and is_answerable_story(one.heard)]


def let_out_refusal(dialogue_session: DialogueSession, round: Round, going: list[Reflection]) -> Words | None:
    """Why these answers can't be let out now; None if they can."""
    if dialogue_session.paused:
        return _("The session is paused. Answers are let out when it goes on.")
    if dialogue_session.state not in LETS_OUT:
        return _("Answers are let out only while the session is open, or in its follow-up.")
    if round.kind != RoundKind.REFLECTING or not going:
        return _("There is nothing to let out: no answer is waiting.")
    if not is_final(round) and len({one.heard.alias_id for one in going}) < 2:
        return _(
            "Answers of at least two participants are needed, so that a listener can’t tell who answered just now."
            " Wait for another one, or close the round first."
        )
    return None


def free_refusal(
    seat: ListenerSeat, dialogue_session: DialogueSession, latest: list[Reflection], *, is_on: bool, any_story: bool
) -> Words | None:
    """Why this listener can't be let write without a confirmed reflection; None if he can.

    `latest` = his last try at each story; `is_on` = a reflecting round is open; `any_story` = one is out that can be
    told back.
    """
    if dialogue_session.state != State.OPEN or dialogue_session.paused:
        return _("This can be done only while the session is open and not paused.")
    if seat.state != ListenerSeat.State.SEATED:
        return _("This listener has no seat.")
    if seat.heard:
        return _("This listener may write already.")
    if is_on:
        return _("The reflecting round is still on. Wait until it is closed.")
    return _still_open(latest, any_story=any_story)


def _still_open(latest: list[Reflection], *, any_story: bool) -> Words | None:
    """What is still to come of these tries before a listener can be let write without any of them confirmed.

    What is said can be done: nobody tries again at a story that was taken back, or tells back where none is out.
    """
    states = Comment.State
    waiting = (*Comment.WAITING, states.RETURNING, states.APPROVED, states.PROPOSED)
    under_way = [one for one in latest if one.comment.state in waiting]
    out = [one for one in latest if one.comment.state == states.RELEASED]
    if under_way:
        return _("A reflection of this listener still waits to be read, or to come out.")
    if not out and not any_story:
        return _("No story is out that this listener could tell back. Another listening round can bring one.")
    if not out:
        return _("This listener has not told back any story yet. Open a reflecting round for that.")
    if any(not one.is_out for one in out):
        return _("Answers to this listener’s reflections are not let out yet. Do that first.")
    if any(one.answer == Answer.CORRECTED and one.heard.state == states.RELEASED for one in out):
        return _("Somebody said: not quite. The listener can try again; open another reflecting round for that.")
    return None


def freed_note(name: str) -> Words:
    """What all read of a listener whom the facilitators let write."""
    return format_lazy(_("The facilitators let {name} write. Nobody confirmed what {name} heard."), name=name)
