"""Showing a report to the participants, taking it back, bringing it out; and what becomes of one that is not out."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User, today
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.facts.actions import close_facts
from dialogue.feedback.actions import close_questions
from dialogue.reports import figures, policies
from dialogue.reports.content import put_together
from dialogue.reports.models import Quote, Report, Theme
from dialogue.reports.queries import repeats, standing_of
from dialogue.sessions.actions import lock
from dialogue.sessions.models import DialogueSession
from dialogue.tallies import actions as tallies
from dialogue.threads.models import Comment, QuoteConsent
from seeds.transitions import NotAllowed, move

State = Report.State


def _locked(dialogue_session: DialogueSession, *, by: User, state: str) -> tuple[Report, policies.Standing]:
    held = lock(dialogue_session, by=by)
    now = standing_of(held)
    if now.report is None or now.report.state != state:
        raise NotAllowed(_("The report is no longer where this step starts. Nothing was changed."))
    now.report.dialogue_session = held
    return now.report, now


def _refuse(report: Report, gaps: list[policies.Gap]) -> None:
    """Raises NotAllowed with the first thing that is missing, or where the report says what was not given to it."""
    if gaps:
        raise NotAllowed(str(gaps[0].text))
    if found := repeats(report):
        words = " … ".join(f"“{part}”" for row in found for part in row["words"])
        message = _("The report repeats words of a text, or a name from this talk: %(words)s. Nothing was changed.")
        raise NotAllowed(message % {"words": words})


def _figures(dialogue_session: DialogueSession) -> dict[str, Any]:
    """The numbers, once: what was asked of everybody is closed first, so that nobody is asked and not counted."""
    close_questions(dialogue_session)
    close_facts(dialogue_session)
    return figures.taken(dialogue_session)


@transaction.atomic
def start_preview(dialogue_session: DialogueSession, *, by: User) -> Report:
    """Show the report to the participants of its session for seven full days.

    The figures are taken the first time and stay, so that two previews can't be compared. Raises NotAllowed with what
    is missing.
    """
    report, now = _locked(dialogue_session, by=by, state=State.DRAFT)
    _refuse(report, list(policies.preview_gaps(now, today())))
    numbers = report.figures or _figures(report.dialogue_session)
    move(report, State.PREVIEW, sources=[State.DRAFT], preview_from=today(), figures=numbers)
    write(AuditEvent.Verb.PREVIEW_REPORT, by=by, session_id=now.pk, detail="shown")
    return report


@transaction.atomic
def take_back_preview(dialogue_session: DialogueSession, *, by: User) -> Report:
    """Make the report a draft again, to change it: the seven days start anew. Raises NotAllowed unless it is shown."""
    report, now = _locked(dialogue_session, by=by, state=State.PREVIEW)
    move(report, State.DRAFT, sources=[State.PREVIEW], preview_from=None)
    write(AuditEvent.Verb.PREVIEW_REPORT, by=by, session_id=now.pk, detail="taken back")
    return report


@transaction.atomic
def publish_report(dialogue_session: DialogueSession, *, by: User) -> Report:
    """Bring the report out: what it says is frozen as plain words, and nothing leads from it to a text any more.

    It waits for whoever takes a text, a story that one tells back, or a yes back at the same moment; what was taken
    back in time is not in it. Raises NotAllowed with what is missing, and for the second of two who do this at once.
    """
    report, now = _locked(dialogue_session, by=by, state=State.PREVIEW)
    quotes = Quote.objects.filter(theme__report=report)
    quoted = Comment.objects.filter(quotes__in=quotes.order_by()).order_by()
    behind = Q(pk__in=quoted.values("pk")) | Q(pk__in=quoted.values("reflection__heard"))
    list(Comment.objects.select_for_update().filter(behind).order_by("pk").values_list("pk"))
    _refuse(report, list(policies.publish_gaps(now, today())))
    content = put_together(report)
    move(report, State.PUBLISHED, sources=[State.PREVIEW], content=content, published_on=today(), published_by=by)
    quotes.delete()
    report.themes.exclude(state=Theme.State.APPROVED).delete()
    texts = Comment.objects.filter(thread__round__dialogue_session=now.pk)
    texts.exclude(quote_consent=QuoteConsent.NONE).update(quote_consent=QuoteConsent.NONE)
    write(AuditEvent.Verb.PUBLISH_REPORT, by=by, session_id=now.pk)
    return report


# --- By the clock ----------------------------------------------------------------------------------------------------


def stop_asking(dialogue_session: DialogueSession) -> None:
    """Once names are cut off nobody can answer: themes that were asked about are drafts again, the answers deleted."""
    for theme in Theme.objects.filter(report__dialogue_session=dialogue_session, state=Theme.State.OFFERED):
        tallies.settle(policies.subject_of(theme))
        move(theme, Theme.State.DRAFT, sources=[Theme.State.OFFERED])


def delete_unpublished(dialogue_session: DialogueSession) -> None:
    """Delete a report that did not come out, with its themes and quotes. One that is out stays."""
    stop_asking(dialogue_session)
    Report.objects.filter(dialogue_session=dialogue_session).exclude(state=State.PUBLISHED).delete()
