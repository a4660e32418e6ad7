"""Template tags for pages that lead to the questions, or show what was answered. `{% load felt_heard %}`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.template import Context, Library

from dialogue.feedback import policies, queries
from dialogue.feedback.questions import Side
from dialogue.feedback.showing import charts
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.places import Place

register = Library()


@register.inclusion_tag("dialogue/feedback/_session.html")
def felt_heard(dialogue_session: DialogueSession) -> dict[str, Any]:
    """What may be shown of this session. Nothing, without a query, until its questions are closed."""
    closed = dialogue_session.questions_closed_on is not None
    return {
        "closed": closed and dialogue_session.state == State.FOLLOW_UP,
        "charts": charts(queries.figures(dialogue_session)) if closed else [],
    }


@register.inclusion_tag("dialogue/feedback/_door.html", takes_context=True)
def felt_heard_door(context: Context, place: Place, steps: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The way to the questions until this person has answered them; the steps hold the session's rounds. One query, and
    none while nothing is asked."""
    held, side = place.dialogue_session, policies.side_of(place)
    if side is None or not policies.is_answerable(held, [step["round"] for step in steps]):
        return {"session": None}
    return {"session": None if queries.answered_in(context["request"].user, [held.pk], side) else held}


@register.simple_tag(takes_context=True)
def felt_heard_waits(context: Context, rows: Iterable[dict[str, Any]]) -> set[UUID]:
    """The sessions of these rows, in their follow-up, whose questions wait for an answer of this viewer. One query."""
    sessions = [row["session"] for row in rows]
    asked = {one.pk for one in sessions if one.state == State.FOLLOW_UP and policies.is_answerable(one)}
    if not asked:
        return set()
    side = Side.PARTICIPANTS if context["viewer_role"] == "participant" else Side.LISTENERS
    return asked - queries.answered_in(context["request"].user, asked, side)
