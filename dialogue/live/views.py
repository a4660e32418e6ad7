"""What each may hear. The answers become streams in seeds.streams; strangers, signed in or not, get 404."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.decorators import facilitator_only, named
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.places import find_place
from seeds.live import StreamResponse, room_of, team_of

#: While something can happen at any moment.
GOES_ON = (State.PREPARING, State.OPEN)


@login_not_required  # who is signed out gets 404 like every stranger, not a page to sign in
@require_GET
def room(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What everybody in the session may know. Once it is over there is nothing to hear (204: don't come back)."""
    place = find_place(request.user, pk)
    if place is None:
        raise Http404
    if place.dialogue_session.state not in GOES_ON:
        return HttpResponse(status=204)
    return StreamResponse([room_of(pk)], ticks=False)


@login_not_required
@facilitator_only
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """What the teams of all sessions that one leads may know. What participants do is never told, only looked for."""
    led = DialogueSession.objects.led_by(named(request)).filter(state__in=GOES_ON)
    pks = led.order_by("pk").values_list("pk", flat=True)
    return StreamResponse([topic for pk in pks for topic in (room_of(pk), team_of(pk))], ticks=True)
