"""What a facilitator decided about a text, and why."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.threads.models import Comment
from seeds.datamap import Kept, Level


class Reason(models.TextChoices):
    """Why a text goes back to its author."""

    IDENTIFIES_SELF = "identifies_self", _("It could show who you are")
    IDENTIFIES_OTHER = "identifies_other", _("It could show who somebody else is")
    LOCATION_OR_SUPPLY = "location_or_supply", _("It names a place or where drugs come from")
    OPEN_CASE = "open_case", _("It is about an open case")
    THREAT = "threat_or_imminent_harm", _("It speaks of a threat or of harm about to happen")
    CONTEMPT = "contempt", _("It shows contempt for somebody")
    ADVICE = "advice_or_treatment_push", _("It gives advice or pushes treatment")
    INTERROGATION = "interrogation", _("It asks like an interrogation")  # listeners' texts only
    OFF_TOPIC = "off_topic", _("It is about something else")
    SPAM = "spam", _("It is not meant for this dialogue")
    OTHER = "other", _("Another reason, given in the note")


class ModerationDecision(models.Model):
    """One decision about one text. It carries no time: that would tell when the text was written."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("Approved")
        RETURNED = "returned", _("Returned")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="decisions")
    comment_version = models.PositiveSmallIntegerField()  # the version decided upon
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = models.CharField(max_length=24, choices=Reason.choices, blank=True)
    note = models.BinaryField(null=True)  # to the author; sealed with the session's key, it may quote the text
    undone = models.BooleanField(default=False)

    DATA: ClassVar = (
        Kept(
            "id comment comment_version decided_by outcome reason undone",
            Level.STAFF,
            "who decided, so that somebody else hears the appeal",
            "the session is purged",
        ),
        Kept(
            "note",
            Level.SESSION,
            "the reason, for the author only",
            "the text is taken back, or on the purge date",
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="approved", reason="", note=None) | (Q(outcome="returned") & ~Q(reason="")),
                name="decision_return_has_reason",
            ),
            models.UniqueConstraint(
                fields=("comment", "comment_version"),
                condition=Q(undone=False),
                name="decision_once_a_version",
            ),
        )

    def __str__(self) -> str:
        return self.outcome
