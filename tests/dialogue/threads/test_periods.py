"""Reading periods are stretches of four hours."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from dialogue.threads.periods import EPOCH, current_period, hours_waiting


@pytest.mark.parametrize(("hours", "period"), [(0, 0), (3.99, 0), (4, 1), (24, 6), (24 * 365, 2190)])
def test_period(hours: float, period: int) -> None:
    with time_machine.travel(EPOCH + timedelta(hours=hours), tick=False):
        assert current_period() == period


@time_machine.travel(datetime(2026, 11, 20, 10, tzinfo=UTC), tick=False)
def test_hours_are_multiples_of_the_period() -> None:
    now = current_period()
    assert [hours_waiting(now - back) for back in (0, 1, 6)] == [0, 4, 24]
    assert hours_waiting(now + 3) == 0  # a clock that jumped back does no harm
