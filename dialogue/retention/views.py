"""What goes when, for everybody; and the hold, for operators."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import named, operator_only
from dialogue.retention import queries
from dialogue.retention.actions import lift_hold, place_hold
from dialogue.retention.forms import HoldForm
from dialogue.retention.policies import HOLDABLE
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.views_public import layout_for
from dialogue.sessions.views_team import confirm

A_PAGE = 30


@login_not_required
@require_safe
def session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is kept of one session, until when, and who can read it; on top, what stops the deletion."""
    dialogue_session = get_object_or_404(queries.readable_by(request.user), pk=pk)
    hold = queries.hold_in_force(dialogue_session)
    is_visible = DialogueSession.objects.visible_to(request.user).filter(pk=pk).exists()
    context: dict[str, Any] = {
        "layout": layout_for(request),
        "session": dialogue_session,
        "back_url": reverse("sessions:detail", args=[pk]) if is_visible else reverse("welcome:home"),
        "is_purged": dialogue_session.state == State.PURGED,
        "purged_on": queries.shown(dialogue_session.purge_on),
        "hold": hold,
        "earlier": queries.earlier_holds(dialogue_session),
        "head": queries.HEAD,
        "rows": queries.table(dialogue_session, hold),
    }
    if queries.is_told_looks(request.user, dialogue_session):
        context["looks"] = queries.looks(dialogue_session)
    return render(request, "dialogue/retention/session.html", context)


@operator_only
@require_safe
def holds(request: HttpRequest) -> HttpResponse:
    """Which sessions go when, which are stopped, and whether the clock runs."""
    page = Paginator(queries.holdable(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "dialogue/retention/holds.html", {"page": page, "last_run": queries.last_run()})


@operator_only
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop the deletion of a session, after a question and with a reason."""
    dialogue_session = get_object_or_404(DialogueSession.objects.filter(state__in=HOLDABLE), pk=pk)
    if request.method != "POST" and queries.hold_in_force(dialogue_session):
        messages.info(request, _("The deletion of this session is stopped already."))
        return redirect("retention:holds")
    form = HoldForm(request.POST if request.method == "POST" else None)
    page = {
        "heading": _("Stop the deletion"),
        "text": _(
            "“%(title)s”: the site stops deleting what is in this talk. Everybody who can see the talk is told at once,"
            " with your reason. What participants take back themselves is still destroyed."
        )
        % {"title": dialogue_session.title},
        "action": _("Stop the deletion"),
        "form": form,
    }
    return confirm(
        request,
        lambda: place_hold(dialogue_session, reason=form.cleaned_data["reason"], by=named(request)),
        _("The deletion is stopped."),
        page,
        reverse("retention:holds"),
    )


@operator_only
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the deletion of a session go on, after a question."""
    dialogue_session = get_object_or_404(DialogueSession.objects.filter(state__in=HOLDABLE), pk=pk)
    hold = queries.hold_in_force(dialogue_session)
    if hold is None:
        messages.info(request, _("The deletion of this session is not stopped."))
        return redirect("retention:holds")
    page = {
        "heading": _("Let the deletion go on"),
        "text": _("“%(title)s”: what fell due while the deletion was stopped is deleted within 15 minutes.")
        % {"title": dialogue_session.title},
        "action": _("Let it go on"),
        "final": True,
    }
    done = _("The deletion goes on.")
    return confirm(request, lambda: lift_hold(hold, by=named(request)), done, page, reverse("retention:holds"))
