"""A dialogue session, its agenda, and who has a place in it."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Participant, Role, User
from dialogue.sessions.reasons import WithReasons
from seeds.datamap import FOR_GOOD, WITH_WORDS, Kept, Level
from seeds.models import Row

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Viewer = User | Participant | AnonymousUser


class State(models.TextChoices):
    """Where in its life a dialogue session is. `paused` is a flag beside it."""

    DRAFT = "draft", _("Draft")
    ANNOUNCED = "announced", _("Announced")
    PREPARING = "preparing", _("Preparing")
    OPEN = "open", _("Open")
    FOLLOW_UP = "follow_up", _("Follow-up")
    PURGED = "purged", _("Purged")
    CANCELLED = "cancelled", _("Cancelled")


#: Which state may follow which; the gates stand in policies.GATES.
ALLOWED: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ANNOUNCED, State.CANCELLED}),
    State.ANNOUNCED: frozenset({State.PREPARING, State.CANCELLED}),
    State.PREPARING: frozenset({State.OPEN, State.CANCELLED}),
    State.OPEN: frozenset({State.FOLLOW_UP, State.CANCELLED}),
    State.FOLLOW_UP: frozenset({State.PURGED}),
    State.PURGED: frozenset(),
    State.CANCELLED: frozenset({State.PURGED}),
}
LISTED = (State.ANNOUNCED, State.PREPARING, State.OPEN, State.FOLLOW_UP)  # what strangers may see
JOINABLE = (State.ANNOUNCED, State.PREPARING)  # while participants may still join and listeners apply


class RecordLabel(models.TextChoices):
    """What may be repeated outside; shown on every surface of the session."""

    ON_RECORD = "on_record", _("On the record")
    CHATHAM = "chatham", _("Chatham House rule")
    PRIVATE = "private", _("Private")


class DialogueSessionQuerySet(models.QuerySet["DialogueSession"]):
    def visible_to(self, viewer: "Viewer") -> "DialogueSessionQuerySet":
        """What this viewer may know of: the listed ones; a facilitator also his own, an operator all."""
        role = getattr(viewer, "role", None)
        if role == Role.OPERATOR:
            return self.all()
        if role == Role.FACILITATOR:
            return self.filter(Q(state__in=LISTED) | Q(facilitators=viewer.pk)).distinct()
        return self.filter(state__in=LISTED)

    def led_by(self, user: "Viewer") -> "DialogueSessionQuerySet":
        """Those on whose team this facilitator is."""
        return self.filter(facilitators=user.pk)


class DialogueSession(WithReasons, Row):
    """One facilitated dialogue, from its draft to its purge."""

    class Format(models.TextChoices):
        LIVE = "live", _("Live: everybody at the same hours")
        WINDOW = "window", _("Over days: everybody in their own time")

    class Venue(models.TextChoices):
        ONLINE = "online", _("Online only")
        COMMUNITY = "community", _("A place of the community, with devices to use")
        GOVERNMENT = "government", _("A government building")

    title = models.CharField(_("title"), max_length=120)
    topic = models.CharField(_("topic"), max_length=120)
    about = models.TextField(_("what it is about"), max_length=4000)
    agencies = models.ManyToManyField(Agency, verbose_name=_("agencies invited"), related_name="+")
    facilitators = models.ManyToManyField(
        User, through="Booking", through_fields=("dialogue_session", "facilitator"), related_name="+"
    )
    format = models.CharField(_("format"), max_length=6, choices=Format.choices, default=Format.WINDOW)
    time_zone = models.CharField(_("time zone"), max_length=64, default="America/New_York")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    capacity = models.PositiveSmallIntegerField(
        _("places for participants"), default=12, validators=[MinValueValidator(2), MaxValueValidator(60)]
    )
    minimum = models.PositiveSmallIntegerField(
        _("fewest participants"), default=5, validators=[MinValueValidator(2), MaxValueValidator(60)]
    )
    agreements = models.TextField(_("agreements"), max_length=4000)
    legal_basis = models.TextField(_("legal basis"), max_length=4000, blank=True)
    record_label = models.CharField(_("record label"), max_length=10, choices=RecordLabel.choices, blank=True)
    venue = models.CharField(_("place"), max_length=10, choices=Venue.choices, default=Venue.ONLINE)
    listener_places = models.PositiveSmallIntegerField(
        _("places for listeners"), default=4, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    roster_days = models.PositiveSmallIntegerField(
        _("days before the start when the list of listeners is frozen"), default=3, validators=[MaxValueValidator(60)]
    )
    answers_needed = models.PositiveSmallIntegerField(
        _("fewest answers to an acknowledgment"), default=3, validators=[MinValueValidator(2), MaxValueValidator(60)]
    )
    enough_share = models.PositiveSmallIntegerField(
        _("share of “enough” that must be passed (percent)"), default=50, validators=[MaxValueValidator(99)]
    )
    reading_hours = models.PositiveSmallIntegerField(
        _("promised reading time (hours)"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    paused = models.BooleanField(default=False)
    schedule_version = models.PositiveIntegerField(default=1)
    announced_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    purge_on = models.DateField(null=True, editable=False)  # drawn when it ends; on this day the key is destroyed
    #: From this day on nobody answers what all are asked: was I heard, is this fact so.
    questions_closed_on = models.DateField(null=True, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)

    objects = DialogueSessionQuerySet.as_manager()

    DATA: ClassVar = (
        Kept(
            "id title topic about agencies facilitators format time_zone starts_at ends_at capacity minimum agreements"
            " legal_basis record_label venue listener_places roster_days answers_needed enough_share"
            " reading_hours state paused pause_reason cancel_reason announced_at closed_at"
            " purge_on questions_closed_on",
            Level.PUBLIC,
            _("what a talk is about, when it is, its rules, who leads it, and when its words go"),
            _("so that you can choose"),
            FOR_GOOD,
        ),
        Kept(
            "schedule_version created_by",
            Level.STAFF,
            _("who planned it, and how often the times changed"),
            _("to send the right times"),
            FOR_GOOD,
        ),
    )

    class Meta:
        ordering = ("starts_at", "id")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=State.values), name="session_state_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
            models.CheckConstraint(condition=Q(minimum__lte=F("capacity")), name="session_minimum_within_capacity"),
            models.CheckConstraint(condition=Q(paused=False) | ~Q(pause_reason=""), name="session_pause_has_reason"),
            models.CheckConstraint(
                condition=~Q(state=State.CANCELLED) | ~Q(cancel_reason=""), name="session_cancel_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(state__in=(State.DRAFT, State.CANCELLED, State.PURGED))  # a cancelled draft is purged too
                | (~Q(legal_basis="") & ~Q(record_label="") & Q(announced_at__isnull=False)),
                name="session_announced_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(State.FOLLOW_UP, State.PURGED), closed_at__isnull=False)
                | (~Q(state__in=(State.FOLLOW_UP, State.PURGED)) & Q(closed_at=None)),
                name="session_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(purge_on=None) | Q(state__in=(State.FOLLOW_UP, State.PURGED, State.CANCELLED)),
                name="session_purged_only_once_ended",
            ),
            models.CheckConstraint(
                condition=Q(venue__in=("online", "community", "government")), name="session_venue_known"
            ),
        )

    def __str__(self) -> str:
        return self.title


class TimeRange(Func):
    """The half-open range of two time columns."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class UuidPoint(Func):
    """A one-point range of an id: the shipped PostgreSQL has no btree_gist, ranges it can compare without."""

    function = "uuidrange"
    output_field = DateTimeRangeField()  # Django has no field for it; only the operator matters here


