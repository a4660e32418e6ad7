"""Acts that happen at the same moment, for tests with real transactions."""

import threading
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


def end_other_connections() -> None:
    """End what earlier tests left open in this process's database; what those changed stands in its counters then.

    A connection adds its changes to the counters late, and one that stands in a transaction keeps deleted rows alive.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state, query, pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        left = cursor.fetchall()
    assert all(ended for *_, ended in left), left
