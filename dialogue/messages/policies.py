"""Who may write privately, and when."""

from accounts.models import User
from dialogue.sessions.models import Alias, DialogueSession, State
from dialogue.sessions.policies import may_lead

#: From the announcement until the participants' names are sealed after the end.
WRITABLE = (State.ANNOUNCED, State.PREPARING, State.OPEN, State.FOLLOW_UP)
MOST = 200  # messages in one conversation


def may_write(alias: Alias) -> bool:
    """Whether whoever holds this name may write to the facilitators: also in a pause, not once removed."""
    return not alias.removed and alias.tag is not None and alias.dialogue_session.state in WRITABLE


def may_answer(user: User, alias: Alias) -> bool:
    """Whether this facilitator leads the session, and somebody is there to read an answer."""
    return may_write(alias) and may_lead(user, alias.dialogue_session)


def takes_messages(dialogue_session: DialogueSession) -> bool:
    """Whether private messages can be written in this session now."""
    return dialogue_session.state in WRITABLE
