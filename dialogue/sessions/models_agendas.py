"""Agendas that facilitators keep to start from again."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from seeds.datamap import BY_HAND, Kept, Level
from seeds.models import Row

NAME_TAKEN = _("A template has this name already. Choose another one.")


class AgendaTemplate(Row):
    """The rounds of one agenda, apart from any session. Every facilitator of the site can start from it."""

    name = models.CharField(_("name"), max_length=80)
    whom = models.CharField(_("for whom, and how long it takes"), max_length=300, blank=True)
    steps = models.JSONField()  # a list of [kind, prompt, minutes to think first]
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)

    DATA: ClassVar = (
        Kept(
            "id name whom steps made_by",
            Level.STAFF,
            _("rounds and their questions that our team wrote to use again, and who saved them"),
            _("so that a good plan need not be written twice"),
            BY_HAND,
        ),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                Lower("name"),
                name="agenda_template_name_once",
                violation_error_message=NAME_TAKEN,
            ),
            models.CheckConstraint(condition=~Q(name=""), name="agenda_template_has_name"),
        )

    def __str__(self) -> str:
        return self.name
