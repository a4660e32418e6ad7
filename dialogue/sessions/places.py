"""Where somebody stands in a session: in which role, and as whom."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from accounts.models import Participant, Role, User
from dialogue.sessions.matrix import FACILITATOR, LISTENER, PARTICIPANT
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, State
from dialogue.sessions.policies import may_lead
from dialogue.sessions.queries import my_aliases, my_seat

if TYPE_CHECKING:
    from dialogue.sessions.models import Viewer


@dataclass(frozen=True)
class Place:
    """One viewer's place in one session."""

    dialogue_session: DialogueSession
    role: str
    alias: Alias | None = None
    seat: ListenerSeat | None = None

    @property
    def author(self) -> dict[str, Any]:
        """As keyword arguments of the actions."""
        return {"alias": self.alias, "seat": self.seat}


def find_place(viewer: "Viewer", pk: UUID) -> Place | None:
    """The viewer's place in this session; None for everybody who has none, and in drafts."""
    if isinstance(viewer, Participant):
        alias = my_aliases(viewer).filter(dialogue_session=pk).first()
        return Place(alias.dialogue_session, PARTICIPANT, alias=alias) if alias else None
    dialogue_session = DialogueSession.objects.exclude(state=State.DRAFT).filter(pk=pk).first()
    if dialogue_session is None or not isinstance(viewer, User):
        return None
    if viewer.role == Role.LISTENER:
        seat = my_seat(viewer, dialogue_session)
        return Place(dialogue_session, LISTENER, seat=seat) if seat else None
    return Place(dialogue_session, FACILITATOR) if may_lead(viewer, dialogue_session) else None
