"""Stories and tries as pages show them."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogue.reflections.models import Reflection
from dialogue.reflections.policies import free_refusal, freed_note, going_out, let_out_refusal, retelling_refusal
from dialogue.reflections.queries import (
    answered_of,
    latest_tries_in,
    reflecting_is_on,
    stories,
    tries_of,
    unsettled_in,
)
from dialogue.sessions.models import DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.models import Comment
from dialogue.threads.queries_texts import opened
from dialogue.threads.text import paragraphs

Answer, States = Reflection.Answer, Comment.State
#: What became of a try, for the listener: kind and words of the mark.
_MARKS: dict[str, tuple[str, str | Promise]] = {
    States.HELD: ("doing", _("Waiting to be read")),
    States.APPROVED: ("doing", _("Read and approved")),
    States.PROPOSED: ("warn", _("Other words for you to look at")),
    States.RETURNING: ("doing", _("Waiting to be read")),
    States.RETURNED: ("warn", _("Returned to you")),
    States.APPEALED: ("doing", _("Someone else looks again")),
    States.UPHELD: ("warn", _("Returned to you, after a second look")),
    States.WITHDRAWN: ("todo", _("You took it back")),
    States.RELEASED: ("doing", _("Shown to all. No answer to it was let out yet")),
}
_ANSWERS: dict[str, tuple[str, str | Promise]] = {
    Answer.CONFIRMED: ("done", _("Yes, that’s it")),
    Answer.CORRECTED: ("warn", _("Not quite")),
    Answer.PASSED: ("todo", _("No answer")),
}


def _mark(one: Reflection) -> dict[str, Any]:
    is_answered = one.is_out and one.comment.state == States.RELEASED
    kind, text = _ANSWERS[one.answer] if is_answered else _MARKS[one.comment.state]
    return {"kind": kind, "text": text}


def story_shown(story: Comment, tries: list[Reflection]) -> dict[str, Any]:
    """A text with its words, and what became of these tries to tell it back."""
    words, gone = opened(story.thread.round.dialogue_session_id, story.pk, story.body)
    last = tries[-1] if tries else None
    return {
        "pk": story.pk,
        "name": story.alias.name if story.alias else "",
        "paragraphs": paragraphs(words),
        "gone": gone,
        "tries": [{"attempt": one.attempt, "mark": _mark(one)} for one in tries],
        "why_not": retelling_refusal(last),
        "again": last is not None,
    }


def stories_shown(dialogue_session: DialogueSession, seat: ListenerSeat) -> list[dict[str, Any]]:
    """Every story that can be told back. Two queries, however many there are."""
    tries = tries_of(seat)
    told = stories(dialogue_session).select_related("alias", "thread__round")
    return [story_shown(story, tries.get(story.pk, [])) for story in told]


# --- For those who lead --------------------------------------------------------------------------------------------


def rounds_shown(dialogue_session: DialogueSession) -> list[dict[str, Any]]:
    """The reflecting rounds that have begun, with how many answers wait."""
    begun = dialogue_session.rounds.filter(
        kind=RoundKind.REFLECTING, state__in=(Round.State.OPEN, Round.State.DONE)
    ).order_by("number")
    waiting = unsettled_in(dialogue_session)
    return [round_shown(dialogue_session, round, waiting[round.pk]) for round in begun]


def round_shown(dialogue_session: DialogueSession, round: Round, waiting: list[Reflection]) -> dict[str, Any]:
    """A round with how many of its reflections were answered, and why the answers can't be let out now.

    `waiting` = those whose answers are not let out.
    """
    going = going_out(waiting, round)
    counted = answered_of(waiting) if round.kind == RoundKind.REFLECTING else {"answered": 0, "waiting": 0}
    return counted | {"round": round, "refused": let_out_refusal(dialogue_session, round, going)}


def listeners_shown(dialogue_session: DialogueSession) -> list[dict[str, Any]]:
    """The seated listeners, with whether each may write by now, and why he can't be let write."""
    is_on, any_story = reflecting_is_on(dialogue_session), stories(dialogue_session).exists()
    latest = latest_tries_in(dialogue_session)
    seated = ListenerSeat.objects.filter(dialogue_session=dialogue_session, state=ListenerSeat.State.SEATED)
    return [
        listener_shown(dialogue_session, seat, latest[seat.pk], is_on=is_on, any_story=any_story)
        for seat in seated.select_related("listener").order_by("listener__name", "pk")
    ]


def listener_shown(
    dialogue_session: DialogueSession, seat: ListenerSeat, latest: list[Reflection], *, is_on: bool, any_story: bool
) -> dict[str, Any]:
    """One listener, as `listeners_shown`; `latest` = his last try at each story."""
    marks: dict[str, tuple[str, str | Promise]] = {
        "": ("todo", _("Only reads until then")),
        ListenerSeat.Heard.CONFIRMED: ("done", _("A reflection was confirmed")),
        ListenerSeat.Heard.RELEASED: ("warn", freed_note(seat.listener.name)),
    }
    kind, text = marks[seat.heard]
    refused = free_refusal(seat, dialogue_session, latest, is_on=is_on, any_story=any_story)
    return {"seat": seat, "name": seat.listener.name, "mark": {"kind": kind, "text": text}, "refused": refused}
