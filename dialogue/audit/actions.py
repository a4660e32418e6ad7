"""Writing to the audit log."""

import uuid

from accounts.models import User
from dialogue.audit.models import AuditEvent

#: Stands where no person acted: the program did it by itself, because a time had come.
PROGRAM = uuid.UUID(int=0)


def write(verb: AuditEvent.Verb, *, by: User | None, session_id: uuid.UUID | None = None, detail: str = "") -> None:
    """Record one act, in the caller's transaction. `detail` is a code or a count: never content, never an alias.

    Without `by` the actor is PROGRAM.
    """
    actor = by.pk if by else PROGRAM
    AuditEvent.objects.create(verb=verb, actor=actor, dialogue_session=session_id, detail=detail)
