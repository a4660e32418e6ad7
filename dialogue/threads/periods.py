"""Reading periods: stretches of four hours, so that the oldest text is read first and no time of writing is kept."""

from datetime import UTC, datetime

from django.utils import timezone

HOURS = 4
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def period_at(moment: datetime) -> int:
    """The number of the stretch that this moment is in, counted from EPOCH."""
    return int((moment - EPOCH).total_seconds() // (HOURS * 3600))


def current_period() -> int:
    """The number of the stretch we are in."""
    return period_at(timezone.now())


def hours_waiting(period: int) -> int:
    """About how many hours ago that stretch was: a multiple of HOURS, 0 within the same one, never below 0."""
    return max(0, current_period() - period) * HOURS
