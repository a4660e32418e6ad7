"""Doing the work: found in the database, held by a lease, so that a lost message or a killed worker loses nothing.

A worker takes a job up by counting on its `turn`, and everything it writes names that turn. If it is killed, its lease
runs out and another takes the job up; if it was only slow, it finds another turn there and lets go. A job's work must
therefore bear to be done again from the step that was noted last.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from accounts import pickup
from accounts.models import User
from dialogue.jobs.models import KEPT, Job

logger = logging.getLogger("seeds.jobs")
State = Job.State

LEASE = timedelta(minutes=3)  # longer than any one step takes
MOST_TRIES = 3


class Lost(Exception):
    """The job was stopped, or another worker has it."""


class Failed(Exception):
    """It can't be done; `why` is told to who asked."""

    def __init__(self, why: Job.Why) -> None:
        super().__init__(why)
        self.why = why


class Held:
    """A job in the hands of one worker."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @property
    def owner(self) -> User:
        return self.job.owner

    def step(self, done: int, *, skipped: int = 0) -> None:
        """Note how far it is, and hold on to it. Raises Lost."""
        self._write(done=done, skipped=skipped, lease_until=timezone.now() + LEASE)
        self.job.done, self.job.skipped = done, skipped

    def finish(self, file: bytes | None) -> None:
        """Leave the file for who asked, and note that it is done. Raises Lost, and then leaves nothing."""
        with transaction.atomic():
            # The note first: it holds the row, so nobody stops the job or takes it over before the file is there.
            self._write(state=State.DONE, lease_until=None, goes_at=timezone.now() + KEPT)
            if file is not None:
                pickup.leave(self.job.pk, file, lock=self.job.lock, seconds=int(KEPT.total_seconds()))

    def fail(self, why: Job.Why) -> None:
        """Note that it can't be done. Raises Lost."""
        self._write(state=State.FAILED, why=why, lease_until=None, goes_at=timezone.now() + KEPT)

    def _write(self, **values: object) -> None:
        mine = Job.objects.filter(pk=self.job.pk, state=State.RUNNING, turn=self.job.turn)
        if mine.update(**values) != 1:
            raise Lost


Work = Callable[[Held], bytes | None]


@transaction.atomic
def take_up(now: datetime) -> Held | None:
    """Take the job that waits longest, or that its worker has left, for the caller alone; None if there is none."""
    left = Q(state=State.RUNNING, lease_until__lt=now)
    ready = Job.objects.select_for_update(skip_locked=True, of=("self",)).select_related("owner")
    for job in ready.filter(Q(state=State.WAITING) | left).order_by("goes_at", "pk"):
        if job.tries >= MOST_TRIES:
            job.state, job.why, job.lease_until, job.goes_at = State.FAILED, Job.Why.INTERRUPTED, None, now + KEPT
            job.save(update_fields=["state", "why", "lease_until", "goes_at"])
            continue
        job.state, job.turn, job.tries, job.lease_until = State.RUNNING, job.turn + 1, job.tries + 1, now + LEASE
        job.save(update_fields=["state", "turn", "tries", "lease_until"])
        return Held(job)
    return None


def work_off() -> int:
    """Do what waits, one after the other; how many were taken up. Any number of workers may do this at once."""
    number = 0
    while held := take_up(timezone.now()):
        number += 1
        try:
            _do(held)
        except Lost:
            continue
    return number


def _do(held: Held) -> None:
    work: Work = import_string(settings.JOBS[held.job.kind])
    try:
        with translation.override(held.job.language):
            file = work(held)
        held.finish(file)
    except Lost:
        raise
    except Failed as failure:
        held.fail(failure.why)
    except Exception:  # whatever it is, who asked has to be told
        logger.exception("a job broke")  # our log prints the kind and the place
        held.fail(Job.Why.FAULT)
