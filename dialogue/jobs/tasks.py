"""Background work on what somebody asked for."""

from celery import shared_task

from dialogue.jobs.actions import WORK
from dialogue.jobs.running import work_off


@shared_task(name=WORK)
def work() -> None:
    """When somebody asked, and with every tick of beat. Everything is found in the database."""
    work_off()
