"""Objecting in private to a listener or an agency, and what the team makes of it. No listener learns of any of this."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Agency, User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import lock
from dialogue.sessions.actions_seats import decline_listener
from dialogue.sessions.models import JOINABLE, Alias, DialogueSession, ListenerSeat
from dialogue.sessions.models_objections import Objection
from dialogue.sessions.queries_objections import in_question
from seeds.transitions import NotAllowed, move
from seeds.vault import Unreadable, seal

MAX_REASON = 1_000  # characters
SEATS = (ListenerSeat.State.APPLIED, ListenerSeat.State.SEATED)


def _fitting(reason: str) -> str:
    plain = reason.replace("\r\n", "\n").replace("\0", "").strip()
    over = len(plain) - MAX_REASON
    if over > 0:
        message = ngettext("%(over)d character too many.", "%(over)d characters too many.", over)
        raise ValidationError(message % {"over": over}, code="too_long")
    return plain


def _sealed(held: DialogueSession, objection: Objection, reason: str) -> bytes | None:
    try:
        return seal(held.pk, objection.pk, reason) if reason else None
    except Unreadable as error:
        raise NotAllowed(_("The texts of this talk are gone, so nothing can be added.")) from error


def _still_there(alias: Alias, held: DialogueSession) -> None:
    """The session has not begun, and somebody holds the name. The session's row is locked: it can't open meanwhile."""
    alias.refresh_from_db(fields=["removed", "tag"])
    if alias.removed or alias.tag is None:
        raise NotAllowed(_("You have no place in this talk any more."))
    if held.state not in JOINABLE:
        raise NotAllowed(_("The talk has begun, or is over. Please write to the people who lead it."))


@transaction.atomic
def object_to(
    alias: Alias, *, seat: ListenerSeat | None = None, agency: Agency | None = None, reason: str = ""
) -> Objection:
    """Say that this listener, or nobody of this agency, should be in the room; why is left to the participant.

    Twice gives the one that waits. Also taken once the list of listeners stands. Raises ValidationError for a too long
    reason, NotAllowed once the session has begun, for a name nobody holds, and for who does not ask for a place.
    """
    plain = _fitting(reason)
    held = DialogueSession.objects.select_for_update().get(pk=alias.dialogue_session_id)
    _still_there(alias, held)
    if not in_question(held).filter(Q(pk=seat.pk) if seat else Q(listener__agency=agency)).exists():
        raise NotAllowed(_("That listener does not ask for a place here any more."))
    mine = Objection.objects.filter(alias=alias, seat=seat, agency=agency, state=Objection.State.OPEN).first()
    if mine is not None:
        return mine
    objection = Objection(pk=uuid4(), dialogue_session=held, alias=alias, seat=seat, agency=agency)
    objection.body = _sealed(held, objection, plain)
    objection.save(force_insert=True)
    return objection


@transaction.atomic
def take_back_objection(objection: Objection) -> Objection:
    """Destroy it as long as nobody has decided. Raises NotAllowed after that."""
    try:
        return move(objection, Objection.State.WITHDRAWN, sources=[Objection.State.OPEN], body=None)
    except NotAllowed as error:
        raise NotAllowed(_("We have already dealt with it.")) from error


@transaction.atomic
def settle_objection(objection: Objection, *, upheld: bool, by: User) -> Objection:
    """No place for whom it is about, or they stay; the reason is destroyed either way.

    The listeners concerned read "Not placed" and nothing else. Raises NotAllowed for others than the team, once the
    session has begun, and when somebody else was faster.
    """
    held = lock(objection.dialogue_session, by=by)
    if held.state not in JOINABLE:
        raise NotAllowed(_("The session has begun, or is over. Nothing was changed."))
    to = Objection.State.NOT_PLACED if upheld else Objection.State.STAYS
    try:
        move(objection, to, sources=[Objection.State.OPEN], body=None)
    except NotAllowed as error:
        raise NotAllowed(_("This was decided or taken back already. Nothing was changed.")) from error
    about = Q(pk=objection.seat_id) if objection.seat_id else Q(listener__agency=objection.agency_id)
    if upheld:
        for seat in ListenerSeat.objects.filter(about, dialogue_session=held, state__in=SEATS):
            decline_listener(seat, by=by)
    write(AuditEvent.Verb.HANDLE_OBJECTION, by=by, session_id=held.pk, detail=to)
    return objection
