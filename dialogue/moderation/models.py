"""What a facilitator decided about a text, and why."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.threads.models import Comment
from seeds.datamap import WITH_WORDS, Kept, Level
from seeds.vault import MAX_SEALED


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
    NOT_READ = "not_read", _("Nobody read it in time")  # given by itself, never chosen


class ModerationDecision(models.Model):
    """One decision about one text. It carries no time: that would tell when the text was written."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("Approved")
        PROPOSED = "proposed", _("Changed words proposed")
        RETURNED = "returned", _("Returned")
        OVERTURNED = "overturned", _("Approved after a second look")
        UPHELD = "upheld", _("Returned after a second look")

    LETS_THROUGH = (Outcome.APPROVED, Outcome.OVERTURNED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="decisions")
    comment_version = models.PositiveSmallIntegerField()  # the version decided upon
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # None: the clock
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=24, choices=Reason.choices, blank=True)
    note = models.BinaryField(null=True)  # to the author; sealed with the session's key, it may quote the text
    undone = models.BooleanField(default=False)

    DATA: ClassVar = (
        Kept(
            "id comment comment_version decided_by outcome reason undone",
            Level.STAFF,
            _("who on our team let a text through or gave it back, and for which reason"),
            _("so that someone else looks if you ask again"),
            WITH_WORDS,
            _("you and those who lead that talk"),
        ),
        Kept(
            "note",
            Level.SESSION,
            _("the note to you about a text, locked"),
            _("so that you know why it came back"),
            _("until you take the text back, or until the talk’s words go"),
            _("you and those who lead that talk"),
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome__in=("approved", "proposed", "overturned"), reason="", note=None)
                | Q(outcome="upheld", reason="")
                | (Q(outcome="returned") & ~Q(reason="")),
                name="decision_return_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(reason="not_read", decided_by=None) | (~Q(reason="not_read") & Q(decided_by__isnull=False)),
                name="decision_by_a_person_or_the_clock",
            ),
            models.UniqueConstraint(
                fields=("comment", "comment_version"),
                condition=Q(undone=False),
                name="decision_once_a_version",
            ),
        )

    def __str__(self) -> str:
        return self.outcome

    @property
    def decider(self) -> str:
        """The name of who decided; the clock has none of its own."""
        return self.decided_by.name if self.decided_by else gettext("The clock")


class ProposedEdit(models.Model):
    """Other words for one text, which count only once its author takes them. Gone as soon as the author has decided."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comment = models.OneToOneField(Comment, models.CASCADE, related_name="proposed_edit")
    comment_version = models.PositiveSmallIntegerField()  # the version the words would replace
    body = models.BinaryField()  # sealed with the session's key
    note = models.BinaryField(null=True)  # to the author: why; sealed too
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_retelling = models.BooleanField(default=False)

    DATA: ClassVar = (
        Kept(
            "id comment comment_version proposed_by is_retelling",
            Level.STAFF,
            _("who on our team asked you to change words in a text"),
            _("so that you know who asks"),
            _("until you say yes or no"),
            _("you and those who lead that talk"),
        ),
        Kept(
            "body note",
            Level.SESSION,
            _("the words they ask you to use, and why, locked"),
            _("they count only once you say yes"),
            _("until you say yes or no, or until the talk’s words go"),
            _("you and those who lead that talk"),
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(LessThanOrEqual(Length("body"), MAX_SEALED)), name="proposed_edit_fits_its_row"
            ),
        )

    def __str__(self) -> str:
        return "proposed edit"
