"""Asking for long work, stopping it, and trying again."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts import pickup
from accounts.models import User
from dialogue.jobs.models import KEPT, LONGEST, Job
from seeds.celery import app
from seeds.languages import active
from seeds.transitions import NotAllowed, move

logger = logging.getLogger("seeds.jobs")
WORK = "jobs.work"  # the task's name: the module itself stands further right


def wake() -> None:
    """Tell a worker that there is work. If that can't be told now, beat does within half a minute."""
    try:
        app.send_task(WORK, retry=False)
    except OperationalError:
        logger.warning("no worker could be woken")


@transaction.atomic
def start_job(*, pk: UUID, kind: Job.Kind, wanted: dict[str, Any], lock: str, by: User, total: int = 0) -> bool:
    """Ask for work whose file, if any, opens with the key of `lock`. Asked twice with the same `pk`, it is one job, and
    the answer is False.

    Raises NotAllowed while another one of this kind is open, and for an id that is somebody else's.
    """
    values = {
        "kind": kind,
        "owner": by,
        "wanted": wanted,
        "lock": lock,
        "total": total,
        "language": active(),
        "goes_at": timezone.now() + LONGEST,
    }
    try:
        with transaction.atomic():
            job, is_new = Job.objects.get_or_create(pk=pk, defaults=values)
    except IntegrityError as error:
        raise NotAllowed(_("You have one of these at work already. Wait for it, or stop it.")) from error
    if job.owner_id != by.pk or job.kind != kind:
        raise NotAllowed(_("This form was used already. Please load the page again."))
    if is_new:
        transaction.on_commit(wake)
    return is_new


def _check_owner(job: Job, by: User) -> None:
    if job.owner_id != by.pk:
        raise NotAllowed(_("This is somebody else’s work."))


@transaction.atomic
def stop_job(job: Job, *, by: User) -> Job:
    """Stop it before its next step. Raises NotAllowed for others than its owner, and when it has ended."""
    _check_owner(job, by)
    try:
        return move(job, Job.State.CANCELLED, sources=Job.OPEN, lease_until=None, goes_at=timezone.now() + KEPT)
    except NotAllowed as refusal:
        raise NotAllowed(_("It has ended already.")) from refusal


@transaction.atomic
def retry_job(job: Job, *, lock: str, by: User) -> Job:
    """Put a failed or stopped one back among what waits; it goes on where it was.

    Raises NotAllowed for others than its owner, in every other state, and while another one of its kind is open.
    """
    _check_owner(job, by)
    values: dict[str, Any] = {"why": "", "tries": 0, "lock": lock, "goes_at": timezone.now() + LONGEST}
    try:
        with transaction.atomic():
            move(job, Job.State.WAITING, sources=(Job.State.FAILED, Job.State.CANCELLED), **values)
    except IntegrityError as error:
        raise NotAllowed(_("You have one of these at work already. Wait for it, or stop it.")) from error
    except NotAllowed as refusal:
        raise NotAllowed(_("It is at work, or done.")) from refusal
    transaction.on_commit(wake)
    return job


@transaction.atomic
def delete_job(job: Job, *, by: User) -> None:
    """Delete one that has ended, with its file. Raises NotAllowed for others than its owner, and while it is open."""
    _check_owner(job, by)
    if not Job.objects.filter(pk=job.pk).exclude(state__in=Job.OPEN).delete()[0]:
        raise NotAllowed(_("Stop it first."))
    pickup.clear(job.pk)


def delete_old_jobs(now: datetime) -> int:
    """Delete those whose time is over, with their files; how many."""
    old = list(Job.objects.filter(goes_at__lte=now).values_list("pk", flat=True))
    for pk in old:
        pickup.clear(pk)
    return Job.objects.filter(pk__in=old, goes_at__lte=now).delete()[0]
