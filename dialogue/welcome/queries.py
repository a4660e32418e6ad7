"""What the public pages show of the data: dates to come."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Agency
from dialogue.sessions.models import JOINABLE, DialogueSession

SHOWN = 3  # on the front page; the list has all


@dataclass(frozen=True)
class Date:
    """One session to come, as the front page shows it."""

    pk: UUID
    title: str
    when: str
    agencies: list[Agency]


def when(moment: datetime, zone: str) -> str:
    """Day and time as people there say it, with the zone's city, e.g. "Monday, May 3, 6 p.m. (New York)"."""
    local = timezone.localtime(moment, ZoneInfo(zone))
    city = zone.rpartition("/")[2].replace("_", " ")
    return _("%(day)s, %(time)s (%(city)s)") % {
        "day": date_format(local, "WEEKDAY_MONTH_FORMAT"),
        "time": date_format(local, "P").replace(" ", "\N{NO-BREAK SPACE}"),
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
            agencies=sorted(session.agencies.all(), key=lambda agency: agency.name),
        )
        for session in sessions.prefetch_related("agencies")[:SHOWN]
    ]
