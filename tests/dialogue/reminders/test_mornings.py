"""Nine in the morning somewhere, on a day of the site's clock."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from dialogue.reminders.mornings import nine

ALL = sorted(name for name in available_timezones() if "/" in name)


@pytest.mark.parametrize("day", [date(2026, 7, 1) + timedelta(days=30 * month) for month in range(12)])
def test_it_lies_in_the_day_and_shows_nine_there(day: date) -> None:
    for zone in ALL:
        moment = nine(zone, day)
        assert moment.astimezone(UTC).date() == day, zone
        assert (moment.astimezone(ZoneInfo(zone)).hour, moment.minute) == (9, 0), zone
