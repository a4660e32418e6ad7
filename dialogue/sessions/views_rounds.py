"""Pages of the agenda: changing it, and running it."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import facilitator_only
from dialogue.sessions import actions_rounds
from dialogue.sessions.forms import NewRoundForm, RoundForm
from dialogue.sessions.models import Round, State
from dialogue.sessions.policies import gaps, may_reopen
from dialogue.sessions.queries_team import run_of_session, snapshot_of
from dialogue.sessions.views_team import TEAM, attempt, confirm, facilitator_of, form_page, mine_or_404


def round_or_404(request: HttpRequest, pk: UUID) -> Round:
    """The round, if the viewer is on its session's team."""
    rounds = Round.objects.filter(**{TEAM: request.user.pk}).select_related("dialogue_session")
    return get_object_or_404(rounds, pk=pk)


def _agenda_of(round: Round) -> str:
    return reverse("sessions:agenda", kwargs={"pk": round.dialogue_session_id})


def _run_of(round: Round) -> str:
    return reverse("desk:run", kwargs={"pk": round.dialogue_session_id})


@facilitator_only
@require_safe
def agenda(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every round, with what may still be changed."""
    dialogue_session = mine_or_404(request, pk)
    now = snapshot_of(dialogue_session)
    broken = [gap for gap in gaps(now, State.PREPARING) if gap.url_name == "sessions:agenda"]
    changeable = dialogue_session.state in actions_rounds.PLANNABLE
    context = {
        "session": dialogue_session,
        "run": run_of_session(now),
        "broken": broken,
        "changeable": changeable,
        "replaceable": dialogue_session.state == State.DRAFT,
        "savable": bool(now.rounds),
    }
    return render(request, "dialogue/sessions/agenda.html", context)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def round_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A further round."""
    by, dialogue_session = facilitator_of(request), mine_or_404(request, pk)
    form = NewRoundForm(request.POST if request.method == "POST" else None, dialogue_session=dialogue_session)
    return form_page(
        request,
        lambda: actions_rounds.add_round(dialogue_session, by=by, **form.cleaned_data),
        _("The round is in the agenda."),
        {"form": form, "heading": _("Add a round"), "submit": _("Add it")},
        reverse("sessions:agenda", kwargs={"pk": pk}),
    )


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def round_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another kind or prompt."""
    by, round = facilitator_of(request), round_or_404(request, pk)
    form = RoundForm(request.POST if request.method == "POST" else None, instance=round_or_404(request, pk))
    return form_page(
        request,
        lambda: actions_rounds.edit_round(round, by=by, seen=form.seen, **form.changes),
        _("Saved."),
        {"form": form, "heading": _("Change a round"), "submit": _("Save")},
        _agenda_of(round),
    )


@facilitator_only
@require_POST
def round_move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One place earlier or later."""
    by, round = facilitator_of(request), round_or_404(request, pk)
    return _at_once(
        request,
        lambda: actions_rounds.shift_round(round, earlier=request.POST.get("to") == "earlier", by=by),
        _("The agenda has its new order."),
        _agenda_of(round),
    )


def _at_once(request: HttpRequest, step: Callable[[], object], done: str, back: str) -> HttpResponse:
    attempt(request, step, None, done)
    return redirect(back)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def round_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Out of the agenda."""
    by, round = facilitator_of(request), round_or_404(request, pk)
    page = {
        "heading": _("Take “%(round)s” out of the agenda") % {"round": round},
        "text": round.prompt,
        "action": _("Take it out"),
        "final": True,
    }
    step: Callable[[], object] = lambda: actions_rounds.remove_round(round, by=by)  # noqa: E731 - as short as it gets
    return confirm(request, step, _("The round is out of the agenda."), page, _agenda_of(round))


@facilitator_only
@require_POST
def round_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open the next round."""
    by, round = facilitator_of(request), round_or_404(request, pk)
    done = _("The round is on.")
    return _at_once(request, lambda: actions_rounds.open_round(round, by=by), done, _run_of(round))


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def round_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the round that is on."""
    by, round = facilitator_of(request), round_or_404(request, pk)
    page = {
        "heading": _("Close round %(number)s: %(kind)s") % {"number": round.number, "kind": round.get_kind_display()},
        "text": _(
            "Nobody can hand in anything in this round any more. Texts that wait can still be read and released."
        ),
        "action": _("Close this round"),
        "final": not may_reopen(round),
    }
    step: Callable[[], object] = lambda: actions_rounds.close_round(round, by=by)  # noqa: E731 - as short as it gets
    return confirm(request, step, _("The round is closed."), page, _run_of(round))


@facilitator_only
@require_POST
def round_reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the closing of a round back."""
    by, round = facilitator_of(request), round_or_404(request, pk)
    done = _("The round is on again.")
    return _at_once(request, lambda: actions_rounds.reopen_round(round, by=by), done, _run_of(round))


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def round_skip(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Pass over a round."""
    by, round = facilitator_of(request), round_or_404(request, pk)
    page = {
        "heading": _("Skip round %(number)s: %(kind)s") % {"number": round.number, "kind": round.get_kind_display()},
        "text": _("It can’t be opened later. You can add another one of its kind."),
        "action": _("Skip this round"),
        "final": True,
    }
    step: Callable[[], object] = lambda: actions_rounds.skip_round(round, by=by)  # noqa: E731 - as short as it gets
    return confirm(request, step, _("The round is skipped."), page, _run_of(round))
