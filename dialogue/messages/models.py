"""What a participant and the facilitators of a session write to each other in private."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.sessions.models import Alias
from seeds.datamap import Kept, Level
from seeds.vault import MAX_SEALED


class PrivateMessage(models.Model):
    """One message, sealed with the session's key. The number is its place in the conversation; no column has a time."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("A question")
        ACCESS = "access", _("Something I need to take part")
        DISTRESS = "distress", _("I am not doing well")
        OBJECTION = "objection", _("About a listener or the list")
        REPORT = "report", _("Something to change in the report")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alias = models.ForeignKey(Alias, models.CASCADE, related_name="messages")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.QUESTION)
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # NULL = the participant
    body = models.BinaryField(null=True)  # NULL once taken back: destroyed
    is_read = models.BooleanField(default=False)  # by the other side

    DATA: ClassVar = (
        Kept(
            "id alias number kind written_by is_read body",
            Level.STAFF,
            _("what you and those who lead a talk write to each other, locked"),
            _("so that you can tell us what you need"),
            _("until you take it back, or up to 30 days after the talk"),
            _("you and those who lead that talk"),
        ),
    )

    class Meta:
        ordering = ("alias", "number")
        constraints = (
            models.UniqueConstraint(fields=("alias", "number"), name="message_number_once"),
            models.CheckConstraint(
                condition=Q(kind__in=("question", "access", "distress", "objection", "report")),
                name="message_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(body=None) | Q(LessThanOrEqual(Length("body"), MAX_SEALED)),
                name="message_fits_its_row",
            ),
        )

    def __str__(self) -> str:
        return "message"
