"""Crisis lines and local help: the operator's data, never part of the program, because published numbers go stale."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from seeds.datamap import FOR_GOOD, Kept, Level
from seeds.models import Row

STALE_AFTER = timedelta(days=90)


class ResourceQuerySet(models.QuerySet["Resource"]):
    def stale(self, on: date) -> "ResourceQuerySet":
        """Those that nobody has checked within STALE_AFTER."""
        return self.filter(verified_on__lt=on - STALE_AFTER)


class Resource(Row):
    """One place to get help, as somebody checked it on a date."""

    class Kind(models.TextChoices):
        EMERGENCY = "emergency", _("Emergency number")
        CRISIS = "crisis", _("Crisis line")
        LOCAL = "local", _("Help close by")

    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices, default=Kind.CRISIS)
    name = models.CharField(_("name"), max_length=120)
    contact = models.CharField(_("phone or address"), max_length=120)
    hours = models.CharField(pgettext_lazy("when a place is open", "hours"), max_length=120, blank=True)
    note = models.CharField(_("what it is for"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    verified_on = models.DateField(_("checked on"))

    objects = ResourceQuerySet.as_manager()

    DATA: ClassVar = (
        Kept(
            "id kind name contact hours note order verified_on",
            Level.PUBLIC,
            _("places to get help, and the day someone checked them"),
            _("so that you find help"),
            FOR_GOOD,
        ),
    )

    class Meta:
        ordering = ("order", "name")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=("emergency", "crisis", "local")), name="resource_kind_known"),
        )

    def __str__(self) -> str:
        return self.name
