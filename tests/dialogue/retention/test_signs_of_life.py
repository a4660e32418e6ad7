"""Every part of the site is really stopped, one after the other, and the operator's page says which and since when.

Real parts: PostgreSQL, Redis, a worker, beat, uvicorn, mail servers; signs of life come every second here.
"""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pyrage import x25519

from seeds import commands
from seeds.answers import answers
from seeds.mailsink import MailSink
from tests.drills.test_faults import House, until

pytestmark = pytest.mark.slow

WORKER, BEAT, CLEAN_UP = "Worker", "Clock of the background work", "Clean-up of what the database remembers"
PROGRAMS: dict[str, Callable[[House], list[str]]] = {
    "web": lambda house: commands.web("127.0.0.1", house.port),
    "worker": lambda _house: commands.worker(),
    "beat": lambda house: commands.beat(str(house.folder / "beat")),
}


class Picky(MailSink):
    """Takes no mail from us, once told so."""

    closed = False

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.closed:
            return "550 5.7.1 not from you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Picky]:
    server = Picky("127.0.0.1", 0, tmp_path / "mail")
    server.start()
    yield server
    server.stop()


class Small(House):
    """The house of the faults drill, with a way into its database."""

    def execute(self, statement: str, *, superuser: bool = False) -> None:
        url = self.postgres.url_for("postgres", "seeds") if superuser else self.postgres.url
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture
def house(tmp_path: Path, sink: Picky) -> Iterator[Small]:
    made = Small(tmp_path / "house", sink.port)
    made.environment["SIGN_OF_LIFE"] = "1"
    yield made
    made.stop()


def command(house: House) -> tuple[int, dict[str, str]]:
    """What the command says: its exit code, and of each part how it is."""
    done = subprocess.run(
        commands.manage("health"),
        cwd=Path(commands.__file__).parents[1],
        env=house.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    found = re.findall(r"^(ok|look|RED) +([^:]+): ([^,\n]+)", done.stdout, re.MULTILINE)
    assert found, done.stderr
    return done.returncode, {name: f"{kind} {word}" for kind, name, word in found}


class Operator:
    """A signed-in operator's browser, as far as one page goes, and a stranger's monitor."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.sign_in()

    def sign_in(self) -> None:
        self.cookie = self.house.run(sys.executable, "-m", "tests.dialogue.retention.signed_in").strip()

    def monitor(self) -> tuple[int, str]:
        """What a stranger is told."""
        return self.get("/health/", cookie="")

    def get(self, path: str, cookie: str | None = None) -> tuple[int, str]:
        """Status and page. It is there within two seconds, whatever is down (and what this machine needs besides)."""
        connection = HTTPConnection("127.0.0.1", self.house.port, timeout=30)
        started = time.monotonic()
        connection.request("GET", path, headers={"Cookie": self.cookie if cookie is None else cookie})
        answer = connection.getresponse()
        page = answer.read().decode()
        self.slowest = max(getattr(self, "slowest", 0.0), time.monotonic() - started)
        connection.close()
        return answer.status, page

    def health(self) -> dict[str, str]:
        """How each part is, by the page: kind and word."""
        status, page = self.get("/operator/upkeep/")
        assert status == 200
        parts = re.findall(r'<h2>([^<]+)</h2>\s*<p>\s*<span class="state (\w+)">([^<]+)</span>', page)
        return {name: f"{kind} {word}" for name, kind, word in parts}

    def sees(self, part: str, state: str) -> None:
        """Wait until the page shows it so."""
        until(lambda: self.health()[part] == state, f"{part}: {state}", 20)


def test_on_a_new_site_both_sign_as_soon_as_they_run(house: Small) -> None:
    house.environment["SIGN_OF_LIFE"] = "600"
    house.run(*commands.manage("migrate", "--verbosity=0"))
    assert command(house)[1][BEAT] == "RED Stopped"
    for name in ("worker", "beat"):
        house.start(name, PROGRAMS[name](house))
    until(lambda: (command(house)[1][WORKER], command(house)[1][BEAT]) == ("ok Runs", "ok Runs"), "both sign", 30)


def test_each_part_that_stops_is_seen_and_named(house: Small, sink: Picky) -> None:
    house.environment["BACKUP_RECIPIENT"] = str(x25519.Identity.generate().to_public())
    house.run(*commands.manage("migrate", "--verbosity=0"))
    for name, program in PROGRAMS.items():
        house.start(name, program(house))
    house.execute(
        "INSERT INTO dialogue_upkeep (id, kind, done_at, changes)"
        " SELECT gen_random_uuid(), unnest(ARRAY['backup', 'retention', 'scrub']), now(), -1"
    )
    operator = Operator(house)
    until(lambda: answers(house.port, "localhost"), "the site answers")

    operator.sees(WORKER, "done Runs")
    operator.sees(BEAT, "done Runs")
    assert {name: state for name, state in operator.health().items() if not state.startswith("done")} == {
        "The site’s settings": "stop 7 wrong",  # those of tests
        "Copy of the sessions’ keys": "warn Off",
    }
    assert operator.monitor() == (200, "ok\n")

    house.kill("worker")
    operator.sees(WORKER, "stop Stopped")
    assert operator.health()[BEAT] == "done Runs"
    assert operator.monitor() == (503, "not ok\n")
    house.start("worker", commands.worker())
    operator.sees(WORKER, "done Runs")

    house.kill("beat")
    operator.sees(BEAT, "stop Stopped")
    assert operator.health()[WORKER] == "done Runs"  # it answers, though its own sign is old
    house.kill("worker")
    operator.sees(WORKER, "stop Stopped")
    assert operator.health()[BEAT] == "stop Stopped"
    for name in ("worker", "beat"):
        house.start(name, PROGRAMS[name](house))
    operator.sees(BEAT, "done Runs")
    operator.sees(WORKER, "done Runs")

    sink.closed = True
    operator.sees("Mail", "stop Refused")
    assert "550" in operator.get("/operator/upkeep/")[1]
    sink.closed = False
    operator.sees("Mail", "done Takes mail")
    assert sink.messages() == []

    for kind, name in (("backup", "Backup"), ("retention", "Deletion of what is due"), ("scrub", CLEAN_UP)):
        house.execute(f"UPDATE dialogue_upkeep SET done_at = now() - interval '3 days' WHERE kind = '{kind}'")
        operator.sees(name, "stop Late")

    house.execute("ALTER DATABASE seeds SET log_statement = 'all'", superuser=True)
    code, found = command(house)
    assert code == 1
    assert found["The database’s settings"] == "RED 1 wrong"

    house.redis.stop()
    assert operator.get("/operator/upkeep/")[0] == 503
    assert operator.monitor() == (503, "not ok\n")
    house.postgres.stop()
    sink.stop()
    code, found = command(house)
    assert (code, found) == (
        1,
        {
            "Database": "RED Does not answer",
            "Redis": "RED Does not answer",
            WORKER: "RED Stopped",
            BEAT: "look Not known",
            "Mail": "RED Refused",
            "Disk": "ok Has room",
            "The site’s settings": "RED 7 wrong",
        },
    )
    assert operator.get("/operator/upkeep/")[0] == 503
    assert operator.monitor() == (503, "not ok\n")
    assert operator.slowest < 5  # 2 on a machine that does nothing else
