"""Telling back, answering, letting answers out, letting a listener write. Nothing here keeps a time or sends mail."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.reflections import policies, queries
from dialogue.reflections.models import Reflection
from dialogue.sessions.actions import lock
from dialogue.sessions.models import Alias, ListenerSeat, Round
from dialogue.threads.actions import AlreadySent, submit_comment
from dialogue.threads.models import Comment
from seeds.transitions import NotAllowed

Answer = Reflection.Answer


@transaction.atomic
def submit_reflection(
    round: Round, *, heard: Comment, text: str, seat: ListenerSeat, pk: UUID | None = None
) -> Reflection:
    """Hand in what a listener heard in this story, to be read by a facilitator first. The same `pk` twice is one row.

    Raises as `submit_comment`, and NotAllowed when the story was taken back or this listener can't tell it back now.
    """
    comment = submit_comment(round, text=text, seat=seat, pk=pk, tells_back=True)
    if earlier := Reflection.objects.filter(comment=comment).first():
        if earlier.heard_id != heard.pk:
            raise AlreadySent
        return earlier
    story = _held_story(round, heard)
    last = queries.with_texts().filter(seat=seat, heard=story).order_by("attempt").last()
    refused = policies.retelling_refusal(last)
    if refused is not None:
        raise NotAllowed(refused)
    attempt = last.attempt + 1 if last else 1
    return Reflection.objects.create(comment=comment, heard=story, seat=seat, attempt=attempt)


def _held_story(round: Round, heard: Comment) -> Comment:
    """The story, which can't be taken back until the transaction ends."""
    told = queries.stories(round.dialogue_session_id).filter(pk=heard.pk).select_related(None).order_by()
    story = told.defer("body").select_for_update(of=("self",), no_key=True).first()
    if story is None:
        raise NotAllowed(_("The person who told this story took it back. What you typed is still here."))
    return story


@transaction.atomic
def answer_reflection(
    reflection: Reflection, *, answer: str, alias: Alias, meant: str = "", pk: UUID | None = None
) -> Reflection:
    """Say as the person who told the story if it was heard right; until it is let out the answer can be changed.

    `meant` (for "not quite" only) goes in as a text below the reflection, read by a facilitator first; `pk` is its id.
    Raises NotAllowed for everybody else and once the answer is out, and as `submit_comment` for what was meant.
    """
    answer = Answer(answer)
    if meant and answer == Answer.CORRECTED:
        submit_comment(reflection.comment.thread.round, text=meant, alias=alias, parent=reflection.comment, pk=pk)
    rows = queries.with_texts().filter(pk=reflection.pk)
    held = rows.select_for_update(of=("self", "comment"), no_key=True).first()
    if held is None:
        raise NotAllowed(_("There is nothing to answer here any more."))
    refused = policies.answer_refusal(held, alias)
    if refused is not None:
        raise NotAllowed(refused)
    held.answer = answer
    held.save(update_fields=["answer"])
    return held


@transaction.atomic
def let_out_answers(round: Round, *, by: User) -> int:
    """Show what was said to the reflections of a round, all at once; how many.

    Once the round is closed this settles it: who has not answered has not answered. A listener of whom somebody said
    "yes, that's it" may write from now on. Raises NotAllowed when nothing waits, or answers of too few people.
    """
    held = lock(round.dialogue_session, by=by)
    round.refresh_from_db(fields=["state"])
    waiting = queries.unsettled(round).order_by("pk").select_for_update(of=("self", "comment"), no_key=True)
    going = policies.going_out(waiting, round)
    refused = policies.let_out_refusal(held, round, going)
    if refused is not None:
        raise NotAllowed(refused)
    for one in going:
        one.is_out = True
        if not one.answer or not policies.is_answerable_story(one.heard):
            one.answer = Answer.PASSED
    Reflection.objects.bulk_update(going, ["answer", "is_out"])
    _note_heard(going)
    write(AuditEvent.Verb.LET_OUT_ANSWERS, by=by, session_id=held.pk, detail=f"{round.number}: {len(going)} answers")
    return len(going)


def _note_heard(going: list[Reflection]) -> None:
    """Let those write of whom somebody said that they heard it right."""
    seats = {one.seat_id for one in going if one.answer == Answer.CONFIRMED}
    ListenerSeat.objects.filter(pk__in=seats).update(heard=ListenerSeat.Heard.CONFIRMED)


@transaction.atomic
def free_listener(seat: ListenerSeat, *, by: User) -> ListenerSeat:
    """Let a listener write although nobody confirmed what he heard; all in the room can see that.

    Raises NotAllowed while anything may still come of his reflections (see `policies.free_refusal`).
    """
    held = lock(seat.dialogue_session, by=by)
    seat.refresh_from_db(fields=["heard", "state"])
    is_on = queries.reflecting_is_on(held)
    any_story = queries.stories(held).exists()
    refused = policies.free_refusal(seat, held, queries.latest_tries(seat), is_on=is_on, any_story=any_story)
    if refused is not None:
        raise NotAllowed(refused)
    seat.heard = ListenerSeat.Heard.RELEASED
    seat.save(update_fields=["heard"])
    write(AuditEvent.Verb.FREE_LISTENER, by=by, session_id=held.pk)
    return seat
