"""A fact with its source, and what listeners say to it. What participants say is counted (tallies), never kept."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.sessions.models import DialogueSession, ListenerSeat
from seeds.datamap import Kept, Level
from seeds.models import Row

AS_IN_REPORT = _("for good if it is in a report. If not, until the talk’s words go")


class Position(models.TextChoices):
    """Where somebody stands on a fact."""

    AGREED = "agreed", _("It is so")
    DISPUTED = "disputed", _("It is not so")
    UNKNOWN = "unknown", _("I don’t know")


class Fact(Row):
    """One statement that can be checked, entered by a facilitator."""

    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="facts")
    number = models.PositiveSmallIntegerField(_("order"))
    statement = models.TextField(_("what is stated"), max_length=500)
    source = models.CharField(_("source"), max_length=300)
    source_url = models.URLField(_("link to the source"), max_length=300, blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    DATA: ClassVar = (
        Kept(
            "id dialogue_session number statement source source_url",
            Level.SESSION,
            _("facts that both sides looked at, and where they come from"),
            _("so that all talk about the same"),
            AS_IN_REPORT,
        ),
        Kept("added_by", Level.STAFF, _("who wrote a fact down"), _("so that you can ask them"), AS_IN_REPORT),
    )

    class Meta:
        ordering = ("dialogue_session", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("dialogue_session", "number"), name="fact_number_once", deferrable=models.Deferrable.DEFERRED
            ),
        )

    def __str__(self) -> str:
        return self.statement[:60]


class FactPosition(Row):
    """Where one listener stands on a fact, by name."""

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="positions")
    seat = models.ForeignKey(ListenerSeat, models.CASCADE, related_name="positions")
    position = models.CharField(max_length=8, choices=Position.choices)

    DATA: ClassVar = (
        Kept(
            "id fact seat position",
            Level.SESSION,
            _("if a listener says that a fact is so"),
            _("so that you see where they stand"),
            AS_IN_REPORT,
        ),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("fact", "seat"), name="fact_position_once"),
            models.CheckConstraint(
                condition=Q(position__in=("agreed", "disputed", "unknown")), name="fact_position_known"
            ),
        )

    def __str__(self) -> str:
        return self.get_position_display()
