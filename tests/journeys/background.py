"""The real worker and the real beat, as processes of their own, on the test's database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection


@contextmanager
def worker_and_beat(folder: Path) -> Iterator[None]:
    """Run both until the block ends; beat looks for due reminders every second."""
    url = os.environ["DATABASE_URL"].replace("/seeds?", f"/{connection.settings_dict['NAME']}?")
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "EMAIL_PORT": str(settings.EMAIL_PORT),
        "KEY_DIR": str(settings.KEY_DIR),
        "REMINDER_TICK": "1",
    }
    celery = [sys.executable, "-m", "celery", "-A", "seeds"]
    commands = (
        [*celery, "worker", "-P", "threads", "-c", "2", "--without-gossip", "--without-mingle"],
        [*celery, "beat", "-s", str(folder / "beat"), "--pidfile="],
    )
    with (folder / "background.log").open("w") as log:
        running = [subprocess.Popen(command, env=environment, stdout=log, stderr=log) for command in commands]
        try:
            yield
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(20)
