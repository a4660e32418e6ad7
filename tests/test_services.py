"""Each process that runs tests has a Redis of its own to empty."""

import os

from django.conf import settings


def test_the_cache_is_this_process_s_own() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    expected = f"?db={int(worker.removeprefix('gw')) + 1}" if worker else ".sock"
    assert str(settings.CACHES["default"]["LOCATION"]).endswith(expected)
