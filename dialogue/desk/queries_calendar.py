"""One facilitator's sessions by the days of a month, in the time zone of that person's account."""

import re
from calendar import Calendar
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _

from accounts.models import User
from dialogue.sessions.models import DialogueSession, State
from dialogue.sessions.queries_public import state_shown
from dialogue.sessions.times import hour, local, zone_name

#: Years in which somebody may look; further off, calendars end.
YEARS = range(2000, 2101)


def led_by(user: User) -> QuerySet[DialogueSession]:
    """The sessions that stand in this facilitator's calendar: all but those whose words are gone."""
    return DialogueSession.objects.led_by(user).exclude(state=State.PURGED).order_by("starts_at", "pk")


def month_asked(asked: str, today: date) -> date:
    """The first day of the month that was asked for ("2027-03"); of this one where that makes no sense."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", asked)
    if found and int(found[1]) in YEARS and 1 <= int(found[2]) <= 12:
        return date(int(found[1]), int(found[2]), 1)
    return today.replace(day=1)


def month_page(user: User, asked: str, now: datetime | None = None) -> dict[str, Any]:
    """A month as weeks of days, each with what is on; the months before and after; the zone. One query."""
    zone = user.time_zone
    today = local(now or timezone.now(), zone).date()
    month = month_asked(asked, today)
    first = (get_format("FIRST_DAY_OF_WEEK") - 1) % 7  # 0 is Sunday there, Monday here
    weeks = Calendar(first).monthdatescalendar(month.year, month.month)
    entries = _by_day(user, weeks[0][0], weeks[-1][-1], zone)
    return {
        "name": date_format(month, "YEAR_MONTH_FORMAT"),
        "zone": zone_name(zone),
        "days": [{"name": WEEKDAYS[(first + n) % 7], "short": WEEKDAYS_ABBR[(first + n) % 7]} for n in range(7)],
        "weeks": [[_day(one, month, today, entries[one]) for one in week] for week in weeks],
        "any": any(entries[one] for week in weeks for one in week if one.month == month.month),
        "before": _way(month - timedelta(days=1)),
        "after": _way(month + timedelta(days=31)),
        "is_now": month == today.replace(day=1),
    }


def _way(day: date) -> dict[str, str] | None:
    """The way to the month of this day; None where calendars end."""
    if day.year not in YEARS:
        return None
    return {"asks": f"{day:%Y-%m}", "name": date_format(day, "YEAR_MONTH_FORMAT")}


def _day(day: date, month: date, today: date, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "number": day.day,
        "name": date_format(day, "WEEKDAY_MONTH_FORMAT"),
        "date": day,
        "is_out": day.month != month.month,
        "is_today": day == today,
        "entries": entries,
    }


def _by_day(user: User, first: date, last: date, zone: str) -> dict[date, list[dict[str, Any]]]:
    """What is on on each day from the first to the last one."""
    start, end = (_midnight(day, zone) for day in (first, last + timedelta(days=1)))
    found: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for s in led_by(user).filter(starts_at__lt=end, ends_at__gt=start):
        begins, ends = local(s.starts_at, zone), local(s.ends_at, zone)
        day, until = max(begins.date(), first), min((ends - timedelta(microseconds=1)).date(), last)
        while day <= until:
            found[day].append(_entry(s, day, begins, ends))
            day += timedelta(days=1)
    return found


def _entry(s: DialogueSession, day: date, begins: datetime, ends: datetime) -> dict[str, Any]:
    """A session on one of its days: when it begins or ends there, or that it goes on."""
    words = {"from": hour(begins), "to": hour(ends)}
    ends_here = (ends - timedelta(microseconds=1)).date() == day
    if begins.date() == day:
        text = _("%(from)s to %(to)s") % words if ends_here else _("from %(from)s") % words
    else:
        text = _("until %(to)s") % words if ends_here else _("goes on")
    url = reverse("desk:run" if s.state == State.OPEN else "sessions:manage", args=[s.pk])
    return {"session": s, "text": text, "url": url, "state": state_shown(s), "is_first": begins.date() == day}


def _midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
