"""A server process that belongs to a folder: one owner at a time, gone when the owner is gone."""

import fcntl
import hashlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107
LAUNCHER = Path(__file__).with_name("launch.py")
START_SECONDS = 120.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.03
RETRY_SECONDS = 0.3
LOG_BYTES = 1_000_000


class ServiceError(RuntimeError):
    """A server can't be found, started or reached; the message says which and why, for the console."""


def launch_command(
    command: Sequence[str | Path], *, signal_at_parent_death: int = signal.SIGTERM, unroot: Path | None = None
) -> list[str]:
    """The command line that runs `command` as a child which ends with this process."""
    options = [f"--signal={int(signal_at_parent_death)}", *([f"--unroot={unroot}"] if unroot else [])]
    return [sys.executable, "-I", "-S", str(LAUNCHER), *options, str(os.getpid()), *map(str, command)]


def private_folder(folder: Path) -> Path:
    """Make the folder if need be and close it to everybody else.

    Raises ServiceError when it is somebody else's: in a shared temporary folder that would be a trap.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ServiceError(f"{folder} is not a folder of the user who runs this")
    folder.chmod(0o700)
    return folder


def socket_folder(data_dir: Path, longest_name: str) -> Path:
    """Where sockets go: DATA_DIR/run, or a short private folder where the system's limit forbids that.

    A comma separates hosts in a PostgreSQL URL, so a path with one moves too.
    """
    folder = data_dir / "run"
    if len(os.fsencode(folder / longest_name)) < SOCKET_PATH_BYTES and "," not in str(folder):
        return folder
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"seeds-{os.geteuid()}-{digest}"


class Service(ABC):
    """Start, watch and stop one server whose files lie in `data_dir`.

    The first process to call `start` owns the server until `stop`, or until it ends by whatever cause; others
    that call `start` meanwhile wait for that server and share it, and their `stop` leaves it alone.
    """

    name: ClassVar[str]
    socket_name: ClassVar[str]
    stop_signals: ClassVar[tuple[int, ...]] = (signal.SIGTERM, signal.SIGKILL)

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.sockets = socket_folder(self.data_dir, f"{self.socket_name}.lock")
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._log_start = 0

    @property
    @abstractmethod
    def url(self) -> str:
        """The address clients connect to."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server takes a client's request right now."""

    @abstractmethod
    def clear_away(self) -> None:
        """End a server whose owner has gone, and remove what it left behind. Called by the owner only."""

    @abstractmethod
    def launch(self) -> None:
        """Prepare the files and call `spawn`. Called by the owner only."""

    def settle(self) -> None:
        """Do what the owner does as soon as the server runs, before others may use it."""
        return

    @property
    def log(self) -> Path:
        """The server's own log; the settings keep everybody's words out of it."""
        return self.data_dir / f"{self.name}.log"

    def start(self) -> str:
        """Have the server answer, and return its URL. Raises ServiceError with the end of the log."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._take_ownership():
                if not self.alive():
                    self._start_owned(deadline)
                return self.url
            if self.answers():
                return self.url
            time.sleep(POLL_SECONDS)
        raise ServiceError(f"{self.name}: another process owns {self.data_dir}, but its server does not answer")

    def alive(self) -> bool:
        """Whether the server runs: our own process, or the one we share."""
        if self._lock is None:
            return self.answers()
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End the server if it is ours: politely, then by force. Nothing of it is left running."""
        if self._lock is None:
            return
        self._end_process()
        self.clear_away()
        if self.sockets.parent != self.data_dir and self.sockets.exists() and not any(self.sockets.iterdir()):
            self.sockets.rmdir()
        os.close(self._lock)
        self._lock = None

    def spawn(self, command: Sequence[str | Path], *, at_parent_death: int, unroot: Path | None = None) -> None:
        """Run the server with its output in the log."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.unlink()
        output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._log_start = self.log.stat().st_size
        try:
            self.process = subprocess.Popen(
                launch_command(command, signal_at_parent_death=at_parent_death, unroot=unroot),
                cwd="/",
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            os.close(output)

    def environment(self) -> dict[str, str]:
        """The child's environment: nothing of ours but what finding programs and libraries needs."""
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if key in os.environ}
        return {**kept, "LC_ALL": "C" if sys.platform == "darwin" else "C.UTF-8", "TZ": "UTC"}

    def log_tail(self, size: int = 1500) -> str:
        """The end of what the server wrote since its last start, for an error message."""
        return self.log.read_bytes()[self._log_start :][-size:].decode(errors="replace")

    def _take_ownership(self) -> bool:
        if self._lock is not None:
            return True
        private_folder(self.data_dir)
        lock = os.open(self.data_dir / f"{self.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _start_owned(self, deadline: float) -> None:
        try:
            self.clear_away()
            private_folder(self.sockets)
            self.launch()
            self._await_running(deadline)
            self.settle()
        except BaseException:
            self._release()
            raise

    def _await_running(self, deadline: float) -> None:
        while not self.running():
            if not self.alive() and not self.held_up():
                raise ServiceError(f"{self.name} ended while starting:\n{self.log_tail()}")
            if not self.alive():
                time.sleep(RETRY_SECONDS)
                self.launch()
            if time.monotonic() > deadline:
                raise ServiceError(f"{self.name} is not ready after {START_SECONDS:.0f} s:\n{self.log_tail()}")
            time.sleep(POLL_SECONDS)

    def held_up(self) -> bool:
        """Whether the server ended only because a killed one's remains are about to go: worth a retry."""
        return False

    def running(self) -> bool:
        """Whether our own server has come far enough for `settle`."""
        return self.answers()

    def _end_process(self) -> None:
        for number in self.stop_signals:
            if self.process is None or self.process.poll() is not None:
                return
            self.process.send_signal(number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue

    def _release(self) -> None:
        self._end_process()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
