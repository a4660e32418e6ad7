"""What runs by itself about invitations."""

from celery import shared_task

from accounts.team.actions import delete_old_invitations


@shared_task(name="accounts.delete_old_invitations")
def delete_old_invitations_daily() -> None:
    """Once a day; a day without it is made up for by the next."""
    delete_old_invitations()
