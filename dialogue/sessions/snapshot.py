"""What the gates look at, read for many sessions at once: the number of queries does not grow with the sessions."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from accounts.models import AgencyAgreement, Pledge, Role, User, today
from dialogue.resources.models import STALE_AFTER, Resource
from dialogue.sessions.guards import met
from dialogue.sessions.models import Alias, Booking, DialogueSession, ListenerSeat, Round
from dialogue.sessions.models_guards import Guard, GuardOverride


@dataclass
class Snapshot:
    """One session as it stands."""

    dialogue_session: DialogueSession
    team: list[User] = field(default_factory=list)
    populations: list[int | None] = field(default_factory=list)  # where its agencies work; None = nobody knows
    overrides: list[GuardOverride] = field(default_factory=list)  # with who made them; the latest times first
    rounds: list[Round] = field(default_factory=list)  # in their order
    seats: list[ListenerSeat] = field(default_factory=list)  # all, with listener, profile, agency and `in_force`
    present: int = 0  # participants who hold a name
    open_objections: int = 0  # of those participants
    resources: int = 0
    stale_resources: int = 0

    @property
    def agencies(self) -> int:
        """How many agencies are invited."""
        return len(self.populations)

    @property
    def guards(self) -> list[Guard]:
        """The scheduling guards that it meets."""
        return met(self.dialogue_session, self.populations)

    @property
    def open_guards(self) -> list[Guard]:
        """Those of them for which nobody gave a reason since it has these times."""
        version = self.dialogue_session.schedule_version
        given = {one.guard for one in self.overrides if one.schedule_version == version}
        return [guard for guard in self.guards if guard not in given]

    @property
    def seated(self) -> list[ListenerSeat]:
        """The seats that were given."""
        return [seat for seat in self.seats if seat.state == ListenerSeat.State.SEATED]

    @property
    def current_round(self) -> Round | None:
        """The round that is on."""
        return next((one for one in self.rounds if one.state == Round.State.OPEN), None)

    @property
    def next_round(self) -> Round | None:
        """The round that would be opened next."""
        return next((one for one in self.rounds if one.state == Round.State.PLANNED), None)


def with_standing(seats: QuerySet[ListenerSeat]) -> QuerySet[ListenerSeat]:
    """The seats with `in_force`: the answer of accounts.policies.may_listen, worked out by the database; and the two
    promises that it asks for, each by itself."""
    pledge = Pledge.objects.filter(user=OuterRef("listener"), withdrawn_on=None, expires_on__gte=today())
    agreement = AgencyAgreement.objects.filter(
        agency=OuterRef("listener__agency"),
        withdrawn_on=None,
        signed_on__lte=today(),
        expires_on__gte=today(),
    )
    everything = (
        Q(listener__role=Role.LISTENER, listener__is_active=True)
        & Q(listener__listener_profile__verified_until__gte=today())
        & Exists(pledge)
        & Exists(agreement)
    )
    standing = ExpressionWrapper(everything, output_field=BooleanField())  # NULL, where nobody verified, is no
    related = seats.select_related("listener__listener_profile", "listener__agency").order_by("listener__name", "pk")
    # the model declares them for its readers
    return related.annotate(in_force=standing, has_pledged=Exists(pledge), agency_agrees=Exists(agreement))  # type: ignore[no-redef]


def take(sessions: Collection[DialogueSession]) -> dict[UUID, Snapshot]:
    """A snapshot of each session, by its id."""
    ids = [one.pk for one in sessions]
    names = Alias.objects.filter(dialogue_session__in=ids, removed=False, tag__isnull=False)
    waiting = Count("objections", filter=Q(objections__state="open"))
    held = list(names.annotate(waiting=waiting).values_list("dialogue_session", "waiting"))
    present = Counter(pk for pk, _waiting in held)
    objections = Counter[UUID]()
    for pk, count in held:
        objections[pk] += count
    lines = list(Resource.objects.order_by().values_list("verified_on", flat=True))
    stale = sum(checked < today() - STALE_AFTER for checked in lines)
    team, rounds, seats = _teams(ids), _rounds(ids), _seats(ids)
    populations, overrides = _populations(ids), _overrides(ids)
    return {
        one.pk: Snapshot(
            one,
            team[one.pk],
            populations[one.pk],
            overrides[one.pk],
            rounds[one.pk],
            seats[one.pk],
            present[one.pk],
            objections[one.pk],
            len(lines),
            stale,
        )
        for one in sessions
    }


def _populations(ids: Collection[UUID]) -> dict[UUID, list[int | None]]:
    populations: dict[UUID, list[int | None]] = defaultdict(list)
    invited = DialogueSession.agencies.through.objects.filter(dialoguesession__in=ids)
    for pk, population in invited.values_list("dialoguesession", "agency__population"):
        populations[pk].append(population)
    return populations


def _overrides(ids: Collection[UUID]) -> dict[UUID, list[GuardOverride]]:
    overrides: dict[UUID, list[GuardOverride]] = defaultdict(list)
    made = GuardOverride.objects.filter(dialogue_session__in=ids).select_related("made_by")
    for one in made.order_by("-schedule_version", "guard"):
        overrides[one.dialogue_session_id].append(one)
    return overrides


def _teams(ids: Collection[UUID]) -> dict[UUID, list[User]]:
    teams: dict[UUID, list[User]] = defaultdict(list)
    bookings = Booking.objects.filter(dialogue_session__in=ids, facilitator__is_active=True)
    for booking in bookings.select_related("facilitator").order_by("facilitator__name", "pk"):
        teams[booking.dialogue_session_id].append(booking.facilitator)
    return teams


def _rounds(ids: Collection[UUID]) -> dict[UUID, list[Round]]:
    rounds: dict[UUID, list[Round]] = defaultdict(list)
    for one in Round.objects.filter(dialogue_session__in=ids).order_by("dialogue_session", "number"):
        rounds[one.dialogue_session_id].append(one)
    return rounds


def _seats(ids: Collection[UUID]) -> dict[UUID, list[ListenerSeat]]:
    seats: dict[UUID, list[ListenerSeat]] = defaultdict(list)
    for seat in with_standing(ListenerSeat.objects.filter(dialogue_session__in=ids)):
        seats[seat.dialogue_session_id].append(seat)
    return seats
