"""Template tags for pages that lead to the first move. Loaded with `{% load first_moves %}`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.template import Library

from dialogue.acknowledgments.queries_answers import unanswered

register = Library()


@register.simple_tag
def first_moves_to_answer(rows: Iterable[dict[str, Any]]) -> set[UUID]:
    """The sessions, of these rows with their alias, in which a first move waits for this participant. One query."""
    return unanswered([row["alias"] for row in rows])
