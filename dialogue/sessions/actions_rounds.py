"""Running the agenda, and changing it while it runs."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import lock
from dialogue.sessions.agenda import broken_rules, counted_kinds
from dialogue.sessions.marks import Marks, refuse_stale
from dialogue.sessions.matrix import listeners_write
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from dialogue.sessions.policies import may_reopen
from dialogue.sessions.queries import current_round, next_round
from seeds.transitions import NotAllowed, move

PLANNABLE = (State.DRAFT, State.ANNOUNCED, State.PREPARING, State.OPEN)


def running(round: Round, *, by: User) -> DialogueSession:
    """The round's session, locked. Raises NotAllowed unless `by` leads it, it is open, and it is not paused."""
    held = lock(round.dialogue_session, by=by)
    if held.state != State.OPEN:
        raise NotAllowed(_("The session is not open. Nothing was changed."))
    if held.paused:
        raise NotAllowed(_("The session is paused. Resume it first."))
    return held


@transaction.atomic
def open_round(round: Round, *, by: User) -> Round:
    """Open the next round of an open session, once no other is on. The minutes to think first count from now."""
    held = running(round, by=by)
    if current_round(held):
        raise NotAllowed(_("Another round is still on. Close it first."))
    if next_round(held) != round:
        raise NotAllowed(_("This is not the next round. Skip the ones before it, or open them first."))
    if listeners_write(round.kind) and not _was_done(held, RoundKind.LISTENING):
        raise NotAllowed(_("Listeners listen first: a listening round must be done before they may write."))
    move(round, Round.State.OPEN, sources=[Round.State.PLANNED], opened_at=timezone.now(), turn=1)
    write(AuditEvent.Verb.MOVE_ROUND, by=by, session_id=held.pk, detail=f"{round.number} open")
    return round


def _was_done(held: DialogueSession, kind: RoundKind) -> bool:
    return held.rounds.filter(kind=kind, state=Round.State.DONE).exists()


@transaction.atomic
def close_round(round: Round, *, by: User) -> Round:
    """Close the round that is on: nobody can hand in anything there any more."""
    held = running(round, by=by)
    _still(round, Round.State.OPEN)
    move(round, Round.State.DONE, sources=[Round.State.OPEN])
    write(AuditEvent.Verb.MOVE_ROUND, by=by, session_id=held.pk, detail=f"{round.number} done")
    return round


@transaction.atomic
def reopen_round(round: Round, *, by: User) -> Round:
    """Undo the closing of a round, as long as nothing came after it."""
    held = running(round, by=by)
    _still(round, Round.State.DONE)
    if not may_reopen(round):
        raise NotAllowed(_("A reflecting round stays closed: answers may have been let out since."))
    if held.rounds.filter(number__gt=round.number).exclude(state=Round.State.PLANNED).exists():
        raise NotAllowed(_("A later round was opened or skipped meanwhile. Nothing was changed."))
    move(round, Round.State.OPEN, sources=[Round.State.DONE])
    write(AuditEvent.Verb.MOVE_ROUND, by=by, session_id=held.pk, detail=f"{round.number} open again")
    return round


@transaction.atomic
def skip_round(round: Round, *, by: User) -> Round:
    """Pass over a planned round, unless a rule of the practice needs it."""
    held = running(round, by=by)
    _still(round, Round.State.PLANNED)
    move(round, Round.State.SKIPPED, sources=[Round.State.PLANNED])
    _keep_rules(held)
    write(AuditEvent.Verb.MOVE_ROUND, by=by, session_id=held.pk, detail=f"{round.number} skipped")
    return round


def _still(round: Round, state: str) -> None:
    changed = NotAllowed(_("The agenda has changed meanwhile. Nothing was changed."))
    try:
        round.refresh_from_db(fields=["state", "number"])
    except Round.DoesNotExist as error:
        raise changed from error
    if round.state != state:
        raise changed


def _keep_rules(held: DialogueSession) -> None:
    if held.state != State.DRAFT and (broken := broken_rules(counted_kinds(held.rounds.all()))):
        raise NotAllowed(broken[0])


def _planning(dialogue_session: DialogueSession, *, by: User) -> DialogueSession:
    held = lock(dialogue_session, by=by)
    if held.state not in PLANNABLE:
        raise NotAllowed(_("The agenda of this session can’t be changed any more."))
    return held


def _changed(held: DialogueSession, *, by: User) -> None:
    _keep_rules(held)
    write(AuditEvent.Verb.CHANGE_SESSION, by=by, session_id=held.pk, detail="agenda")


@transaction.atomic
def add_round(
    dialogue_session: DialogueSession,
    *,
    kind: str,
    prompt: str,
    think_minutes: int = 0,
    before: Round | None = None,
    by: User,
) -> Round:
    """Put a new round into the agenda: before a planned one, or at the end."""
    held = _planning(dialogue_session, by=by)
    agenda = list(held.rounds.order_by("number"))
    added = Round(dialogue_session=held, kind=kind, prompt=prompt.strip(), think_minutes=think_minutes)
    added.number = len(agenda) + 1
    added.full_clean(exclude=["dialogue_session"], validate_constraints=False)
    place = len(agenda)
    if before:
        _still(before, Round.State.PLANNED)
        place = agenda.index(before)
    added.number = max((one.number for one in agenda), default=0) + 1
    added.save(force_insert=True)
    agenda.insert(place, added)
    _renumber(agenda)
    _changed(held, by=by)
    return added


@transaction.atomic
def edit_round(round: Round, *, by: User, seen: Marks | None = None, **fields: Any) -> Round:
    """Give a planned round another kind or prompt, or other minutes (0 to 240) to think first: what `fields` names.

    `seen` = marks of what the page said when it was opened: raises ValidationError for what somebody changed since.
    """
    held = _planning(round.dialogue_session, by=by)
    _still(round, Round.State.PLANNED)
    round.refresh_from_db(fields=["kind", "prompt", "think_minutes"])
    if not fields:
        return round
    refuse_stale(round, fields, seen or {})
    for name, value in fields.items():
        setattr(round, name, value.strip() if name == "prompt" else value)
    round.full_clean(validate_unique=False, validate_constraints=False)
    round.save(update_fields=list(fields))
    _changed(held, by=by)
    return round


@transaction.atomic
def shift_round(round: Round, *, earlier: bool, by: User) -> Round:
    """Swap a planned round with the planned one before or after it; at either end nothing happens."""
    held = _planning(round.dialogue_session, by=by)
    _still(round, Round.State.PLANNED)
    planned = list(held.rounds.filter(state=Round.State.PLANNED).order_by("number"))
    place = planned.index(round)
    other = place - 1 if earlier else place + 1
    if 0 <= other < len(planned):
        numbers = [one.number for one in planned]
        planned[place], planned[other] = planned[other], planned[place]
        _number(planned, numbers)
        _changed(held, by=by)
    round.refresh_from_db(fields=["number"])
    return round


@transaction.atomic
def remove_round(round: Round, *, by: User) -> None:
    """Take a planned round out of the agenda."""
    held = _planning(round.dialogue_session, by=by)
    _still(round, Round.State.PLANNED)
    round.delete()
    _renumber(list(held.rounds.order_by("number")))
    _changed(held, by=by)


def _renumber(agenda: list[Round]) -> None:
    _number(agenda, list(range(1, len(agenda) + 1)))


def _number(rounds: list[Round], numbers: list[int]) -> None:
    for one, number in zip(rounds, numbers, strict=True):
        one.number = number
    Round.objects.bulk_update(rounds, ["number"])  # the rule "each number once" is checked at the end
