"""Going on against a scheduling guard, with the reason that is kept."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.sessions.models import DialogueSession
from seeds.datamap import FOR_GOOD, Kept, Level
from seeds.models import Row


class Guard(models.TextChoices):
    """What makes a time, a place or a size a bad one. Which of them a session meets stands in guards.py."""

    BEFORE_NOON = "before_noon", _("It starts before noon")
    BENEFIT_DAY = "benefit_day", _("It falls on a day on which benefits are paid")
    GOVERNMENT_VENUE = "government", _("It is in a government building")
    FEW_PARTICIPANTS = "few", _("It can open with fewer than five participants")
    MANY_LISTENERS = "listeners", _("There may be more listeners than participants")
    SMALL_CATCHMENT = "catchment", _("Few people live there, or nobody knows how many: a story is easy to place")


class GuardOverride(Row):
    """Somebody on the team goes on all the same, for a reason. It counts for these times only."""

    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="overrides")
    guard = models.CharField(max_length=11, choices=Guard.choices)
    reason = models.CharField(_("reason"), max_length=300)
    schedule_version = models.PositiveIntegerField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_on = models.DateField()

    DATA: ClassVar = (
        Kept(
            "id dialogue_session guard reason schedule_version made_by made_on",
            Level.STAFF,
            _("why our team held a talk at a bad time or place all the same, and who said so"),
            _("so that someone answers for it"),
            FOR_GOOD,
        ),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("dialogue_session", "guard", "schedule_version"), name="override_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_reason"),
        )

    def __str__(self) -> str:
        return self.get_guard_display()
