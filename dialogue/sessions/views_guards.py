"""The page on which the team says why it goes on at a bad time or place."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.decorators import facilitator_only
from dialogue.sessions.actions_guards import override_guard
from dialogue.sessions.forms_guards import OverrideForm
from dialogue.sessions.models_guards import Guard
from dialogue.sessions.queries_guards import guards_page
from dialogue.sessions.queries_team import snapshot_of
from dialogue.sessions.times import when
from dialogue.sessions.views_team import attempt, facilitator_of, mine_or_404


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def guards(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which guards the session meets; on POST, the reason for going on against one of them."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    version = dialogue_session.schedule_version
    page = guards_page(snapshot_of(dialogue_session))
    typed = request.POST if request.method == "POST" else None
    # Any guard may be sent: the action says what has become of one that asks no more.
    form = OverrideForm(typed, guards=Guard, initial={"schedule_version": version})
    if form.is_valid():
        step = lambda: override_guard(dialogue_session, by=by, **form.cleaned_data)  # noqa: E731 - as short as it gets
        if attempt(request, step, form, _("Your reason is kept.")):
            return redirect("sessions:guards", pk=pk)
    form.look_again(page["asking"], version)
    request.is_writing = bool(page["asking"])  # type: ignore[attr-defined]  # read by seeds.middleware
    return render(request, "dialogue/sessions/guards.html", page | {"form": form, "when": when(dialogue_session)})
