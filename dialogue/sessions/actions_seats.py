"""Listeners' seats: asked for, given, not given, given back."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User, today
from accounts.policies import may_listen
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import lock
from dialogue.sessions.models import JOINABLE, DialogueSession, ListenerSeat
from dialogue.sessions.policies import list_stands, may_apply
from dialogue.sessions.queries_objections import is_refused, refused_agencies
from seeds.transitions import NotAllowed, move

SeatState = ListenerSeat.State


@transaction.atomic
def apply_for_seat(listener: User, dialogue_session: DialogueSession) -> ListenerSeat:
    """Ask for a seat. Twice gives the one seat there is; a seat given back can be asked for again."""
    held = DialogueSession.objects.select_for_update().get(pk=dialogue_session.pk)
    if held.state in JOINABLE and list_stands(held):
        raise NotAllowed(_("The list of listeners is closed. Nobody is added to it any more."))
    if not may_apply(listener, held):
        raise NotAllowed(_("You can’t ask for a seat in this session at the moment."))
    seat, _created = ListenerSeat.objects.get_or_create(dialogue_session=held, listener=listener)
    if seat.state == SeatState.LEFT:
        move(seat, SeatState.APPLIED, sources=[SeatState.LEFT], decided_by=None, decided_on=None)
    return seat


@transaction.atomic
def place_listener(seat: ListenerSeat, *, by: User) -> ListenerSeat:
    """Give the seat. The first move comes first: without one that the participants found enough there is none."""
    held = lock(seat.dialogue_session, by=by)
    seat.refresh_from_db()
    if held.state not in JOINABLE:
        raise NotAllowed(_("Seats are given before the session opens."))
    if held.paused:
        raise NotAllowed(_("The session is paused. Resume it first."))
    if list_stands(held):
        raise NotAllowed(_("The list of listeners is closed. Nobody is added to it. A new time opens it again."))
    if seat.listener.agency_id in refused_agencies(held):
        raise NotAllowed(_("An objection to this agency was upheld: nobody of it gets a place in this session."))
    if is_refused(seat):
        raise NotAllowed(_("An objection to this listener was upheld: no place in this session."))
    if seat.acknowledged_on is None or seat.accepted_on is None:
        raise NotAllowed(_("The participants have not found the acknowledgment enough yet. Without that, no seat."))
    if not may_listen(seat.listener):
        raise NotAllowed(_("This listener may not listen at the moment: a promise or the check has run out."))
    if held.seats.filter(state=SeatState.SEATED).exclude(pk=seat.pk).count() >= held.listener_places:
        raise NotAllowed(_("All places for listeners are given. More of them would outnumber the participants."))
    return _decide(seat, SeatState.SEATED, [SeatState.APPLIED], by=by)


@transaction.atomic
def decline_listener(seat: ListenerSeat, *, by: User) -> ListenerSeat:
    """Give no seat, or take it back."""
    lock(seat.dialogue_session, by=by)
    return _decide(seat, SeatState.NOT_PLACED, [SeatState.APPLIED, SeatState.SEATED], by=by)


def _decide(seat: ListenerSeat, to: SeatState, sources: list[SeatState], *, by: User) -> ListenerSeat:
    seat.refresh_from_db(fields=["state"])
    if seat.state not in sources:
        raise NotAllowed(_("This was decided already. Nothing was changed."))
    move(seat, to, sources=sources, decided_by=by, decided_on=today())
    placed = to == SeatState.SEATED
    verb = AuditEvent.Verb.PLACE_LISTENER if placed else AuditEvent.Verb.DECLINE_LISTENER
    write(verb, by=by, session_id=seat.dialogue_session_id)
    return seat


@transaction.atomic
def give_seat_back(seat: ListenerSeat) -> ListenerSeat:
    """Leave, before or while the session runs."""
    seat.refresh_from_db(fields=["state"])
    if seat.state not in (SeatState.APPLIED, SeatState.SEATED):
        raise NotAllowed(_("You have no seat here to give back."))
    return move(seat, SeatState.LEFT, sources=[SeatState.APPLIED, SeatState.SEATED])
