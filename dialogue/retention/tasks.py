"""Background work on what is kept and for how long."""

from celery import shared_task

from dialogue.retention.scrub import scrub_if_due


@shared_task(name="retention.scrub")
def scrub_when_due() -> None:
    """Every 30 minutes: the clean-up of what the database remembers, if anything changed."""
    scrub_if_due()
