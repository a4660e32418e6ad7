"""Background work on notes."""

from celery import shared_task
from django.utils import timezone

from dialogue.notes import actions


@shared_task(name="notes.delete_expired")
def delete_expired() -> None:
    """Every hour: notes go 14 days after closing."""
    actions.delete_expired_notes(timezone.now())
