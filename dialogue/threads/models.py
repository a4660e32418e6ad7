"""What is said: the comments under one round's prompt. No column tells when anybody wrote."""

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from accounts.models import Participant, Role, User
from accounts.policies import may_listen
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round
from dialogue.sessions.queries import my_aliases, own_aliases
from seeds.datamap import WITH_WORDS, Kept, Level
from seeds.models import Row
from seeds.vault import MAX_SEALED

if TYPE_CHECKING:
    from dialogue.sessions.models import Viewer


class Thread(Row):
    """The comments under one round's prompt, released in numbered batches."""

    round = models.OneToOneField(Round, models.CASCADE, related_name="thread")
    batches = models.PositiveSmallIntegerField(default=0)  # how many were released

    DATA: ClassVar = (
        Kept(
            "id round batches",
            Level.SESSION,
            _("how many groups of texts came out in a round"),
            _("to show them in turn"),
            WITH_WORDS,
        ),
    )

    def __str__(self) -> str:
        return str(self.round)


class CommentQuerySet(models.QuerySet["Comment"]):
    def written_by(self, viewer: "Viewer") -> "CommentQuerySet":
        """The viewer's own texts, in any state; also of somebody who was removed, who may still take them back."""
        if isinstance(viewer, Participant):
            return self.filter(alias__in=own_aliases(viewer))
        return self.filter(seat__listener=viewer.pk) if isinstance(viewer, User) else self.none()

    def visible_to(self, viewer: "Viewer") -> "CommentQuerySet":
        """What was released where the viewer is, and his own; for a facilitator, all of the sessions he leads."""
        went_out = Q(batch__isnull=False)  # "taken back" stands where a released text stood
        if isinstance(viewer, Participant):
            mine = list(my_aliases(viewer))
            here = Q(thread__round__dialogue_session__in=[alias.dialogue_session_id for alias in mine])
            return self.filter((went_out & here) | Q(alias__in=[alias.pk for alias in mine]))
        if isinstance(viewer, User) and viewer.role == Role.LISTENER:
            seats = ListenerSeat.objects.filter(listener=viewer, state=ListenerSeat.State.SEATED)
            here = Q(thread__round__dialogue_session__in=seats.values("dialogue_session"))
            own = Q(seat__listener=viewer.pk)
            return self.filter((went_out & here) | own if may_listen(viewer) else own)
        if isinstance(viewer, User) and viewer.role == Role.FACILITATOR:
            led = DialogueSession.objects.led_by(viewer)
            return self.filter(thread__round__dialogue_session__in=led.values("pk"))
        return self.none()

    def counted(self, *, alias: Alias | None, seat: ListenerSeat | None) -> "CommentQuerySet":
        """This author's texts that count against the limit of a round (see `Comment.counts`)."""
        return self.filter(alias=alias, seat=seat, parent=None, state__in=Comment.COUNTED)

    def that_may_come_out(self) -> "CommentQuerySet":
        """Without those of participants who were removed and of listeners who lost the seat: they wait for nobody."""
        unseated = Q(seat__isnull=False) & ~Q(seat__state=ListenerSeat.State.SEATED)
        return self.exclude(Q(alias__removed=True) | unseated)

    def in_waiting(self) -> "CommentQuerySet":
        """What facilitators still have to read, oldest first: nothing of those who were removed or lost the seat."""
        return self.filter(state__in=Comment.WAITING).that_may_come_out().order_by("period", "pk")

    def ready(self) -> "CommentQuerySet":
        """What was approved and can go out: nothing of participants who were removed or listeners who lost the seat."""
        return self.filter(state=Comment.State.APPROVED).that_may_come_out()


class QuoteConsent(models.TextChoices):
    """What the report of a session may carry of a text. Its author says so, and may take it back until it is out."""

    NONE = "none", _("Nothing of it")
    PARAPHRASE = "paraphrase", _("Told in other words")
    VERBATIM = "verbatim", _("Word for word, without a name")


