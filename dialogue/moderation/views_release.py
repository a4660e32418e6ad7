"""Letting a round's approved texts out as one batch."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.decorators import facilitator_only, named
from dialogue.moderation import queries
from dialogue.moderation.actions import record_look, release_batch
from dialogue.moderation.policies import authors_of, release_refusal, split_ready, waits_behind
from dialogue.moderation.queries_item import outgoing
from dialogue.moderation.shift import shift_of
from dialogue.moderation.views import chosen_session
from dialogue.sessions.models import DialogueSession, Round, State
from seeds.transitions import NotAllowed


@facilitator_only
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks once, listing what goes out; then exactly that goes out, as far as it is still there."""
    led = DialogueSession.objects.led_by(named(request))
    rounds = Round.objects.select_related("dialogue_session").filter(dialogue_session__in=led)
    round = get_object_or_404(rounds, pk=pk)
    if request.method == "POST":
        return _release(request, round)
    texts = list(queries.items(named(request)).ready().filter(thread__round=round).order_by("pk"))
    going, left = split_ready(texts, round.kind)
    over = queries.is_over(round)
    shown, waiting = outgoing(going, named(request)), outgoing(left, named(request))
    looked = sum(text["words"] is not None for text in (*shown, *waiting))
    record_look(round.dialogue_session, texts=looked, by=named(request))
    context = {
        "round": round,
        "session": round.dialogue_session,
        "texts": shown,
        "waiting": waiting,
        "waits_for": waits_behind(len(waiting), over=over) if waiting else "",
        "covered": shift_of(request.session).covered,
        "refused": release_refusal(round.dialogue_session, kind=round.kind, over=over, **authors_of(going)),
    }
    return render(request, "dialogue/moderation/release.html", context)


def _release(request: HttpRequest, round: Round) -> HttpResponse:
    listed = {pk for value in request.POST.getlist("text") if (pk := chosen_session(value))}
    try:
        count = release_batch(round, by=named(request), comments=listed)
    except NotAllowed as refused:
        messages.warning(request, str(refused))
        return redirect(_after(round))
    words = ngettext("%(count)d text went out as one batch.", "%(count)d texts went out as one batch.", count)
    messages.success(request, words % {"count": count})
    if count < len(listed):
        messages.info(request, _("Some that were listed did not go out: taken back, or no longer approved."))
    return redirect(_after(round))


def _after(round: Round) -> str:
    """Where the facilitator goes on: at the run of an open session, else at the texts in the room."""
    if round.dialogue_session.state == State.OPEN:
        return reverse("desk:run", args=[round.dialogue_session_id])
    return f"{reverse('threads:room', args=[round.dialogue_session_id])}?round={round.number}"
