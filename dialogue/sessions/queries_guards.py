"""What the team is shown of the scheduling guards."""

from typing import Any

from dialogue.sessions.guards import GUARDED, WHY
from dialogue.sessions.models_guards import GuardOverride
from dialogue.sessions.snapshot import Snapshot


def guards_page(now: Snapshot) -> dict[str, Any]:
    """Each guard that the session meets, with why it matters and the reason given; and the reasons for other times."""
    s = now.dialogue_session
    given = {one.guard: one for one in now.overrides if one.schedule_version == s.schedule_version}
    shown = [{"name": guard.label, "why": WHY[guard], "override": given.pop(guard, None)} for guard in now.guards]
    # What stays in `given` was a reason for something that does not apply any more.
    earlier: list[GuardOverride] = [*given.values()]
    earlier += [one for one in now.overrides if one.schedule_version != s.schedule_version]
    asking = now.open_guards if s.state in GUARDED else []
    return {"session": s, "met": shown, "asking": asking, "earlier": earlier}
