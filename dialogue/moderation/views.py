"""The queue, and one text in it. Opening a text is a POST, because it is recorded."""

from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import facilitator_only, named
from accounts.models import Role, User
from dialogue.egoguard.actions import Writer
from dialogue.egoguard.forms import GuardedForm
from dialogue.egoguard.showing import NO_DETAILS
from dialogue.moderation import actions, queries, shift
from dialogue.moderation.forms import ReturnForm, UpholdForm, VersionForm
from dialogue.moderation.queries_item import IN_HAND, is_open_to, item_of
from dialogue.threads.models import Comment
from seeds.transitions import NotAllowed

FOLDER = "dialogue/moderation"

#: What can be undone on the next page: in which words it is said, and the address that undoes it.
UNDOABLE = {
    Comment.State.APPROVED: (_("Approved."), _("It goes out with the next batch."), "moderation:undo"),
    Comment.State.RETURNING: (_("Returned."), _("Its author is told within five minutes."), "moderation:undo_return"),
    Comment.State.PROPOSED: (
        _("Proposed."),
        _("The author sees it at the next visit. Nothing comes out before the author says yes."),
        "moderation:call_back",
    ),
}


def chosen_session(value: str | None) -> UUID | None:
    """The session by which the queue is narrowed; None for all of one's own."""
    try:
        return UUID(value or "")
    except ValueError:
        return None


def queue_query(only: UUID | None, done: Comment | None = None) -> str:
    """How an address keeps the session by which the queue is narrowed, and the text that was just approved."""
    parts = [f"session={only}"] if only else []
    parts += [f"done={done.pk}"] if done else []
    return "?" + "&".join(parts) if parts else ""


@dataclass(frozen=True)
class Done:
    """What was decided a moment ago and can still be undone: the text, in which words, and by which address."""

    comment: Comment
    word: str | Promise
    text: str | Promise
    undo: str


def just_done(request: HttpRequest, user: User) -> Done | None:
    """What this facilitator decided a moment ago (`?done=`), for the undo that stands on the next page."""
    pk = chosen_session(request.GET.get("done"))
    if pk is None:
        return None
    mine = Comment.objects.visible_to(user).filter(pk=pk, claimed_by=user, state__in=UNDOABLE)
    comment = mine.exclude(alias__removed=True).defer("body").first()
    if comment is None:
        return None
    word, text, undo = UNDOABLE[Comment.State(comment.state)]
    return Done(comment, word, text, undo)


@facilitator_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits to be read and to go out, in all sessions one leads."""
    user = named(request)
    only = chosen_session(request.GET.get("session"))
    sessions = list(queries.sessions_led(user))
    waiting = queries.read_queue(user, only=only, after=request.GET.get("after", ""))
    context = {
        "only": only,
        "sessions": sessions,
        "queue": waiting,
        "ready": queries.ready_rounds(user, only),
        "proposed": queries.proposed(user, only),
        "done": just_done(request, user),
        "shift": shift.shift_of(request.session),
        "more": f"{reverse('moderation:queue')}{queue_query(only)}{'&' if only else '?'}after={waiting.after}",
    }
    return render(request, f"{FOLDER}/queue.html", context)


def item_page(
    request: HttpRequest, comment: Comment, user: User, form: ReturnForm | UpholdForm | None = None
) -> HttpResponse:
    """One text and what can be done with it; `form` = what was sent and refused."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware: a note may be half typed
    only = chosen_session(request.GET.get("session") or request.POST.get("session"))
    item = item_of(comment, user)
    actions.record_look(item["session"], texts=int(item["is_open"]), by=user)
    empty = UpholdForm if item["is_appealed"] else partial(ReturnForm, comment=comment)
    context: dict[str, Any] = {
        "item": item,
        "only": only,
        "form": form or empty(initial={"version": comment.version}),
        "done": just_done(request, user),
        "near": queries.neighbors(user, comment, only=only),
        "shift": shift.shift_of(request.session),
    }
    return render(request, f"{FOLDER}/item.html", context)


def open_again(comment: Comment, user: User, form: forms.BaseForm) -> bool:
    """Whether what was typed about a text can be shown once more to this facilitator: he has it open.

    A claim ends by itself while one writes. One that ended, and that nobody took over, begins anew, for the version
    that `form` was about.
    """
    if comment.claimed_by_id is None and comment.state in Comment.WAITING:
        with suppress(NotAllowed):  # its author, or a colleague, was faster
            actions.claim_comment(comment, version=form.cleaned_data.get("version") or 0, by=user)
    return is_open_to(comment, user)


def settled(request: HttpRequest, comment: Comment, why: str | Promise = "") -> HttpResponse:
    """A plain page: this text is not (or no longer) theirs to decide, and who did what; or `why` this can't be done."""
    fresh = get_object_or_404(queries.items(named(request)), pk=comment.pk)
    status = 200 if request.method == "GET" else 409
    context = {
        "happened": why or queries.what_happened(fresh, named(request)),
        "note": request.POST.get("note", ""),
        "words": request.POST.get("body", ""),
        "comment": fresh,
        "may_open": fresh.state in IN_HAND,
    }
    return render(request, f"{FOLDER}/settled.html", context, status=status)


