"""Who may write, check and read the first move."""

from accounts.models import Participant, User
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.sessions.models import JOINABLE, DialogueSession, ListenerSeat
from dialogue.sessions.policies import may_lead
from dialogue.sessions.queries import my_alias, my_seat


def may_write(seat: ListenerSeat) -> bool:
    """Whether this place still waits for its first move: asked for, not decided, and the opening is to come."""
    return seat.state == ListenerSeat.State.APPLIED and seat.dialogue_session.state in JOINABLE


def may_check(user: User, acknowledgment: Acknowledgment) -> bool:
    """Whether this facilitator is on the team of the session it was written for."""
    return may_lead(user, acknowledgment.seat.dialogue_session)


def may_read(viewer: User | Participant, dialogue_session: DialogueSession) -> bool:
    """Whether this person is in the session: by an alias, by a seat, or on its team."""
    if isinstance(viewer, Participant):
        return my_alias(viewer, dialogue_session) is not None
    return may_lead(viewer, dialogue_session) or my_seat(viewer, dialogue_session) is not None
