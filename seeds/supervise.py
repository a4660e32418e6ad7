"""Run programs and servers as one: restart what crashes, stop all together, leave nothing behind."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol, TextIO

from seeds.service import launch_command

STEADY_SECONDS = 30.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.25, 8.0
GRACE_SECONDS = 10.0
LOOP_SECONDS = 0.1


class Output:
    """One console for many threads. A reader that has gone away (`| head`) does not stop the programs."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()

    def line(self, text: str, source: str = "") -> None:
        """Write one line, behind the name of the program it comes from."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{source:<8}| {text}\n" if source else f"{text}\n")
            self._stream.flush()


class Part(Protocol):
    """Something the supervisor keeps running: a `Program` here, a `Service` of seeds.service."""

    @property
    def name(self) -> str:
        """What the console calls it."""

    def start(self) -> object:
        """Have it running."""

    def alive(self) -> bool:
        """Whether it runs."""

    def stop(self) -> None:
        """Have it not running."""


@dataclass
class Program:
    """A command in a session of its own (a Ctrl-C reaches only us), its output copied to the console.

    It ends when this process ends. `start` must be called from the main thread: on Linux a child is bound to
    the thread that made it.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    output: Output
    process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        """Run the command, unless it runs already."""
        if self.alive():
            return
        self.process = subprocess.Popen(
            launch_command(self.command),
            env={**self.environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._copy_output, args=[self.process], daemon=True).start()

    def alive(self) -> bool:
        """Whether the command runs."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Tell the command to end, without waiting."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """End the command and whatever it started, by force after ten seconds."""
        self.ask_to_stop()
        if self.process is None:
            return
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.output.line(f"did not stop within {GRACE_SECONDS:.0f} s; killed", self.name)
        self._kill_group(self.process)
        self.process.wait()

    def _kill_group(self, process: subprocess.Popen[str]) -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def _copy_output(self, process: subprocess.Popen[str]) -> None:
        with process.stdout or Path(os.devnull).open() as lines:
            for line in filter(None, map(str.rstrip, lines)):
                self.output.line(line, self.name)


@dataclass
class _Watched:
    part: Part
    started_at: float = 0.0
    failures: int = 0
    restart_at: float | None = None


class Supervisor:
    """Keeps parts running until told to stop. Times in seconds.

    Use as a context manager: on entry SIGINT, SIGTERM and SIGHUP set `stopping`; on exit everything that was
    added is stopped, the last added first, and the former signal handlers return.
    """

    def __init__(self, output: Output) -> None:
        self.output = output
        self.stopping = False
        self._watched: list[_Watched] = []
        self._handlers: dict[int, object] = {}

    def __enter__(self) -> "Supervisor":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_exception: object) -> None:
        parts = [watched.part for watched in self._watched]
        for part in parts:
            if isinstance(part, Program):
                part.ask_to_stop()
        for part in reversed(parts):
            part.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def add(self, part: Part) -> None:
        """Start the part now, and keep it running from now on."""
        watched = _Watched(part, started_at=time.monotonic())
        self._watched.append(watched)
        part.start()

    def watch(self, until: Callable[[], bool] = lambda: False) -> bool:
        """Restart what ends, until `until` answers true (then True) or we are told to stop (then False)."""
        while not self.stopping:
            if until():
                return True
            for watched in self._watched:
                self._look_after(watched)
            time.sleep(LOOP_SECONDS)
        return False

    @property
    def restarts(self) -> int:
        """How often, at most, one part has ended lately without running steadily in between."""
        return max((watched.failures for watched in self._watched), default=0)

    def run_once(self, program: Program) -> int | None:
        """Run a program to its end and return its exit code, or stop it and return None when told to stop."""
        program.start()
        while program.process is not None and program.process.poll() is None:
            if self.stopping:
                program.stop()
                return None
            time.sleep(LOOP_SECONDS)
        return program.process.returncode if program.process else None

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _look_after(self, watched: _Watched) -> None:
        now = time.monotonic()
        if watched.part.alive():
            return
        if watched.restart_at is None:
            steady = now - watched.started_at > STEADY_SECONDS
            watched.failures = 1 if steady else watched.failures + 1
            pause = min(SHORTEST_PAUSE * 2 ** (watched.failures - 1), LONGEST_PAUSE)
            watched.restart_at = now + pause
            self.output.line(f"ended; starting it again in {pause:.2g} s", watched.part.name)
        elif now >= watched.restart_at:
            self._restart(watched)

    def _restart(self, watched: _Watched) -> None:
        watched.started_at, watched.restart_at = time.monotonic(), None
        try:
            watched.part.start()
        except (OSError, RuntimeError) as error:
            self.output.line(f"did not start: {error}", watched.part.name)
