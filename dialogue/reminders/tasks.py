"""Background work on reminders."""

from celery import shared_task
from django.utils import timezone

from dialogue.reminders.planning import plan_reminders
from dialogue.reminders.sending import send_due


@shared_task(name="reminders.send_due")
def send_due_reminders() -> None:
    """Every tick of beat. Everything is found in the database: a lost tick or a second one changes nothing."""
    now = timezone.now()
    plan_reminders(now)
    send_due(now)
