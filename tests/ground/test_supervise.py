"""The supervisor restarts what ends, stops all together, and leaves nothing behind."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from seeds import supervise
from seeds.supervise import Output, Program, Supervisor
from tests.ground.processes import eventually, exists, mentioning

SLEEP = [sys.executable, "-c", "import os, time; print('up', os.getpid(), flush=True); time.sleep(60)"]


class Console(io.StringIO):
    """A console whose lines can be looked at while threads write."""

    def lines(self) -> list[str]:
        return self.getvalue().splitlines()


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def output(console: Console) -> Output:
    return Output(console)


def program(name: str, output: Output, *command: str) -> Program:
    return Program(name, list(command) or SLEEP, dict(os.environ), output)


def pid_of(part: Program) -> int:
    assert part.process is not None
    return part.process.pid


def test_a_killed_program_is_started_again(output: Output, console: Console) -> None:
    part = program("web", output)
    with Supervisor(output) as supervisor:
        supervisor.add(part)
        first = pid_of(part)
        os.kill(first, signal.SIGKILL)
        assert supervisor.watch(until=lambda: part.alive() and pid_of(part) != first)
        assert supervisor.restarts == 1
        second = pid_of(part)
        assert eventually(lambda: f"web     | up {second}" in console.lines())
    assert not exists(second)
    assert "web     | ended; starting it again in 0.25 s" in console.lines()


def test_pauses_grow_and_are_bounded(output: Output, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE", 0.04)
    monkeypatch.setattr(supervise, "LOOP_SECONDS", 0.005)
    with Supervisor(output) as supervisor:
        supervisor.add(program("web", output, "/bin/false"))
        assert supervisor.watch(until=lambda: supervisor.restarts >= 4)
    pauses = [line.rsplit(" ", 2)[1] for line in console.lines() if "starting it again" in line]
    assert pauses[:4] == ["0.01", "0.02", "0.04", "0.04"]


def test_a_steady_program_is_not_held_to_its_past(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "STEADY_SECONDS", 0.0)
    monkeypatch.setattr(supervise, "SHORTEST_PAUSE", 0.01)
    part = program("web", output, "/bin/false")
    seen: set[int] = set()
    deadline = time.monotonic() + 1

    def look() -> bool:
        seen.add(supervisor.restarts)
        return time.monotonic() > deadline

    with Supervisor(output) as supervisor:
        supervisor.add(part)
        supervisor.watch(until=look)
    assert seen <= {0, 1}


def test_a_part_that_does_not_start_is_tried_again(output: Output, console: Console) -> None:
    class Stubborn:
        name = "redis"
        attempts = 0

        def start(self) -> None:
            self.attempts += 1
            if self.attempts == 2:
                raise OSError("no room")

        def alive(self) -> bool:
            return self.attempts >= 3

        def stop(self) -> None:
            self.attempts = 0

    part = Stubborn()
    with Supervisor(output) as supervisor:
        supervisor.add(part)
        assert supervisor.watch(until=part.alive)
    assert "redis   | did not start: no room" in console.lines()
    assert part.attempts == 0


def test_a_signal_stops_everything(output: Output) -> None:
    parts = [program(name, output) for name in ("web", "worker")]
    before = signal.getsignal(signal.SIGTERM)
    with Supervisor(output) as supervisor:
        for part in parts:
            supervisor.add(part)
        threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGTERM]).start()
        assert supervisor.watch() is False
    assert [exists(pid_of(part)) for part in parts] == [False, False]
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_a_program_started_ends_with_it(output: Output, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    part = program("web", output, "/bin/sh", "-c", f"sh -c 'sleep 60; : {mark}' & exec sleep 60")
    part.start()
    assert eventually(lambda: len(mentioning(mark)) == 1)
    part.stop()
    assert eventually(lambda: mentioning(mark) == [])


def test_a_program_that_will_not_stop_is_killed(
    output: Output, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "GRACE_SECONDS", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    part = program("web", output, sys.executable, "-c", deaf)
    part.start()
    assert eventually(lambda: "web     | up" in console.lines())
    part.stop()
    assert not exists(pid_of(part))
    assert "web     | did not stop within 0 s; killed" in console.lines()


def test_a_program_runs_once_to_its_end(output: Output, console: Console) -> None:
    with Supervisor(output) as supervisor:
        assert supervisor.run_once(program("load", output, "/bin/sh", "-c", "echo one; echo; exit 4")) == 4
        assert eventually(lambda: console.lines() == ["load    | one"])
        slow = program("load", output)
        threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
        assert supervisor.run_once(slow) is None
        assert not exists(pid_of(slow))


def test_starting_twice_and_stopping_before_starting_are_harmless(output: Output) -> None:
    part = program("web", output)
    part.stop()
    part.start()
    first = pid_of(part)
    part.start()
    assert pid_of(part) == first
    part.stop()
    part.stop()


def test_programs_go_on_when_nobody_reads_their_output() -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    output = Output(Closed())
    with Supervisor(output) as supervisor:
        assert supervisor.run_once(program("load", output, "/bin/sh", "-c", "echo one; echo two; exit 5")) == 5


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = textwrap.dedent(f"""
        import os, sys
        from seeds.supervise import Output, Program, Supervisor
        output = Output()
        sleep = [sys.executable, "-c", "import time; time.sleep(60)", {str(mark)!r}]
        with Supervisor(output) as supervisor:
            for name in ("web", "worker"):
                supervisor.add(Program(name, sleep, dict(os.environ), output))
            output.line("up")
            supervisor.watch()
    """)
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    assert eventually(lambda: len([line for line in mentioning(mark) if "time.sleep(60)" in line]) >= 2)
    process.kill()
    process.communicate()
    assert eventually(lambda: mentioning(mark) == [])
