"""One piece of long work, for as long as it runs and an hour longer."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from seeds.datamap import Kept, Level
from seeds.models import Row

#: How long a file waits for who asked, and how long it is still told what became of the work.
KEPT = timedelta(hours=1)
#: What is not done by then is not wanted any more.
LONGEST = timedelta(days=1)


class Job(Row):
    """What was asked for, by whom, and how far it is. What comes of it is never in here (accounts.pickup)."""

    class Kind(models.TextChoices):
        OWN_WORDS = "own_words", _("Your own words as a PDF")
        BULLETIN = "bulletin", _("Mail to outreach partners")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for its turn")
        RUNNING = "running", _("At work")
        DONE = "done", _("Done")
        FAILED = "failed", _("Did not work")
        CANCELLED = "cancelled", _("Stopped")

    class Why(models.TextChoices):
        TOO_MUCH = "too_much", _("There is too much for one PDF. The file for programs holds all of it.")
        NO_SERVER = "no_server", _("The mail server can’t be reached.")
        FAULT = "fault", _("Something broke on our side.")
        INTERRUPTED = "interrupted", _("It was cut off again and again.")

    OPEN: ClassVar = (State.WAITING, State.RUNNING)

    kind = models.CharField(max_length=12, choices=Kind.choices)
    owner = models.ForeignKey(User, models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    why = models.CharField(max_length=12, choices=Why.choices, blank=True)  # it failed
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)  # of those done: what could not be
    wanted = models.JSONField(default=dict)  # ids and choices only, never words of anybody
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    lock = models.CharField(max_length=80)  # the open half of the key with which the file is locked
    #: Whose turn it is: each worker that takes the job up counts on, and who finds another number has lost it.
    #: It never goes back, so that no two workers ever have the same.
    turn = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)  # turns since it was last asked for
    lease_until = models.DateTimeField(null=True)
    goes_at = models.DateTimeField()

    DATA: ClassVar = (
        Kept(
            "id kind owner state why done total skipped wanted language lock turn tries lease_until goes_at",
            Level.PERSONAL,
            _("which long work they asked for, such as a long file, and how far it is. Not what comes of it"),
            _("so that it goes on by itself, and they see it"),
            _("an hour after it ended, a day at most"),
        ),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "kind"), condition=Q(state__in=("waiting", "running")), name="job_one_of_a_kind_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}, {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether a worker has it, or will."""
        return self.state in self.OPEN
