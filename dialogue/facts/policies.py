"""When facts can be changed, and when people say where they stand."""

from uuid import UUID

from dialogue.sessions.models import LISTED, DialogueSession, State

MOST = 20  # facts in one session
LONGEST = 500  # characters of a statement
#: While people can say where they stand.
ANSWERED = (State.OPEN, State.FOLLOW_UP)


def may_be_changed(dialogue_session: DialogueSession) -> bool:
    """Whether the team may add, move and remove facts: from the announcement until the questions are closed."""
    return dialogue_session.state in LISTED and dialogue_session.questions_closed_on is None


def words_are_fixed(dialogue_session: DialogueSession) -> bool:
    """Whether statements keep their words, because positions may stand on them.

    From the opening on, and not only once somebody took a position: a refusal would tell the team that somebody did.
    """
    return dialogue_session.state in ANSWERED


def is_answerable(dialogue_session: DialogueSession) -> bool:
    """Whether participants and listeners can say where they stand."""
    is_on = dialogue_session.state in ANSWERED and not dialogue_session.paused
    return is_on and dialogue_session.questions_closed_on is None


def subject_of(pk: UUID) -> str:
    """The name under which the participants' positions on this fact are counted."""
    return f"fact {pk}"
