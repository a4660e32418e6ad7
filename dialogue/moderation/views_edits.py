"""Proposing other words for a text to its author, or telling it in other words where the author asked for that."""

from copy import copy
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import facilitator_only, named
from accounts.models import Role, User
from dialogue.egoguard.actions import Writer, count_shown
from dialogue.egoguard.showing import NO_DETAILS, look_kindly
from dialogue.moderation import queries
from dialogue.moderation.actions import record_look
from dialogue.moderation.actions_edits import NOBODY_ANSWERS, call_back_proposal, check_proposal, propose_words
from dialogue.moderation.difference import difference
from dialogue.moderation.forms import ProposalForm
from dialogue.moderation.queries_item import has_left, item_of
from dialogue.moderation.views import FOLDER, chosen_session, decision, go_on, laid_aside, open_again, settled, to_item
from dialogue.protection.showing import look
from dialogue.threads.models import Comment
from dialogue.threads.text import paragraphs
from seeds.transitions import NotAllowed


@facilitator_only
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Other words for a text that this facilitator has open: typed, looked at as its author will, then sent."""
    comment = get_object_or_404(queries.items(named(request)), pk=pk)
    if request.method == "POST":
        return _sent(request, comment)
    item = item_of(comment, named(request))
    if not (item["is_open"] and item["is_held"]) or item["has_left"]:
        return redirect("moderation:item", pk)
    # A retelling starts from nothing: whoever starts from the author's words keeps the author's way of writing.
    body = "" if comment.wants_retelling else "\n\n".join(item["words"]["paragraphs"])
    form = ProposalForm(initial={"body": body, "version": comment.version}, retelling=comment.wants_retelling)
    form.fields["body"].widget.attrs["autofocus"] = True
    return _page(request, item, form)


def _sent(request: HttpRequest, comment: Comment) -> HttpResponse:
    if has_left(comment):
        return settled(request, comment, NOBODY_ANSWERS)
    form = ProposalForm(request.POST, retelling=comment.wants_retelling)
    if form.is_valid():
        try:
            return _proposed(request, comment, form)
        except NotAllowed:
            return settled(request, comment)
        except ValidationError as error:
            form.add_error(None, error)
    if not _is_open(comment, named(request), form):
        return settled(request, comment)
    return _page(request, item_of(comment, named(request)), form)


def _is_open(comment: Comment, user: User, form: ProposalForm) -> bool:
    return comment.state == Comment.State.HELD and open_again(comment, user, form)


def _proposed(request: HttpRequest, comment: Comment, form: ProposalForm) -> HttpResponse:
    """Send the words to the author, or only show them as the author will see them. Raises as `propose_words`."""
    given = form.cleaned_data
    if "send" in request.POST:
        place = copy(comment)
        propose_words(comment, version=given["version"], text=given["body"], note=given["note"], by=named(request))
        return go_on(request, after=place, done=comment)
    if given["version"] != comment.version or not _is_open(comment, named(request), form):
        return settled(request, comment)
    item = item_of(comment, named(request))
    words, note = check_proposal(comment, text=given["body"], note=given["note"])
    kinder = look_kindly([note], kinds=NO_DETAILS)  # the note only: the words are, or were, the author's
    count_shown(Writer(item["session"].pk, Role.FACILITATOR), kinder.kinds_not_in(""))
    own = "\n\n".join(item["words"]["paragraphs"])
    preview = {
        "note": note,
        "is_retelling": comment.wants_retelling,
        "paragraphs": paragraphs(words),
        "pieces": [] if comment.wants_retelling else difference(own, words),
        "check": look([words]),
        "nudges": kinder.nudges,
    }
    return _page(request, item, form, preview)


def _page(
    request: HttpRequest, item: dict[str, Any], form: ProposalForm, preview: dict[str, Any] | None = None
) -> HttpResponse:
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    record_look(item["session"], texts=1, by=named(request))
    only = chosen_session(request.GET.get("session") or request.POST.get("session"))
    context = {"item": item, "form": form, "preview": preview, "only": only}
    return render(request, f"{FOLDER}/propose.html", context)


@facilitator_only
@require_POST
def call_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a proposal back before its author has answered."""
    taken = decision(call_back_proposal)(request, pk)
    if not isinstance(taken, Comment):
        return taken
    laid_aside(request)
    messages.success(request, _("The proposal is called back. The text waits to be read again."))
    return to_item(request, taken)
