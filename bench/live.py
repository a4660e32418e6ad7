"""How soon 500 open pages hear of a release on one web process, and what they cost it.

Real parts: PostgreSQL, Redis, the site under uvicorn as in production. Beside it, in the same run, a bare server that
does nothing but hand on (bench.bare_sse). The clients run in this process, on the same machine. Takes about a minute.
"""

import asyncio
import base64
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seeds import commands
from seeds.embedded import Postgres, Redis

ROOT = Path(__file__).parent.parent
STREAMS, RELEASES, PAGES = 500, 20, 40


class Stream(asyncio.Protocol):
    """A browser's open stream: when it last heard something."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.is_open = False
        self.heard: list[float] = []
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.transport.write(self.request)  # type: ignore[union-attr]

    def data_received(self, data: bytes) -> None:
        if b"retry: " in data:
            self.is_open = True
        self.heard += [time.perf_counter()] * data.count(b"data: look")


async def until(true: Callable[[], bool], seconds: float) -> None:
    """Wait for it; give up after so long."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


async def open_streams(port: int, path: str, cookies: list[str]) -> list[Stream]:
    """One for each cookie, opened a hundred at a time."""
    streams: list[Stream] = []
    for start in range(0, len(cookies), 100):
        for cookie in cookies[start : start + 100]:
            head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: s={cookie}\r\n\r\n".encode()
            loop = asyncio.get_running_loop()
            _, stream = await loop.create_connection(lambda head=head: Stream(head), "127.0.0.1", port)  # type: ignore[misc]
            streams.append(stream)
        await until(lambda: all(stream.is_open for stream in streams), 60)
    return streams


async def hear(streams: list[Stream], act: Callable[[], float]) -> tuple[list[float], int]:
    """Do it so many times, a second apart: milliseconds from the commit to each stream, and how many heard nothing."""
    times: list[float] = []
    lost = 0
    for _ in range(RELEASES):
        for stream in streams:
            stream.heard.clear()
        told = await asyncio.to_thread(act)
        await until(lambda: all(stream.heard for stream in streams), 3)
        times += [1000 * (stream.heard[0] - told) for stream in streams if stream.heard]
        lost += sum(not stream.heard for stream in streams)
        await asyncio.sleep(0.5)
    return times, lost


async def fetch(port: int, path: str, cookie: str) -> float:
    """Milliseconds that a page takes."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: s={cookie}\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer[:200])
    return 1000 * (time.perf_counter() - began)


def environment(folder: Path, postgres: Postgres, redis: Redis) -> dict[str, str]:
    """What the site needs to start, all of it invented."""
    return {
        "DATA_DIR": str(folder),
        "DATABASE_URL": postgres.start(),
        "REDIS_URL": redis.start(),
        "DJANGO_SETTINGS_MODULE": "seeds.settings",
        "TLS": "0",
        "STATIC_FROM_SOURCE": "1",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_SALT": base64.b64encode(secrets.token_bytes(32)).decode(),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "http://127.0.0.1",
        "EMAIL_HOST": "127.0.0.1",
        "MAIL_FROM": "seeds@seeds.example",
        "DB_POOL": "12",
        **dict.fromkeys(("SITE_OPERATOR", "SITE_FUNDING", "SITE_HOSTING", "SITE_CONTACT"), "invented"),
    }


@contextmanager
def serving(command: list[str]) -> Iterator[int]:
    """Run a web server; its process id."""
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        began = time.perf_counter()
        process.wait(30)
        sys.stdout.write(f"{command[3]} ended {time.perf_counter() - began:.1f} s after SIGTERM\n")


async def is_up(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(600):
        try:
            (await asyncio.open_connection("127.0.0.1", port))[1].close()
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return


def status(pid: int, name: str) -> int:
    """A number of /proc/PID/status."""
    text = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name}:"))


def free_port() -> int:
    """A port nobody listens on."""
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def line(what: str, *values: float | str) -> None:
    """One row of the table."""
    shown = [f"{value:,.1f}" if isinstance(value, float) else str(value) for value in values]
    sys.stdout.write(f"{what:<52}" + "".join(f"{value:>14}" for value in shown) + "\n")


def percentile(times: list[float], share: int) -> float:
    """The value below which this share of the times lies."""
    return statistics.quantiles(times, n=100)[share - 1]


def play() -> tuple[str, list[str], Callable[[], float]]:
    """A session with a room full of people: its id, their cookies, and how to let a batch out (at what time)."""
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connections, transaction  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from dialogue.moderation.actions import release_batch  # noqa: PLC0415
    from dialogue.sessions.models import RoundKind, State  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    team = [factories.make_facilitator() for _ in range(2)]
    session = factories.make_session(State.OPEN, team=team)
    round = factories.make_round(session, RoundKind.LISTENING)
    cookies = []
    for _ in range(STREAMS):
        participant = factories.make_participant()
        factories.make_alias(session, participant)
        client = Client()
        client.force_login(participant, backend="accounts.backends.PassphraseBackend")  # type: ignore[arg-type]
        web_session = client.session
        web_session["alias_key"] = participant.alias_key.hex()
        web_session.save()
        cookies.append(client.cookies["s"].value)
    authors = list(session.aliases.all()[:2])
    batches = [[factories.make_comment(round, one, state="approved").pk for one in authors] for _ in range(RELEASES)]

    def release() -> float:
        committed: list[float] = []
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(time.perf_counter()))
            release_batch(round, by=team[0], comments=batches.pop())
        connections.close_all()
        return committed[0]

    return str(session.pk), cookies, release


def connections_of_the_site() -> int:
    """How many connections to the database are open, but ours."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        number = int(cursor.fetchone()[0]) - 1
    connection.close()
    return number


