"""Proposing a commitment, reading it, adopting it. What happens to it afterwards is in actions_updates.py."""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User, today
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.commitments import policies
from dialogue.commitments.models import Commitment
from dialogue.commitments.queries import owners
from dialogue.commitments.terms import MAX_NOTE, Terms
from dialogue.repeats.checks import fields_not_repeated
from dialogue.sessions.actions import lock
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.queries import current_round, my_seat
from dialogue.threads.text import fitting
from seeds.transitions import NotAllowed, move

State = Commitment.State
Verb = AuditEvent.Verb
#: What was shown is not what stands there now.
CHANGED = _("Its words were changed in the meantime. Please read it again.")
SENT = _("You have already sent a promise from this page. This one is different. Send it if you want to send both.")


def locked(commitment: Commitment) -> Commitment:
    """The row as it stands, held until the transaction ends."""
    rows = Commitment.objects.select_related("dialogue_session", "owner__listener_profile", "agency")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=commitment.pk)


def _create(pk: UUID | None, terms: Terms, **fields: Any) -> Commitment:
    """A new row; the same `pk` twice is one row. Raises NotAllowed if that row holds other words."""
    kept = asdict(terms) | fields
    made, is_new = Commitment.objects.get_or_create(pk=pk or uuid4(), defaults=kept)
    if not is_new and any(getattr(made, name) != kept[name] for name in ("owner", *asdict(terms))):
        raise NotAllowed(SENT)
    return made


@transaction.atomic
def propose_commitment(
    dialogue_session: DialogueSession, *, terms: Terms, by: User, pk: UUID | None = None
) -> Commitment:
    """Hand in a promise of one's own, or one for the unit or the office to adopt; a facilitator reads it first.

    The same `pk` twice is one row. Raises ValidationError by field, and NotAllowed without a seat that is in force and
    outside the times for it (`policies.proposing_refusal`).
    """
    terms = terms.in_order()
    session = DialogueSession.objects.select_for_update(no_key=True).get(pk=dialogue_session.pk)
    seat = my_seat(by, session)
    if seat is None:
        raise NotAllowed(_("You have no place in this session at the moment, so this was not handed in."))
    seat.dialogue_session = session
    refused = policies.proposing_refusal(seat, current_round(session))
    if refused is not None:
        raise NotAllowed(refused)
    return _create(pk, terms, dialogue_session=session, agency=by.agency, owner=by)


@transaction.atomic
def propose_change(commitment: Commitment, *, terms: Terms, by: User, pk: UUID | None = None) -> Commitment:
    """Hand in another promise that takes the place of this one once it is adopted. It binds the same people.

    Raises ValidationError by field, NotAllowed for others than its owner and who could bind the same people, when it
    is not running, and while another change of it waits.
    """
    pk = pk or uuid4()
    old = locked(commitment)
    terms = replace(terms, level=old.level, unit=old.unit).in_order()
    if not policies.may_change(by, old):
        raise NotAllowed(_("This promise can’t be changed any more, or not by you."))
    if old.replacements.filter(state__in=policies.UNADOPTED).exclude(pk=pk).exists():
        raise NotAllowed(_("Another promise in its place is waiting. Only one can wait at a time."))
    session = old.dialogue_session
    return _create(pk, terms, dialogue_session=session, agency=old.agency, owner=by, replaces=old)


@transaction.atomic
def revise_commitment(commitment: Commitment, *, terms: Terms, by: User) -> Commitment:
    """Hand in again what came back, changed. Raises as `propose_change`; NotAllowed unless it came back to `by`."""
    held = locked(commitment)
    if held.replaces_id:
        terms = replace(terms, level=held.level, unit=held.unit)
    terms = terms.in_order()
    if held.owner_id != by.pk or not by.is_active or held.state != State.RETURNED:
        raise NotAllowed(_("This promise does not wait for a change of yours."))
    return move(commitment, State.HELD, sources=[State.RETURNED], note="", **asdict(terms))


