"""Pages of the facilitators: what waits to be read, what they record themselves, what counts as broken."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import facilitator_only, named
from accounts.models import Role, User
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.commitments import actions, actions_updates, policies, queries
from dialogue.commitments.forms import BrokenForm, EnterForm, ReturnForm
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.commitments.terms import MAX_TEXT
from dialogue.egoguard.actions import Writer
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.views_team import attempt, mine_or_404

FOLDER = "dialogue/commitments"
A_PAGE = 25


@facilitator_only
@require_safe
def to_read(request: HttpRequest) -> HttpResponse:
    """What waits for this facilitator: promises, news of promises, and those that are long due."""
    user = named(request)
    page = Paginator(queries.breakable(user), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [queries.shown(one) for one in queries.held(user)],
        "news": [queries.shown(one.commitment) | {"update": one} for one in queries.held_updates(user)],
        "page": page,
        "due": [queries.shown(one) for one in page],
    }
    return render(request, f"{FOLDER}/to_read.html", context)


@facilitator_only
@require_http_methods(["GET", "POST"])
def read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One promise in full: let it go on, or give it back with a note."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware: a note may be half typed
    user = named(request)
    found = get_object_or_404(queries.with_news(queries.reviewed_by(user), every=True), pk=pk)
    form = ReturnForm(request.POST if "back" in request.POST else None)
    if request.method == "POST" and _decided(request, found, form, user):
        return redirect("commitments:to_read")
    context = queries.page(found) | {
        "form": form,
        "seen": policies.fingerprint(found),
        "waits": found.state == Commitment.State.HELD,
        "waiting_news": (news := queries.waiting_news(found)),
        "breakable": policies.breaking_refusal(found, news_waits=news is not None) is None,
    }
    return render(request, f"{FOLDER}/read.html", context)


def _decided(request: HttpRequest, found: Commitment, form: ReturnForm, user: User) -> bool:
    """Do what was pressed; False when the page has to be shown again."""
    seen = request.POST.get("seen", "")
    if "record" in request.POST:
        done = _("Recorded. Those in the session can read it, and the person who can decide it can say yes.")
        return attempt(request, lambda: actions.record_commitment(found, seen=seen, by=user), None, done)
    if not form.is_valid():
        return False
    note = form.cleaned_data["note"]
    done = _("It went back to the listener, with your note.")
    if attempt(request, lambda: actions.return_commitment(found, note=note, seen=seen, by=user), form, done):
        return True
    found.refresh_from_db()
    return False


@facilitator_only
@require_http_methods(["GET", "POST"])
def read_news(request: HttpRequest, pk: UUID) -> HttpResponse:
    """News of a promise in full: let it out, or give it back with a note."""
    request.is_writing = True  # type: ignore[attr-defined]
    user = named(request)
    update = get_object_or_404(queries.updates_of(user), pk=pk)
    form = ReturnForm(request.POST if "back" in request.POST else None)
    if request.method == "POST" and _let_out(request, update, form, user):
        return redirect("commitments:to_read")
    context = queries.page(update.commitment) | {
        "form": form,
        "update": update,
        "waits": update.state == CommitmentUpdate.State.HELD,
        "becomes": actions_updates.BECOMES[CommitmentUpdate.Kind(update.kind)].label,
    }
    return render(request, f"{FOLDER}/read_news.html", context)


def _let_out(request: HttpRequest, update: CommitmentUpdate, form: ReturnForm, user: User) -> bool:
    if "release" in request.POST:
        done = _("It is out. Everybody can read it.")
        return attempt(request, lambda: actions_updates.release_update(update, by=user), None, done)
    if not form.is_valid():
        return False
    note = form.cleaned_data["note"]
    done = _("It went back to the listener, with your note.")
    if attempt(request, lambda: actions_updates.return_update(update, note=note, by=user), form, done):
        return True
    update.refresh_from_db()
    return False


@facilitator_only
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a promise in one's own words, for a seated listener to answer for; `?plan=` begins with a first move's."""
    request.is_writing = True  # type: ignore[attr-defined]
    user, session = named(request), mine_or_404(request, pk)
    plan = _plan(session, request.GET.get("plan", ""))
    form = EnterForm(request.POST if request.method == "POST" else None, initial=_begin_with(plan))
    owners = queries.owners(session)
    form.fields["owner"].queryset = owners  # type: ignore[attr-defined]
    names = [words for owner in owners for words in (owner.name, str(owner.agency))]
    if (
        request.method == "POST"
        and form.is_valid()
        and not form.asks_first(names, Writer(session.pk, Role.FACILITATOR))
    ):
        row = form.row_id(session.pk, user.pk)
        if row and attempt(request, lambda: _enter(form, session, plan, user, row), form, _("Recorded.")):
            return redirect("commitments:in_session", pk)
    context = {
        "form": form.with_ticket(session.pk, user.pk),
        "session": session,
        "plan": plan,
        "refused": policies.entering_refusal(session),
        "owners": owners,
    }
    return render(request, f"{FOLDER}/enter.html", context)


def _enter(form: EnterForm, session: DialogueSession, plan: Acknowledgment | None, by: User, pk: UUID) -> Commitment:
    owner = form.cleaned_data["owner"]
    return actions.enter_commitment(session, terms=form.terms, owner=owner, acknowledgment=plan, by=by, pk=pk)


def _plan(session: DialogueSession, given: str) -> Acknowledgment | None:
    """The first move whose plan was chosen, of a listener who has a seat here."""
    if not given:
        return None
    found = next((one for one in queries.plans(session) if str(one.pk) == given), None)
    if found is None:
        raise Http404
    return found


def _begin_with(plan: Acknowledgment | None) -> dict[str, Any]:
    if plan is None:
        return {}
    return {"owner": plan.seat.listener_id, "text": plan.plan[:MAX_TEXT]}


@facilitator_only
@require_http_methods(["GET", "POST"])
def call_broken(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, with the reason, then counts a promise as broken that is long due."""
    request.is_writing = True  # type: ignore[attr-defined]
    user = named(request)
    found = get_object_or_404(queries.with_news(queries.reviewed_by(user), every=True), pk=pk)
    form = BrokenForm(request.POST if request.method == "POST" else None)
    known = (found.owner.name, str(found.agency), user.name)
    if (
        request.method == "POST"
        and form.is_valid()
        and not form.asks_first(known, Writer(found.dialogue_session_id, Role.FACILITATOR))
    ):
        said = form.cleaned_data["text"]
        done = _("It counts as broken from now on. Everybody can read why.")
        if attempt(request, lambda: actions_updates.break_commitment(found, reason=said, by=user), form, done):
            return redirect("commitments:to_read")
    refused = policies.breaking_refusal(found, news_waits=queries.waiting_news(found) is not None)
    return render(request, f"{FOLDER}/broken.html", queries.page(found) | {"form": form, "refused": refused})
