"""Times in the session's own zone, also on the days when the clocks change; files for calendars that tell nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from icalendar import Calendar

from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.times import STAMP, appointment, day_bounds, from_local, local, span, when, zone_choices
from tests import factories

NEW_YORK = "America/New_York"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        (datetime(2026, 10, 31, 18), NEW_YORK, utc(2026, 10, 31, 22)),  # summer time
        (datetime(2026, 11, 1, 18), NEW_YORK, utc(2026, 11, 1, 23)),  # the day it ends
        (datetime(2026, 11, 1, 1, 30), NEW_YORK, utc(2026, 11, 1, 5, 30)),  # comes twice: the first
        (datetime(2027, 3, 14, 3), NEW_YORK, utc(2027, 3, 14, 7)),  # the day it begins
        (datetime(2026, 7, 1, 9), "America/Phoenix", utc(2026, 7, 1, 16)),  # never changes
        (datetime(2026, 7, 1, 9), "Asia/Kolkata", utc(2026, 7, 1, 3, 30)),
    ],
)
def test_a_wall_clock_is_one_moment(wall: datetime, zone: str, moment: datetime) -> None:
    assert from_local(wall, zone) == moment
    assert local(moment, zone) == wall


def test_an_hour_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(ValidationError, match="does not exist"):
        from_local(datetime(2027, 3, 14, 2, 30), NEW_YORK)


def test_when_in_words() -> None:
    start, end = utc(2026, 11, 1, 2), utc(2026, 11, 1, 23)
    assert span(start, start + timedelta(hours=1), NEW_YORK) == "Saturday, October 31, 2026, 10:00 PM to 11:00 PM"
    assert span(start, end, NEW_YORK) == ("Saturday, October 31, 2026, 10:00 PM to Sunday, November 1, 2026, 6:00 PM")
    session = DialogueSession(starts_at=start, ends_at=start + timedelta(hours=1), time_zone="America/Los_Angeles")
    assert when(session) == "Saturday, October 31, 2026, 7:00 PM to 8:00 PM (Los Angeles time)"


def test_a_day_can_have_25_hours() -> None:
    first, last = day_bounds(utc(2026, 11, 1, 12), NEW_YORK)
    assert (first, last) == (utc(2026, 11, 1, 4), utc(2026, 11, 2, 5))


def test_every_zone_can_be_chosen_once() -> None:
    names = [name for _group, zones in zone_choices() for name, _label in zones]
    assert len(names) == len(set(names)) > 300
    assert names[0] == NEW_YORK


@pytest.fixture
def across(db: None) -> DialogueSession:
    """A session from summer time into standard time."""
    return factories.make_session(
        State.ANNOUNCED, starts_at=utc(2026, 10, 31, 22), ends_at=utc(2026, 11, 1, 23), time_zone=NEW_YORK
    )


def test_the_calendar_file_holds_times_and_nothing_else(across: DialogueSession, client: Client) -> None:
    response = client.get(f"/sessions/{across.pk}/appointment.ics", {"title": "  Dentist;\r\nURL:http://x, 3\\4 "})
    assert response.headers["Content-Type"] == "text/calendar"
    assert response.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    calendar = Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    assert sorted(event) == ["DTEND", "DTSTAMP", "DTSTART", "SUMMARY", "UID"]
    assert sorted(calendar) == ["PRODID", "VERSION"]
    assert event["SUMMARY"] == "Dentist; URL:http://x, 3\\4"
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (utc(2026, 10, 31, 22), utc(2026, 11, 1, 23))
    assert event.decoded("DTSTAMP") == STAMP
    text = response.content.decode()
    for told in (across.title, across.topic, str(across.pk), across.pk.hex, "seeds", "testserver", "New_York"):
        assert told.lower() not in text.lower()


def test_two_files_have_nothing_in_common_but_the_times(across: DialogueSession) -> None:
    first, second = (Calendar.from_ical(appointment(across, "A")).walk("VEVENT")[0] for _ in range(2))
    assert first["UID"] != second["UID"]
    assert first.decoded("DTSTAMP") == second.decoded("DTSTAMP") == STAMP


@pytest.mark.parametrize("typed", ["", "   ", "\0", None])
def test_without_a_title_it_is_an_appointment(typed: str | None, across: DialogueSession, client: Client) -> None:
    response = client.get(f"/sessions/{across.pk}/appointment.ics", {} if typed is None else {"title": typed})
    assert Calendar.from_ical(response.content).walk("VEVENT")[0]["SUMMARY"] == "Appointment"


def test_a_long_title_is_cut(across: DialogueSession, client: Client) -> None:
    response = client.get(f"/sessions/{across.pk}/appointment.ics", {"title": "é" * 500})
    assert Calendar.from_ical(response.content).walk("VEVENT")[0]["SUMMARY"] == "é" * 80


def test_times_are_in_the_sites_zone_by_month(client: Client, across: DialogueSession, settings: object) -> None:
    settings.SITE_TIME_ZONE = "America/Los_Angeles"  # type: ignore[attr-defined]
    early = factories.make_session(
        State.ANNOUNCED, starts_at=utc(2036, 12, 1, 5), ends_at=utc(2036, 12, 1, 7), title="At the turn of a month"
    )
    factories.make_session(State.DRAFT, starts_at=utc(2036, 12, 2, 5), title="Nobody knows yet")
    page = client.get("/times/").content.decode()
    assert "All times are Los Angeles time." in page
    assert "<h2>November 2036</h2>" in page
    assert "Sunday, November 30, 2036, 9:00 PM to 11:00 PM" in page
    assert early.title in page
    assert "Nobody knows yet" not in page


def test_the_edge_of_the_calendar_is_refused() -> None:
    with pytest.raises(ValidationError, match="too far away"):
        from_local(datetime(9999, 12, 31, 23, 59), "America/New_York")
