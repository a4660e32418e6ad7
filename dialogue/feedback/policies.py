"""When the questions can be answered, by whom, and under which names the answers are counted."""

from collections.abc import Iterable
from uuid import UUID

from dialogue.feedback.questions import ITEMS, Side
from dialogue.sessions.matrix import LISTENER, PARTICIPANT
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from dialogue.sessions.places import Place

SIDES = {PARTICIPANT: Side.PARTICIPANTS, LISTENER: Side.LISTENERS}


def side_of(place: Place) -> Side | None:
    """The side whose answers this viewer's would be counted with; None for the team, which isn't asked."""
    return SIDES.get(place.role)


def is_answerable(dialogue_session: DialogueSession, rounds: Iterable[Round] | None = None) -> bool:
    """Whether answers are taken now: from the closing round on, until the questions are closed.

    With the session's rounds, where they are read already, it costs no query.
    """
    if dialogue_session.questions_closed_on is not None:
        return False
    if dialogue_session.state == State.FOLLOW_UP:
        return True
    if dialogue_session.state != State.OPEN or dialogue_session.paused:
        return False
    begun = (Round.State.OPEN, Round.State.DONE)
    known = dialogue_session.rounds.all() if rounds is None else rounds
    return any(one.kind == RoundKind.CLOSING and one.state in begun for one in known)


def sheet_of(session_id: UUID, side: str) -> str:
    """The name of one side's sheet of questions: each person answers it once."""
    return f"felt {session_id} {side}"


def subjects_of(session_id: UUID, side: str) -> dict[str, str]:
    """The name under which each question is counted, by the question's key."""
    return {item.key: f"{sheet_of(session_id, side)} {item.key}" for item in ITEMS}
