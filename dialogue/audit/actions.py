"""Writing to the audit log, and telling open pages what the staff did.

Only acts that stand here are told: nothing that a participant does is ever in the audit log, so nothing of it can be.
"""

import uuid

from accounts.models import User
from dialogue.audit.models import AuditEvent
from seeds.live import ASK_AGAIN, room_of, team_of, tell

Verb = AuditEvent.Verb

#: Stands where no person acted: the program did it by itself, because a time had come.
PROGRAM = uuid.UUID(int=0)
#: Acts after which everybody in the session sees something else.
SEEN_BY_ALL = {
    Verb.CHANGE_SESSION,
    Verb.FREE_LISTENER,
    Verb.LET_OUT_ANSWERS,
    Verb.LIFT_HOLD,
    Verb.MOVE_ROUND,
    Verb.MOVE_SESSION,
    Verb.OFFER_THEME,
    Verb.PLACE_HOLD,
    Verb.PREVIEW_REPORT,
    Verb.RELEASE,
}
#: ... and after which only its team does.
SEEN_BY_TEAM = {
    Verb.APPROVE,
    Verb.DECIDE_ACKNOWLEDGMENT,
    Verb.DECLINE_LISTENER,
    Verb.HANDLE_OBJECTION,
    Verb.HEAR_APPEAL,
    Verb.PLACE_LISTENER,
    Verb.PROPOSE,
    Verb.REMOVE_ALIAS,
    Verb.RETURN,
    Verb.UNDO,
}
#: ... and after which somebody may be outside who was inside.
SHUTS_OUT = {Verb.DECLINE_LISTENER, Verb.MOVE_SESSION, Verb.REMOVE_ALIAS}


def write(verb: AuditEvent.Verb, *, by: User | None, session_id: uuid.UUID | None = None, detail: str = "") -> None:
    """Record one act, in the caller's transaction. `detail` is a code or a count: never content, never an alias.

    Without `by` the actor is PROGRAM.
    """
    actor = by.pk if by else PROGRAM
    AuditEvent.objects.create(verb=verb, actor=actor, dialogue_session=session_id, detail=detail)
    if session_id:
        _tell_of(verb, session_id)


def _tell_of(verb: AuditEvent.Verb, session_id: uuid.UUID) -> None:
    if verb in SEEN_BY_ALL:
        tell(room_of(session_id))
    if verb in SEEN_BY_TEAM:
        tell(team_of(session_id))
    if verb in SHUTS_OUT:
        tell(room_of(session_id), ASK_AGAIN)
