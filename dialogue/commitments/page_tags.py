"""Template tags for pages on which the record of agencies stands. Loaded with `{% load commitments %}`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.template import Library

from accounts.models import Agency
from dialogue.commitments import queries_public as queries
from dialogue.commitments.queries import waiting_in
from dialogue.sessions.models import DialogueSession, State

register = Library()


@register.simple_tag
def records_of(rows: Iterable[dict[str, Any]]) -> dict[UUID, queries.Record]:
    """The records of all agencies in these rows (see queries_public.card of sessions). One query."""
    return queries.record_of({agency for row in rows for agency in row["agencies"]})


@register.inclusion_tag("dialogue/commitments/_records.html")
def record_lines(agencies: Iterable[Agency], records: dict[UUID, queries.Record]) -> dict[str, Any]:
    """A line for each agency: what it kept and what it did not, with the way to its promises."""
    return {"lines": [{"agency": agency, "record": records[agency.pk]} for agency in agencies]}


@register.inclusion_tag("dialogue/commitments/_record.html")
def record_line(agency: Agency, records: dict[UUID, queries.Record]) -> dict[str, Any]:
    """The line of one agency, where its name stands above it."""
    return {"agency": agency, "record": records[agency.pk]}


@register.inclusion_tag("dialogue/commitments/_door.html")
def record_before_the_door(agencies: list[Agency]) -> dict[str, Any]:
    """What the agencies invited to a session kept, as a section of its page. One query."""
    return {"agencies": agencies, "records": queries.record_of(agencies)}


@register.inclusion_tag("dialogue/commitments/_made_here.html", takes_context=True)
def promises_made_in(context: dict[str, Any], dialogue_session: DialogueSession) -> dict[str, Any]:
    """The promises that came out of a session, once it is open. One query."""
    begun = dialogue_session.state in (State.OPEN, State.FOLLOW_UP)
    rows = queries.of_session(dialogue_session, context["request"].user) if begun else []
    return {"rows": rows, "is_over": dialogue_session.state == State.FOLLOW_UP}


@register.inclusion_tag("dialogue/commitments/_waiting.html")
def promises_waiting(dialogue_session: DialogueSession) -> dict[str, Any]:
    """How many promises of a session, or news of them, wait for its team. One query."""
    return {"count": waiting_in(dialogue_session)}