async def measure_site(pk: str, cookies: list[str], release: Callable[[], float]) -> list[float]:
    """The rows of the site."""
    port = free_port()
    with serving(commands.web("127.0.0.1", port)) as pid:
        await is_up(port)
        room = f"/room/{pk}/"
        for cookie in cookies[:20]:
            await fetch(port, room, cookie)
        alone = [await fetch(port, room, cookies[0]) for _ in range(PAGES)]
        before = {name: status(pid, name) for name in ("VmRSS", "Threads")}
        database = await asyncio.to_thread(connections_of_the_site)
        began = time.perf_counter()
        streams = await open_streams(port, f"/live/room/{pk}/", cookies)
        opening = time.perf_counter() - began
        after = {name: status(pid, name) for name in ("VmRSS", "Threads")}
        database_after = await asyncio.to_thread(connections_of_the_site)
        beside = [await fetch(port, room, cookies[0]) for _ in range(PAGES)]
        times, lost = await hear(streams, release)
        line("streams open", sum(stream.is_open for stream in streams))
        line("seconds to open all of them", opening)
        line("memory a stream, KiB", (after["VmRSS"] - before["VmRSS"]) / STREAMS)
        line("threads, before and with all open", before["Threads"], after["Threads"])
        line("database connections, before and with all open", database, database_after)
        line("a page alone, p50 and p99, ms", statistics.median(alone), percentile(alone, 99))
        line("a page beside them, p50 and p99, ms", statistics.median(beside), percentile(beside, 99))
        line("releases not heard", lost)
        for stream in streams:
            if stream.transport:
                stream.transport.abort()
        return times


async def measure_bare() -> list[float]:
    """The same number of clients of the bare server."""
    from redis import Redis as Client  # noqa: PLC0415

    port, redis = free_port(), Client.from_url(os.environ["REDIS_URL"])
    command = [sys.executable, "-m", "uvicorn", "bench.bare_sse:application", f"--port={port}", *commands.WEB_OPTIONS]
    with serving([part for part in command if "graceful" not in part] + ["--timeout-graceful-shutdown=1"]):
        await is_up(port)
        streams = await open_streams(port, "/", ["-"] * STREAMS)

        def say() -> float:
            told = time.perf_counter()
            redis.publish("bare", "look")
            return told

        times, _ = await hear(streams, say)
        for stream in streams:
            if stream.transport:
                stream.transport.abort()
        return times


def main() -> None:
    """Measure, and print one table."""
    with tempfile.TemporaryDirectory(prefix="seeds-bench-") as name:
        folder = Path(name)
        postgres, redis = Postgres(folder, test=True), Redis(folder)
        try:
            os.environ.update(environment(folder, postgres, redis))
            (folder / "static").mkdir()
            migrate = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity=0"]
            subprocess.run(migrate, cwd=ROOT, check=True)
            sys.stdout.write(f"One web process, {STREAMS} open streams, {RELEASES} releases\n")
            site = asyncio.run(measure_site(*play()))
            bare = asyncio.run(measure_bare())
        finally:
            redis.stop()
            postgres.stop()
    line("", "p50", "p99")
    line("from release to event, ms", statistics.median(site), percentile(site, 99))
    line("a bare server, ms", statistics.median(bare), percentile(bare, 99))
    line("ratio", statistics.median(site) / statistics.median(bare), percentile(site, 99) / percentile(bare, 99))


if __name__ == "__main__":
    main()
