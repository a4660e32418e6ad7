"""The life of a session: each step asks its gate and leaves a line in the audit log."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, today
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.ending import draw_purge_date
from dialogue.sessions.models import ALLOWED, Booking, DialogueSession, Round, State
from dialogue.sessions.policies import may_lead, missing
from seeds.transitions import NotAllowed, move
from seeds.vault import create_key

LIVE = (State.ANNOUNCED, State.PREPARING, State.OPEN)


class GateClosed(NotAllowed):
    """Something is still missing; `gaps` says what."""

    def __init__(self, dialogue_session: DialogueSession, to: State) -> None:
        self.gaps = missing(dialogue_session, to)
        super().__init__(_("Something is still missing. Nothing was changed."))


def lock(dialogue_session: DialogueSession, *, by: User) -> DialogueSession:
    """The session's row, held until the transaction ends, so that checks stay true. `by` must lead it."""
    held = DialogueSession.objects.select_for_update().get(pk=dialogue_session.pk)
    if not may_lead(by, held):
        raise NotAllowed(_("Only the facilitators of this session can do this."))
    return held


def _move_on(dialogue_session: DialogueSession, to: State, *, by: User, **values: Any) -> DialogueSession:
    held = lock(dialogue_session, by=by)
    if to not in ALLOWED[State(held.state)]:
        raise NotAllowed(_("The session is no longer where this step starts. Nothing was changed."))
    if held.paused:
        raise NotAllowed(_("The session is paused. Resume it first."))
    if missing(held, to):
        raise GateClosed(held, to)
    move(held, to, sources=[source for source, targets in ALLOWED.items() if to in targets], **values)
    write(AuditEvent.Verb.MOVE_SESSION, by=by, session_id=held.pk, detail=to)
    dialogue_session.refresh_from_db()
    return dialogue_session


@transaction.atomic
def announce_session(dialogue_session: DialogueSession, *, by: User) -> DialogueSession:
    """Show the session to everybody; from now on participants join and listeners ask for seats."""
    create_key(dialogue_session.pk)
    return _move_on(dialogue_session, State.ANNOUNCED, by=by, announced_at=timezone.now())


@transaction.atomic
def begin_preparing(dialogue_session: DialogueSession, *, by: User) -> DialogueSession:
    """Go from announced to preparing."""
    return _move_on(dialogue_session, State.PREPARING, by=by)


@transaction.atomic
def open_session(dialogue_session: DialogueSession, *, by: User) -> DialogueSession:
    """Begin. The opening round is opened as a step of its own."""
    return _move_on(dialogue_session, State.OPEN, by=by)


@transaction.atomic
def close_session(dialogue_session: DialogueSession, *, by: User) -> DialogueSession:
    """End the rounds after a closing. Rounds that were never opened count as skipped; the team is free again.

    The day on which all words go is drawn here, so that everybody can read it from now on.
    """
    now = timezone.now()
    purge_on = draw_purge_date(now, dialogue_session.time_zone, now)
    _move_on(dialogue_session, State.FOLLOW_UP, by=by, closed_at=now, purge_on=purge_on)
    Round.objects.filter(dialogue_session=dialogue_session, state=Round.State.PLANNED).update(state=Round.State.SKIPPED)
    Booking.objects.filter(dialogue_session=dialogue_session).update(active=False)
    return dialogue_session


@transaction.atomic
def pause_session(dialogue_session: DialogueSession, *, reason: str, by: User) -> DialogueSession:
    """Stop for a while: nothing can be handed in, nobody can join. The reason is shown."""
    held = lock(dialogue_session, by=by)
    if held.paused:
        raise NotAllowed(_("The session is on hold already. Nothing was changed."))
    if held.state not in LIVE:
        raise NotAllowed(_("Only a session that is announced, preparing or open can be paused."))
    return _set_pause(held, dialogue_session, paused=True, reason=_said(reason), by=by)


@transaction.atomic
def resume_session(dialogue_session: DialogueSession, *, by: User) -> DialogueSession:
    """Go on after a pause."""
    held = lock(dialogue_session, by=by)
    if not held.paused or held.state not in LIVE:
        raise NotAllowed(_("The session is not paused."))
    return _set_pause(held, dialogue_session, paused=False, reason="", by=by)


def _set_pause(
    held: DialogueSession, shown: DialogueSession, *, paused: bool, reason: str, by: User
) -> DialogueSession:
    held.paused, held.pause_reason = paused, reason
    held.save(update_fields=["paused", "pause_reason"])
    detail = "paused" if paused else "resumed"
    write(AuditEvent.Verb.MOVE_SESSION, by=by, session_id=held.pk, detail=detail)
    shown.refresh_from_db()
    return shown


@transaction.atomic
def cancel_session(dialogue_session: DialogueSession, *, reason: str, by: User) -> DialogueSession:
    """Call the session off for good. The reason is shown; the team is free again."""
    held = lock(dialogue_session, by=by)
    sources = [source for source, targets in ALLOWED.items() if State.CANCELLED in targets]
    if held.state not in sources:
        raise NotAllowed(_("This session can’t be called off any more."))
    purge_on = draw_purge_date(held.ends_at, held.time_zone, timezone.now())
    values: dict[str, Any] = {"cancel_reason": _said(reason), "purge_on": purge_on, "paused": False, "pause_reason": ""}
    move(held, State.CANCELLED, sources=sources, **values)
    Booking.objects.filter(dialogue_session=held).update(active=False)
    write(AuditEvent.Verb.MOVE_SESSION, by=by, session_id=held.pk, detail=State.CANCELLED)
    dialogue_session.refresh_from_db()
    return dialogue_session


@transaction.atomic
def end_questions(dialogue_session: DialogueSession) -> DialogueSession:
    """Take no more answers to what all are asked; the session's row, held until the transaction ends.

    Whoever counts an answer holds the same row. Ending again changes nothing.
    """
    held = DialogueSession.objects.select_for_update().get(pk=dialogue_session.pk)
    if held.questions_closed_on is None:
        held.questions_closed_on = today()
        held.save(update_fields=["questions_closed_on"])
    dialogue_session.questions_closed_on = held.questions_closed_on
    return held


def _said(reason: str) -> str:
    if not reason.strip():
        raise NotAllowed(_("Say why, in one sentence."))
    return reason.strip()
