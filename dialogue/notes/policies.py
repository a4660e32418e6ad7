"""Who may write a note, and when notes go."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from dialogue.notes.models import FacilitatorNote
from dialogue.sessions.ending import ended_at, ended_by
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.policies import may_lead

KEPT_FOR = timedelta(days=14)


def expired(now: datetime, prefix: str = "") -> Q:
    """Sessions whose notes have to be gone: closed for KEPT_FOR; if cancelled, counted from their planned end."""
    return ended_by(now - KEPT_FOR, prefix)


def notes_go_on(dialogue_session: DialogueSession) -> datetime | None:
    """When the notes of this session are deleted; None while that is not known."""
    ended = ended_at(dialogue_session)
    return ended + KEPT_FOR if ended else None


def may_write(user: User, dialogue_session: DialogueSession) -> bool:
    """Whether this facilitator is on the team, and a note would still be kept."""
    gone_on = notes_go_on(dialogue_session)
    return may_lead(user, dialogue_session) and (gone_on is None or gone_on > timezone.now())


def is_author(user: User, note: FacilitatorNote) -> bool:
    """Whether this facilitator wrote the note: nobody else changes or deletes it."""
    return note.author_id == user.pk
