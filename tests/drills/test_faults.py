"""Everything fails once, while mail is being sent and somebody is writing: nothing is lost, nothing comes twice.

Real parts: PostgreSQL, Redis, a Celery worker, two beats, uvicorn and a slow mail server.
"""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from html import unescape
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from seeds import commands
from seeds.embedded import Postgres, Redis
from seeds.mailsink import MailSink
from tests.conftest import ENVIRONMENT

ROOT = Path(__file__).parent.parent.parent
PARTNERS = 28
TEXT = "I waited outside until the lights were gone. Mün – the words stay."


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for it; fail by name."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


class LateAnswer(MailSink):
    """The worst case: it keeps a mail first and says so half a second later. Who is killed meanwhile never hears."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(0.5)
        return answer

    def ids(self) -> list[str]:
        """The Message-ID of every mail taken, repeated ones too."""
        return [str(message_from_bytes(path.read_bytes())["Message-ID"]) for path in self.messages()]


class Browser:
    """A participant's browser without JavaScript, as far as forms go."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and page; with fields, a POST. Follows redirects."""
        data = urlencode(fields).encode() if fields is not None else None
        try:
            with self.opener.open(self.site + path, data, timeout=30) as answer:
                assert isinstance(answer, HTTPResponse)
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of the page's own form."""
        status, page = self.get(path)
        assert status == 200, page
        return hidden(page)

    def sign_in(self, words: str) -> None:
        status, page = self.get("/sign-in/", self.form("/sign-in/") | {"words": words})
        assert status == 200, page
        assert "/sign-out/" in page or "/my/account/" in page


def hidden(page: str) -> dict[str, str]:
    inputs = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page)
    pairs = [(re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs]
    return {name[1]: unescape(value[1]) if value else "" for name, value in pairs if name}


class House:
    """All parts of the site, each in a process of its own."""

    def __init__(self, folder: Path, mail_port: int) -> None:
        self.folder = folder
        self.postgres, self.redis = Postgres(folder, test=True), Redis(folder)
        self.port = free_port()
        self.site = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            **ENVIRONMENT,
            "DATA_DIR": str(folder),
            "KEY_DIR": str(folder / "keys"),
            "DATABASE_URL": self.postgres.start(),
            "REDIS_URL": self.redis.start(),
            "SITE_URL": self.site,
            "EMAIL_PORT": str(mail_port),
            "DB_POOL": "6",
            "REMINDER_TICK": "1",
            "REMINDER_LEASE": "3",
            "PYTHONWARNINGS": "ignore",
        }

    def run(self, *command: str) -> str:
        """Run a program to its end; its output."""
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str, command: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """kill -9, without a chance to tidy up."""
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def keep_going(self) -> None:
        """What a supervisor does: start again what ended by itself."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.start(name, process.args)  # type: ignore[arg-type]

    def count(self, query: str) -> int:
        with psycopg.connect(self.postgres.url) as connection:
            found = connection.execute(query).fetchone()
        assert found is not None
        return int(found[0])

    def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.redis.stop()
        self.postgres.stop()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[LateAnswer]:
    server = LateAnswer("127.0.0.1", 0, tmp_path / "mail")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def house(tmp_path: Path, sink: LateAnswer) -> Iterator[House]:
    made = House(tmp_path / "house", sink.port)
    yield made
    made.stop()


@pytest.mark.slow
def test_each_reminder_comes_once_and_no_text_is_lost_whatever_fails(house: House, sink: LateAnswer) -> None:
    house.run(*commands.manage("migrate", "--verbosity=0"))
    staged = json.loads(house.run(commands.manage()[0], "-m", "tests.drills.stage", str(PARTNERS)))
    write = f"/room/{staged['session']}/write/"
    house.start("web", commands.web("127.0.0.1", house.port))
    house.start("worker", commands.worker())
    for name in ("beat", "second-beat"):
        house.start(name, commands.beat(str(house.folder / name)))
    browser = Browser(house.site)
    until(lambda: responds(browser), "the site answers")
    browser.sign_in(staged["words"])
    form = browser.form(write) | {"body": TEXT}

    # The worker is killed while the mail server has a mail and has not said so yet.
    until(lambda: len(sink.messages()) >= 3, "three mails are out")
    house.kill("worker")
    house.start("worker", commands.worker())
    until(lambda: len(sink.messages()) >= 8, "the second worker goes on")

    # Redis goes away in mid-send, and with it the broker and the web sessions.
    house.redis.stop()
    plain_page(browser, "/")
    refused_with_the_text(browser, write, form)
    sent_before = len(sink.messages())
    until(lambda: len(sink.messages()) > sent_before, "mail under way goes on without Redis")
    house.redis.start()
    until(lambda: browser.get("/sign-in/")[0] == 200, "the site is back after Redis")
    browser.sign_in(staged["words"])
    form = browser.form(write) | {"body": TEXT}
    assert len(set(sink.ids())) < staged["mails"], "the drill is over too soon to show anything"

    # PostgreSQL goes away in mid-send.
    house.postgres.stop()
    plain_page(browser, "/")
    refused_with_the_text(browser, write, form)
    status, page = browser.get(write, form)
    retry = hidden(page) | {"body": TEXT}
    house.postgres.start()
    until(lambda: browser.get(write)[0] == 200, "the site is back after PostgreSQL")

    # The refused text is sent from the very page that gave it back, twice, as an impatient hand would.
    for _ in range(2):
        status, page = browser.get(write, retry)
        assert status == 200, page
    assert house.count("SELECT count(*) FROM dialogue_comment") == 1

    def all_sent() -> bool:
        house.keep_going()
        return house.count("SELECT count(*) FROM dialogue_reminder WHERE state = 'sent'") == staged["mails"]

    until(all_sent, "every reminder is noted as sent")
    time.sleep(4)  # several ticks and a lease later still
    arrived = Counter(sink.ids())
    assert len(arrived) == staged["mails"]
    # One kill: at most the mail that was in flight came again, and as the same message.
    assert sum(arrived.values()) - len(arrived) <= 1
    assert house.count("SELECT count(*) FROM dialogue_reminder WHERE state <> 'due' AND state <> 'sent'") == 0


def responds(browser: Browser) -> bool:
    try:
        return browser.get("/sign-in/")[0] == 200
    except OSError:
        return False


def plain_page(browser: Browser, path: str) -> None:
    """The page works, or says in plain words that something does not; either way it is a whole page."""
    status, page = browser.get(path)
    assert status in (200, 503)
    assert "<h1>" in page
    assert "Traceback" not in page


def refused_with_the_text(browser: Browser, path: str, form: dict[str, str]) -> None:
    """Clearly refused, and the text is still in the form."""
    status, page = browser.get(path, form)
    assert status == 503
    field = re.search(r'<textarea[^>]*name="body"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert field is not None
    assert unescape(field[1]).strip() == TEXT
