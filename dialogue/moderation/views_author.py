"""The author's answer to other words that a facilitator proposes. No answer is a no."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dialogue.moderation.actions_edits import take_words
from dialogue.moderation.forms import VersionForm
from dialogue.moderation.policies import answer_refusal
from dialogue.moderation.queries_item import proposal_of
from dialogue.threads.actions import revise_comment
from dialogue.threads.models import Comment
from dialogue.threads.policies import closed
from dialogue.threads.queries_own import own_text
from dialogue.threads.views import layout_of, place_or_404
from seeds.transitions import NotAllowed

KEEP = "keep"


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Both texts and what changed; take the new words, keep one's own, change them, or take the text back."""
    own = Comment.objects.written_by(request.user).select_related(
        "thread__round__dialogue_session", "alias", "seat", "proposed_edit__proposed_by"
    )
    comment = get_object_or_404(own.prefetch_related("decisions"), pk=pk)
    dialogue_session = comment.thread.round.dialogue_session
    place = place_or_404(request, dialogue_session.pk)
    if request.method == "POST":
        return _answered(request, comment)
    proposal = proposal_of(comment)
    if comment.state != Comment.State.PROPOSED or proposal is None:
        messages.info(request, _("No other words wait for you here."))
        return redirect("threads:mine", dialogue_session.pk)
    context = {
        "layout": layout_of(place.role),
        "session": dialogue_session,
        "text": own_text(comment, dialogue_session),
        "proposal": proposal,
        "refused": answer_refusal(dialogue_session),
        "shut": closed(dialogue_session),
    }
    return render(request, "dialogue/moderation/answer.html", context)


def _answered(request: HttpRequest, comment: Comment) -> HttpResponse:
    form = VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        if request.POST.get("answer") == KEEP:
            _keep(comment, version)
            messages.success(request, _("Your own words stay. A facilitator reads them again."))
        else:
            take_words(comment, version=version)
            messages.success(request, _("Thank you. These words come out with the next batch. Your own are gone."))
    except NotAllowed as refused:
        messages.warning(request, in_words(refused))
    return redirect("threads:mine", comment.thread.round.dialogue_session_id)


def _keep(comment: Comment, version: int) -> None:
    """Hand the text in again as it was. Raises NotAllowed as `revise_comment` does, also for unreadable words."""
    text = own_text(comment, comment.thread.round.dialogue_session)
    try:
        revise_comment(comment, text="\n\n".join(text["paragraphs"]), version=version)
    except ValidationError as error:
        raise NotAllowed(error.messages[0]) from error


def in_words(refused: NotAllowed) -> str:
    """In words for the author: what the machine itself says when somebody was faster is not for readers."""
    words = refused.args[0]
    return _("This text has changed in the meantime. Please look again.") if type(words) is str else str(words)
