"""Writing to the audit log."""

import uuid

from accounts.models import User
from dialogue.audit.models import AuditEvent


def write(verb: AuditEvent.Verb, *, by: User, session_id: uuid.UUID | None = None, detail: str = "") -> None:
    """Record one act, in the caller's transaction. `detail` is a code or a count: never content, never an alias."""
    AuditEvent.objects.create(verb=verb, actor=by.pk, dialogue_session=session_id, detail=detail)
