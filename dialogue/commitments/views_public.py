"""The public register of promises, and the pages on which participants say what they have seen of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import participant_only
from accounts.models import Agency
from dialogue.commitments import queries_public as queries
from dialogue.commitments.actions_seen import say_seen
from dialogue.commitments.feed import Changes
from dialogue.commitments.models import Commitment
from dialogue.commitments.queries import public
from dialogue.commitments.queries_public import Wanted
from dialogue.commitments.standing import Standing
from dialogue.sessions.views_members import participant_of
from dialogue.sessions.views_public import layout_for
from dialogue.tallies.actions import AlreadyAnswered
from seeds.transitions import NotAllowed

FOLDER = "dialogue/commitments"
A_PAGE = 20


@login_not_required
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Every promise, by how it stands, by agency and by who is bound."""
    wanted = _wanted(request)
    page = Paginator(queries.register(wanted), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "layout": layout_for(request),
        "wanted": wanted,
        "page": page,
        "rows": queries.rows(page, request.user),
        "by_standing": _choices(wanted, "standing", [(one.value, str(one.label)) for one in Standing]),
        "by_level": _choices(wanted, "level", [(one.value, str(one.label)) for one in Commitment.Authority]),
        "by_agency": _choices(wanted, "agency", [(str(one.pk), one.name) for one in queries.agencies_in_it()]),
    }
    return render(request, f"{FOLDER}/register.html", context)


def _wanted(request: HttpRequest) -> Wanted:
    """What was chosen; a choice that there is not counts as none."""
    given = request.GET
    standing, level = given.get("standing", ""), given.get("level", "")
    return Wanted(
        agency=_agency(given.get("agency", "")),
        standing=Standing(standing) if standing in Standing.values else None,
        level=Commitment.Authority(level) if level in Commitment.Authority.values else None,
    )


def _agency(given: str) -> Agency | None:
    try:
        return Agency.objects.filter(pk=UUID(given)).first()
    except ValueError:
        return None


def _choices(wanted: Wanted, key: str, options: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Links to the same choices with another one for this key."""
    now = getattr(wanted, key)
    chosen = str(now.pk if isinstance(now, Agency) else now or "")
    here = [("", _("All")), *options]
    return [{"text": text, "query": wanted.query(**{key: value}), "chosen": value == chosen} for value, text in here]


@login_not_required
@require_safe
def promise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One promise: who answers for it, by when, what became of it, what people say."""
    found = get_object_or_404(public(), pk=pk)
    context = queries.page_of(found, request.user) | {"layout": layout_for(request)}
    return render(request, f"{FOLDER}/promise.html", context)


@login_not_required
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """What changed, for feed readers; the same for everybody. Days only: no header tells an hour."""
    answer = Changes()(request)
    del answer.headers["Last-Modified"]
    return answer


@participant_only
@require_safe
def to_check(request: HttpRequest) -> HttpResponse:
    """The promises that this participant can still say something of."""
    page = Paginator(queries.to_check(participant_of(request)), A_PAGE).get_page(request.GET.get("page"))
    found = public().in_bulk(list(page))
    rows = queries.rows([found[pk] for pk in page if pk in found], request.user)
    return render(request, f"{FOLDER}/to_check.html", {"page": page, "rows": rows})


@participant_only
@require_POST
def seen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say in one tap: seen, not seen, not sure."""
    found = get_object_or_404(public(), pk=pk)
    try:
        say_seen(found, answer=request.POST.get("answer", ""), by=participant_of(request))
    except NotAllowed as refused:
        messages.warning(request, str(refused))
    except AlreadyAnswered:
        messages.info(request, _("You have said this before. What you said then counts, and this did not."))
    else:
        messages.success(request, _("We have counted it. We don’t know that it was you."))
    return redirect("commitments:promise", pk)
