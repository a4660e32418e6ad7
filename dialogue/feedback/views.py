"""Pages on which people say if they were heard, and what they said in all."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dialogue.feedback import policies, queries
from dialogue.feedback.actions import answer_questions
from dialogue.feedback.forms import SheetForm
from dialogue.feedback.showing import charts
from dialogue.sessions.matrix import FACILITATOR
from dialogue.sessions.places import Place, find_place
from dialogue.sessions.views_public import layout_for
from seeds.transitions import NotAllowed

FOLDER = "dialogue/feedback"


def _place_or_404(request: HttpRequest, pk: UUID) -> Place:
    place = find_place(request.user, pk)
    if place is None:
        raise Http404
    return place


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The questions, until they are closed; the figures, once they are."""
    place = _place_or_404(request, pk)
    side = policies.side_of(place)
    if request.method == "POST":
        if side is None:
            raise Http404
        return _answer(request, place, side)
    answerable = policies.is_answerable(place.dialogue_session)
    asked = side is not None and answerable and not queries.answered_in(request.user, [pk], side)  # type: ignore[arg-type]
    return _page(request, place, SheetForm(side=str(side)) if asked else None, answerable=answerable)


def _answer(request: HttpRequest, place: Place, side: str) -> HttpResponse:
    form = SheetForm(request.POST, side=side)
    if not form.is_valid():
        return _page(request, place, form, answerable=True)
    try:
        answer_questions(place.dialogue_session, answers=form.cleaned_data, by=request.user)  # type: ignore[arg-type]
    except NotAllowed as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Thank you. We have counted your answers."))
    return redirect("feedback:sheet", place.dialogue_session.pk)


def _page(request: HttpRequest, place: Place, form: SheetForm | None, *, answerable: bool) -> HttpResponse:
    request.is_writing = form is not None  # type: ignore[attr-defined]  # read by seeds.middleware
    dialogue_session, leads = place.dialogue_session, place.role == FACILITATOR
    closed = dialogue_session.questions_closed_on is not None
    context = {
        "layout": layout_for(request),
        "session": dialogue_session,
        "form": form,
        "leads": leads,
        "closed": closed,
        "answerable": answerable,
        "charts": charts(queries.figures(dialogue_session)) if closed else [],
        "back_url": reverse("sessions:manage" if leads else "threads:room", args=[dialogue_session.pk]),
    }
    return render(request, f"{FOLDER}/sheet.html", context)


@login_not_required
@require_safe
def of_all(request: HttpRequest) -> HttpResponse:
    """What people said over all sessions."""
    context = {"layout": layout_for(request), "charts": charts(queries.figures_of_all())}
    return render(request, f"{FOLDER}/of_all.html", context)
