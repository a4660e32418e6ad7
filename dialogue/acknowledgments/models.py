"""The first move: what a listener concedes in writing before anybody is asked to speak."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.sessions.models import Alias, ListenerSeat
from seeds.datamap import FOR_GOOD, Kept, Level
from seeds.models import Row

PARTS = ("past_harm", "present_harm", "responsibility", "apology", "plan")


class Acknowledgment(Row):
    """The five parts, after O'Brien, Meares and Tyler (2020): responsibility and apology together, with a plan."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Handed in")
        COMPLETE = "complete", _("Complete: the participants answer it")
        MORE_ASKED = "more_asked", _("More is asked for")
        ACCEPTED = "accepted", _("Enough to begin")

    class Scope(models.TextChoices):
        PROFESSION = "profession", _("For my profession")
        AGENCY = "agency", _("For my agency")
        PERSONAL = "personal", _("For myself")

    seat = models.OneToOneField(ListenerSeat, models.CASCADE, related_name="acknowledgment")
    scope = models.CharField(_("for whom you speak"), max_length=10, choices=Scope.choices, default=Scope.PERSONAL)
    past_harm = models.TextField(_("past harm"), max_length=3000, blank=True)
    present_harm = models.TextField(_("present harm"), max_length=3000, blank=True)
    responsibility = models.TextField(_("responsibility"), max_length=3000, blank=True)
    apology = models.TextField(_("apology"), max_length=3000, blank=True)
    plan = models.TextField(_("plan"), max_length=3000, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    note = models.CharField(_("what is missing"), max_length=600, blank=True)  # from the facilitator who sent it back
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    checked_on = models.DateField(null=True, editable=False)

    DATA: ClassVar = (
        Kept(
            "id seat scope past_harm present_harm responsibility apology plan state",
            Level.SESSION,
            _("the harm that each listener owned up to"),
            _("you read it before you say a word"),
            FOR_GOOD,
        ),
        Kept(
            "note checked_by checked_on",
            Level.STAFF,
            _("who checked it, on which day, and what was left out"),
            _("so that no part is left out"),
            FOR_GOOD,
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("draft", "more_asked"))
                | (~Q(past_harm="") & ~Q(present_harm="") & ~Q(responsibility="") & ~Q(apology="") & ~Q(plan="")),
                name="acknowledgment_five_parts",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("complete", "accepted"))
                | Q(checked_by__isnull=False, checked_on__isnull=False),
                name="acknowledgment_complete_is_checked",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "submitted", "complete", "more_asked", "accepted")),
                name="acknowledgment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=("profession", "agency", "personal")), name="acknowledgment_scope_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.seat}"


#: While its words can be changed, and once others may read it.
WRITABLE = (Acknowledgment.State.DRAFT, Acknowledgment.State.MORE_ASKED)
READABLE = (Acknowledgment.State.COMPLETE, Acknowledgment.State.ACCEPTED)


class AcknowledgmentVersion(Row):
    """The words as they were handed in once; earlier ones are kept."""

    acknowledgment = models.ForeignKey(Acknowledgment, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    scope = models.CharField(max_length=10, choices=Acknowledgment.Scope.choices)
    past_harm = models.TextField(max_length=3000)
    present_harm = models.TextField(max_length=3000)
    responsibility = models.TextField(max_length=3000)
    apology = models.TextField(max_length=3000)
    plan = models.TextField(max_length=3000)
    handed_in_on = models.DateField()

    DATA: ClassVar = (
        Kept(
            "id acknowledgment number scope past_harm present_harm responsibility apology plan handed_in_on",
            Level.STAFF,
            _("what they wrote before, each time they handed it in"),
            _("so that no one can deny what they first said"),
            FOR_GOOD,
            _("that listener and our team"),
        ),
    )

    class Meta:
        ordering = ("acknowledgment", "number")
        constraints = (
            models.UniqueConstraint(fields=("acknowledgment", "number"), name="acknowledgment_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.acknowledgment}, {self.number}"


class GateAnswer(models.Model):
    """What one participant says about a complete acknowledgment. Deleted once the answers were counted."""

    class Answer(models.TextChoices):
        ENOUGH = "enough", _("Enough to begin")
        NOT_YET = "not_yet", _("Not yet")
        PASS = "pass", _("Pass")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    acknowledgment = models.ForeignKey(Acknowledgment, models.CASCADE, related_name="answers")
    alias = models.ForeignKey(Alias, models.CASCADE, related_name="gate_answers")
    answer = models.CharField(max_length=7, choices=Answer.choices)

    DATA: ClassVar = (
        Kept(
            "id acknowledgment alias answer",
            Level.SECRET,
            _("if you said “enough to begin”, “not yet”, or passed"),
            _("a listener gets no place before enough of you say it is enough"),
            _("until the answers are counted. Then each is deleted"),
        ),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("acknowledgment", "alias"), name="gate_answer_once"),
            models.CheckConstraint(condition=Q(answer__in=("enough", "not_yet", "pass")), name="gate_answer_known"),
        )

    def __str__(self) -> str:
        return "gate answer"
