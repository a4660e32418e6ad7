"""Background work of the queue."""

from celery import shared_task

from dialogue.moderation.actions import free_old_claims, give_back_returned


@shared_task(name="moderation.give_back")
def give_back() -> None:
    """Every 5 minutes: authors are told of returns, which until then can be undone."""
    give_back_returned()


@shared_task(name="moderation.free_claims")
def free_claims() -> None:
    """Every 30 minutes: texts that somebody opened and left are free again."""
    free_old_claims()
