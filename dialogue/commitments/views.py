"""Pages of a listener: what he proposed, what waits for his word, what he promised, and the news of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import listener_only, named
from accounts.models import Role, User
from dialogue.commitments import actions, policies, queries
from dialogue.commitments.actions_updates import write_update
from dialogue.commitments.forms import NewsForm, PromiseForm
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.egoguard.actions import Writer
from dialogue.sessions.models import ListenerSeat
from dialogue.sessions.queries import current_round, my_seat
from dialogue.sessions.views_team import attempt

FOLDER = "dialogue/commitments"


def _known(user: User) -> tuple[str, str]:
    """What stands beside everything this listener writes anyway."""
    return user.name, str(user.agency or "")


def _writer(session_id: UUID) -> Writer:
    return Writer(session_id, Role.LISTENER)


def _one_or_404(request: HttpRequest, pk: UUID) -> Commitment:
    found = queries.of_listener(named(request), pk)
    if found is None:
        raise Http404
    return found


@listener_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What is expected of this listener, and all that he has a say in."""
    user = named(request)
    context = {"expected": queries.expected_of(user), "groups": queries.groups_of(user)}
    return render(request, f"{FOLDER}/mine.html", context)


@listener_only
@require_safe
def own(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One promise from the inside: where it stands, all that was told of it, and what can be done with it."""
    found = _one_or_404(request, pk)
    context = queries.page(found, named(request)) | {"waits": queries.waiting_news(found)}
    return render(request, f"{FOLDER}/own.html", context)


# --- Proposing ----------------------------------------------------------------------------------------------------


@listener_only
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Propose a promise in a session. Who lost the place meanwhile gets back what was typed."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    user = named(request)
    mine = ListenerSeat.objects.filter(listener=user).select_related("dialogue_session")
    seat = get_object_or_404(mine, dialogue_session=pk)
    session = seat.dialogue_session
    if request.method != "POST" and my_seat(user, session) is None:
        raise Http404
    form = PromiseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and not form.asks_first(_known(user), _writer(session.pk)):
        row = form.row_id(session.pk, user.pk)
        if row and attempt(
            request,
            lambda: actions.propose_commitment(session, terms=form.terms, by=user, pk=row),
            form,
            _("Handed in. A facilitator reads it next."),
        ):
            return redirect("commitments:mine")
    context = {
        "form": form.with_ticket(session.pk, user.pk),
        "session": session,
        "refused": policies.proposing_refusal(seat, current_round(session)),
    }
    return render(request, f"{FOLDER}/propose.html", context)


@listener_only
@require_http_methods(["GET", "POST"])
def revise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what came back, and hand it in again."""
    request.is_writing = True  # type: ignore[attr-defined]
    user, found = named(request), _one_or_404(request, pk)
    if request.method != "POST" and not queries.shown(found, user)["can"]["revise"]:
        messages.info(request, _("This promise does not wait for a change of yours."))
        return redirect("commitments:own", pk)
    form = PromiseForm(
        request.POST if request.method == "POST" else None,
        replaces=found if found.replaces_id else None,
        initial=_terms_of(found),
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and not form.asks_first(_known(user), _writer(found.dialogue_session_id))
        and attempt(
            request,
            lambda: actions.revise_commitment(found, terms=form.terms, by=user),
            form,
            _("Handed in again. A facilitator reads it next."),
        )
    ):
        return redirect("commitments:own", pk)
    return render(request, f"{FOLDER}/revise.html", {"form": form, "commitment": found})


def _terms_of(commitment: Commitment) -> dict[str, Any]:
    return {name: getattr(commitment, name) for name in ("text", "measure", "due_on", "level", "unit")}


@listener_only
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Propose another promise in the place of one that runs."""
    request.is_writing = True  # type: ignore[attr-defined]
    user, found = named(request), _one_or_404(request, pk)
    if request.method != "POST" and not policies.may_change(user, found):
        messages.info(request, _("This promise can’t be changed any more, or not by you."))
        return redirect("commitments:own", pk)
    data = request.POST if request.method == "POST" else None
    form = PromiseForm(data, replaces=found, initial=_terms_of(found))
    if (
        request.method == "POST"
        and form.is_valid()
        and not form.asks_first(_known(user), _writer(found.dialogue_session_id))
    ):
        row = form.row_id(found.pk, user.pk)
        if row and attempt(
            request,
            lambda: actions.propose_change(found, terms=form.terms, by=user, pk=row),
            form,
            _("Handed in. Until it is adopted, the promise that stands now binds you."),
        ):
            return redirect("commitments:own", row)
    form.with_ticket(found.pk, user.pk)
    return render(request, f"{FOLDER}/change.html", {"form": form, "commitment": found})


# --- Saying yes or no ---------------------------------------------------------------------------------------------


@listener_only
@require_http_methods(["GET", "POST"])
def adopt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, says what follows, then makes it a promise."""
    user, found = named(request), _one_or_404(request, pk)
    if request.method == "POST":
        done = _("It is promised. Everybody can read it from now on.")
        attempt(request, lambda: actions.adopt_commitment(found, by=user), None, done)
        return redirect("commitments:own", pk)
    if not policies.may_adopt(user, found):
        messages.info(request, _("This does not wait for your word, or no longer."))
        return redirect("commitments:own", pk)
    return render(request, f"{FOLDER}/adopt.html", queries.page(found, user))


@listener_only
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, then ends it before it is a promise."""
    user, found = named(request), _one_or_404(request, pk)
    if request.method == "POST":
        attempt(request, lambda: actions.decline_commitment(found, by=user), None, _("It did not become a promise."))
        return redirect("commitments:mine")
    if not policies.may_decline(user, found):
        messages.info(request, _("This can’t be declined any more, or not by you."))
        return redirect("commitments:own", pk)
    return render(request, f"{FOLDER}/decline.html", queries.page(found, user))


# --- News ---------------------------------------------------------------------------------------------------------


@listener_only
@require_http_methods(["GET", "POST"])
def news(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell what is new of a promise."""
    request.is_writing = True  # type: ignore[attr-defined]
    user, found = named(request), _one_or_404(request, pk)
    form = NewsForm(request.POST if request.method == "POST" else None, initial=_last_returned(found))
    if (
        request.method == "POST"
        and form.is_valid()
        and not form.asks_first(_known(user), _writer(found.dialogue_session_id))
    ):
        row, given = form.row_id(found.pk, user.pk), form.cleaned_data
        told = {name: given[name] for name in ("kind", "text", "evidence_url")}
        if row and attempt(
            request,
            lambda: write_update(found, **told, by=user, pk=row),
            form,
            _("Handed in. A facilitator reads it; then everybody can."),
        ):
            return redirect("commitments:own", pk)
    context = queries.page(found, user) | {
        "form": form.with_ticket(found.pk, user.pk),
        "waits": queries.waiting_news(found),
    }
    return render(request, f"{FOLDER}/news.html", context)


def _last_returned(commitment: Commitment) -> dict[str, Any]:
    """What came back last, to begin with; nothing when news came out since."""
    last = queries.told_of(commitment)[-1:]
    if not last or last[0].state != CommitmentUpdate.State.RETURNED:
        return {}
    return {name: getattr(last[0], name) for name in ("kind", "text", "evidence_url")}
