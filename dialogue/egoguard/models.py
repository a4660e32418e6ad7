"""How often which nudge was shown in a session. Never the words, never whose."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.models import DialogueSession
from seeds.datamap import FOR_GOOD, Kept, Level
from seeds.models import Row


class NudgeCount(Row):
    """How often one rule was shown to the listeners, or to the team, of one session."""

    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="nudge_counts")
    role = models.CharField(max_length=12)  # accounts.models.Role
    kind = models.CharField(max_length=24)  # egoguard.kinds.Kind
    times = models.PositiveIntegerField(default=0)

    DATA: ClassVar = (
        Kept(
            "id dialogue_session role kind times",
            Level.STAFF,
            _("how often police, prosecutors or our team were asked to think about their words. Not which words"),
            _("so that we see what is hard for them"),
            FOR_GOOD,
        ),
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("dialogue_session", "role", "kind"), name="nudge_count_once"),)

    def __str__(self) -> str:
        return f"{self.kind}: {self.times}"
