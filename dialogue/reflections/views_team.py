"""Pages of those who lead: what was answered, letting it out, letting a listener write."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import facilitator_only, named
from dialogue.reflections import queries
from dialogue.reflections.actions import free_listener, let_out_answers
from dialogue.reflections.policies import is_final
from dialogue.reflections.queries_shown import listener_shown, listeners_shown, round_shown, rounds_shown
from dialogue.sessions.models import DialogueSession, ListenerSeat
from dialogue.sessions.views_rounds import round_or_404
from dialogue.sessions.views_team import attempt, mine_or_404

FOLDER = "dialogue/reflections"


@facilitator_only
@require_safe
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How many answers wait in each reflecting round, and which listeners may write."""
    dialogue_session = mine_or_404(request, pk)
    context = {
        "session": dialogue_session,
        "rounds": rounds_shown(dialogue_session),
        "listeners": listeners_shown(dialogue_session),
    }
    return render(request, f"{FOLDER}/team.html", context)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def let_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, saying how many answered; then shows the answers to everybody in the session."""
    round = round_or_404(request, pk)
    if request.method == "POST":
        attempt(request, partial(let_out_answers, round, by=named(request)), None, _("The answers are out."))
        return redirect("reflections:team", round.dialogue_session_id)
    waiting = list(queries.unsettled(round))
    context = round_shown(round.dialogue_session, round, waiting) | {"is_final": is_final(round)}
    return render(request, f"{FOLDER}/let_out.html", context)


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def free(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once; then a listener may write although nobody confirmed what he heard."""
    led = DialogueSession.objects.led_by(named(request))
    seats = ListenerSeat.objects.select_related("dialogue_session", "listener").filter(dialogue_session__in=led)
    seat = get_object_or_404(seats, pk=pk)
    if request.method == "POST":
        done = _("This listener may write now. All in the session can see that.")
        attempt(request, partial(free_listener, seat, by=named(request)), None, done)
        return redirect("reflections:team", seat.dialogue_session_id)
    is_on = queries.reflecting_is_on(seat.dialogue_session)
    any_story = queries.stories(seat.dialogue_session).exists()
    latest = queries.latest_tries(seat)
    shown = listener_shown(seat.dialogue_session, seat, latest, is_on=is_on, any_story=any_story)
    return render(request, f"{FOLDER}/free.html", shown)
