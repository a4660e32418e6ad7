"""What the pages of a session show of the counts, wherever they are."""

from django import template

from dialogue.egoguard.queries import shown_to_listeners
from dialogue.sessions.models import DialogueSession

register = template.Library()


@register.inclusion_tag("dialogue/egoguard/_counts.html")
def nudge_counts(dialogue_session: DialogueSession) -> dict[str, object]:
    """How often listeners were asked to think about their words. On pages of the session's team only."""
    return {"counts": shown_to_listeners(dialogue_session)}
