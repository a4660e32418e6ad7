"""A second look at a text that came back: its author asks for it in one tap, and another facilitator answers."""

from copy import copy
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.decorators import facilitator_only, named
from dialogue.moderation import queries
from dialogue.moderation.actions_appeals import ask_again, overturn_return, uphold_return
from dialogue.moderation.forms import UpholdForm, VersionForm
from dialogue.moderation.queries_item import item_of
from dialogue.moderation.views import decide_and_go_on, go_on, is_asked, item_page, open_again, settled
from dialogue.moderation.views_author import in_words
from dialogue.threads.models import Comment
from dialogue.threads.views import place_or_404
from seeds.transitions import NotAllowed


@require_POST
def look_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The author asks that somebody else looks again, words unchanged."""
    own = Comment.objects.written_by(request.user).select_related("thread__round__dialogue_session", "alias", "seat")
    comment = get_object_or_404(own, pk=pk)
    place_or_404(request, comment.thread.round.dialogue_session_id)
    form = VersionForm(request.POST)
    try:
        ask_again(comment, version=form.cleaned_data["version"] if form.is_valid() else 0)
        messages.success(request, _("We will look at it again. Someone else does that."))
    except NotAllowed as refused:
        messages.warning(request, in_words(refused))
    return redirect("threads:mine", comment.thread.round.dialogue_session_id)


@facilitator_only
@require_POST
def overturn(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a text through that a colleague returned, and on to the next."""
    return decide_and_go_on(request, pk, overturn_return)


@facilitator_only
@require_POST
def uphold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Agree with a colleague's return, and on to the next."""
    user = named(request)
    comment = get_object_or_404(queries.items(user), pk=pk)
    place = copy(comment)
    form = UpholdForm(request.POST)
    asked = is_asked(form, comment)
    if form.is_valid() and not asked:
        given = form.cleaned_data
        try:
            uphold_return(comment, version=given["version"], note=given["note"], by=user)
        except NotAllowed:
            return settled(request, comment)
        except ValidationError as error:
            form.add_error(None, error)
    if not form.errors and not asked:
        messages.success(request, _("The text stays returned. The author reads that somebody else agreed."))
        return go_on(request, after=place)
    if not (item_of(comment, user)["may_hear"] and open_again(comment, user, form)):
        return settled(request, comment)
    return item_page(request, comment, user, form)
