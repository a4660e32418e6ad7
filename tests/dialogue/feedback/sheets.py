"""People who answer the questions, as many as a test needs."""

from collections.abc import Callable, Mapping

from accounts.models import Participant, User
from dialogue.feedback.actions import answer_questions
from dialogue.feedback.questions import ITEMS
from dialogue.sessions.models import DialogueSession
from tests import factories

ALL_FOURS = {item.key: "4" for item in ITEMS}


def newcomer(dialogue_session: DialogueSession) -> Participant:
    """One more participant in this session."""
    participant = factories.make_participant()
    factories.make_alias(dialogue_session, participant)
    return participant


def seated(dialogue_session: DialogueSession) -> User:
    """One more listener in this session."""
    return factories.make_seat(dialogue_session).listener


def answer(
    dialogue_session: DialogueSession,
    people: int,
    *,
    answers: Mapping[str, str] | None = None,
    bring: Callable[[DialogueSession], Participant | User] = newcomer,
) -> None:
    """So many new people answer, all alike."""
    for _ in range(people):
        answer_questions(
            dialogue_session, answers=ALL_FOURS if answers is None else answers, by=bring(dialogue_session)
        )
