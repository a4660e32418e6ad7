"""Pages of the listener who tells back, and of the person who says if it was heard right."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import listener_only, participant_only
from dialogue.reflections import policies, queries
from dialogue.reflections.actions import answer_reflection, submit_reflection
from dialogue.reflections.forms import ONE_TAP, MeantForm
from dialogue.reflections.models import Reflection
from dialogue.reflections.queries_shown import stories_shown, story_shown
from dialogue.sessions.matrix import LISTENER
from dialogue.sessions.models import Round, RoundKind
from dialogue.sessions.places import Place, find_place
from dialogue.threads.forms import CommentForm
from dialogue.threads.models import Comment
from dialogue.threads.queries import open_round, rounds_of, what_now
from dialogue.threads.views_write import give_back, is_taken, own_place, renew
from seeds.transitions import NotAllowed

Words = str | Promise
FOLDER = "dialogue/reflections"


def _open_reflecting(place: Place) -> tuple[Any | None, Words]:
    """The reflecting round that is on, or None and why nothing can be told back now."""
    rounds = rounds_of(place)
    current, now = open_round(rounds), what_now(place, rounds)
    if current is not None and current.kind != RoundKind.REFLECTING:
        return None, _("You tell back what you heard in a reflecting round. None is on now.")
    return (current, "") if now.may_write else (None, now.text)


@listener_only
@require_safe
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The stories that were told, with what became of the listener's tries at each."""
    place = find_place(request.user, pk)
    if place is None or place.role != LISTENER or place.seat is None:
        raise Http404
    current, why_not = _open_reflecting(place)
    context = {
        "session": place.dialogue_session,
        "seat": place.seat,
        "current": current,
        "why_not": why_not,
        "stories": stories_shown(place.dialogue_session, place.seat),
    }
    return render(request, f"{FOLDER}/choose.html", context)


@listener_only
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell back one story."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    story = get_object_or_404(Comment.objects.select_related("thread__round", "alias"), pk=pk, batch__isnull=False)
    session_id = story.thread.round.dialogue_session_id
    place = own_place(request, session_id)
    if place is None:
        return give_back(request)
    if story.parent_id or not story.alias or story.thread.round.kind != RoundKind.LISTENING or place.seat is None:
        raise Http404
    seat, form = place.seat, CommentForm(request.POST if request.method == "POST" else None, by_listener=True)

    def hand_in(round: Round, text: str, ticket: UUID) -> object:
        return submit_reflection(round, heard=story, text=text, seat=seat, pk=ticket)

    if request.method == "POST" and is_taken(form, place, hand_in):
        messages.success(request, _("We have your text. A facilitator reads it first."))
        return redirect("reflections:choose", session_id)
    return _writing_page(request, place, story, form)


def _writing_page(request: HttpRequest, place: Place, story: Comment, form: CommentForm) -> HttpResponse:
    assert place.seat is not None  # noqa: S101 - for the types; the view has looked
    current, why_not = _open_reflecting(place)
    if current is not None:
        renew(form, current, place, "")
    tries = queries.tries_of(place.seat).get(story.pk, [])
    refused = policies.retelling_refusal(tries[-1] if tries else None)
    if story.state != Comment.State.RELEASED:
        refused = _("The person who told this story took it back.")
    context = {
        "session": place.dialogue_session,
        "current": current,
        "story": story_shown(story, tries),
        "why_not": why_not or refused or "",
        "form": form,
    }
    return render(request, f"{FOLDER}/write.html", context)


@participant_only
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say of a reflection of one's own story if it was heard right, or pass."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    reflection = get_object_or_404(queries.with_texts().filter(comment__batch__isnull=False), pk=pk)
    place = own_place(request, reflection.comment.thread.round.dialogue_session_id)
    if place is None:
        return give_back(request)
    if place.alias is None or place.alias.pk != reflection.heard.alias_id:
        raise Http404
    if request.method == "POST" and request.POST.get("answer") in ONE_TAP:
        return _answer_at_once(request, reflection, place, request.POST["answer"])
    form = MeantForm(request.POST if request.method == "POST" else None, by_listener=True)
    if request.method == "POST" and _is_corrected(form, reflection, place):
        return _answered(request, reflection)
    return _answer_page(request, reflection, place, form)


def _room(reflection: Reflection) -> str:
    round = reflection.comment.thread.round
    return f"{reverse('threads:room', args=[round.dialogue_session_id])}?round={round.number}#said"


def _answered(request: HttpRequest, reflection: Reflection) -> HttpResponse:
    messages.success(request, _("We have your answer. You can change it until we let answers out, a few at once."))
    return redirect(_room(reflection))


def _answer_at_once(request: HttpRequest, reflection: Reflection, place: Place, said: str) -> HttpResponse:
    assert place.alias is not None  # noqa: S101 - for the types; the view has looked
    try:
        answer_reflection(reflection, answer=said, alias=place.alias)
    except NotAllowed as refused:
        messages.warning(request, str(refused))
        return redirect(_room(reflection))
    return _answered(request, reflection)


def _is_corrected(form: MeantForm, reflection: Reflection, place: Place) -> bool:
    """Take "not quite", with the words if there are any. If that is refused, the form says why."""
    alias = place.alias
    assert alias is not None  # noqa: S101 - for the types; the view has looked

    def correct(_round: Round, text: str, ticket: UUID) -> object:
        return answer_reflection(reflection, answer="corrected", alias=alias, meant=text, pk=ticket)

    if form.is_valid() and not form.cleaned_data["body"]:
        try:
            answer_reflection(reflection, answer="corrected", alias=alias)
        except NotAllowed as refused:
            form.refuse(refused.args[0])
        return not form.errors
    return is_taken(form, place, correct)


def _answer_page(request: HttpRequest, reflection: Reflection, place: Place, form: MeantForm) -> HttpResponse:
    assert place.alias is not None  # noqa: S101 - for the types; the view has looked
    current = open_round(rounds_of(place))
    is_on = current is not None and current.pk == reflection.comment.thread.round_id
    if is_on:
        renew(form, current, place, "")
    context = {
        "session": place.dialogue_session,
        "reflection": reflection,
        "heard": story_shown(reflection.heard, []),
        "words": story_shown(reflection.comment, []),
        "name": reflection.seat.listener.name,
        "refused": policies.answer_refusal(reflection, place.alias),
        "takes_words": is_on,
        "room": _room(reflection),
        "form": form,
    }
    return render(request, f"{FOLDER}/answer.html", context)
