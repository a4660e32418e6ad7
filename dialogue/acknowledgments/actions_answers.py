"""Whether a first move is enough to begin: the participants answer one by one, and the team has the answers counted."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User, today
from dialogue.acknowledgments import policies
from dialogue.acknowledgments.models import Acknowledgment, GateAnswer
from dialogue.acknowledgments.queries_answers import answers_to
from dialogue.audit import actions as audit
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import lock
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat
from seeds.transitions import NotAllowed, move

State = Acknowledgment.State


def _answerable(acknowledgment: Acknowledgment, held: DialogueSession) -> None:
    acknowledgment.refresh_from_db(fields=["state"])
    acknowledgment.seat.refresh_from_db(fields=["state"])
    if not policies.is_answerable(acknowledgment, held):
        raise NotAllowed(_("This can’t be answered any more. Nothing was changed."))


@transaction.atomic
def answer_acknowledgment(acknowledgment: Acknowledgment, *, alias: Alias, answer: str) -> GateAnswer:
    """Say "enough to begin", "not yet" or "pass"; a later answer takes the place of an earlier one.

    Raises NotAllowed for an alias of another session or one that nobody holds, for an unknown answer, and unless the
    acknowledgment is complete, its listener asks for the seat, and the session has not begun.
    """
    held = DialogueSession.objects.select_for_update().get(pk=acknowledgment.seat.dialogue_session_id)
    alias.refresh_from_db(fields=["removed", "tag"])
    if alias.dialogue_session_id != held.pk or alias.removed or alias.tag is None:
        raise NotAllowed(_("You have no place in this talk any more."))
    if answer not in GateAnswer.Answer.values:
        raise NotAllowed(_("Please choose one of the three."))
    _answerable(acknowledgment, held)
    given, _made = GateAnswer.objects.update_or_create(
        acknowledgment=acknowledgment, alias=alias, defaults={"answer": answer}
    )
    return given


@transaction.atomic
def count_answers(acknowledgment: Acknowledgment, *, by: User) -> Acknowledgment:
    """Accept the acknowledgment, or ask the listener for more; every answer is deleted either way.

    Raises NotAllowed for others than the team, before enough participants have answered, and when it was counted.
    """
    held = lock(acknowledgment.seat.dialogue_session, by=by)
    _answerable(acknowledgment, held)
    answers = answers_to(acknowledgment)
    if answers.count() < held.answers_needed:
        raise NotAllowed(_("Not enough participants have answered yet. Nothing was changed."))
    enough = answers.filter(answer=GateAnswer.Answer.ENOUGH).count()
    not_yet = answers.filter(answer=GateAnswer.Answer.NOT_YET).count()
    accepted = policies.is_enough(enough, not_yet, share=held.enough_share)
    move(acknowledgment, State.ACCEPTED if accepted else State.MORE_ASKED, sources=[State.COMPLETE])
    ListenerSeat.objects.filter(pk=acknowledgment.seat_id).update(
        accepted_on=today() if accepted else None,
        acknowledged_on=acknowledgment.checked_on if accepted else None,
    )
    acknowledgment.answers.all().delete()
    detail = "enough to begin" if accepted else "more asked"
    audit.write(AuditEvent.Verb.COUNT_ANSWERS, by=by, session_id=held.pk, detail=detail)
    return acknowledgment
