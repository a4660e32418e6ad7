"""Answering, once, and closing: only then do the numbers show."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Participant, User
from dialogue.feedback.policies import is_answerable, sheet_of, side_of, subjects_of
from dialogue.feedback.questions import Side, Step
from dialogue.sessions.actions import end_questions
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.places import find_place
from dialogue.tallies.actions import AlreadyAnswered, close, count, discard
from seeds.transitions import NotAllowed


@transaction.atomic
def answer_questions(
    dialogue_session: DialogueSession, *, answers: Mapping[str, str], by: Participant | User
) -> dict[str, str]:
    """Count one person's sheet: a step for each question's key, or "" where it was left out. What was counted.

    Raises NotAllowed for who has no place on either side, once the questions are closed, for a second sheet, for a
    step that isn't one, and for a sheet that was left empty.
    """
    held = DialogueSession.objects.select_for_update().get(pk=dialogue_session.pk)
    place = find_place(by, held.pk)
    side = side_of(place) if place else None
    if side is None:
        raise NotAllowed(_("You have no place in this talk any more. Nothing was counted."))
    if not is_answerable(held):
        raise NotAllowed(_("These questions are not open now. Nothing was counted."))
    given = {key: step for key, step in answers.items() if step}
    subjects = subjects_of(held.pk, side)
    if not given.keys() <= subjects.keys() or not set(given.values()) <= set(Step.values):
        raise NotAllowed(_("Please choose one of the steps. Nothing was counted."))
    if not given:
        raise NotAllowed(_("You left everything out, so nothing was counted. You can still answer."))
    try:
        count({subjects[key]: step for key, step in given.items()}, by=by, once=sheet_of(held.pk, side))
    except AlreadyAnswered:
        raise NotAllowed(_("We have counted your answers before. Nothing was changed.")) from None
    return given


@transaction.atomic
def close_questions(dialogue_session: DialogueSession) -> None:
    """End the questions of this session: what five or more answered shows, the rest and every mark are deleted.

    Of a session that was called off nothing is kept. Closing again changes nothing.
    """
    held = end_questions(dialogue_session)
    end = discard if held.state == State.CANCELLED else close
    for side in Side.values:
        end(subjects_of(held.pk, side).values(), once=sheet_of(held.pk, side))
