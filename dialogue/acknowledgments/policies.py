"""Who may write, check and read the first move."""

from accounts.models import Participant, User
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.sessions.models import JOINABLE, DialogueSession, ListenerSeat
from dialogue.sessions.policies import may_lead
from dialogue.sessions.queries import my_alias, my_seat


def may_write(seat: ListenerSeat) -> bool:
    """Whether this place still waits for its first move: asked for, not decided, and the opening is to come."""
    return seat.state == ListenerSeat.State.APPLIED and seat.dialogue_session.state in JOINABLE


def is_answerable(acknowledgment: Acknowledgment, dialogue_session: DialogueSession) -> bool:
    """Whether participants may say if it is enough: it is complete, its listener waits, and the opening is to come."""
    return (
        acknowledgment.state == Acknowledgment.State.COMPLETE
        and acknowledgment.seat.state == ListenerSeat.State.APPLIED
        and dialogue_session.state in JOINABLE
    )


def is_enough(enough: int, not_yet: int, *, share: int) -> bool:
    """Whether more than `share` percent of those who did not pass said "enough to begin". Nobody said it: no."""
    return enough > 0 and enough * 100 > share * (enough + not_yet)


def may_check(user: User, acknowledgment: Acknowledgment) -> bool:
    """Whether this facilitator is on the team of the session it was written for."""
    return may_lead(user, acknowledgment.seat.dialogue_session)


def may_read(viewer: User | Participant, dialogue_session: DialogueSession) -> bool:
    """Whether this person is in the session: by an alias, by a seat, or on its team."""
    if isinstance(viewer, Participant):
        return my_alias(viewer, dialogue_session) is not None
    return may_lead(viewer, dialogue_session) or my_seat(viewer, dialogue_session) is not None
