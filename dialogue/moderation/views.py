"""The queue, and one text in it. Opening a text is a POST, because it is recorded."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import facilitator_only, named
from accounts.models import User
from dialogue.moderation import actions, queries
from dialogue.moderation.forms import ReturnForm, VersionForm
from dialogue.moderation.queries_item import IN_HAND, item_of
from dialogue.threads.models import Comment
from seeds.transitions import NotAllowed

FOLDER = "dialogue/moderation"


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


def just_approved(request: HttpRequest, user: User) -> Comment | None:
    """The text this facilitator approved a moment ago (`?done=`), for the undo that stands on the next page."""
    pk = chosen_session(request.GET.get("done"))
    if pk is None:
        return None
    approved = Comment.objects.visible_to(user).ready().filter(pk=pk, claimed_by=user)
    return approved.defer("body").first()


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
        "done": just_approved(request, user),
        "more": f"{reverse('moderation:queue')}{queue_query(only)}{'&' if only else '?'}after={waiting.after}",
    }
    return render(request, f"{FOLDER}/queue.html", context)


def _page(request: HttpRequest, comment: Comment, user: User, form: ReturnForm | None = None) -> HttpResponse:
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware: a note may be half typed
    only = chosen_session(request.GET.get("session") or request.POST.get("session"))
    item = item_of(comment, user)
    actions.record_look(item["session"], texts=int(item["is_open"]), by=user)
    context: dict[str, Any] = {
        "item": item,
        "only": only,
        "form": form or ReturnForm(comment=comment, initial={"version": comment.version}),
        "done": just_approved(request, user),
    }
    return render(request, f"{FOLDER}/item.html", context)


def settled(request: HttpRequest, comment: Comment) -> HttpResponse:
    """A plain page: this text is not (or no longer) theirs to decide, and who did what."""
    fresh = get_object_or_404(queries.items(named(request)), pk=comment.pk)
    status = 200 if request.method == "GET" else 409
    context = {
        "happened": queries.what_happened(fresh),
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
    if comment.state not in IN_HAND:
        return settled(request, comment)
    return _page(request, comment, named(request))


def go_on(request: HttpRequest, *, after: Comment | None, done: Comment | None = None) -> HttpResponse:
    """Open the next text for reading and go to it; to the queue when there is none."""
    user = named(request)
    only = chosen_session(request.POST.get("session"))
    for comment in queries.next_waiting(user, only=only, after=after):
        try:
            actions.claim_comment(comment, version=comment.version, by=user)
        except NotAllowed:
            continue  # a colleague was faster, or its author took it back
        return redirect(reverse("moderation:item", args=[comment.pk]) + queue_query(only, done))
    return redirect(reverse("moderation:queue") + queue_query(only, done))


@facilitator_only
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Open the oldest text that nobody reads; with `skip`, lay that one aside and open the next."""
    skipped = chosen_session(request.POST.get("skip"))
    comment = queries.items(named(request)).filter(pk=skipped).first() if skipped else None
    if comment:
        actions.lay_aside(comment, by=named(request))
    return go_on(request, after=comment)


def decision(act: Callable[..., Comment]) -> Callable[[HttpRequest, UUID], Comment | HttpResponse]:
    """A step that names the version it is about: the text it was taken for, or the page that says why not."""

    def take(request: HttpRequest, pk: UUID) -> Comment | HttpResponse:
        comment = get_object_or_404(queries.items(named(request)), pk=pk)
        form = VersionForm(request.POST)
        if not form.is_valid():
            return settled(request, comment)
        try:
            return act(comment, version=form.cleaned_data["version"], by=named(request))
        except NotAllowed:
            return settled(request, comment)

    return take


@facilitator_only
@require_POST
def claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open a text to read it, also one that a colleague has open."""
    taken = decision(actions.claim_comment)(request, pk)
    if not isinstance(taken, Comment):
        return taken
    only = chosen_session(request.POST.get("session"))
    return redirect(reverse("moderation:item", args=[pk]) + queue_query(only))


@facilitator_only
@require_POST
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let it through, and on to the next."""
    taken = decision(actions.approve_comment)(request, pk)
    return go_on(request, after=None, done=taken) if isinstance(taken, Comment) else taken


@facilitator_only
@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Back to those waiting, as long as it has not gone out."""
    taken = decision(actions.undo_approval)(request, pk)
    if not isinstance(taken, Comment):
        return taken
    messages.success(request, _("The approval is undone. The text waits to be read again."))
    return redirect("moderation:item", pk)


@facilitator_only
@require_POST
def return_to_author(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Back to its author with a reason and a note, and on to the next."""
    user = named(request)
    comment = get_object_or_404(queries.items(user), pk=pk)
    form = ReturnForm(request.POST, comment=comment)
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.return_comment(
                comment, version=given["version"], reason=given["reason"], note=given["note"], by=user
            )
        except NotAllowed:
            return settled(request, comment)
        except ValidationError as error:
            form.add_error(None, error)
    if not form.errors:
        messages.success(request, _("The text went back to its author."))
        return go_on(request, after=None)
    if comment.state != Comment.State.HELD:
        return settled(request, comment)
    return _page(request, comment, user, form)
