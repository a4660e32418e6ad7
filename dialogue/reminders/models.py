"""When whom to remind, and the ledger of what was sent. Named people and partners only; never a participant."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import OutreachPartner, User
from dialogue.sessions.models import DialogueSession
from seeds.datamap import FOR_GOOD, Kept, Level
from seeds.models import Row

OF_THE_SITE = ("expiry", "commitment_due", "commitment_late", "stale_resources")
DEFAULT_OFFSETS = (timedelta(days=7), timedelta(days=1), timedelta(hours=1))


class ReminderRule(Row):
    """One reason to send mail about a session."""

    class Kind(models.TextChoices):
        BEFORE_START = "before_start", _("Before the start")
        QUEUE_WAITS = "queue_waits", _("Texts wait longer than promised")
        CLOSING_NOTE = "closing_note", _("The closing note is missing")
        TEAM_DIGEST = "team_digest", _("Texts wait to be read")
        SEAT_DIGEST = "seat_digest", _("Something is new for listeners")
        EXPIRY = "expiry", _("A promise runs out")
        COMMITMENT_DUE = "commitment_due", _("A commitment will be due")
        COMMITMENT_LATE = "commitment_late", _("A commitment is overdue")
        STALE_RESOURCES = "stale_resources", _("Help lines were not checked for long")

    #: None for the rules that hold for the whole site (OF_THE_SITE).
    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, null=True, related_name="reminder_rules")
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    #: Before the start, the last day or the day a commitment is due; negative: after that day.
    before = models.DurationField(_("how long before the start"), null=True, blank=True)
    active = models.BooleanField(_("active"), default=True)

    DATA: ClassVar = (
        Kept(
            "id dialogue_session kind before active",
            Level.STAFF,
            _("when to send mail about a talk to those who come by name"),
            _("so that no one forgets it"),
            FOR_GOOD,
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=("before_start", "expiry", "commitment_due"), before__gt=timedelta(0))
                | Q(kind="commitment_late", before__lt=timedelta(0))
                | (~Q(kind__in=("before_start", "expiry", "commitment_due", "commitment_late")) & Q(before=None)),
                name="rule_before_start_has_offset",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OF_THE_SITE, dialogue_session=None)
                | (~Q(kind__in=OF_THE_SITE) & Q(dialogue_session__isnull=False)),
                name="rule_of_a_session_or_the_site",
            ),
            models.UniqueConstraint(
                fields=("dialogue_session", "kind", "before"), nulls_distinct=False, name="rule_once"
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def about(self) -> DialogueSession:
        """The session it is about. Raises ValueError for a rule of the whole site."""
        return _there(self.dialogue_session)


def _there(dialogue_session: DialogueSession | None) -> DialogueSession:
    if dialogue_session is None:
        raise ValueError("this is about a promise, not about a session")
    return dialogue_session


class Reminder(Row):
    """One mail to one recipient: the ledger. Its uniqueness is what makes a second beat or worker harmless."""

    class State(models.TextChoices):
        DUE = "due", _("To be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Not needed any more")

    rule = models.ForeignKey(ReminderRule, models.CASCADE, related_name="reminders")
    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, null=True, related_name="reminders")
    schedule_version = models.PositiveIntegerField()
    #: The date of a nudge that comes daily; what ends and when, as "pledge 2027-03-01"; "" otherwise.
    occasion = models.CharField(max_length=80, blank=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="reminders")
    partner = models.ForeignKey(OutreachPartner, models.CASCADE, null=True, related_name="reminders")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DUE)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=120, blank=True)  # the mail server's code and a plain word, no address
    sent_at = models.DateTimeField(null=True)

    DATA: ClassVar = (
        Kept(
            "id rule dialogue_session schedule_version occasion user partner state due_at lease_until attempts error"
            " sent_at",
            Level.STAFF,
            _("which mail went to whom, and when. Never to you: we have no address of yours"),
            _("so that each goes out once"),
            _("90 days after the talk, or after it was due"),
        ),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("rule", "dialogue_session", "schedule_version", "occasion", "user", "partner"),
                nulls_distinct=False,
                name="reminder_once",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, partner=None) | Q(user=None, partner__isnull=False),
                name="reminder_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="reminder_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False) | (~Q(state="sending") & Q(lease_until=None)),
                name="reminder_lease_while_sending",
            ),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="reminder_due"),)

    def __str__(self) -> str:
        return f"reminder ({self.state})"

    @property
    def about(self) -> DialogueSession:
        """The session it is about. Raises ValueError for one about a promise that runs out."""
        return _there(self.dialogue_session)
