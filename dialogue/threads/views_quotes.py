"""What the report may carry of one's own texts, said on the page of one's own texts."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dialogue.threads.actions_quotes import set_quote_consent
from dialogue.threads.models import Comment
from seeds.transitions import NotAllowed


@require_POST
def quote(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say in one tap what the report may carry of a text; also for somebody who lost the place in the session."""
    own = Comment.objects.written_by(request.user).select_related("thread__round")
    comment = get_object_or_404(own, pk=pk)
    try:
        set_quote_consent(comment, consent=request.POST.get("consent", ""))
        messages.success(request, _("Noted. You can change it until the report is out."))
    except NotAllowed as refused:
        messages.warning(request, str(refused))
    return redirect("threads:mine", comment.thread.round.dialogue_session_id)
