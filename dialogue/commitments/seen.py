"""Seen, not seen, not sure: which promises participants are asked about, and how the question is named."""

from datetime import date, timedelta
from uuid import UUID

from django.db import models
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from accounts.models import today
from dialogue.commitments.models import Commitment
from dialogue.commitments.policies import RUNNING
from dialogue.tallies.models import TallyMark

#: So long after its day participants can say of a promise if they see it.
ASKED_FOR = timedelta(days=365)
ASKED_ON_ITS_DAY = (*RUNNING, Commitment.State.BROKEN)
_SUBJECT = "promise "


class Seen(models.TextChoices):
    """What somebody says of a promise."""

    SEEN = "seen", _("Seen")
    NOT_SEEN = "not_seen", _("Not seen")
    NOT_SURE = "not_sure", _("Not sure")


def subject_of(pk: UUID) -> str:
    """The name of the question in the tallies."""
    return f"{_SUBJECT}{pk}"


def asked(day: date) -> Q:
    """Those to be asked about: due or said to be kept, and not longer ago than a year.

    One that was replaced or taken back is not: those who made it say themselves that it will not be done.
    """
    due = Q(state__in=ASKED_ON_ITS_DAY, due_on__lte=day)
    return (due | Q(state=Commitment.State.DONE)) & Q(due_on__gte=day - ASKED_FOR)


def asked_from(commitment: Commitment) -> date | None:
    """The day on which people will be asked about it; None if they are by now, or never will be."""
    will_be = commitment.state in ASKED_ON_ITS_DAY and commitment.due_on > today()
    return commitment.due_on if will_be else None


def no_longer_asked(day: date) -> QuerySet[Commitment]:
    """Those whose question is over while marks of who has answered are still there."""
    subject = Concat(Value(_SUBJECT), Cast(OuterRef("pk"), CharField()))
    return Commitment.objects.filter(~asked(day), Exists(TallyMark.objects.filter(subject=subject)))
