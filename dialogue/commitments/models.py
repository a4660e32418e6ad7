"""A commitment of a listener, a unit or an agency, and the news of it. Nothing here leads to a participant."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, User
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.sessions.models import DialogueSession
from seeds.datamap import FOR_GOOD, Kept, Level
from seeds.models import Row


class Commitment(Row):
    """One promise with a day. Words of listeners are read by a facilitator before anybody else sees them."""

    class Authority(models.TextChoices):
        """Who is bound by it; policies.py says who may adopt it."""

        PERSONAL = "personal", _("By one person")
        UNIT = "unit", _("By a unit")
        AGENCY = "agency", _("By the whole office")

    class State(models.TextChoices):
        HELD = "held", _("Waiting to be read")
        RETURNED = "returned", _("Came back")
        PROPOSED = "proposed", _("Proposed")
        ADOPTED = "adopted", _("Promised")
        IN_PROGRESS = "in_progress", _("Under way")
        DONE = "done", _("Kept")
        CHANGED = "changed", _("Replaced by another promise")
        BROKEN = "broken", _("Broken")
        WITHDRAWN = "withdrawn", _("Taken back")

    dialogue_session = models.ForeignKey(DialogueSession, models.PROTECT, related_name="commitments")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="commitments")
    owner = models.ForeignKey(User, models.PROTECT, related_name="commitments")  # the listener who answers for it
    level = models.CharField(_("who is bound"), max_length=8, choices=Authority.choices, default=Authority.PERSONAL)
    unit = models.CharField(_("name of the unit"), max_length=120, blank=True)
    text = models.TextField(_("what is promised"), max_length=600)
    measure = models.CharField(_("how people can tell that it was done"), max_length=300)
    due_on = models.DateField(_("by when"))
    state = models.CharField(max_length=11, choices=State.choices, default=State.HELD)
    note = models.CharField(_("why it came back"), max_length=600, blank=True)
    #: The first move whose plan it comes from.
    acknowledgment = models.ForeignKey(Acknowledgment, models.SET_NULL, null=True, related_name="commitments")
    #: The one that this one takes the place of, once it is adopted.
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replacements")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # the facilitator who read it
    recorded_on = models.DateField(null=True)
    adopted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    adopted_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    DATA: ClassVar = (
        Kept(
            "id dialogue_session agency owner level unit text measure due_on state acknowledgment replaces adopted_by"
            " adopted_on ended_on",
            Level.PUBLIC,
            _("what was promised, by whom, by when, and what became of it"),
            _("so that all can see if they keep it"),
            FOR_GOOD,
        ),
        Kept(
            "note recorded_by recorded_on",
            Level.STAFF,
            _("who on our team read a promise, and why it came back"),
            _("so that someone answers for it"),
            FOR_GOOD,
        ),
    )

    class Meta:
        ordering = ("due_on", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(level__in=("personal", "unit", "agency")), name="commitment_level_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(
                        "held",
                        "returned",
                        "proposed",
                        "adopted",
                        "in_progress",
                        "done",
                        "changed",
                        "broken",
                        "withdrawn",
                    )
                ),
                name="commitment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(level="unit") & ~Q(unit="") | ~Q(level="unit") & Q(unit=""), name="commitment_unit_has_name"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("held", "returned", "withdrawn"))
                | Q(recorded_by__isnull=False, recorded_on__isnull=False),
                name="commitment_was_read",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("held", "returned", "proposed"), adopted_by=None, adopted_on=None)
                | Q(state="withdrawn")
                | Q(
                    state__in=("adopted", "in_progress", "done", "changed", "broken"),
                    adopted_by__isnull=False,
                    adopted_on__isnull=False,
                ),
                name="commitment_adopted_whole_or_not",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("done", "changed", "broken", "withdrawn"), ended_on__isnull=False)
                | Q(state__in=("held", "returned", "proposed", "adopted", "in_progress"), ended_on=None),
                name="commitment_ended_has_day",
            ),
            models.CheckConstraint(condition=~Q(replaces=models.F("id")), name="commitment_not_its_own_heir"),
        )
        indexes = (models.Index(fields=("state", "due_on"), name="commitment_due"),)

    def __str__(self) -> str:
        return self.text[:60]


class CommitmentUpdate(Row):
    """News of a commitment, from who answers for it or from a facilitator. Its link is never shown to participants."""

    class Kind(models.TextChoices):
        PROGRESS = "progress", _("It is under way")
        DONE = "done", _("It is done")
        BROKEN = "broken", _("It was not kept")
        WITHDRAWN = "withdrawn", _("It is taken back")

    class State(models.TextChoices):
        HELD = "held", _("Waiting to be read")
        RETURNED = "returned", _("Came back")
        RELEASED = "released", _("Out")

    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="updates")
    kind = models.CharField(_("what is new"), max_length=9, choices=Kind.choices, default=Kind.PROGRESS)
    text = models.TextField(_("in a few sentences"), max_length=1000)
    evidence_url = models.URLField(_("where that can be seen (a link)"), max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    note = models.CharField(_("why it came back"), max_length=600, blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_on = models.DateField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)

    DATA: ClassVar = (
        Kept(
            "id commitment kind text evidence_url state written_by written_on",
            Level.PUBLIC,
            _("what they say became of a promise, and where that can be seen"),
            _("so that all can check it"),
            FOR_GOOD,
        ),
        Kept(
            "note decided_by decided_on",
            Level.STAFF,
            _("who on our team read the news of a promise, and why it came back"),
            _("so that someone answers for that too"),
            FOR_GOOD,
        ),
    )

    class Meta:
        ordering = ("commitment", "written_on", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=("progress", "done", "broken", "withdrawn")), name="update_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state="held", decided_by=None, decided_on=None)
                | Q(state__in=("returned", "released"), decided_by__isnull=False, decided_on__isnull=False),
                name="update_decision_whole_or_not",
            ),
            models.UniqueConstraint(fields=("commitment",), condition=Q(state="held"), name="update_one_waits"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.commitment})"
