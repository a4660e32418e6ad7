"""When a session is, in words and for calendars, always in the session's own time zone."""

import functools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from icalendar import Calendar, Event

from dialogue.sessions.models import DialogueSession, State

#: The same in every file: a calendar entry must not tell when it was fetched.
STAMP = datetime(2020, 1, 1, tzinfo=UTC)
AT_HOME = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)


@functools.cache
def zone_choices() -> list[tuple[Promise, list[tuple[str, str]]]]:
    """All time zones of the world with a place's name; those of the United States first."""
    world = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [
        (gettext_lazy("United States"), [(name, zone_name(name)) for name in AT_HOME]),
        (gettext_lazy("Elsewhere"), [(name, name.replace("_", " ")) for name in world if name not in AT_HOME]),
    ]


def zone_name(zone: str) -> str:
    """ "America/New_York" -> "New York"."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def site_zone() -> str:
    """The time zone of public pages."""
    zone: str = settings.SITE_TIME_ZONE
    return zone


def local(moment: datetime, zone: str) -> datetime:
    """The wall clock of this zone, without a zone: what a person types and reads."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def from_local(wall: datetime, zone: str) -> datetime:
    """The moment meant by a wall clock in this zone; of an hour that comes twice, the first.

    Raises ValidationError for an hour that the clocks skip, and for a year at the edge of the calendar.
    """
    try:
        moment = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        same = local(moment, zone) == wall
    except OverflowError as error:
        raise ValidationError(_("This year is too far away.")) from error
    if not same:
        raise ValidationError(_("On that day the clocks go forward: this hour does not exist."))
    return moment


def span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Start and end in words, without the zone's name: one day in full, the second only if it is another."""
    start, end = local(starts_at, zone), local(ends_at, zone)
    first, last = day(start), day(end)
    times = {"first": first, "last": last, "from": hour(start), "to": hour(end)}
    if start.date() == end.date():
        return _("%(first)s, %(from)s to %(to)s") % times
    return _("%(first)s, %(from)s to %(last)s, %(to)s") % times


def day(moment: datetime) -> str:
    """Day of the week and date."""
    return date_format(moment, "WEEKDAY_FORMAT")


def hour(moment: datetime) -> str:
    """Hour and minute."""
    return date_format(moment, "TIME_FORMAT")


def when(dialogue_session: DialogueSession) -> str:
    """Start and end in words, in the session's zone, which is named."""
    zone = dialogue_session.time_zone
    text = span(dialogue_session.starts_at, dialogue_session.ends_at, zone)
    return _("%(span)s (%(zone)s time)") % {"span": text, "zone": zone_name(zone)}


def day_bounds(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """The first moment of this day in that zone, and the first of the next."""
    midnight = local(moment, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = midnight + timedelta(days=1)
    return tuple(one.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for one in (midnight, tomorrow))  # type: ignore[return-value]


def appointment(dialogue_session: DialogueSession, title: str) -> bytes:
    """An .ics file that tells nobody what it is: the person's own title, the times, nothing else."""
    return _file([_entry(dialogue_session, title, uid=str(uuid4()))])


def appointments(dialogue_sessions: Iterable[DialogueSession], title: str) -> bytes:
    """The same for many sessions, for those who come by name: a newer file moves what an older one put there."""
    entries = []
    for one in dialogue_sessions:
        entry = _entry(one, title, uid=str(one.pk))
        entry.add("sequence", one.schedule_version)
        if one.state == State.CANCELLED:
            entry.add("status", "CANCELLED")
        entries.append(entry)
    return _file(entries)


def _entry(dialogue_session: DialogueSession, title: str, *, uid: str) -> Event:
    entry = Event()
    entry.add("uid", uid)
    entry.add("dtstamp", STAMP)
    entry.add("summary", title)
    entry.add("dtstart", dialogue_session.starts_at.astimezone(UTC))
    entry.add("dtend", dialogue_session.ends_at.astimezone(UTC))
    return entry


def _file(entries: list[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//-//EN")
    calendar.add("version", "2.0")
    for entry in entries:
        calendar.add_component(entry)
    return bytes(calendar.to_ical())
