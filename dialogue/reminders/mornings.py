"""Nine in the morning where somebody is, on a day of the site's clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR = 9


def nine(zone: str, day: date) -> datetime:
    """The nine o'clock of this zone that lies within `day` in UTC, by which promises run out and fall due.

    East of Japan that is a morning with the next date: on their own date at nine the day has not begun in UTC.
    """
    for ahead in (0, 1, -1):
        moment = datetime.combine(day + timedelta(days=ahead), time(HOUR), ZoneInfo(zone))
        if moment.astimezone(UTC).date() == day:
            return moment
    return datetime.combine(day, time(HOUR), UTC)  # no nine o'clock on that day there: the clocks were put forward
