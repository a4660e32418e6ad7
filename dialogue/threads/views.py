"""The room and one's own texts in it. Writing itself is in views_write.py."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dialogue.sessions.agenda import path_of
from dialogue.sessions.matrix import FACILITATOR, PARTICIPANT, goes_in_turns
from dialogue.sessions.models import JOINABLE
from dialogue.sessions.places import Place, find_place
from dialogue.sessions.queries import closing_has_begun
from dialogue.sessions.times import when
from dialogue.threads import queries
from dialogue.threads.actions import ask_for_retelling, pass_round, withdraw_comment
from dialogue.threads.actions_quotes import report_is_out
from dialogue.threads.models import Comment, QuoteConsent
from dialogue.threads.policies import ON_ITS_WAY, TAKES_DECISIONS, closed, kept_in
from dialogue.threads.queries_own import own_text, own_texts, second_look, team_of
from dialogue.threads.queries_texts import Cursor, Texts, read_texts
from dialogue.threads.since import mark_new, since_last_look
from seeds.transitions import NotAllowed

OWN_PAGE = 50
ASKED = gettext_lazy("We will tell it in other words. You get to read them first.")
NOT_ASKED = gettext_lazy("It stays in your own words.")
KEPT_IN = {"kind": "todo", "text": gettext_lazy("Does not come out")}


def layout_of(role: str) -> str:
    """The skeleton of a page that participants and named people share."""
    return "public.html" if role == PARTICIPANT else "staff.html"


def place_or_404(request: HttpRequest, pk: UUID) -> Place:
    """The viewer's place in the session; strangers get 404."""
    place = find_place(request.user, pk)
    if place is None:
        raise Http404
    return place


