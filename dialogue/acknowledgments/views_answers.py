"""Pages on which the first moves are read, answered by the participants, and counted by the team."""

import uuid
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import facilitator_only, named, participant_only
from accounts.models import Participant, User
from dialogue.acknowledgments import policies, queries
from dialogue.acknowledgments.actions_answers import answer_acknowledgment, count_answers
from dialogue.acknowledgments.models import Acknowledgment, GateAnswer
from dialogue.acknowledgments.queries_answers import count_of, own_answers
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.queries import my_alias
from dialogue.sessions.views_members import participant_of
from seeds.transitions import NotAllowed

FOLDER = "dialogue/acknowledgments"


@require_GET
def read(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What the listeners concede: read by everybody in the session; participants also say if it is enough to begin."""
    dialogue_session = get_object_or_404(DialogueSession.objects.visible_to(request.user), pk=pk)
    viewer = cast(User | Participant, request.user)
    if isinstance(viewer, Participant):
        return _read_as_participant(request, viewer, dialogue_session)
    if not policies.may_read(viewer, dialogue_session):
        raise Http404
    context = {
        "layout": "staff.html",
        "dialogue_session": dialogue_session,
        "first_moves": queries.first_moves(dialogue_session),
        "back_url": reverse("accounts:start"),
    }
    return render(request, f"{FOLDER}/read.html", context)


def _read_as_participant(request: HttpRequest, viewer: Participant, dialogue_session: DialogueSession) -> HttpResponse:
    alias = my_alias(viewer, dialogue_session)
    if alias is None:
        raise Http404
    moves = queries.first_moves(dialogue_session, with_waiting=True)
    given = own_answers(alias, [move["pk"] for move in moves if move["waits"]])
    context = {
        "layout": "public.html",
        "dialogue_session": dialogue_session,
        "first_moves": [move | {"given": given.get(move["pk"], "")} for move in moves],
        "is_asked": True,
        "any_waits": any(move["waits"] for move in moves),
        "choices": GateAnswer.Answer.choices,
        "back_url": reverse("sessions:mine"),
    }
    return render(request, f"{FOLDER}/read.html", context)


@participant_only
@require_POST
def answer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say in one tap: enough to begin, not yet, or pass."""
    participant = participant_of(request)
    acknowledgment = get_object_or_404(queries.readable_by(participant), pk=pk)
    dialogue_session = acknowledgment.seat.dialogue_session
    alias = my_alias(participant, dialogue_session)
    if alias is None:
        raise Http404
    try:
        given = answer_acknowledgment(acknowledgment, alias=alias, answer=request.POST.get("answer", ""))
    except NotAllowed as refused:
        messages.warning(request, str(refused))
    else:
        words = _("We have your answer: %(answer)s. You can change it until we count.")
        messages.success(request, words % {"answer": given.get_answer_display()})
    return redirect("acknowledgments:read", dialogue_session.pk)


@facilitator_only
@require_http_methods(["GET", "POST"])
def count(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Asks once, then has the answers counted and deleted."""
    acknowledgment = get_object_or_404(queries.visible_to_team(named(request)), pk=pk)
    if request.method == "POST":
        return _count(request, acknowledgment)
    context = {"acknowledgment": acknowledgment, "count": count_of(acknowledgment)}
    return render(request, f"{FOLDER}/count.html", context)


def _count(request: HttpRequest, acknowledgment: Acknowledgment) -> HttpResponse:
    try:
        counted = count_answers(acknowledgment, by=named(request))
    except NotAllowed as refused:
        messages.warning(request, str(refused))
    else:
        if counted.state == Acknowledgment.State.ACCEPTED:
            messages.success(request, _("It is enough to begin. The listener can now get a place."))
        else:
            messages.info(request, _("The participants ask for more. The listener reads that, and can write again."))
    return redirect("acknowledgments:check", acknowledgment.pk)
