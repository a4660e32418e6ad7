"""The promises of a session, as everybody in it reads them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dialogue.commitments import policies, queries
from dialogue.sessions.matrix import FACILITATOR, PARTICIPANT
from dialogue.sessions.models import Round, RoundKind
from dialogue.sessions.queries import current_round
from dialogue.threads.queries import Place
from dialogue.threads.views import layout_of, place_or_404

FOLDER = "dialogue/commitments"


@require_safe
def in_session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was proposed and promised here, and what the viewer can do about it now."""
    place = place_or_404(request, pk)
    session, current = place.dialogue_session, current_round(place.dialogue_session)
    leads = place.role == FACILITATOR
    context = {
        "layout": layout_of(place.role),
        "session": session,
        "role": place.role,
        "is_on": current is not None and current.kind == RoundKind.COMMITMENTS,
        "rows": [queries.shown(one) for one in queries.in_session(session)],
        "refused": _refused(place, current),
        "is_participant": place.role == PARTICIPANT,
        "leads": leads,
        "plans": queries.plans(session) if leads else [],
    }
    return render(request, f"{FOLDER}/in_session.html", context)


def _refused(place: Place, current: Round | None) -> policies.Words | None:
    """Why the viewer can't propose or record a promise now."""
    if place.seat:
        place.seat.dialogue_session = place.dialogue_session
        return policies.proposing_refusal(place.seat, current)
    return policies.entering_refusal(place.dialogue_session)
