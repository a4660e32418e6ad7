"""The first move: what a listener concedes in writing before anybody is asked to speak."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.sessions.models import ListenerSeat
from seeds.datamap import FOR_GOOD, Kept, Level
from seeds.models import Row

PARTS = ("past_harm", "present_harm", "responsibility", "apology", "plan")


class Acknowledgment(Row):
    """The five parts, after O'Brien, Meares and Tyler (2020): responsibility and apology together, with a plan."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Handed in")
        COMPLETE = "complete", _("Complete")

    seat = models.OneToOneField(ListenerSeat, models.CASCADE, related_name="acknowledgment")
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
            "id seat past_harm present_harm responsibility apology plan state",
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
                condition=Q(state="draft")
                | (~Q(past_harm="") & ~Q(present_harm="") & ~Q(responsibility="") & ~Q(apology="") & ~Q(plan="")),
                name="acknowledgment_five_parts",
            ),
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(checked_by__isnull=False, checked_on__isnull=False),
                name="acknowledgment_complete_is_checked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seat}"
