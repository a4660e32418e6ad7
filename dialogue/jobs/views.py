"""Pages about the own long work: a list, how far one is, its file. Another person's is 404."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import pickup
from accounts.decorators import named, named_only
from dialogue.jobs import actions
from dialogue.jobs.models import Job
from dialogue.jobs.queries import jobs_of
from seeds.transitions import NotAllowed

LOOK_EVERY = 5  # seconds, for who asks the page to look by itself
FILES = {Job.Kind.OWN_WORDS: "own-words.pdf"}
KINDS = {
    Job.State.WAITING: "todo",
    Job.State.RUNNING: "doing",
    Job.State.DONE: "done",
    Job.State.FAILED: "stop",
    Job.State.CANCELLED: "stop",
}


def mine_or_404(request: HttpRequest, pk: UUID) -> Job:
    """The job, if the viewer asked for it."""
    return get_object_or_404(jobs_of(named(request)), pk=pk)


def how_far(job: Job) -> str:
    """In words."""
    if not job.total:
        return str(Job.State(job.state).label)
    far = ngettext("%(done)s of %(total)s mail", "%(done)s of %(total)s mails", job.total)
    return far % {"done": job.done, "total": job.total}


@named_only
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """What runs or ran for the viewer."""
    rows = [{"job": job, "kind": KINDS[Job.State(job.state)], "far": how_far(job)} for job in jobs_of(named(request))]
    return render(request, "dialogue/jobs/list.html", {"rows": rows})


@named_only
@require_safe
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is. Asked to, the page looks again by itself as long as the work goes on."""
    one = mine_or_404(request, pk)
    looks = one.is_open and "look" in request.GET
    context = {
        "job": one,
        "far": how_far(one),
        "looks": looks,
        "has_file": one.state == Job.State.DONE and one.kind in FILES,
        "is_gone": pickup.found(one.pk, request.session) is None,
        "can_go_on": one.state in (Job.State.FAILED, Job.State.CANCELLED) and one.why != Job.Why.TOO_MUCH,
    }
    response = render(request, "dialogue/jobs/job.html", context)
    if looks:
        response["Refresh"] = str(LOOK_EVERY)
    return response


@named_only
@require_POST
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file, for its time, in the web session that asked for it."""
    one = mine_or_404(request, pk)
    content = pickup.found(one.pk, request.session)
    if content is None or one.kind not in FILES:
        messages.warning(request, _("The file is gone. Please have it made again."))
        return redirect("jobs:job", pk)
    headers = {"Content-Disposition": f'attachment; filename="{FILES[Job.Kind(one.kind)]}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _do(request: HttpRequest, step: Callable[[], object], done: str) -> None:
    try:
        step()
    except NotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)


@named_only
@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop it; what is done stays done."""
    one = mine_or_404(request, pk)
    _do(request, lambda: actions.stop_job(one, by=named(request)), _("It is stopped."))
    return redirect("jobs:job", pk)


@named_only
@require_POST
def try_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on with one that failed or was stopped."""
    one, lock = mine_or_404(request, pk), pickup.lock_of(request.session)
    _do(request, lambda: actions.retry_job(one, lock=lock, by=named(request)), _("It goes on."))
    return redirect("jobs:job", pk)


@named_only
@require_POST
def let_go(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one that has ended off the list, with its file."""
    one = mine_or_404(request, pk)
    _do(request, lambda: actions.delete_job(one, by=named(request)), _("It is deleted."))
    return redirect("jobs:list")
