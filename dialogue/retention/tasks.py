"""Background work on what is kept and for how long."""

from celery import shared_task
from django.utils import timezone

from dialogue.retention import clock
from dialogue.retention.scrub import scrub_if_due


@shared_task(name="retention.scrub")
def scrub_when_due() -> None:
    """Every 30 minutes: the clean-up of what the database remembers, if anything changed."""
    scrub_if_due()


@shared_task(name="retention.run")
def delete_what_is_due() -> None:
    """Every 15 minutes: all that goes by the clock."""
    clock.run(timezone.now())
