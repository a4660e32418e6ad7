"""Pages of objections: the participant's, and the team's. Listeners have none."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import facilitator_only, participant_only
from dialogue.sessions import queries_objections as queries
from dialogue.sessions.actions_objections import object_to, settle_objection, take_back_objection
from dialogue.sessions.forms_objections import ObjectionForm
from dialogue.sessions.models import JOINABLE
from dialogue.sessions.queries import my_aliases
from dialogue.sessions.views_members import participant_of
from dialogue.sessions.views_team import attempt, facilitator_of, mine_or_404
from seeds.transitions import NotAllowed

FOLDER = "dialogue/sessions"


@participant_only
@require_http_methods(["GET", "POST"])
def objections(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the participant raised in this session, and the form for one more as long as it has not begun."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    alias = get_object_or_404(my_aliases(participant_of(request)), dialogue_session=pk)
    form = ObjectionForm(request.POST or None, dialogue_session=alias.dialogue_session)
    if request.method == "POST" and form.is_valid() and not form.asks_first():
        try:
            object_to(alias, **form.object_of, reason=form.cleaned_data["reason"])
        except ValidationError as refused:
            form.add_error("reason", refused)
        except NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("We have it. You find what came of it here."))
            return redirect("sessions:objections", pk)
    context = {
        "session": alias.dialogue_session,
        "raised": queries.raised_by(alias),
        "form": form,
        "may": alias.dialogue_session.state in JOINABLE,
    }
    return render(request, f"{FOLDER}/objections.html", context)


@participant_only
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, then destroys one's own objection."""
    objection = get_object_or_404(queries.own_objections(participant_of(request)), pk=pk)
    session_id = objection.dialogue_session_id
    if request.method == "POST":
        attempt(request, lambda: take_back_objection(objection), None, _("Taken back. Its words are gone."))
        return redirect("sessions:objections", session_id)
    context = {"objection": queries.shown(objection), "session": objection.dialogue_session}
    return render(request, f"{FOLDER}/objection_take_back.html", context)


@facilitator_only
@require_safe
def raised(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The team's list."""
    dialogue_session = mine_or_404(request, pk)
    context = {"session": dialogue_session, "raised": queries.raised_in(dialogue_session)}
    return render(request, f"{FOLDER}/objections_team.html", context)


@facilitator_only
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once: no place for whom it is about, or they stay."""
    by = facilitator_of(request)
    objection = get_object_or_404(queries.led_objections(by), pk=pk)
    dialogue_session = objection.dialogue_session
    if request.method == "POST" and request.POST.get("outcome") in ("no_place", "stays"):
        upheld = request.POST["outcome"] == "no_place"
        attempt(request, lambda: settle_objection(objection, upheld=upheld, by=by), None, _("Decided."))
        return redirect("sessions:objections_team", dialogue_session.pk)
    context = {"objection": queries.shown(objection), "session": dialogue_session}
    return render(request, f"{FOLDER}/objection_settle.html", context)