class Booking(Row):
    """A facilitator's place on a team. It repeats the session's times, so that the database refuses overlaps."""

    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="bookings")
    facilitator = models.ForeignKey(User, models.PROTECT, related_name="bookings")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    active = models.BooleanField(default=True)  # False once the session is cancelled or closed

    DATA: ClassVar = (
        Kept(
            "id dialogue_session facilitator starts_at ends_at active",
            Level.PUBLIC,
            _("who leads which talk"),
            _("so that no one leads two at once"),
            FOR_GOOD,
        ),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("dialogue_session", "facilitator"), name="booking_once"),
            ExclusionConstraint(
                name="booking_no_overlap",
                expressions=[
                    (UuidPoint(F("facilitator"), F("facilitator"), Value("[]")), RangeOperators.OVERLAPS),
                    (
                        TimeRange("starts_at", "ends_at", RangeBoundary(inclusive_lower=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(active=True),
                violation_error_message=_("One of the facilitators leads another session at that time."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.facilitator} / {self.dialogue_session}"


class RoundKind(models.TextChoices):
    """The kinds of rounds; who may write in which stands in matrix.MATRIX."""

    OPENING = "opening", _("Opening")
    LISTENING = "listening", _("Listening")
    REFLECTING = "reflecting", _("Reflecting")
    CURIOSITY = "curiosity", _("Curiosity")
    DIALOGUE = "dialogue", _("Dialogue")
    COMMITMENTS = "commitments", _("Commitments")
    CLOSING = "closing", _("Closing")


class Round(Row):
    """One stretch of a session, with its kind and its prompt."""

    class State(models.TextChoices):
        PLANNED = "planned", _("To come")
        OPEN = "open", _("Now")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Skipped")

    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=12, choices=RoundKind.choices)
    prompt = models.TextField(_("prompt"), max_length=1000)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)
    think_minutes = models.PositiveSmallIntegerField(
        _("minutes to think first"), default=0, validators=[MaxValueValidator(240)]
    )
    opened_at = models.DateTimeField(null=True, editable=False)  # from which the minutes to think are counted
    turn = models.PositiveSmallIntegerField(default=1)  # how many texts each may have by now, where it goes in turns

    DATA: ClassVar = (
        Kept(
            "id dialogue_session number kind prompt state think_minutes opened_at turn",
            Level.SESSION,
            _("the rounds of a talk, and what each asks"),
            _("so that all know where we are"),
            WITH_WORDS,
        ),
    )

    class Meta:
        ordering = ("dialogue_session", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("dialogue_session", "number"),
                name="round_number_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(fields=("dialogue_session",), condition=Q(state="open"), name="round_one_open"),
            models.CheckConstraint(condition=Q(kind__in=RoundKind.values), name="round_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=("planned", "open", "done", "skipped")), name="round_state_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}. {self.get_kind_display()}"


class Alias(models.Model):
    """A participant's name in one session. The tag is computed from the participant's key; no column points back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="aliases")
    tag = models.BinaryField(max_length=32, unique=True, null=True)  # NULL = forgotten: nobody can be found from it
    name = models.CharField(max_length=40)
    removed = models.BooleanField(default=False)  # from this session
    barred = models.BooleanField(default=False)  # from all; looked for at sign-in

    DATA: ClassVar = (
        Kept(
            "id dialogue_session name",
            Level.SESSION,
            _("the name that we drew for you in one talk"),
            _("so that others can answer you"),
            WITH_WORDS,
            _("all in that talk, police too, once a text of yours is out"),
        ),
        Kept(
            "tag",
            Level.SECRET,
            _("a mark made of your own key, new for each talk"),
            _("it brings you back to your name in that talk. Two marks of yours have nothing in common"),
            _("until you press “forget me here”, or 30 days after the talk"),
        ),
        Kept(
            "removed barred",
            Level.STAFF,
            _("if we had to take someone out of a talk"),
            _("so that others are left in peace"),
            _("30 days after the talk"),
        ),
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("dialogue_session", "name"), name="alias_name_once"),)

    def __str__(self) -> str:
        return self.name


class ListenerSeat(Row):
    """A listener's place in one session: asked for, given or not."""

    class State(models.TextChoices):
        APPLIED = "applied", _("Asked for a place")
        SEATED = "seated", _("Has a place")
        NOT_PLACED = "not_placed", _("Not placed")
        LEFT = "left", _("Gave the place back")

    class Heard(models.TextChoices):
        CONFIRMED = "confirmed", _("Somebody said: yes, that’s it")
        RELEASED = "released", _("The facilitators let the listener write")

    dialogue_session = models.ForeignKey(DialogueSession, models.CASCADE, related_name="seats")
    listener = models.ForeignKey(User, models.PROTECT, related_name="seats")
    state = models.CharField(max_length=10, choices=State.choices, default=State.APPLIED)
    acknowledged_on = models.DateField(null=True, editable=False)  # written by the acknowledgment when it is complete
    accepted_on = models.DateField(null=True, editable=False)  # ... and when the participants found it enough to begin
    heard = models.CharField(max_length=9, choices=Heard.choices, blank=True, editable=False)  # "" = only reads
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    decided_on = models.DateField(null=True, editable=False)

    #: Whether the listener may listen today, and the promises this takes; only on rows read through
    #: snapshot.with_standing.
    in_force: bool
    has_pledged: bool
    agency_agrees: bool

    DATA: ClassVar = (
        Kept(
            "id dialogue_session listener state acknowledged_on accepted_on heard",
            Level.SESSION,
            _("who listens in which talk"),
            _("so that you know who reads you"),
            FOR_GOOD,
        ),
        Kept(
            "decided_by decided_on",
            Level.STAFF,
            _("who gave them the place, and on which day"),
            _("so that someone answers for it"),
            FOR_GOOD,
        ),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("dialogue_session", "listener"), name="seat_once"),
            models.CheckConstraint(
                # The first move comes first: without one that was found enough there is no seat, whatever code runs.
                condition=~Q(state="seated") | Q(acknowledged_on__isnull=False, accepted_on__isnull=False),
                name="seat_needs_accepted_acknowledgment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("applied", "left"), decided_by=None, decided_on=None)
                | Q(
                    state__in=("seated", "not_placed", "left"),
                    decided_by__isnull=False,
                    decided_on__isnull=False,
                ),
                name="seat_decision_whole_or_not",
            ),
            models.CheckConstraint(condition=Q(heard__in=("", "confirmed", "released")), name="seat_heard_known"),
        )

    def __str__(self) -> str:
        return f"{self.listener} / {self.dialogue_session}"
