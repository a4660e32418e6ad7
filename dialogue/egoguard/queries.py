"""What the team reads of the counts."""

from typing import TYPE_CHECKING

from accounts.models import Role
from dialogue.egoguard.kinds import Kind
from dialogue.egoguard.models import NudgeCount
from dialogue.sessions.models import DialogueSession

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def shown_to_listeners(dialogue_session: DialogueSession) -> list[tuple["_StrPromise", int]]:
    """How often each kind of nudge was shown to all listeners of a session together, in the order of the kinds.

    For the session's team only; the caller has made sure of that.
    """
    rows = NudgeCount.objects.filter(dialogue_session=dialogue_session, role=Role.LISTENER)
    times = dict(rows.values_list("kind", "times"))
    return [(kind.label, times[kind]) for kind in Kind if kind in times]
