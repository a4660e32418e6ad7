"""The calendar of the sessions one leads: days in one's own zone, months, and the file."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from icalendar import Calendar

from accounts.models import Participant, User
from dialogue.desk.queries_calendar import month_asked, month_page
from dialogue.sessions.models import DialogueSession, State
from tests import factories
from tests.dialogue.desk.test_views import text_of

pytestmark = pytest.mark.django_db
Browser = Callable[[User | Participant | None], Client]
NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)


def planned(lead: User, starts_at: datetime, hours: int, **fields: Any) -> DialogueSession:
    ends_at = starts_at + timedelta(hours=hours)
    return factories.make_session(
        fields.pop("state", State.ANNOUNCED), [lead], starts_at=starts_at, ends_at=ends_at, **fields
    )


def entries(user: User, asked: str = "") -> dict[date, list[str]]:
    """What the days of the month say."""
    weeks = month_page(user, asked, NOW)["weeks"]
    return {day["date"]: [one["text"] for one in day["entries"]] for week in weeks for day in week if day["entries"]}


def test_a_session_stands_on_each_of_its_days_in_ones_own_zone(facilitator: User) -> None:
    planned(facilitator, datetime(2027, 3, 9, 3, tzinfo=UTC), 40)  # New York: 10 PM on the 8th to 2 PM on the 10th
    assert entries(facilitator) == {
        date(2027, 3, 8): ["from 10:00 PM"],
        date(2027, 3, 9): ["goes on"],
        date(2027, 3, 10): ["until 2:00 PM"],
    }
    facilitator.time_zone = "Pacific/Honolulu"
    assert entries(facilitator)[date(2027, 3, 8)] == ["from 5:00 PM"]
    assert month_page(facilitator, "", NOW)["zone"] == "Honolulu"


def test_midnight_is_the_end_of_a_day_and_not_the_next_one(facilitator: User) -> None:
    planned(facilitator, datetime(2027, 3, 9, 1, tzinfo=UTC), 4)  # New York: 8 PM to midnight
    assert entries(facilitator) == {date(2027, 3, 8): ["8:00 PM to 12:00 AM"]}


def test_the_day_on_which_the_clocks_change(facilitator: User) -> None:
    planned(facilitator, datetime(2027, 3, 14, 5, tzinfo=UTC), 2)  # the hour from 2 AM is left out
    assert entries(facilitator) == {date(2027, 3, 14): ["12:00 AM to 3:00 AM"]}


def test_a_month_shows_what_reaches_into_it(facilitator: User) -> None:
    planned(facilitator, datetime(2027, 3, 20, 16, tzinfo=UTC), 24 * 30)
    april = entries(facilitator, "2027-04")
    assert april[date(2027, 4, 1)] == ["goes on"]
    assert april[date(2027, 4, 19)] == ["until 12:00 PM"]
    assert entries(facilitator, "2027-06") == {}


@pytest.mark.parametrize(
    ("asked", "month"),
    [
        ("2027-04", date(2027, 4, 1)),
        ("2000-01", date(2000, 1, 1)),
        ("2100-12", date(2100, 12, 1)),
        ("1999-12", date(2027, 3, 1)),
        ("2027-13", date(2027, 3, 1)),
        ("2027-00", date(2027, 3, 1)),
        ("9999-12", date(2027, 3, 1)),
        ("99999999999999999999", date(2027, 3, 1)),
        ("٢٠٢٧-٠٤", date(2027, 3, 1)),
        ("\0", date(2027, 3, 1)),
        ("", date(2027, 3, 1)),
    ],
)
def test_which_month_is_meant(asked: str, month: date) -> None:
    assert month_asked(asked, NOW.date()) == month


def test_the_ways_to_other_months_end_where_calendars_do(client_for: Browser, facilitator: User) -> None:
    assert (month_page(facilitator, "2000-01", NOW)["before"], month_page(facilitator, "2100-12", NOW)["after"]) == (
        None,
        None,
    )
    page = client_for(facilitator).get("/desk/calendar/?month=2027-04").content.decode()
    assert 'href="/desk/calendar/?month=2027-03" rel="prev">March 2027' in page
    assert 'href="/desk/calendar/?month=2027-05" rel="next">May 2027' in page
    assert 'href="/desk/calendar/">This month' in page
    assert "This month" not in client_for(facilitator).get("/desk/calendar/").content.decode()


def test_weeks_begin_as_people_are_used_to(facilitator: User) -> None:
    assert str(month_page(facilitator, "", NOW)["days"][0]["name"]) == "Sunday"
    assert month_page(facilitator, "", NOW)["weeks"][0][0]["date"] == date(2027, 2, 28)
    with translation.override("es"):
        assert str(month_page(facilitator, "", NOW)["days"][0]["name"]) == "lunes"
        assert month_page(facilitator, "", NOW)["weeks"][0][0]["date"] == date(2027, 3, 1)


def test_only_what_one_leads_and_what_is_not_gone(
    client_for: Browser, facilitator: User, other_facilitator: User
) -> None:
    mine = planned(facilitator, datetime(2027, 3, 9, 15, tzinfo=UTC), 2, title="Mine")
    planned(other_facilitator, datetime(2027, 3, 9, 15, tzinfo=UTC), 2, title="Not mine")
    planned(facilitator, datetime(2027, 3, 16, 15, tzinfo=UTC), 2, state=State.PURGED, title="Gone")
    on = planned(facilitator, datetime(2027, 3, 23, 15, tzinfo=UTC), 2, state=State.OPEN, title="On")
    page = client_for(facilitator).get("/desk/calendar/?month=2027-03")
    said = text_of(page)
    assert ("Not mine" in said, "Gone" in said, "None of your sessions" in said) == (False, False, False)
    assert f'href="/desk/sessions/{mine.pk}/">Mine' in page.content.decode()
    assert f'href="/desk/sessions/{on.pk}/run/">On' in page.content.decode()
    assert "All times are New York time, as your account says." in said
    empty = text_of(client_for(facilitator).get("/desk/calendar/?month=2027-08"))
    assert "None of your sessions is in August 2027." in empty


def test_the_file_moves_what_an_older_one_put_there(
    client_for: Browser, facilitator: User, other_facilitator: User
) -> None:
    mine = planned(facilitator, datetime(2027, 3, 9, 15, tzinfo=UTC), 2, title="Searches on the street")
    off = planned(facilitator, datetime(2027, 4, 9, 15, tzinfo=UTC), 2, state=State.CANCELLED)
    planned(other_facilitator, datetime(2027, 3, 9, 15, tzinfo=UTC), 2)
    response = client_for(facilitator).get("/desk/calendar.ics", {"title": "Dentist\r\n "})
    assert response.headers["Content-Disposition"] == 'attachment; filename="appointments.ics"'
    assert b"street" not in response.content
    found = {str(one["uid"]): one for one in Calendar.from_ical(response.content).walk("VEVENT")}
    assert set(found) == {str(mine.pk), str(off.pk)}
    entry = found[str(mine.pk)]
    assert (str(entry["summary"]), entry.decoded("dtstart"), entry["sequence"]) == ("Dentist", mine.starts_at, 1)
    assert str(found[str(off.pk)]["status"]) == "CANCELLED"
    DialogueSession.objects.filter(pk=mine.pk).update(schedule_version=2)
    again = Calendar.from_ical(client_for(facilitator).get("/desk/calendar.ics").content).walk("VEVENT")
    assert {str(one["uid"]): one["sequence"] for one in again}[str(mine.pk)] == 2
    assert {str(one["summary"]) for one in again} == {"Appointment"}


@pytest.mark.parametrize("count", [1, 20])
def test_the_calendar_at_fixed_cost(
    count: int, client_for: Browser, facilitator: User, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        planned(facilitator, datetime(2027, 3, 1 + number, 15, tzinfo=UTC), 2)
    client = client_for(facilitator)
    for address in ("/desk/calendar/?month=2027-03", "/desk/calendar.ics"):
        with django_assert_num_queries(3):
            client.get(address)
