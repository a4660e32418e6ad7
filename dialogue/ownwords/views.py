"""The page from which a listener takes his own words along. Nobody else has one."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import listener_only, named
from accounts.models import today
from accounts.pickup import lock_of
from dialogue.jobs.actions import start_job
from dialogue.jobs.models import Job
from dialogue.ownwords import document, paper
from dialogue.ownwords.actions import JSON, PDF, take_own_words
from seeds.press import NotNow
from seeds.transitions import NotAllowed

TYPES = {PDF: "application/pdf", JSON: "application/json"}


@listener_only
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What the file holds and what it does not hold."""
    lock_of(request.session)
    context = {"held": document.held(), "not_held": document.not_held(), "pk": uuid4()}
    return render(request, "dialogue/ownwords/page.html", context)


@listener_only
@require_POST
@never_cache
def file(request: HttpRequest) -> HttpResponse:
    """The file itself. A POST, because it is recorded; also for a listener who may not listen at the moment.

    A PDF that takes long, or has to wait for another, is made in the background.
    """
    form = request.POST.get("form", "")
    if form not in TYPES:
        raise Http404
    try:
        content = take_own_words(form=form, by=named(request))
    except (NotNow, paper.TooMuch):
        return _later(request)
    response = HttpResponse(content, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="own-words-{today().isoformat()}.{form}"'
    return response


def _later(request: HttpRequest) -> HttpResponse:
    try:
        pk = UUID(request.POST.get("pk", ""))
    except ValueError:
        pk = uuid4()
    lock = lock_of(request.session)
    try:
        start_job(pk=pk, kind=Job.Kind.OWN_WORDS, wanted={}, lock=lock, by=named(request))
    except NotAllowed as refusal:
        messages.warning(request, str(refusal))
        return redirect("jobs:list")
    return redirect("jobs:job", pk)