def _agenda(room: str, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rounds as agenda.html takes them; those in which texts came out can be read."""
    return [
        {
            "title": step["name"],
            "text": step["round"].prompt,
            "state": step["state"],
            "url": f"{room}?round={step['round'].number}#said" if queries.has_texts(step["round"]) else "",
            "action": _("Read the texts of round %(number)d") % {"number": step["round"].number},
        }
        for step in steps
    ]


def _new_since(request: HttpRequest, place: Place, rounds: list[Any], shown: Any | None, texts: Texts) -> list[Any]:
    """The rounds with texts that came out since the viewer last looked, each with the way there; marks the texts."""
    pk = place.dialogue_session.pk
    since = since_last_look(request.session, pk, rounds, shown)
    first = mark_new(texts.rows, since.get(shown.number) if shown else None)
    if first:
        first["anchor"] = "new"
    address = reverse("threads:room", args=[pk])
    ways = {
        number: f"{address}?round={number}&after={Cursor.behind_batch(last)}#said" for number, last in since.items()
    }
    if first and shown:
        ways[shown.number] = "#new"
    return [{"round": round, "url": ways[round.number]} for round in rounds if round.number in ways]


def _told_back_in(place: Place, rounds: list[Any]) -> Any | None:
    """The first round in which a listener told back a story of the viewer's, while he can still answer."""
    if closed(place.dialogue_session) is not None:
        return None
    return next((round for round in rounds if round.told_back), None)


@require_safe
def room(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the session is, what the viewer can do now, and what was said under one round's prompt."""
    place = place_or_404(request, pk)
    rounds = queries.rounds_of(place)
    shown = queries.shown_round(rounds, request.GET.get("round", ""))
    asked = {name: request.GET.get(name, "") for name in ("after", "before", "end")}
    texts = read_texts(place, shown, Cursor.read(**asked))
    moment, current = queries.what_now(place, rounds), queries.open_round(rounds)
    steps = path_of(rounds)
    address = reverse("threads:room", args=[pk])
    context = {
        "layout": layout_of(place.role),
        "place": place,
        "session": place.dialogue_session,
        "now": moment,
        "current": current,
        "may_answer": moment.may_reply and shown is current,
        "shown": shown,
        "texts": texts,
        "since": _new_since(request, place, rounds, shown, texts),
        "steps": steps,
        "agenda": _agenda(address, steps),
        "address": f"{address}?round={shown.number}" if shown else address,
        "begins": when(place.dialogue_session) if place.dialogue_session.state in JOINABLE else "",
        "leads": place.role == FACILITATOR,
        "in_turns": current is not None and goes_in_turns(current.kind),
        "is_asked": any(round.asked for round in rounds),
        "told_back_in": _told_back_in(place, rounds),
    }
    return render(request, "dialogue/threads/room.html", context)


@require_POST
def pass_this_round(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Pass in the open round, in one tap. The form names the round it was shown for."""
    place = place_or_404(request, pk)
    if place.role == FACILITATOR:
        raise Http404
    current = queries.open_round(queries.rounds_of(place))
    if current is None or str(current.pk) != request.POST.get("round"):
        messages.warning(request, _("The round has changed. Please look again."))
        return redirect("threads:room", pk)
    try:
        pass_round(current, **place.author)
        messages.success(request, _("You have passed. That is always fine."))
    except NotAllowed as refused:
        messages.warning(request, str(refused))
    return redirect("threads:room", pk)


@require_safe
def mine(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What became of the viewer's own texts in this session; also for somebody who lost the place in it."""
    inside = find_place(request.user, pk)
    place = inside or queries.author_place(request.user, pk)
    if place is None or place.role == FACILITATOR:
        raise Http404
    page = Paginator(own_texts(place), OWN_PAGE).get_page(request.GET.get("page"))
    stays, shut = kept_in(place.dialogue_session, **place.author), closed(place.dialogue_session)
    may_change = inside is not None and shut is None
    goes_on = inside is not None and place.dialogue_session.state in TAKES_DECISIONS
    team = team_of(place.dialogue_session) if goes_on else set()
    context = {
        "layout": layout_of(place.role),
        "session": place.dialogue_session,
        "is_inside": inside is not None,
        "is_listener": place.seat is not None,
        "may_change": may_change,
        "unchangeable": stays or shut or "",
        "asks_quotes": closing_has_begun(place.dialogue_session),
        "is_out": report_is_out(place.dialogue_session),
        "choices": QuoteConsent.choices,
        "page": page,
        "texts": [
            own_text(comment, place.dialogue_session, number)
            | {"second_look": second_look(comment, team) if goes_on else ""}
            | ({"mark": KEPT_IN, "kept_in": stays} if stays and comment.state in ON_ITS_WAY else {})
            for number, comment in enumerate(page, start=1)
        ],
    }
    return render(request, "dialogue/threads/mine.html", context)


@require_POST
def retelling(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a facilitator tell a held text in other words (`wanted=1`), or no longer."""
    own = Comment.objects.written_by(request.user).filter(seat=None).select_related("thread__round")
    comment = get_object_or_404(own, pk=pk)
    place_or_404(request, comment.thread.round.dialogue_session_id)
    version, wanted = request.POST.get("version", ""), request.POST.get("wanted") == "1"
    try:
        ask_for_retelling(comment, wanted=wanted, version=int(version) if re.fullmatch(r"[0-9]{1,4}", version) else 0)
        messages.success(request, ASKED if wanted else NOT_ASKED)
    except NotAllowed:
        messages.warning(request, _("We have read this text in the meantime. Please look at what became of it."))
    return redirect("threads:mine", comment.thread.round.dialogue_session_id)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a text of one's own back: asks once, then destroys its words."""
    own = Comment.objects.written_by(request.user).select_related("thread__round__dialogue_session")
    comment = get_object_or_404(own, pk=pk)
    dialogue_session = comment.thread.round.dialogue_session
    if request.method == "POST" or comment.state == Comment.State.WITHDRAWN:
        return _withdraw(request, comment)
    context = {
        "layout": layout_of(getattr(request.user, "role", "")),
        "session": dialogue_session,
        "text": own_text(comment, dialogue_session),
        "was_released": comment.state == Comment.State.RELEASED,
        "is_out": report_is_out(dialogue_session),
    }
    return render(request, "dialogue/threads/withdraw.html", context)


def _withdraw(request: HttpRequest, comment: Comment) -> HttpResponse:
    try:
        if request.method == "POST":
            withdraw_comment(comment)
        messages.success(request, _("You took your text back. Its words are gone."))
    except NotAllowed:
        messages.info(request, _("You had already taken that text back."))
    return redirect("threads:mine", comment.thread.round.dialogue_session_id)
