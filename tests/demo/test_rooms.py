"""Whenever the demo is loaded, two sessions are under way, three are to come, and nobody leads two at once."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from demo.content.read import content
from demo.rooms import on_day, planned_times

SESSIONS = content().sessions
MOMENTS = [
    datetime(2026, 1, 1, 0, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 7, 59, tzinfo=UTC),  # the clocks in Chicago go forward
    datetime(2026, 11, 1, 6, 30, tzinfo=UTC),  # and back
    datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 18, 59, tzinfo=UTC),
]


@pytest.mark.parametrize("now", MOMENTS)
def test_times_fit_any_day(now: datetime) -> None:
    times = {entry.key: planned_times(entry, now) for entry in SESSIONS}
    assert all(now < starts_at < ends_at for starts_at, ends_at in times.values())
    for entry in (entry for entry in SESSIONS if entry.round_now and not entry.closed):
        assert on_day(entry, entry.starts, now) < now < times[entry.key][1] - timedelta(days=1)
    for entry in (entry for entry in SESSIONS if entry.closed):
        assert on_day(entry, entry.starts, now) < on_day(entry, entry.ends, now) < now - timedelta(days=1)
    for one, other in combinations([entry for entry in SESSIONS if not entry.closed], 2):
        if set(one.facilitators) & set(other.facilitators):
            first, second = sorted([times[one.key], times[other.key]])
            assert first[1] <= second[0]


@pytest.mark.parametrize("now", MOMENTS)
def test_live_sessions_begin_in_the_afternoon_or_evening(now: datetime) -> None:
    for entry in SESSIONS:
        if entry.format == "live":
            assert planned_times(entry, now)[0].strftime("%H:%M") == entry.at >= "12:00"
