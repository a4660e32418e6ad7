"""How many gave which answer to one question, and the marks that keep anybody from answering twice."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from seeds.datamap import FOR_GOOD, Kept, Level


class Tally(models.Model):
    """The counts of one question. `waiting` are those that nobody may see yet; both map an option to its number.

    `subject` names the question in words of the package that asks ("promise <id>"). It is no foreign key: counts
    outlast what they were about.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=100, unique=True)
    waiting = models.JSONField(default=dict)
    shown = models.JSONField(default=dict)

    DATA: ClassVar = (
        Kept(
            "id subject",
            Level.PUBLIC,
            _("what we count: answers of many people to one question, or texts that we read in time"),
            _("to keep the numbers apart"),
            FOR_GOOD,
        ),
        Kept(
            "waiting",
            Level.SECRET,
            _("how many gave which answer, or how many texts we read in time, while fewer than five are new. Not who"),
            _("a number that shows too early would tell what one person said"),
            _("until it is shown or thrown away"),
        ),
        Kept(
            "shown",
            Level.PUBLIC,
            _("how many gave which answer, or how many texts we read in time, once there are five. Not who"),
            _("so that all can see what those who took part say, and if we read in time"),
            FOR_GOOD,
        ),
    )

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return self.subject


class TallyMark(models.Model):
    """Somebody has answered this question. Made of that person's own key; it does not lead to the answer or to another
    mark."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=100, db_index=True)
    tag = models.BinaryField(max_length=32, unique=True)

    DATA: ClassVar = (
        Kept(
            "id subject tag",
            Level.SECRET,
            _("a mark made of your own key, new for each question: that you answered, not what"),
            _("so that no one is counted twice"),
            _("until the question is closed"),
        ),
    )

    def __str__(self) -> str:
        return "mark"
