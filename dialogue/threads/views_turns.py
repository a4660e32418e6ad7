"""The page on which a facilitator opens the next turn of a round."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.decorators import facilitator_only
from dialogue.sessions.matrix import goes_in_turns
from dialogue.sessions.models import Round
from dialogue.sessions.views_rounds import round_or_404
from dialogue.sessions.views_team import attempt, facilitator_of
from dialogue.threads.actions_turns import open_next_turn
from dialogue.threads.forms import NextTurnForm
from dialogue.threads.queries_turns import waited_for


@facilitator_only
@require_http_methods(["GET", "HEAD", "POST"])
def next_turn(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say who has not spoken in this turn, and open the next one."""
    round = round_or_404(request, pk)
    if request.method == "POST":
        return _open(request, round)
    takes_turns = round.state == Round.State.OPEN and goes_in_turns(round.kind)
    left = waited_for(round) if takes_turns else []
    context = {
        "round": round,
        "takes_turns": takes_turns,
        "left": left,
        "form": NextTurnForm(initial={"turn": round.turn, "without_waiting": bool(left)}),
    }
    return render(request, "dialogue/threads/next_turn.html", context)


def _open(request: HttpRequest, round: Round) -> HttpResponse:
    """Open the turn after the one that the page showed. If that is refused, the run of the session says why."""
    form, by = NextTurnForm(request.POST), facilitator_of(request)
    if form.is_valid():
        round.turn, without_waiting = form.cleaned_data["turn"], form.cleaned_data["without_waiting"]
        step = partial(open_next_turn, round, without_waiting=without_waiting, by=by)
        attempt(request, step, None, _("The next turn is open."))
    else:
        messages.warning(request, _("Nothing was changed. Please look again."))
    return redirect("desk:run", round.dialogue_session_id)
