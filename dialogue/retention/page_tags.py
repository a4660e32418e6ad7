"""Template tags for pages that must tell when words go, and what stops it. Loaded with `{% load retention %}`."""

from typing import Any

from django.template import Library

from dialogue.retention import queries
from dialogue.retention.models import Hold
from dialogue.retention.policies import ENDED
from dialogue.sessions.models import DialogueSession

register = Library()


def _hold(dialogue_session: DialogueSession) -> Hold | None:
    """What stops the deletion, asked once for each page."""
    known: dict[str, Any] = dialogue_session.__dict__
    if "hold_now" not in known:
        known["hold_now"] = queries.hold_in_force(dialogue_session)
    hold: Hold | None = known["hold_now"]
    return hold


@register.inclusion_tag("dialogue/retention/_hold.html")
def hold_notice(dialogue_session: DialogueSession) -> dict[str, Any]:
    """That the deletion is stopped, since when and why; nothing when it is not. One query."""
    return {"hold": _hold(dialogue_session)}


@register.inclusion_tag("dialogue/retention/_link.html")
def what_goes_when(dialogue_session: DialogueSession) -> dict[str, Any]:
    """The day on which the words go, once it is known and holds, and the way to the page that tells it all."""
    known = dialogue_session.purge_on and dialogue_session.state in ENDED and not _hold(dialogue_session)
    return {"session": dialogue_session, "day": dialogue_session.purge_on if known else None}
