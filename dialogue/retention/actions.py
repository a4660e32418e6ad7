"""Stopping what the clock deletes, and letting it go on."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.team.policies import may_run_site
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.retention.models import Hold
from dialogue.retention.policies import HOLDABLE, day_of
from dialogue.sessions.models import DialogueSession
from seeds.transitions import NotAllowed


def _check_operator(by: User) -> None:
    if not may_run_site(by):
        raise NotAllowed(_("Only operators stop the deletion."))


@transaction.atomic
def place_hold(dialogue_session: DialogueSession, *, reason: str, by: User) -> Hold:
    """Stop everything that the clock would delete in this session. Everybody reads the reason.

    What participants take back themselves is still destroyed. Raises ValidationError for an empty or too long reason,
    NotAllowed for others than operators, when a hold is in force, and when there is nothing to keep (any more).
    """
    _check_operator(by)
    held = DialogueSession.objects.select_for_update().get(pk=dialogue_session.pk)  # the clock locks the same row
    if held.state not in HOLDABLE:
        raise NotAllowed(_("There is nothing here that could be kept."))
    if held.holds.in_force().exists():
        raise NotAllowed(_("The deletion of this session is stopped already."))
    hold = Hold(dialogue_session=held, reason=" ".join(reason.split()), placed_by=by)
    hold.placed_on = day_of(held, timezone.now())
    hold.full_clean(exclude=["dialogue_session", "placed_by", "lifted_by", "lifted_on"], validate_constraints=False)
    hold.save(force_insert=True)
    write(AuditEvent.Verb.PLACE_HOLD, by=by, session_id=held.pk)
    return hold


@transaction.atomic
def lift_hold(hold: Hold, *, by: User) -> Hold:
    """Let the deletion go on: what fell due meanwhile goes with the next run.

    Raises NotAllowed for others than operators, and when it was lifted before.
    """
    _check_operator(by)
    lifted_on = day_of(hold.dialogue_session, timezone.now())
    if not Hold.objects.in_force().filter(pk=hold.pk).update(lifted_by=by, lifted_on=lifted_on):
        raise NotAllowed(_("The deletion of this session is not stopped any more."))
    write(AuditEvent.Verb.LIFT_HOLD, by=by, session_id=hold.dialogue_session_id)
    hold.refresh_from_db(fields=["lifted_by", "lifted_on"])
    return hold