@transaction.atomic
def enter_commitment(
    dialogue_session: DialogueSession,
    *,
    terms: Terms,
    owner: User,
    by: User,
    acknowledgment: Acknowledgment | None = None,
    pk: UUID | None = None,
) -> Commitment:
    """Record a promise in the team's own words, for a seated listener to answer for: what was asked for in the round,
    or the plan of a first move. Whose authority it needs adopts or declines it.

    Raises ValidationError by field, also for words of somebody else's text; NotAllowed for others than the team and
    outside the times for it.
    """
    terms = terms.in_order()
    session = lock(dialogue_session, by=by)
    refused = policies.entering_refusal(session)
    if refused is not None:
        raise NotAllowed(refused)
    if not owners(session).filter(pk=owner.pk).exists():
        raise NotAllowed(_("Only a listener who has a seat in this session can answer for it."))
    if acknowledgment and not _is_plan_of(owner, session, acknowledgment):
        raise NotAllowed(_("This plan does not belong to that listener, or was not found enough to begin."))
    written = {name: getattr(terms, name) for name in ("text", "measure", "unit")}
    fields_not_repeated(session, written, but_of=owner)
    fields = {"dialogue_session": session, "agency": owner.agency, "owner": owner, "acknowledgment": acknowledgment}
    made = _create(pk, terms, **fields, state=State.PROPOSED, recorded_by=by, recorded_on=today())
    write(Verb.RECORD_COMMITMENT, by=by, session_id=session.pk, detail="entered")
    return made


def _is_plan_of(owner: User, session: DialogueSession, acknowledgment: Acknowledgment) -> bool:
    seat = acknowledgment.seat
    is_accepted = acknowledgment.state == Acknowledgment.State.ACCEPTED
    return is_accepted and seat.listener_id == owner.pk and seat.dialogue_session_id == session.pk


def _to_read(commitment: Commitment, seen: str, by: User) -> Commitment:
    held = locked(commitment)
    if not policies.may_review(by, held.dialogue_session):
        raise NotAllowed(_("Only the facilitators of this session can do this."))
    if held.state != State.HELD:
        raise NotAllowed(_("A colleague has dealt with this already, or it was taken back."))
    if seen != policies.fingerprint(held):
        raise NotAllowed(CHANGED)
    return held


@transaction.atomic
def record_commitment(commitment: Commitment, *, seen: str, by: User) -> Commitment:
    """Let a promise that waits go on: those in the session read it, and who can bind for it may adopt it.

    `seen` = `policies.fingerprint` of the words that were read. Raises NotAllowed for others than its readers, and
    when it does not wait in those words.
    """
    held = _to_read(commitment, seen, by)
    move(commitment, State.PROPOSED, sources=[State.HELD], note="", recorded_by=by, recorded_on=today())
    write(Verb.RECORD_COMMITMENT, by=by, session_id=held.dialogue_session_id)
    return commitment


@transaction.atomic
def return_commitment(commitment: Commitment, *, note: str, seen: str, by: User) -> Commitment:
    """Give a promise that waits back to its owner, with a note. Raises as `record_commitment`, and ValidationError for
    an empty or too long note."""
    said = fitting(note, MAX_NOTE)
    held = _to_read(commitment, seen, by)
    move(commitment, State.RETURNED, sources=[State.HELD], note=said)
    write(Verb.RETURN_COMMITMENT, by=by, session_id=held.dialogue_session_id)
    return commitment


@transaction.atomic
def adopt_commitment(commitment: Commitment, *, by: User) -> Commitment:
    """Make it a promise, public from now on. The one whose place it takes is changed in the same moment.

    Raises NotAllowed for others than `policies.may_adopt` says, when its day is past, and when the one whose place it
    takes is not running any more.
    """
    held = locked(commitment)
    if not policies.may_adopt(by, held):
        raise NotAllowed(_("This does not wait for your word, or no longer. Nothing was changed."))
    if held.due_on <= today():
        raise NotAllowed(_("Its day is past. Decline it, and propose a promise with another day."))
    move(commitment, State.ADOPTED, sources=[State.PROPOSED], adopted_by=by, adopted_on=today())
    if held.replaces:
        _take_the_place_of(held.replaces)
    write(Verb.ADOPT_COMMITMENT, by=by, session_id=held.dialogue_session_id, detail=held.level)
    return commitment


def _take_the_place_of(old: Commitment) -> None:
    try:
        move(old, State.CHANGED, sources=policies.RUNNING, ended_on=today())
    except NotAllowed as refused:
        raise NotAllowed(_("The promise whose place it takes has ended by now. Nothing was changed.")) from refused


@transaction.atomic
def decline_commitment(commitment: Commitment, *, by: User) -> Commitment:
    """End it before it is a promise: only its owner and the team see it from now on.

    Raises NotAllowed for others than `policies.may_decline` says.
    """
    held = locked(commitment)
    if not policies.may_decline(by, held):
        raise NotAllowed(_("This can’t be declined any more, or not by you. Nothing was changed."))
    move(commitment, State.WITHDRAWN, sources=policies.UNADOPTED, ended_on=today())
    write(Verb.RETURN_COMMITMENT, by=by, session_id=held.dialogue_session_id, detail="declined")
    return commitment
