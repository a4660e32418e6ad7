"""The page from which an open session is run, and the one that says what happened in any session."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.decorators import facilitator_only
from dialogue.desk.queries_run import run_page
from dialogue.desk.queries_timeline import timeline_page
from dialogue.sessions.models import State
from dialogue.sessions.views_team import mine_or_404


@facilitator_only
@require_safe
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is on, and the one thing to do next. Before and after, the session's own page says what comes next."""
    dialogue_session = mine_or_404(request, pk)
    if dialogue_session.state != State.OPEN:
        return redirect("sessions:manage", pk)
    return render(request, "dialogue/desk/run.html", run_page(dialogue_session))


@facilitator_only
@require_safe
def timeline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What happened when, to the hour, and what is to come."""
    return render(request, "dialogue/desk/timeline.html", timeline_page(mine_or_404(request, pk)))
