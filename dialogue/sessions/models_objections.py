"""A participant says in private that one listener, or a whole agency, should not be in the room."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Agency
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat
from seeds.datamap import Kept, Level
from seeds.vault import MAX_SEALED


class Objection(models.Model):
    """Against one seat or one agency. The reason is sealed, and destroyed once the objection was dealt with.

    The team's yes outlasts the name it was raised under: whoever forgets it before the opening leaves the yes, alone.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for the facilitators")
        NOT_PLACED = "not_placed", _("The listener gets no place")
        STAYS = "stays", _("The listener stays")
        WITHDRAWN = "withdrawn", pgettext_lazy("objection", "Taken back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="+")
    alias = models.ForeignKey(Alias, models.CASCADE, null=True, related_name="objections")
    seat = models.ForeignKey(ListenerSeat, models.CASCADE, null=True, related_name="objections")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, related_name="+")
    body = models.BinaryField(null=True)  # why; NULL when nothing was said, and once it was dealt with
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)

    DATA: ClassVar = (
        Kept(
            "id dialogue_session alias seat agency state body",
            Level.STAFF,
            _("which listener you don’t want in a talk, and why, locked"),
            _("so that you need not sit with them"),
            _("the why until we dealt with it, the rest up to 30 days after the talk"),
            _("you and those who lead that talk"),
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(seat__isnull=False, agency=None) | Q(seat=None, agency__isnull=False),
                name="objection_one_object",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "not_placed", "stays", "withdrawn")), name="objection_state_known"
            ),
            models.CheckConstraint(condition=Q(state="open") | Q(body=None), name="objection_settled_is_destroyed"),
            models.CheckConstraint(
                condition=Q(state="not_placed") | Q(alias__isnull=False), name="objection_forgotten_was_upheld"
            ),
            models.CheckConstraint(
                condition=Q(body=None) | Q(LessThanOrEqual(Length("body"), MAX_SEALED)),
                name="objection_fits_its_row",
            ),
            models.UniqueConstraint(fields=("alias", "seat"), condition=Q(state="open"), name="objection_once_seat"),
            models.UniqueConstraint(
                fields=("alias", "agency"), condition=Q(state="open"), name="objection_once_agency"
            ),
        )

    def __str__(self) -> str:
        return f"objection ({self.state})"
