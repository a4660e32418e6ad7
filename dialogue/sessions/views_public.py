"""Pages that anybody may open."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Participant, Role, User
from accounts.policies import role_of
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.policies import is_joinable, may_apply, may_lead
from dialogue.sessions.queries import my_alias
from dialogue.sessions.queries_public import agenda, ahead, card, matrix_rows, months, roster
from dialogue.sessions.times import appointment, site_zone, zone_name

A_PAGE = 20
LONGEST_TITLE = 80


def layout_for(request: HttpRequest) -> str:
    """The frame of a page that people of every role may open."""
    return "public.html" if role_of(request.user) in ("public", "participant") else "staff.html"


@login_not_required
@require_safe
def session_list(request: HttpRequest) -> HttpResponse:
    """Sessions to come and under way."""
    page = Paginator(ahead(request.user), A_PAGE).get_page(request.GET.get("page"))
    rows = [card(one) for one in page]
    context = {"layout": layout_for(request), "page": page, "rows": rows}
    return render(request, "dialogue/sessions/list.html", context)


@login_not_required
@require_safe
def times(request: HttpRequest) -> HttpResponse:
    """The dates on one plain page, to print or to copy by hand."""
    context = {"layout": layout_for(request), "months": months(request.user), "zone": zone_name(site_zone())}
    return render(request, "dialogue/sessions/times.html", context)


@login_not_required
@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One session, with what this viewer can do about it."""
    dialogue_session = get_object_or_404(DialogueSession.objects.visible_to(request.user), pk=pk)
    row = card(dialogue_session)
    context = row | {
        "row": row,
        "layout": layout_for(request),
        "roster": roster(dialogue_session, request.user),
        "agenda": agenda(dialogue_session),
        "doors": _doors(request, dialogue_session),
    }
    return render(request, "dialogue/sessions/detail.html", context)


def _doors(request: HttpRequest, dialogue_session: DialogueSession) -> dict[str, bool]:
    viewer = request.user
    alias = my_alias(viewer, dialogue_session) if isinstance(viewer, Participant) else None
    listener = viewer if isinstance(viewer, User) and viewer.role == Role.LISTENER else None
    seat = bool(listener and listener.seats.filter(dialogue_session=dialogue_session).exists())
    return {
        "join": isinstance(viewer, Participant) and not alias and is_joinable(dialogue_session),
        "room": bool(alias) and dialogue_session.state in (State.OPEN, State.FOLLOW_UP),
        "mine": bool(alias),
        "card": not viewer.is_authenticated and is_joinable(dialogue_session),
        "apply": bool(listener and not seat and may_apply(listener, dialogue_session)),
        "seats": seat,
        "manage": may_lead(viewer, dialogue_session),
    }


@login_not_required
@require_safe
def calendar(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An entry for a calendar under a title of the person's own; it says nothing about what it is."""
    dialogue_session = get_object_or_404(DialogueSession.objects.visible_to(request.user), pk=pk)
    response = HttpResponse(appointment(dialogue_session, title_asked(request)), content_type="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


def title_asked(request: HttpRequest) -> str:
    """The title that somebody wants entries in the own calendar to have; a neutral one if none is given."""
    return " ".join(request.GET.get("title", "").replace("\0", "").split())[:LONGEST_TITLE] or _("Appointment")


@login_not_required
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """Who may write when."""
    context = {"layout": layout_for(request), "rows": matrix_rows()}
    return render(request, "dialogue/sessions/matrix.html", context)