@facilitator_only
@require_safe
def item(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One text: its words for whoever has opened it, a button to open it for everybody else on the team."""
    comment = get_object_or_404(queries.items(named(request)), pk=pk)
    if comment.state not in IN_HAND and not is_open_to(comment, named(request)):
        return settled(request, comment)
    return item_page(request, comment, named(request))


def go_on(
    request: HttpRequest, *, after: Comment | None, done: Comment | None = None, back: bool = False
) -> HttpResponse:
    """Open the next text for reading and go to it; to a break when it is time for one, to the queue without a next.

    The next is the one behind `after`, as it stood in the queue, so that what was laid aside comes last.
    """
    user = named(request)
    only = chosen_session(request.POST.get("session"))
    for comment in queries.next_waiting(user, only=only, after=after, back=back):
        if shift.shift_of(request.session).break_due:
            return redirect(reverse("moderation:rest") + queue_query(only, done))
        try:
            actions.claim_comment(comment, version=comment.version, by=user)
        except NotAllowed:
            continue  # a colleague was faster, or its author took it back
        shift.count_opened(request.session)
        return redirect(reverse("moderation:item", args=[comment.pk]) + queue_query(only, done))
    return redirect(reverse("moderation:queue") + queue_query(only, done))


def laid_aside(request: HttpRequest) -> Comment | None:
    """The text that this facilitator leaves for another (`skip`), free for colleagues again; None if there is none."""
    pk = chosen_session(request.POST.get("skip"))
    comment = queries.items(named(request)).filter(pk=pk).first() if pk else None
    if comment:
        actions.lay_aside(comment, by=named(request))
    return comment


@facilitator_only
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Open the oldest text that nobody reads; with `skip`, lay that one aside and open the next, or the one before."""
    if "anyway" in request.POST:
        shift.go_on_anyway(request.session)
    return go_on(request, after=laid_aside(request), back="back" in request.POST)


def decision(act: Callable[..., Comment]) -> Callable[[HttpRequest, UUID], Comment | HttpResponse]:
    """A step that names the version it is about: the text it was taken for, or the page that says why not."""

    def take(request: HttpRequest, pk: UUID) -> Comment | HttpResponse:
        return _decided(request, get_object_or_404(queries.items(named(request)), pk=pk), act)

    return take


def _decided(request: HttpRequest, comment: Comment, act: Callable[..., Comment]) -> Comment | HttpResponse:
    form = VersionForm(request.POST)
    if not form.is_valid():
        return settled(request, comment)
    try:
        return act(comment, version=form.cleaned_data["version"], by=named(request))
    except NotAllowed:
        return settled(request, comment)


def decide_and_go_on(request: HttpRequest, pk: UUID, act: Callable[..., Comment]) -> HttpResponse:
    """A step as in `decision`, and on to the text behind it; the page that says why not, if it was not taken."""
    comment = get_object_or_404(queries.items(named(request)), pk=pk)
    place = copy(comment)  # a decision takes it out of the queue
    taken = _decided(request, comment, act)
    return go_on(request, after=place, done=taken) if isinstance(taken, Comment) else taken


def to_item(request: HttpRequest, comment: Comment) -> HttpResponse:
    """To the page of this text; the queue stays narrowed as it was."""
    only = chosen_session(request.POST.get("session"))
    return redirect(reverse("moderation:item", args=[comment.pk]) + queue_query(only))


@facilitator_only
@require_POST
def claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open a text to read it, also one that a colleague has open."""
    taken = decision(actions.claim_comment)(request, pk)
    if not isinstance(taken, Comment):
        return taken
    shift.count_opened(request.session)
    return to_item(request, taken)


@facilitator_only
@require_POST
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let it through, and on to the next."""
    return decide_and_go_on(request, pk, actions.approve_comment)


@facilitator_only
@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Back to those waiting, as long as it has not gone out."""
    taken = decision(actions.undo_approval)(request, pk)
    if not isinstance(taken, Comment):
        return taken
    laid_aside(request)
    messages.success(request, gettext("The approval is undone. The text waits to be read again."))
    return to_item(request, taken)


@facilitator_only
@require_POST
def undo_return(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Back to those waiting, as long as its author was not told."""
    taken = decision(actions.undo_return)(request, pk)
    if not isinstance(taken, Comment):
        return taken
    laid_aside(request)
    messages.success(
        request, gettext("The return is undone. Its author was not told. The text waits to be read again.")
    )
    return to_item(request, taken)


def is_asked(form: GuardedForm, comment: Comment) -> bool:
    """Whether a facilitator has to look once more at the note to this text's author."""
    writer = Writer(comment.thread.round.dialogue_session_id, Role.FACILITATOR)
    return form.is_valid() and form.asks(kinds=NO_DETAILS, writer=writer)


@facilitator_only
@require_POST
def return_to_author(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Back to its author with a reason and a note, and on to the next."""
    user = named(request)
    comment = get_object_or_404(queries.items(user), pk=pk)
    place = copy(comment)
    form = ReturnForm(request.POST, comment=comment)
    asked = is_asked(form, comment)
    if form.is_valid() and not asked:
        given = form.cleaned_data
        try:
            returned = {"version": given["version"], "reason": given["reason"], "note": given["note"]}
            actions.return_comment(comment, **returned, by=user, undoable=True)
        except NotAllowed:
            return settled(request, comment)
        except ValidationError as error:
            form.add_error(None, error)
    if not form.errors and not asked:
        return go_on(request, after=place, done=comment)
    if comment.state != Comment.State.HELD or not open_again(comment, user, form):
        return settled(request, comment)
    return item_page(request, comment, user, form)
