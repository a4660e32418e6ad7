"""Asking each part of the site whether it is there, all at once and never for longer than a page may take.

Nothing is written, no mail is sent. What a part says is cut down to a kind of error or a code: its own words may
hold an address.
"""

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from smtplib import SMTPResponseException
from typing import Any, cast

import psycopg
import redis
from django.conf import settings
from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.backoff import NoBackoff
from redis.retry import Retry

from seeds.celery import app

LIMIT = 1.3  # seconds for all of them together, so that a page is there within two
STEP = 1.0  # seconds for each step of talking to one of them
PING = 0.4  # seconds for a worker to answer
FULL_SHARE, FULL_BYTES = 0.05, 200_000_000  # of a disk, free: less than either is nearly full
TIGHT_SHARE = 0.15  # less than this is a warning
CROWDED_SHARE = 0.8  # of the database's connections, taken
DONE, WARN, STOP = "done", "warn", "stop"
NO_REDIS_WRITES = {"save": "", "appendonly": "no", "slowlog-max-len": "0"}


@dataclass(frozen=True)
class Found:
    """What one part answered: `kind` is that of components/state.html; since when it runs; what is wrong, in a code."""

    kind: str = DONE
    since: datetime | None = None
    wrong: str = ""


Probe = Callable[[], Found]


def ask(probes: Mapping[str, Probe], seconds: float = LIMIT) -> dict[str, Found]:
    """The answers. Who gives none in time counts as stopped; the thread that waits for it is left behind."""
    found = dict.fromkeys(probes, Found(STOP, wrong="time-out"))

    def run(name: str, probe: Probe) -> None:
        try:
            answer = probe()
        except Exception as error:  # whatever it is, it is this part's answer
            answer = Found(STOP, wrong=kind_of(error))
        found[name] = answer

    deadline = time.monotonic() + seconds
    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in probes.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return dict(found)


def kind_of(error: Exception) -> str:
    """The code of a mail server's refusal, else the kind of error."""
    if isinstance(error, SMTPResponseException):
        return str(error.smtp_code)
    return type(error).__name__


def database() -> Probe:
    """Over a connection of its own, so that a pool in which all are taken does not look like a dead server."""
    parameters = connection.get_connection_params()

    def probe() -> Found:
        with psycopg.connect(**parameters, autocommit=True) as own:
            row = own.execute(
                "SELECT pg_postmaster_start_time(), (SELECT count(*) FROM pg_stat_activity WHERE backend_type ="
                " 'client backend'), current_setting('max_connections')::int"
            ).fetchone()
        since, taken, most = cast(tuple[datetime, int, int], row)
        crowded = taken > CROWDED_SHARE * most
        return Found(WARN if crowded else DONE, since, f"{taken} / {most}" if crowded else "")

    return probe


def redis_server() -> Found:
    """Whether it answers, and whether it keeps anything anywhere but in memory."""
    once = Retry(NoBackoff(), 0)
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=STEP, socket_connect_timeout=STEP, retry=once, decode_responses=True
    ) as client:
        told = cast(dict[str, Any], client.info("server"))
        since = timezone.now() - timedelta(seconds=int(told["uptime_in_seconds"]))
        try:
            kept = cast(dict[str, str], client.config_get(*NO_REDIS_WRITES))
        except redis.ResponseError:  # a rented one may not tell
            kept = {}
    wrong = [f"{name} {kept[name]}" for name, value in NO_REDIS_WRITES.items() if kept.get(name, value) != value]
    return Found(STOP if wrong else DONE, since, ", ".join(wrong))


def mail_server() -> Found:
    """Greet it, sign in as the site would, and ask whether it takes mail from us. Nothing is sent."""
    backend: Any = get_connection(timeout=STEP)
    backend.open()
    talk = getattr(backend, "connection", None)  # only SMTP has one to talk over
    if talk is not None:
        try:
            talk.ehlo_or_helo_if_needed()
            code, _words = talk.mail(settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">"))
            talk.rset()
        finally:
            backend.close()
        if code >= 400:
            return Found(STOP, wrong=str(code))
    return Found()


def some_worker() -> bool:
    """Whether a worker answers. Only once Redis did: through it the question goes."""
    try:
        return bool(app.control.broadcast("ping", reply=True, timeout=PING, limit=1))
    except (BrokerError, redis.RedisError, OSError):
        return False


def disks() -> Found:
    """The fullest of the disks that the site writes to. The database's may be another; its server can't be asked."""
    places = [settings.DATA_DIR, settings.KEY_DIR, settings.BACKUP_DIR, settings.KEY_BACKUP_DIR]
    folders = {folder.stat().st_dev: folder for folder in map(_there, map(Path, places))}
    return min((_room(folder) for folder in folders.values()), key=lambda one: (STOP, WARN, DONE).index(one.kind))


def _there(folder: Path) -> Path:
    """The folder, or what of its path exists."""
    return folder if folder.exists() else _there(folder.parent)


def _room(folder: Path) -> Found:
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total
    kind = STOP if share < FULL_SHARE or usage.free < FULL_BYTES else WARN if share < TIGHT_SHARE else DONE
    return Found(kind, wrong=f"{share:.0%}")
