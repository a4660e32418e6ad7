"""What waits to be read, and what waits to go out."""

from uuid import UUID

from django.db.models import Count, Min

from accounts.models import User
from dialogue.sessions.models import DialogueSession
from dialogue.threads.models import Comment
from dialogue.threads.periods import hours_waiting


def oldest_wait_hours(dialogue_session: DialogueSession) -> int | None:
    """About how many hours the oldest held text has waited, in steps of four; None when nothing waits."""
    waiting = Comment.objects.filter(thread__round__dialogue_session=dialogue_session).in_waiting()
    oldest = waiting.values_list("period", flat=True).first()
    return None if oldest is None else hours_waiting(oldest)


def held_count(dialogue_session: DialogueSession) -> int:
    """How many texts wait to be read."""
    return Comment.objects.filter(thread__round__dialogue_session=dialogue_session).in_waiting().count()


def waiting_by_session(user: User) -> dict[UUID, tuple[int, int]]:
    """For each session this facilitator leads in which texts wait: how many, and the oldest one's hours. One query."""
    rows = (
        Comment.objects.visible_to(user)
        .in_waiting()
        .order_by()
        .values_list("thread__round__dialogue_session")
        .annotate(count=Count("pk"), oldest=Min("period"))
    )
    return {pk: (count, hours_waiting(oldest)) for pk, count, oldest in rows}
