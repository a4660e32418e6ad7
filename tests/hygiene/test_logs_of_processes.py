"""What the real programs print when code fails with somebody's words in its message: web server, worker, manage.py."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from seeds import commands
from seeds.celery import app
from seeds.service import launch_command
from tests.drills.scene import ROOT, free_port, until

pytestmark = pytest.mark.promise("P3", "P4")
WORDS = "windlass kestrel harbor"
MARKERS = (*WORDS.split(), "203.0.113.91", "WindlassBrowser", "Traceback")
TOLD = f"{WORDS} 203.0.113.91 WindlassBrowser/7"
SECONDS = 30


def environment(settings: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("COV_")}
    return {**kept, "DJANGO_SETTINGS_MODULE": settings, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


@contextmanager
def running(command: list[str], log: Path) -> Iterator[Callable[[], str]]:
    """One of the site's programs, started as shipped, with the code that fails; yields what it printed so far."""
    with log.open("wb") as printed:
        process = subprocess.Popen(
            launch_command(command), cwd=ROOT, env=environment("tests.hygiene.faulty"), stdout=printed, stderr=printed
        )
    try:
        yield log.read_text
    finally:
        process.terminate()
        process.wait(20)


def answer(port: int) -> tuple[int, str] | None:
    """Status and text of the page that fails; None while nobody listens yet."""
    headers = {"User-Agent": "WindlassBrowser/7", "X-Forwarded-For": "203.0.113.91", "Cookie": f"a={MARKERS[0]}"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as line:
        try:
            line.request("POST", f"/fault/?{MARKERS[0]}", f"words={MARKERS[1]}", headers | form)
            given = line.getresponse()
            return given.status, given.read().decode()
        except ConnectionError:
            return None


def told_in(log: str) -> list[str]:
    return [marker for marker in MARKERS if marker in log]


def test_a_page_that_fails_in_the_web_server_logs_class_and_places_only(tmp_path: Path) -> None:
    port = free_port()
    with running(commands.web("127.0.0.1", port), tmp_path / "web.log") as log:
        until(lambda: answer(port), "the server answers", SECONDS)
        found = answer(port)
        until(lambda: "django.request" in log(), "the fault is logged", SECONDS)
    assert found is not None
    assert (found[0], told_in(found[1])) == (500, [])
    assert re.search(r"^ERROR some\.library -$", log(), re.MULTILINE)
    assert re.search(r"^ERROR django\.request 500 ValueError @ faults\.py:\d+ < ", log(), re.MULTILINE)
    assert told_in(log()) == []


def test_a_task_that_fails_in_the_worker_logs_class_and_places_only(tmp_path: Path) -> None:
    """A task of ours fails too: the worker's database is empty, and PostgreSQL's message quotes the statement."""
    app.send_task("tests.fault", [TOLD])
    app.send_task("tests.unknown", [TOLD])
    app.send_task("reminders.send_due")
    with running(commands.worker(), tmp_path / "worker.log") as log:
        until(lambda: len(re.findall(r"^ERROR celery\.app\.trace", log(), re.MULTILINE)) == 2, "two faults", SECONDS)
        until(lambda: "celery.worker.consumer" in log(), "the unknown task is logged", SECONDS)
    assert re.search(r"^ERROR celery\.app\.trace - ValueError @ faults\.py:\d+ < ", log(), re.MULTILINE)
    assert re.search(r"^ERROR celery\.app\.trace - ProgrammingError @ ", log(), re.MULTILINE)
    assert told_in(log()) + re.findall("SELECT|relation", log()) == []


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    given = environment("seeds.settings") | changes
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


def test_a_command_that_fails_prints_class_and_places_only() -> None:
    failing = ("shell", "--no-imports", "-c", f"raise ValueError({TOLD!r})")
    done = manage(*failing)
    assert (done.returncode, done.stdout, told_in(done.stderr)) == (1, "", [])
    assert re.match(r"ValueError @ <string>:1 < shell\.py:\d+ < ", done.stderr)
    assert done.stderr.endswith("To see its message and values: --traceback\n")
    assert set(told_in(manage(*failing, "--traceback").stderr)) == set(MARKERS)  # the control, and who asks sees all


def test_what_commands_and_settings_say_themselves_is_printed() -> None:
    refused = manage("create_operator")
    assert "required: EMAIL, NAME" in refused.stderr
    assert manage("no-such-command").stderr.startswith("Unknown command: 'no-such-command'")
    unset = manage("check", TLS="maybe")
    assert (unset.returncode, unset.stderr) == (1, "The settings: TLS must be 0 or 1, not 'maybe'.\n")
