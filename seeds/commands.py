"""The command lines of the three programs, the same in the demo, in the tests and in production."""

import sys

# No access log: it would keep addresses and times. No forwarded addresses either.
WEB_OPTIONS = [
    "--no-access-log",
    "--no-proxy-headers",
    "--no-server-header",
    "--lifespan=off",
    "--timeout-graceful-shutdown=3",
    "--log-level=warning",
]
WORKER_OPTIONS = [
    "--pool=threads",
    "--concurrency=2",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
    "--loglevel=WARNING",
]
BEAT_OPTIONS = ["--pidfile=", "--loglevel=WARNING"]


def manage(*arguments: str) -> list[str]:
    """A command of manage.py."""
    return [sys.executable, "manage.py", *arguments]


def web(host: str, port: int) -> list[str]:
    """The web server."""
    address = [f"--host={host}", f"--port={port}"]
    return [sys.executable, "-m", "uvicorn", "seeds.asgi:application", *address, *WEB_OPTIONS]


def worker() -> list[str]:
    """The process that does background work."""
    return [sys.executable, "-m", "celery", "--app=seeds", "--quiet", "worker", *WORKER_OPTIONS]


def beat(schedule_file: str) -> list[str]:
    """The clock of the background work; it keeps the time of its last turns in the file."""
    return [
        sys.executable,
        "-m",
        "celery",
        "--app=seeds",
        "--quiet",
        "beat",
        f"--schedule={schedule_file}",
        *BEAT_OPTIONS,
    ]