class Comment(models.Model):
    """One text by a participant (alias) or a listener (seat), sealed with the session's key."""

    class State(models.TextChoices):
        HELD = "held", _("Waiting to be read")
        APPROVED = "approved", _("Approved, waiting for release")
        RELEASED = "released", _("Released")
        PROPOSED = "proposed", _("A change is proposed to you")
        RETURNING = "returning", _("Waiting to be read")  # can be undone for minutes; its author is not told before
        RETURNED = "returned", _("Returned to you")
        APPEALED = "appealed", _("Waiting for a second look")
        UPHELD = "upheld", _("Returned to you after a second look")
        WITHDRAWN = "withdrawn", _("Taken back")

    WAITING = (State.HELD, State.APPEALED)  # for a facilitator
    COUNTED = (*WAITING, State.APPROVED, State.RELEASED, State.PROPOSED, State.RETURNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="comments")
    alias = models.ForeignKey(Alias, models.CASCADE, null=True, related_name="comments")
    seat = models.ForeignKey(ListenerSeat, models.CASCADE, null=True, related_name="comments")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies")
    body = models.BinaryField(null=True)  # NULL once withdrawn: destroyed, not hidden
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    version = models.PositiveSmallIntegerField(default=1)  # raised by every change, so that a stale page can't decide
    claimed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    claim_is_fresh = models.BooleanField(
        default=False
    )  # opened since the last round of the clock, which frees the others
    #: The reading period (a number, see periods.py) in which it began to wait; only as long as it waits.
    period = models.PositiveIntegerField(null=True)
    batch = models.PositiveSmallIntegerField(null=True)  # the numbered release
    place = models.PositiveIntegerField(null=True)  # the drawn place within the batch
    wants_retelling = models.BooleanField(default=False)  # the author asked a facilitator to tell it in other words
    is_retold = models.BooleanField(default=False)  # a facilitator's words, which the author approved
    quote_consent = models.CharField(max_length=10, choices=QuoteConsent.choices, default=QuoteConsent.NONE)

    objects = CommentQuerySet.as_manager()

    DATA: ClassVar = (
        Kept(
            "id thread alias seat parent batch place state is_retold",
            Level.SESSION,
            _("under which drawn name a text stands, what it answers, in which group it came out, and if it is out"),
            _("to show it in its place"),
            WITH_WORDS,
        ),
        Kept(
            "body",
            Level.SESSION,
            _("the words, locked with a key for that talk"),
            _("so that others can read you"),
            _("until you take them back, or until the talk’s words go"),
            _("you and those who lead that talk. Once it is out: all in that talk, police too"),
        ),
        Kept(
            "version claimed_by claim_is_fresh wants_retelling",
            Level.STAFF,
            _("who on our team has a text open, and if you asked them to tell it in other words"),
            _("so that two don’t read it at once"),
            WITH_WORDS,
            _("those who lead that talk"),
        ),
        Kept(
            "quote_consent",
            Level.STAFF,
            _("if a report may carry words of a text"),
            _("nothing of yours is quoted without your yes"),
            WITH_WORDS,
            _("you and those who lead that talk"),
        ),
        Kept(
            "period",
            Level.STAFF,
            _("in which four hours a text came"),
            _("so that the oldest is read first"),
            _("until it was read"),
            _("those who lead that talk"),
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(alias__isnull=False, seat=None) | Q(alias=None, seat__isnull=False),
                name="comment_one_author",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(
                        "held",
                        "approved",
                        "released",
                        "proposed",
                        "returning",
                        "returned",
                        "appealed",
                        "upheld",
                        "withdrawn",
                    )
                ),
                name="comment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", body=None) | (~Q(state="withdrawn") & Q(body__isnull=False)),
                name="comment_withdrawn_is_destroyed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("held", "appealed"), period__isnull=False)
                | (~Q(state__in=("held", "appealed")) & Q(period=None)),
                name="comment_period_only_while_waiting",
            ),
            models.CheckConstraint(
                condition=Q(state="released", batch__isnull=False, place__isnull=False)
                | Q(state="withdrawn")
                | (~Q(state__in=("released", "withdrawn")) & Q(batch=None, place=None)),
                name="comment_released_has_batch",
            ),
            models.CheckConstraint(
                condition=Q(body=None) | Q(LessThanOrEqual(Length("body"), MAX_SEALED)),
                name="comment_fits_its_row",
            ),
            models.CheckConstraint(
                condition=Q(quote_consent__in=("none", "paraphrase", "verbatim")), name="comment_quote_consent_known"
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="comment_not_its_own_parent"),
        )
        indexes = (
            models.Index(fields=("thread", "batch", "place"), name="comment_reading_order"),
            models.Index(fields=("state", "period", "id"), name="comment_queue_order"),
        )

    def __str__(self) -> str:
        return f"comment ({self.state})"

    @property
    def counts(self) -> bool:
        """Whether it counts against its author's limit in the round: not an answer, not given or taken back."""
        return self.parent_id is None and self.state in self.COUNTED


class Pass(models.Model):
    """Somebody chose not to speak in this round. Passing is always enough."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="passes")
    alias = models.ForeignKey(Alias, models.CASCADE, null=True, related_name="passes")
    seat = models.ForeignKey(ListenerSeat, models.CASCADE, null=True, related_name="passes")

    DATA: ClassVar = (
        Kept(
            "id thread alias seat",
            Level.STAFF,
            _("which drawn name passed in a round"),
            _("so that no one is asked twice"),
            WITH_WORDS,
            _("those who lead that talk"),
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(alias__isnull=False, seat=None) | Q(alias=None, seat__isnull=False),
                name="pass_one_author",
            ),
            models.UniqueConstraint(fields=("thread", "alias"), name="pass_once_alias"),
            models.UniqueConstraint(fields=("thread", "seat"), name="pass_once_seat"),
        )

    def __str__(self) -> str:
        return "pass"
