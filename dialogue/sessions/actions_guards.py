"""Going on against a scheduling guard."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User, today
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import lock
from dialogue.sessions.guards import GUARDED
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.models_guards import Guard, GuardOverride
from dialogue.sessions.snapshot import take
from seeds.transitions import NotAllowed

LONGEST = 300  # characters of a reason


@transaction.atomic
def override_guard(
    dialogue_session: DialogueSession, *, guard: str, reason: str, schedule_version: int, by: User
) -> GuardOverride:
    """Go on although the session meets this guard. It counts for the times that it has now, and for these only.

    `schedule_version` is that of the times which `by` saw. Raises NotAllowed when they are no longer these, when the
    guard is not met or somebody gave a reason already, and for a reason that is empty or too long.
    """
    held = lock(dialogue_session, by=by)
    _still_asked(held, guard, schedule_version)
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST:
        raise NotAllowed(_("Say why, in one or two sentences."))
    override = GuardOverride.objects.create(
        dialogue_session=held,
        guard=guard,
        reason=reason,
        schedule_version=schedule_version,
        made_by=by,
        made_on=today(),
    )
    write(AuditEvent.Verb.OVERRIDE_GUARD, by=by, session_id=held.pk, detail=Guard(guard))
    return override


def _still_asked(held: DialogueSession, guard: str, schedule_version: int) -> None:
    if held.state not in GUARDED:
        raise NotAllowed(_("The session is open or over: nothing asks for a reason any more."))
    if held.schedule_version != schedule_version:
        raise NotAllowed(_("The session has other times or another place by now. Look at them first."))
    now = take([held])[held.pk]
    if guard not in now.guards:
        raise NotAllowed(_("This does not apply any more. No reason is needed."))
    if guard not in now.open_guards:
        raise NotAllowed(_("Somebody gave a reason for this already. Nothing was changed."))
