"""The seized servers: each is played once and serves all processes of a test run."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.drills.measures import DEFAULTS, SHIPPED, Measures
from tests.drills.play import Play
from tests.drills.scene import Scene
from tests.drills.seized import Seized, seize


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Keep other processes of this run out."""
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def seized_with(measures: Measures, name: str) -> Seized:
    """The server that was played on with these measures; the folder goes with the run's own."""
    drills = Path(os.environ["DATA_DIR"]) / "drills"
    folder = drills / name
    with alone(drills / f"{name}.lock"):
        if not (folder / "truth.json").exists():
            folder.mkdir()
            scene = Scene(folder / "scene", measures)
            try:
                scene.start()
                play = Play(scene)
                play.run()
                return seize(play, folder)
            finally:
                scene.stop()
    return Seized.load(folder)


Tell = Callable[[str, str, object, object], None]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Note for `make drills`: promise, what was searched, what was found, and what the control found."""

    def note(promise: str, searched: str, found: object, control: object) -> None:
        record_property(
            "drill", f"{promise}: {searched}. Found: {found or 'nothing'}. Control: {control or 'nothing'}."
        )

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each promise that was drilled."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    lines = {str(text) for report in reports for name, text in report.user_properties if name == "drill"}
    if lines:
        terminalreporter.section("drills")
        for line in sorted(lines, key=lambda line: (int(line[1:].split(":")[0]), line)):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def seized() -> Seized:
    """A server as shipped. See tests/drills/seized.py."""
    return seized_with(SHIPPED, "shipped")


@pytest.fixture(scope="session")
def seized_on_defaults() -> Seized:
    """A server without any measure of ours."""
    return seized_with(DEFAULTS, "defaults")
