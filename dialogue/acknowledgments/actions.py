"""Writing the first move, handing it in, and a facilitator's check that it is complete."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User, today
from dialogue.acknowledgments import policies
from dialogue.acknowledgments.models import PARTS, WRITABLE, Acknowledgment, AcknowledgmentVersion
from dialogue.audit import actions as audit
from dialogue.audit.models import AuditEvent
from dialogue.sessions.models import ListenerSeat
from seeds.transitions import NotAllowed, move

State = Acknowledgment.State
Scope = Acknowledgment.Scope
MAX_PART = 3000
MAX_NOTE = 600


def _fitting(text: str, limit: int) -> str:
    """The text with plain line ends. Raises ValidationError, saying by how much it is too long."""
    plain = text.replace("\r\n", "\n").strip()
    over = len(plain) - limit
    if over > 0:
        raise ValidationError(
            ngettext("%(over)d character too many.", "%(over)d characters too many.", over) % {"over": over},
            code="too_long",
        )
    return plain


def _fitting_parts(parts: Mapping[str, str]) -> dict[str, Any]:
    wrong: dict[str, list[ValidationError]] = {}
    kept: dict[str, Any] = {}
    for name in PARTS:
        try:
            kept[name] = _fitting(parts.get(name, ""), MAX_PART)
        except ValidationError as error:
            wrong[name] = [error]
    if wrong:
        raise ValidationError(wrong)
    return kept


def _still_writing(seat: ListenerSeat) -> None:
    if not policies.may_write(seat):
        raise NotAllowed(_("You can’t change your acknowledgment for this session any more."))


def _locked(acknowledgment: Acknowledgment) -> Acknowledgment:
    rows = Acknowledgment.objects.select_related("seat__dialogue_session").select_for_update(of=("self",))
    return rows.get(pk=acknowledgment.pk)


@transaction.atomic
def save_draft(seat: ListenerSeat, *, parts: Mapping[str, str], scope: str = Scope.PERSONAL) -> Acknowledgment:
    """Keep what the listener has so far; parts may be missing or empty. One for which more was asked is a draft again.

    Raises ValidationError by part when one is longer than MAX_PART characters, or for an unknown scope; NotAllowed
    once it was handed in.
    """
    if scope not in Scope.values:
        raise ValidationError({"scope": _("Choose for whom you speak.")})
    kept = _fitting_parts(parts)
    _still_writing(seat)
    acknowledgment, _made = Acknowledgment.objects.get_or_create(seat=seat)
    if _locked(acknowledgment).state not in WRITABLE:
        raise NotAllowed(_("You handed this in already. It can’t be changed now."))
    return move(acknowledgment, State.DRAFT, sources=WRITABLE, scope=scope, **kept)


@transaction.atomic
def submit_acknowledgment(acknowledgment: Acknowledgment) -> Acknowledgment:
    """Hand it in to the facilitators, and keep this version of it.

    Raises ValidationError by part when one is empty, NotAllowed if it is not a draft.
    """
    current = _locked(acknowledgment)
    if current.state != State.DRAFT:
        raise NotAllowed(_("You handed this in already."))
    _still_writing(current.seat)
    empty = {name: [_("Please write this part.")] for name in PARTS if not getattr(current, name)}
    if empty:
        raise ValidationError(empty)
    _keep_version(current)
    return move(acknowledgment, State.SUBMITTED, sources=[State.DRAFT])


def _keep_version(acknowledgment: Acknowledgment) -> None:
    AcknowledgmentVersion.objects.create(
        acknowledgment=acknowledgment,
        number=acknowledgment.versions.count() + 1,
        scope=acknowledgment.scope,
        handed_in_on=today(),
        **{name: getattr(acknowledgment, name) for name in PARTS},
    )


def _waiting(acknowledgment: Acknowledgment, by: User) -> Acknowledgment:
    current = _locked(acknowledgment)
    if not policies.may_check(by, current):
        raise NotAllowed(_("Only the team of this session checks this."))
    if current.state != State.SUBMITTED:
        raise NotAllowed(_("A colleague has dealt with this already."))
    return current


def _record(acknowledgment: Acknowledgment, by: User, outcome: str) -> None:
    audit.write(
        AuditEvent.Verb.DECIDE_ACKNOWLEDGMENT,
        by=by,
        session_id=acknowledgment.seat.dialogue_session_id,
        detail=outcome,
    )


@transaction.atomic
def accept_as_complete(acknowledgment: Acknowledgment, *, by: User) -> Acknowledgment:
    """All five parts are there: the participants may now answer it. Says nothing about whether it is enough.

    Raises NotAllowed for others than the team, or when it does not wait for a check.
    """
    current = _waiting(acknowledgment, by)
    move(
        acknowledgment,
        State.COMPLETE,
        sources=[State.SUBMITTED],
        checked_by=by,
        checked_on=today(),
        note="",
    )
    ListenerSeat.objects.filter(pk=current.seat_id).update(acknowledged_on=acknowledgment.checked_on)
    _record(current, by, "complete")
    return acknowledgment


@transaction.atomic
def send_back(acknowledgment: Acknowledgment, *, note: str, by: User) -> Acknowledgment:
    """Return it to the listener as a draft, with a note saying what is missing.

    Raises ValidationError for an empty or too long note, NotAllowed as for `accept_as_complete`.
    """
    said = _fitting(note, MAX_NOTE)
    if not said:
        raise ValidationError(_("Please write what is missing."), code="required")
    current = _waiting(acknowledgment, by)
    move(
        acknowledgment,
        State.DRAFT,
        sources=[State.SUBMITTED],
        note=said,
        checked_by=None,
        checked_on=None,
    )
    _record(current, by, "sent back")
    return acknowledgment
