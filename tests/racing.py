"""Acts that happen at the same moment, for tests with real transactions."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start together; what each returned or raised, in the order given."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(number: int) -> None:
        start.wait()
        try:
            results[number] = acts[number]()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def until_others_are_counted(patience: float = 20) -> None:
    """Wait until what other connections changed stands in the database's counters.

    PostgreSQL adds it when such a connection ends, or ten seconds after its last statement. Seconds.
    """
    deadline = time.monotonic() + patience
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend' AND clock_timestamp() < state_change + interval '11 seconds'"
    )
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(waiting)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.1)
    raise AssertionError("another connection is at work all the time")
