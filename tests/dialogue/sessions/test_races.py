"""Two people do the same thing at the same moment, on the real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.utils import timezone

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import announce_session
from dialogue.sessions.actions_aliases import NameTaken, join_session
from dialogue.sessions.actions_plan import create_dialogue_session
from dialogue.sessions.actions_rounds import open_round, reopen_round
from dialogue.sessions.actions_seats import decline_listener, place_listener
from dialogue.sessions.models import Alias, Booking, ListenerSeat, Round, RoundKind, State
from seeds.transitions import NotAllowed
from tests import factories


def race(*steps: Callable[[], object]) -> list[str]:
    """Run all steps at once, each on its own connection; "done" or the name of what was raised, sorted."""
    barrier = Barrier(len(steps))

    def run(step: Callable[[], object]) -> str:
        try:
            barrier.wait()
            step()
        except (NotAllowed, ValidationError) as error:
            return type(error).__name__
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(steps)) as pool:
        return sorted(pool.map(run, steps))


@pytest.mark.django_db(transaction=True)
def test_the_last_place_goes_to_exactly_one() -> None:
    session = factories.make_session(State.ANNOUNCED, capacity=3)
    for _ in range(2):
        factories.make_alias(session)
    people = [factories.make_participant() for _ in range(12)]

    results = race(
        *(
            lambda person=person, number=number: join_session(person, session, name=f"Calm Brook {number}")
            for number, person in enumerate(people)
        )
    )

    assert results == ["NotAllowed"] * 11 + ["done"]
    assert session.aliases.count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_name_goes_to_exactly_one() -> None:
    session = factories.make_session(State.ANNOUNCED)
    people = [factories.make_participant() for _ in range(6)]

    results = race(*(lambda person=person: join_session(person, session, name="Calm Brook") for person in people))

    assert results == [NameTaken.__name__] * 5 + ["done"]
    assert list(session.aliases.values_list("name", flat=True)) == ["Calm Brook"]


@pytest.mark.django_db(transaction=True)
def test_joining_twice_at_once_gives_one_name() -> None:
    session = factories.make_session(State.ANNOUNCED)
    person = factories.make_participant()

    results = race(
        *(lambda number=number: join_session(person, session, name=f"Calm Brook {number}") for number in range(6))
    )

    assert results == ["done"] * 6
    assert Alias.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_is_booked_twice_at_once() -> None:
    lead, second = factories.make_facilitator(), factories.make_facilitator(is_peer=True)
    start = timezone.now() + timedelta(days=3)

    def plan(hours: int) -> object:
        return create_dialogue_session(
            by=lead,
            facilitators=[lead, second],
            title=f"Plan {hours}",
            topic="Searches",
            about="What a search does.",
            starts_at=start + timedelta(hours=hours),
            ends_at=start + timedelta(hours=hours + 8),
        )

    results = race(*(lambda hours=hours: plan(hours) for hours in range(6)))

    assert results == ["ValidationError"] * 5 + ["done"]
    assert Booking.objects.count() == 2
    assert Round.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_announced_once() -> None:
    factories.make_resource()
    lead = factories.make_facilitator()
    session = factories.make_session(team=[lead, factories.make_facilitator(is_peer=True)])
    session.agencies.add(factories.make_agency())
    for kind in RoundKind:
        factories.make_round(session, kind, Round.State.PLANNED)

    results = race(*(lambda: announce_session(session, by=lead) for _ in range(6)))

    assert results == ["NotAllowed"] * 5 + ["done"]
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_round_is_opened_once() -> None:
    lead = factories.make_facilitator()
    session = factories.make_session(State.OPEN, team=[lead, factories.make_facilitator(is_peer=True)])
    opening = factories.make_round(session, RoundKind.OPENING, Round.State.PLANNED)

    def step() -> Round:
        return open_round(Round.objects.get(pk=opening.pk), by=lead)

    assert race(*[step] * 6) == ["NotAllowed"] * 5 + ["done"]


@pytest.mark.django_db(transaction=True)
def test_a_seat_is_given_or_not_given() -> None:
    lead = factories.make_facilitator()
    session = factories.make_session(State.ANNOUNCED, team=[lead, factories.make_facilitator(is_peer=True)])
    seat = factories.make_seat(session, state=ListenerSeat.State.APPLIED)
    ListenerSeat.objects.update(acknowledged_on=timezone.now().date(), accepted_on=timezone.now().date())

    def fresh() -> ListenerSeat:
        return ListenerSeat.objects.get(pk=seat.pk)

    results = race(*[lambda: place_listener(fresh(), by=lead)] * 3, *[lambda: decline_listener(fresh(), by=lead)] * 3)

    # Taking back a seat that was just given is a step of its own: it may follow, never the other way round.
    verbs = list(AuditEvent.objects.values_list("verb", flat=True))
    assert results.count("done") == len(verbs)
    assert verbs.count("place_listener") <= 1
    assert verbs.count("decline_listener") == 1
    assert ListenerSeat.objects.get().state == ListenerSeat.State.NOT_PLACED


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_an_overlap() -> None:
    lead: User = factories.make_facilitator()
    first = factories.make_session(team=[lead])
    second = factories.make_session(team=[])
    with pytest.raises(ValidationError, match="leads another session"):
        Booking(
            dialogue_session=second,
            facilitator=lead,
            starts_at=first.starts_at,
            ends_at=first.ends_at,
        ).full_clean()
    assert connection.in_atomic_block is False


@pytest.mark.django_db(transaction=True)
def test_a_round_is_opened_again_or_the_next_one_begins(facilitator: User, peer: User) -> None:
    session = factories.make_session(State.OPEN, team=[facilitator, peer])
    closed = factories.make_round(session, RoundKind.OPENING, Round.State.DONE)
    upcoming = factories.make_round(session, RoundKind.LISTENING, Round.State.PLANNED)
    results = race(lambda: reopen_round(closed, by=facilitator), lambda: open_round(upcoming, by=peer))
    assert results == ["NotAllowed", "done"]
    assert session.rounds.filter(state=Round.State.OPEN).count() == 1
