"""Background work on sessions."""

from celery import shared_task
from django.utils import timezone

from dialogue.sessions.actions_postpone import postpone_those_due


@shared_task(name="sessions.postpone")
def postpone_what_cannot_open() -> None:
    """Every 10 minutes. Everything is found in the database: a lost tick or a second one changes nothing."""
    postpone_those_due(timezone.now())
