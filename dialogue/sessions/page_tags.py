"""Template tags for the pages of one session. Loaded with `{% load talks %}`."""

from typing import Any

from django.template import Library

from dialogue.sessions.agenda import path_of
from dialogue.sessions.models import DialogueSession, State

register = Library()


@register.inclusion_tag("components/stepper.html")
def talk_path(dialogue_session: DialogueSession) -> dict[str, Any]:
    """Where the session is on its path; nothing unless it is open and a round is on. One query in an open session."""
    is_open = dialogue_session.state == State.OPEN
    steps = path_of(dialogue_session.rounds.order_by("number")) if is_open else []
    return {"steps": steps if any(step["state"] == "now" for step in steps) else []}
