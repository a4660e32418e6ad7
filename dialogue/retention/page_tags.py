"""Template tags for pages that must tell when words go, and what stops it. Loaded with `{% load retention %}`."""

from typing import Any

from django.template import Library

from dialogue.retention import queries
from dialogue.sessions.models import DialogueSession

register = Library()


@register.inclusion_tag("dialogue/retention/_hold.html")
def hold_notice(dialogue_session: DialogueSession) -> dict[str, Any]:
    """That the deletion is stopped, since when and why; nothing when it is not. One query."""
    return {"hold": queries.hold_in_force(dialogue_session)}


@register.inclusion_tag("dialogue/retention/_link.html")
def what_goes_when(dialogue_session: DialogueSession) -> dict[str, Any]:
    """The day on which the words go, once it is known, and the way to the page that tells it all."""
    return {"session": dialogue_session}
