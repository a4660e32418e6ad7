"""Pages of reports: for everybody, and for the people of a session before it is out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import participant_only
from accounts.models import Participant
from dialogue.commitments.queries_public import of_session
from dialogue.reports import queries
from dialogue.reports.actions import answer_theme
from dialogue.reports.content import in_days, put_together, shown
from dialogue.reports.models import Report, Theme
from dialogue.reports.policies import ANSWERS, comes_out_from
from dialogue.sessions.models import LISTED, DialogueSession
from dialogue.sessions.policies import may_lead
from dialogue.sessions.queries import closing_has_begun, my_alias, my_aliases
from dialogue.sessions.views_members import participant_of
from dialogue.sessions.views_public import layout_for
from seeds.transitions import NotAllowed

A_PAGE = 20
FOLDER = "dialogue/reports"


def _page(request: HttpRequest, report: Report, content: dict[str, Any]) -> dict[str, Any]:
    """What the report's text takes. Promises stand in it as they are today, whatever was frozen.

    Sources are no links where a participant reads: none leads off the site.
    """
    return {
        "layout": layout_for(request),
        "report": report,
        "session": report.dialogue_session,
        "content": shown(content),
        "with_links": not isinstance(request.user, Participant),
        "promises": of_session(report.dialogue_session, request.user),
    }


@login_not_required
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """All reports that are out."""
    page = Paginator(queries.published(), A_PAGE).get_page(request.GET.get("page"))
    rows = [{"report": one, "content": one.content, "days": in_days(one.content or {})} for one in page]
    return render(request, f"{FOLDER}/list.html", {"layout": layout_for(request), "page": page, "rows": rows})


@login_not_required
@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One report that is out."""
    report = get_object_or_404(queries.published(), pk=pk)
    context = _page(request, report, report.content or {})
    context["is_listed"] = report.dialogue_session.state in LISTED
    return render(request, f"{FOLDER}/detail.html", context)


@require_safe
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The report before it comes out: for the participants of the session and its team, not for listeners."""
    reports = Report.objects.filter(dialogue_session=pk).exclude(state=Report.State.DRAFT)
    report = get_object_or_404(reports.select_related("dialogue_session"), dialogue_session=pk)
    session = report.dialogue_session
    is_participant = isinstance(request.user, Participant) and my_alias(request.user, session) is not None
    if not (is_participant or may_lead(request.user, session)):
        raise Http404
    if report.state == Report.State.PUBLISHED or report.preview_from is None:
        return redirect("reports:detail", report.pk)
    context = _page(request, report, put_together(report))
    context |= {"day": comes_out_from(report.preview_from), "leads": not is_participant}
    return render(request, f"{FOLDER}/preview.html", context)


@participant_only
@require_safe
def themes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the team heard: the participants say if it was said."""
    participant = participant_of(request)
    alias = get_object_or_404(my_aliases(participant), dialogue_session=pk)
    rows = queries.themes_for(participant, alias.dialogue_session)
    context = {
        "session": alias.dialogue_session,
        "rows": rows,
        "choices": ANSWERS,
        "may_answer": closing_has_begun(alias.dialogue_session),
        "asks": any(row["theme"].state == Theme.State.OFFERED and not row["answered"] for row in rows),
    }
    return render(request, f"{FOLDER}/themes.html", context)


@participant_only
@require_POST
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say in one tap if this was said."""
    participant = participant_of(request)
    mine = DialogueSession.objects.filter(pk__in=my_aliases(participant).values("dialogue_session"))
    rows = Theme.objects.select_related("report__dialogue_session").filter(report__dialogue_session__in=mine)
    theme = get_object_or_404(rows, pk=pk)
    try:
        answer_theme(theme, by=participant, answer=request.POST.get("answer", ""))
    except NotAllowed as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("We have your answer. No one can see what it was."))
    return redirect("reports:themes", theme.report.dialogue_session_id)
