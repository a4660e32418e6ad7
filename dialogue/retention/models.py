"""What stops the deletion of a session, and when the work that nobody sees was last done."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.sessions.models import DialogueSession
from seeds.datamap import FOR_GOOD, Kept, Level
from seeds.models import Row


class HoldQuerySet(models.QuerySet["Hold"]):
    def in_force(self) -> "HoldQuerySet":
        """Those that nobody has lifted."""
        return self.filter(lifted_on=None)


class Hold(Row):
    """An operator's stop of everything that would be deleted by the clock, as a court may order. Shown to everyone."""

    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="holds")
    reason = models.CharField(_("reason, as participants will read it"), max_length=300)
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    placed_on = models.DateField()
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_on = models.DateField(null=True)

    objects = HoldQuerySet.as_manager()

    DATA: ClassVar = (
        Kept(
            "id dialogue_session reason placed_on lifted_on",
            Level.PUBLIC,
            _("that a court stopped us from deleting a talk, the reason, and the day"),
            _("you must know that nothing goes by itself for now"),
            FOR_GOOD,
        ),
        Kept(
            "placed_by lifted_by",
            Level.STAFF,
            _("who on our team stopped it or let it go on"),
            _("so that someone answers for it"),
            FOR_GOOD,
        ),
    )

    class Meta:
        ordering = ("placed_on", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("dialogue_session",), condition=Q(lifted_on=None), name="hold_one_in_force"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_by=None, lifted_on=None) | Q(lifted_by__isnull=False, lifted_on__isnull=False),
                name="hold_lifted_whole_or_not",
            ),
        )

    def __str__(self) -> str:
        return f"hold since {self.placed_on}"


class Upkeep(Row):
    """When one kind of work was last done: one row a kind, overwritten each time, no history."""

    class Kind(models.TextChoices):
        SCRUB = "scrub", _("Clean-up of what the database remembers")
        BACKUP = "backup", _("Backup")
        RETENTION = "retention", _("Deletion of what is due")
        WORKER = "worker", _("Worker")
        BEAT = "beat", _("Clock of the background work")

    kind = models.CharField(max_length=10, choices=Kind.choices, unique=True)
    done_at = models.DateTimeField()
    #: For the clean-up: the database's own count of changed rows just after it, to see whether there is work.
    changes = models.BigIntegerField(default=0)

    DATA: ClassVar = (
        Kept(
            "id kind done_at changes",
            Level.STAFF,
            _("when the last clean-up, backup and deletion ran, and when the programs that do them last worked"),
            _("so that we see if one did not"),
            _("until the next one"),
        ),
    )

    def __str__(self) -> str:
        return self.kind
