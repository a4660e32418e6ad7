"""What the public pages show of the data: dates to come and places to get help."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import today
from dialogue.resources.models import STALE_AFTER, Resource
from dialogue.sessions.models import JOINABLE, DialogueSession

SHOWN = 3  # on the front page; the list has all


@dataclass(frozen=True)
class Date:
    """One session to come, as the front page shows it."""

    pk: UUID
    title: str
    when: str
    agencies: str


@dataclass(frozen=True)
class HelpLine:
    """One place to get help. `is_old`: nobody has checked it for longer than we promise."""

    name: str
    contact: str
    hours: str
    note: str
    checked: str
    is_old: bool


def when(moment: datetime, zone: str) -> str:
    """Day and time as people there say it, with the zone's city, e.g. "Monday, May 3, 6 p.m. (New York)"."""
    local = timezone.localtime(moment, ZoneInfo(zone))
    city = zone.rpartition("/")[2].replace("_", " ")
    return _("%(day)s, %(time)s (%(city)s)") % {
        "day": date_format(local, "l, F j"),
        "time": date_format(local, "TIME_FORMAT"),
        "city": city,
    }


def dates_to_come() -> list[Date]:
    """The next sessions that people can still join."""
    sessions = DialogueSession.objects.filter(state__in=JOINABLE, paused=False, starts_at__gt=timezone.now())
    return [
        Date(
            pk=session.pk,
            title=session.title,
            when=when(session.starts_at, session.time_zone),
            agencies=_names(agency.name for agency in session.agencies.all()),
        )
        for session in sessions.prefetch_related("agencies")[:SHOWN]
    ]


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def help_lines() -> list[HelpLine]:
    """Places to get help, in the operator's order, each with the day on which somebody checked it."""
    oldest = today() - STALE_AFTER
    return [
        HelpLine(
            name=line.name,
            contact=line.contact,
            hours=line.hours,
            note=line.note,
            checked=date_format(line.verified_on, "DATE_FORMAT"),
            is_old=line.verified_on < oldest,
        )
        for line in Resource.objects.all()
    ]
