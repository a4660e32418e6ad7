"""What the front page shows of dates and help lines."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import today
from dialogue.resources.models import STALE_AFTER
from dialogue.sessions.models import State
from dialogue.welcome.queries import Date, HelpLine, dates_to_come, help_lines, when
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_moment_is_told_in_the_zone_of_the_session() -> None:
    moment = datetime(2026, 7, 4, 22, 30, tzinfo=UTC)
    assert when(moment, "America/New_York") == "Saturday, July 4, 6:30 p.m. (New York)"
    assert when(moment, "America/Los_Angeles") == "Saturday, July 4, 3:30 p.m. (Los Angeles)"


def test_dates_to_come_are_those_that_can_be_joined() -> None:
    soon = timezone.now() + timedelta(days=2)
    late = factories.make_session(State.PREPARING, starts_at=soon + timedelta(days=1))
    early = factories.make_session(State.ANNOUNCED, starts_at=soon)
    early.agencies.add(factories.make_agency("Tamsen Police"), factories.make_agency("Harbor Prosecutor"))
    for state in (State.DRAFT, State.OPEN, State.FOLLOW_UP, State.CANCELLED):
        factories.make_session(state, starts_at=soon)
    factories.make_session(State.ANNOUNCED, starts_at=soon, paused=True, pause_reason="A storm")
    factories.make_session(State.ANNOUNCED, starts_at=timezone.now() - timedelta(hours=1))
    assert dates_to_come() == [
        Date(early.pk, early.title, when(early.starts_at, early.time_zone), "Harbor Prosecutor, Tamsen Police"),
        Date(late.pk, late.title, when(late.starts_at, late.time_zone), ""),
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_dates_take_two_queries(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(rows):
        factories.make_session(State.ANNOUNCED).agencies.add(factories.make_agency())
    with django_assert_num_queries(2):
        assert len(dates_to_come()) == rows


def test_help_lines_say_when_somebody_checked_them() -> None:
    old = today() - STALE_AFTER - timedelta(days=1)
    factories.make_resource(name="B", order=2, hours="Always", note="Talk", verified_on=today() - STALE_AFTER)
    factories.make_resource(name="A", order=1, contact="555-0111", verified_on=old)
    checked = [line.checked for line in help_lines()]
    assert help_lines() == [
        HelpLine("A", "555-0111", "", "", checked[0], is_old=True),
        HelpLine("B", "555-0100", "Always", "Talk", checked[1], is_old=False),
    ]
    assert checked[0].endswith(str(old.year))
