"""The whole site in one folder, each part in a process of its own: as shipped, or with measures taken away."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from seeds import commands
from seeds.embedded import POSTGRES_SETTINGS, REDIS_SETTINGS, Postgres, Redis
from seeds.mailsink import MailSink
from tests.conftest import ENVIRONMENT
from tests.drills.measures import Measures

ROOT = Path(__file__).parent.parent.parent
NEEDED = ("timezone", "max_connections")  # of our PostgreSQL settings: those that protect nobody
SEALED = (
    ("dialogue_comment", "body"),
    ("dialogue_moderationdecision", "note"),
    ("dialogue_facilitatornote", "body"),
    ("dialogue_proposededit", "body"),
    ("dialogue_proposededit", "note"),
    ("dialogue_privatemessage", "body"),
    ("dialogue_objection", "body"),
)

#: Talk A ended long ago and is due today, talk B ended more than 30 days ago: its names are sealed.
END = (
    "UPDATE dialogue_dialoguesession SET state = 'follow_up', starts_at = now() - interval '90 days',"
    " ends_at = now() - %s * interval '1 day', closed_at = now() - %s * interval '1 day',"
    " purge_on = now() + %s * interval '1 day' WHERE id = %s"
)
CLOCK = (
    "import django; django.setup(); from django.utils import timezone; from dialogue.retention import clock, tasks;"
    "clock.run(timezone.now()); tasks.renew_key_copy()"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for it; fail by name."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


class DrillPostgres(Postgres):
    """PostgreSQL with our settings or with its own."""

    def __init__(self, folder: Path, temporary: Path, *, ours: bool) -> None:
        super().__init__(folder)
        self.temporary, self.ours = temporary, ours

    def environment(self) -> dict[str, str]:
        return super().environment() | {"TMPDIR": str(self.temporary)}

    def spawn(self, command: Sequence[str | Path], *, at_parent_death: int, unroot: Path | None = None) -> None:
        if not self.ours:
            dropped = {f"{key}={value}" for key, value in POSTGRES_SETTINGS.items() if key not in NEEDED}
            flat = [part for part in command if part not in dropped]
            command = [part for part, after in zip(flat, [*flat[1:], ""], strict=True) if (part, after) != ("-c", "-c")]
        super().spawn(command, at_parent_death=at_parent_death, unroot=unroot)


class DrillRedis(Redis):
    """Redis with our settings or with its own."""

    def __init__(self, folder: Path, temporary: Path, *, ours: bool) -> None:
        super().__init__(folder)
        self.temporary, self.ours = temporary, ours

    def environment(self) -> dict[str, str]:
        return super().environment() | {"TMPDIR": str(self.temporary)}

    def spawn(self, command: Sequence[str | Path], *, at_parent_death: int, unroot: Path | None = None) -> None:
        if not self.ours:
            dropped = {f"--{name}" for name in REDIS_SETTINGS}
            parts = [str(part) for part in command]
            command = [part for before, part in zip(["", *parts], parts, strict=False) if not {part, before} & dropped]
        super().spawn(command, at_parent_death=at_parent_death, unroot=unroot)


class Scene:
    """A running site. `data` is its DATA_DIR, logs included; `temporary` its TMPDIR; `here` where it was started."""

    def __init__(self, folder: Path, measures: Measures, *, extra: dict[str, str] | None = None) -> None:
        self.folder, self.measures = folder, measures
        self.data, self.temporary, self.here = folder / "data", folder / "tmp", folder / "here"
        for place in (self.data, self.temporary, self.here):
            place.mkdir(parents=True)
        self.postgres = DrillPostgres(self.data, self.temporary, ours=measures.postgres_settings)
        self.redis = DrillRedis(self.data, self.temporary, ours=measures.redis_settings)
        self.mail = MailSink("127.0.0.1", 0, folder / "mail")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.extra = extra or {}
        self.environment: dict[str, str] = {}

    def start(self) -> None:
        """Start all parts and wait until the site answers."""
        self.mail.start()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("COV_")},
            **ENVIRONMENT,
            "DATA_DIR": str(self.data),
            "KEY_DIR": str(self.data / "keys"),
            "DATABASE_URL": self.postgres.start(),
            "REDIS_URL": self.redis.start(),
            "SITE_URL": self.address,
            "EMAIL_PORT": str(self.mail.port),
            "DB_POOL": "6",
            "REMINDER_TICK": "1",
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.extra,
        }
        (self.data / "static").mkdir(exist_ok=True)
        if self.measures.off:
            self.environment |= {"DJANGO_SETTINGS_MODULE": "tests.drills.weaker"}
            self.environment |= {"DRILL_WITHOUT": " ".join(self.measures.off)}
        self.manage("migrate", "--verbosity=0")
        if not self.measures.plain_storage:
            self._let_values_move()
        self._launch("web", self._web())
        self._launch("worker", commands.worker())
        self._launch("beat", commands.beat(str(self.data / "beat")))
        until(self._listens, "the site answers")

    def stop(self) -> None:
        """End all parts; what they wrote stays."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(20)
        self.processes.clear()
        self.redis.stop()
        self.postgres.stop()
        self.mail.stop()

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py to its end; its output."""
        return self.run([sys.executable, str(ROOT / "manage.py"), *arguments])

    def run(self, command: list[str]) -> str:
        """Run a program in the site's environment; its output."""
        done = subprocess.run(
            command, cwd=self.here, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def as_site(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What the site's own database role sees."""
        return self._ask(self.postgres.url, query, values)

    def as_superuser(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What somebody with the whole server sees."""
        return self._ask(self.postgres.url_for("postgres", "seeds"), query, values)

    def end_talks(self, purged: str, sealed: str) -> None:
        """What the clock does when talk `purged` is due and talk `sealed` ended 40 days ago."""
        for session, ended, left in ((purged, 70, -1), (sealed, 40, 25)):
            self.as_site("UPDATE dialogue_booking SET active = false WHERE dialogue_session_id = %s", session)
            self.as_site(END, ended, ended, left, session)
        self.run([sys.executable, "-c", CLOCK])

    def pids(self) -> dict[str, list[int]]:
        """All processes of each part, by its name."""
        roots = {name: process.pid for name, process in self.processes.items()}
        for service in (self.postgres, self.redis):
            assert service.process is not None
            roots[service.name] = service.process.pid
        return {name: family(pid) for name, pid in roots.items()}

    def _ask(self, url: str, query: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        with psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute(query.encode(), values or None)
            return found.fetchall() if found.description else []

    def _web(self) -> list[str]:
        command = commands.web("127.0.0.1", self.port)
        quiet = commands.WEB_OPTIONS
        return command if self.measures.quiet_logs else [part for part in command if part not in quiet]

    def _launch(self, name: str, command: list[str]) -> None:
        with (self.data / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=self.here, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def _listens(self) -> bool:
        assert self.processes["web"].poll() is None, (self.data / "web.log").read_text()
        with contextlib.closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _let_values_move(self) -> None:
        for table, column in SEALED:
            change = sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET STORAGE EXTENDED")
            with psycopg.connect(self.postgres.url, autocommit=True) as connection:
                connection.execute(change.format(sql.Identifier(table), sql.Identifier(column)))


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            parent = re.search(r"^PPid:\s*(\d+)", status.read_text(), re.MULTILINE)
            children.setdefault(int(parent[1]) if parent else 0, []).append(int(status.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found
