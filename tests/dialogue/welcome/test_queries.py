"""What the front page shows of dates and help lines."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dialogue.sessions.models import State
from dialogue.welcome.queries import Date, dates_to_come, when
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_moment_is_told_in_the_zone_of_the_session() -> None:
    moment = datetime(2026, 7, 4, 22, 30, tzinfo=UTC)
    assert when(moment, "America/New_York") == "Saturday, July 4, 6:30\N{NO-BREAK SPACE}p.m. (New York)"
    assert when(moment, "America/Los_Angeles") == "Saturday, July 4, 3:30\N{NO-BREAK SPACE}p.m. (Los Angeles)"


def test_dates_to_come_are_those_that_can_be_joined() -> None:
    soon = timezone.now() + timedelta(days=2)
    late = factories.make_session(State.PREPARING, starts_at=soon + timedelta(days=1))
    early = factories.make_session(State.ANNOUNCED, starts_at=soon)
    police, prosecutor = factories.make_agency("Tamsen Police"), factories.make_agency("Harbor Prosecutor")
    early.agencies.add(police, prosecutor)
    for state in (State.DRAFT, State.OPEN, State.FOLLOW_UP, State.CANCELLED):
        factories.make_session(state, starts_at=soon)
    factories.make_session(State.ANNOUNCED, starts_at=soon, paused=True, pause_reason="A storm")
    factories.make_session(State.ANNOUNCED, starts_at=timezone.now() - timedelta(hours=1))
    assert dates_to_come() == [
        Date(early.pk, early.title, when(early.starts_at, early.time_zone), [prosecutor, police]),
        Date(late.pk, late.title, when(late.starts_at, late.time_zone), []),
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_dates_take_two_queries(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(rows):
        factories.make_session(State.ANNOUNCED).agencies.add(factories.make_agency())
    with django_assert_num_queries(2):
        assert len(dates_to_come()) == rows
