"""Template tags for pages that lead to a report. Loaded with `{% load reports %}`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.template import Library
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import today
from dialogue.reports import policies, queries
from dialogue.reports.models import Report
from dialogue.sessions.matrix import PARTICIPANT
from dialogue.sessions.models import DialogueSession, State

register = Library()


@register.simple_tag
def report_stages(rows: Iterable[dict[str, Any]]) -> dict[UUID, dict[str, Any]]:
    """What there is to do about the reports of the sessions in these rows. One query."""
    return queries.stages([row["session"].pk for row in rows])


@register.simple_tag
def report_news(
    dialogue_session: DialogueSession, role: str, stages: dict[UUID, dict[str, Any]] | None = None
) -> list[dict[str, str]]:
    """What a participant or listener of the session can do about its report now: a sentence, and the way, each.

    One query, or none with the `stages` of many sessions.
    """
    known = queries.stages([dialogue_session.pk]) if stages is None else stages
    stage, pk = known.get(dialogue_session.pk, {}), dialogue_session.pk
    if stage.get("state") == Report.State.PUBLISHED:
        return [_way(_("The report of this talk is out."), _("Read the report"), "reports:detail", stage["pk"])]
    news = [_way(_("You choose what a report may carry of your texts."), _("Choose"), "threads:mine", pk)]
    if role == PARTICIPANT and stage.get("state") == Report.State.PREVIEW:
        words = _("You can read the report before it comes out, and ask for changes.")
        return [_way(words, _("Read the report"), "reports:preview", pk), *news]
    if role == PARTICIPANT and stage.get("asks"):
        words = _("Those who lead wrote down what they heard. You can say if it was said.")
        return [_way(words, _("Was that said?"), "reports:themes", pk), *news]
    return news


def _way(text: str, action: str, name: str, pk: UUID) -> dict[str, str]:
    return {"text": text, "action": action, "url": reverse(name, args=[pk])}


@register.inclusion_tag("dialogue/reports/_link.html")
def report_link(dialogue_session: DialogueSession) -> dict[str, Any]:
    """The way to the report of a session, once it is out. One query."""
    return {"report": queries.out_of(dialogue_session)}


@register.simple_tag
def report_step(dialogue_session: DialogueSession) -> dict[str, Any] | None:
    """What the team has to do next about the report, as next_step.html takes it; None once it is out. Two queries."""
    if dialogue_session.state != State.FOLLOW_UP:
        return None
    now = queries.standing_of(dialogue_session)
    if now.state == Report.State.PUBLISHED:
        return None
    missing = policies.gaps(now, today())
    return {
        "title": policies.next_step(now),
        "text": missing[0].text if missing else "",
        "url": reverse("reports:write", args=[now.pk]),
        "action": _("To the report"),
    }
