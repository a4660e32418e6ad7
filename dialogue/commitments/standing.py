"""Kept, running, late or broken: worked out for a day, never stored. A stored "late" would be wrong on some day."""

from datetime import date

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dialogue.commitments.models import Commitment
from dialogue.commitments.policies import RUNNING

State = Commitment.State


class Standing(models.TextChoices):
    """How it stands with a promise on some day."""

    LATE = "late", _("Late")
    RUNNING = "running", _("Running")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    CHANGED = "changed", _("Replaced")
    TAKEN_BACK = "taken_back", _("Taken back")


_ENDED = {
    State.DONE: Standing.KEPT,
    State.BROKEN: Standing.BROKEN,
    State.CHANGED: Standing.CHANGED,
    State.WITHDRAWN: Standing.TAKEN_BACK,
}


def standing(commitment: Commitment, today: date) -> Standing:
    """How it stands with a commitment that was adopted. Raises ValueError for one that never was: it binds nobody."""
    if commitment.adopted_on is None:
        raise ValueError("this commitment was not adopted")
    ended = _ENDED.get(State(commitment.state))
    return ended or (Standing.LATE if commitment.due_on < today else Standing.RUNNING)


def that_are(wanted: Standing, today: date) -> Q:
    """The same as a condition of the database."""
    ended = {standing: state for state, standing in _ENDED.items()}
    if wanted in ended:
        return Q(state=ended[wanted], adopted_on__isnull=False)
    due = {"due_on__lt": today} if wanted == Standing.LATE else {"due_on__gte": today}
    return Q(state__in=RUNNING, **due)


def overdue(commitments: QuerySet[Commitment], today: date) -> QuerySet[Commitment]:
    """Those whose day has passed and that nobody has kept, replaced, taken back or said to be broken."""
    return commitments.filter(that_are(Standing.LATE, today))
