"""Work for the tests to have done."""

from dialogue.jobs.actions import stop_job
from dialogue.jobs.models import Job
from dialogue.jobs.running import Failed, Held

FILE = b"%PDF- the words"


def make(held: Held) -> bytes:
    held.step(1)
    return FILE


def breaks(held: Held) -> bytes:
    raise RuntimeError("a word that must not be told")


def cannot(held: Held) -> bytes:
    raise Failed(Job.Why.TOO_MUCH)


def stopped_meanwhile(held: Held) -> bytes:
    stop_job(Job.objects.get(pk=held.job.pk), by=held.owner)
    return FILE
