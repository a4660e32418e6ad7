"""What a listener does next about promises, as his home page shows it: only what is expected of him now."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.listeners.steps import Step
from accounts.models import User
from dialogue.commitments.queries import expected_of


def promise_steps(user: User) -> list[Step]:
    """What came back, what waits for his word, what is late; in this order."""
    return [_step(row) for row in expected_of(user)]


def _step(row: dict[str, Any]) -> Step:
    commitment = row["commitment"]
    words, action, to = {
        "returned": (_("Change a promise that came back"), _("Read why"), "commitments:own"),
        "adopt": (_("Say yes or no to a promise"), _("Read it"), "commitments:own"),
        "late": (_("Say what became of a promise: it is late"), _("Tell it"), "commitments:news"),
    }[row["why"]]
    return Step(title=words, text=str(commitment), url=reverse(to, args=[commitment.pk]), action=action)
