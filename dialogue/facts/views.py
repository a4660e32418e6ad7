"""Pages of the facts: everybody in the session reads them and says where they stand; the team writes them down."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import facilitator_only, named
from accounts.models import Participant, Role
from dialogue.egoguard.actions import Writer
from dialogue.facts import actions, policies, queries
from dialogue.facts.forms import FactForm
from dialogue.facts.models import Fact, Position
from dialogue.sessions.matrix import FACILITATOR
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.places import Place, find_place
from dialogue.sessions.views_public import layout_for
from dialogue.sessions.views_team import TEAM, attempt, confirm
from seeds.transitions import NotAllowed

FOLDER = "dialogue/facts"


def _place_or_404(request: HttpRequest, pk: UUID) -> Place:
    place = find_place(request.user, pk)
    if place is None:
        raise Http404
    return place


@require_safe
def read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The facts of a session and where each side stands; participants see no link that leads off the site."""
    place = _place_or_404(request, pk)
    dialogue_session, leads = place.dialogue_session, place.role == FACILITATOR
    context = {
        "layout": layout_for(request),
        "session": dialogue_session,
        "place": place,
        "leads": leads,
        "stands": queries.stands(dialogue_session, request.user, place),
        "choices": [] if leads or not policies.is_answerable(dialogue_session) else Position.choices,
        "closed": dialogue_session.questions_closed_on is not None,
        "may_change": leads and policies.may_be_changed(dialogue_session),
        "back_url": reverse("sessions:manage" if leads else "threads:room", args=[pk]),
    }
    return render(request, f"{FOLDER}/read.html", context)


@require_POST
def position(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say in one tap: it is so, it is not so, or I don't know."""
    fact = get_object_or_404(Fact.objects.select_related("dialogue_session"), pk=pk)
    place = _place_or_404(request, fact.dialogue_session_id)
    if place.role == FACILITATOR:
        raise Http404
    said = request.POST.get("position", "")
    try:
        if isinstance(request.user, Participant):
            actions.count_position(fact, position=said, by=request.user)
            messages.success(request, _("We have counted your answer."))
        else:
            actions.take_position(fact, position=said, by=named(request))
            messages.success(request, _("Saved. All in the session see where you stand."))
    except NotAllowed as refused:
        messages.warning(request, str(refused))
    return redirect("facts:read", fact.dialogue_session_id)


# --- The team ------------------------------------------------------------------------------------------------------


def _fact_or_404(request: HttpRequest, pk: UUID) -> Fact:
    """The fact, if the viewer leads its session."""
    facts = Fact.objects.filter(**{TEAM: request.user.pk}).select_related("dialogue_session")
    return get_object_or_404(facts, pk=pk)


def _form_page(
    request: HttpRequest, form: FactForm, step: Callable[[], object], dialogue_session: DialogueSession, **page: Any
) -> HttpResponse:
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    back = reverse("facts:read", args=[dialogue_session.pk])
    writer = Writer(dialogue_session.pk, Role.FACILITATOR)
    sent = request.method == "POST" and form.is_valid() and not form.asks(writer=writer)
    if sent and attempt(request, step, form, _("The fact is saved.")):
        return redirect(back)
    return render(request, f"{FOLDER}/form.html", {"form": form, "session": dialogue_session, "back": back} | page)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new fact."""
    dialogue_session = get_object_or_404(DialogueSession.objects.led_by(request.user), pk=pk)
    form = FactForm(request.POST if request.method == "POST" else None)
    by = named(request)
    return _form_page(
        request,
        form,
        lambda: actions.add_fact(dialogue_session, by=by, **form.values()),
        dialogue_session,
        heading=_("Write a fact down"),
        fixed=policies.words_are_fixed(dialogue_session),
    )


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Other words or another source."""
    fact = _fact_or_404(request, pk)
    initial = {"statement": fact.statement, "source": fact.source, "source_url": fact.source_url}
    form = FactForm(request.POST if request.method == "POST" else None, initial=initial)
    by = named(request)
    return _form_page(
        request,
        form,
        lambda: actions.edit_fact(fact, by=by, **form.values()),
        fact.dialogue_session,
        heading=_("Change a fact"),
        fixed=policies.words_are_fixed(fact.dialogue_session),
    )


@facilitator_only
@require_POST
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One place earlier or later."""
    fact, by = _fact_or_404(request, pk), named(request)
    earlier = request.POST.get("to") == "earlier"
    attempt(request, lambda: actions.shift_fact(fact, earlier=earlier, by=by), None, _("The facts have a new order."))
    return redirect("facts:read", fact.dialogue_session_id)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Out of the list, with all that was said to it."""
    fact, by = _fact_or_404(request, pk), named(request)
    page = {
        "heading": _("Take a fact out"),
        "text": _("“%(statement)s” goes, and so does all that was said to it, by both sides.")
        % {"statement": fact.statement},
        "action": _("Take it out"),
        "final": True,
    }
    back = reverse("facts:read", args=[fact.dialogue_session_id])
    return confirm(request, lambda: actions.remove_fact(fact, by=by), _("The fact is gone."), page, back)
