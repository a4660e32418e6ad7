"""The real site in processes of its own; the servers behind it are really stopped while somebody is on it."""

import html
import http.client
import os
import re
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.conf import settings

from accounts.participants import keys
from seeds import commands
from seeds.embedded import Postgres, Redis

ROOT = Path(__file__).parents[2]
TEXT = "They woke me under the bridge and took my <tent>.\r\nI still hear it & I am still angry."
pytestmark = pytest.mark.slow


@dataclass
class Browser:
    """As much of a browser as the way in needs."""

    port: int
    cookie: str = ""
    seconds: float = 0
    headers: dict[str, str] = field(default_factory=dict)

    def go(self, path: str, **fields: str) -> tuple[int, str]:
        """GET, or POST with fields; keeps the cookie. The status and the page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        started = time.monotonic()
        connection.request("POST" if fields else "GET", path, urlencode(fields) if fields else None, headers)
        response = connection.getresponse()
        page = response.read().decode()
        self.seconds = time.monotonic() - started
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        if set_cookie := self.headers.get("set-cookie"):
            self.cookie = set_cookie.split(";")[0]
        connection.close()
        return response.status, page

    def token(self, path: str) -> str:
        """The token in the form at this address."""
        return form_of(self.go(path)[1])["csrfmiddlewaretoken"]


def form_of(page: str) -> dict[str, str]:
    """What the first form in the main part would send."""
    (main,) = re.findall(r"<main.*</main>", page, re.DOTALL)
    form = re.findall(r"<form.*?</form>", main, re.DOTALL)[0]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    pairs += re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', form)
    return {name: html.unescape(value).replace("\r\n", "\n").replace("\n", "\r\n") for name, value in pairs}


@dataclass
class Site:
    """The parts of a running site."""

    port: int
    postgres: Postgres
    redis: Redis

    def make_card(self) -> str:
        """An unused card, put straight into the database."""
        code, partner = keys.generate_code(), uuid.uuid4()
        with psycopg.connect(self.postgres.url) as connection:
            connection.execute(
                "INSERT INTO accounts_outreachpartner (id, name, contact_name, email, language, time_zone, is_active)"
                " VALUES (%s, 'Night Van', 'Sam Rivera', 'van@outreach.example', 'en', 'America/New_York', true)",
                [partner],
            )
            connection.execute(
                "INSERT INTO accounts_invitecode (id, digest, partner_id) VALUES (%s, %s, %s)",
                [uuid.uuid4(), keys.code_digest(code), partner],
            )
        return code

    def enter(self) -> tuple[Browser, str]:
        """A participant who just came in with a card; and the seven words."""
        browser = Browser(self.port)
        browser.go("/card/", code=self.make_card(), csrfmiddlewaretoken=browser.token("/card/"))
        for step in (1, 2, 3):
            path = f"/card/before/{step}/"
            browser.go(path, csrfmiddlewaretoken=browser.token(path))
        words = re.findall(r"<li>([a-z]+)</li>", browser.go("/card/words/")[1])
        page = browser.go("/card/words/check/")[1]
        asked = {f"word_{number}": words[int(number) - 1] for number in re.findall(r'name="word_(\d)"', page)}
        status, _ = browser.go("/card/words/check/", csrfmiddlewaretoken=form_of(page)["csrfmiddlewaretoken"], **asked)
        assert (status, browser.headers["location"]) == (302, "/my/")
        return browser, " ".join(words)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def web(environment: dict[str, str], log: Path) -> Iterator[int]:
    """The web server as it runs in production, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with log.open("w") as output:
        process = subprocess.Popen(
            commands.web("127.0.0.1", port), cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        try:
            deadline = time.monotonic() + 60
            while not listens(port) and time.monotonic() < deadline:
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Everything of its own: PostgreSQL, Redis, web server with a pool of connections."""
    postgres, redis = Postgres(tmp_path, test=True), Redis(tmp_path)
    environment = {
        **os.environ,
        "DATABASE_URL": postgres.start(),
        "REDIS_URL": redis.start(),
        "DATA_DIR": str(tmp_path),
        "KEY_DIR": str(tmp_path / "keys"),
        "DB_POOL": "6",
        "PYTHONWARNINGS": "default",
    }
    try:
        subprocess.run(commands.manage("migrate", "-v0"), cwd=ROOT, env=environment, check=True, timeout=120)
        with web(environment, tmp_path / "web.log") as port:
            yield Site(port, postgres, redis)
    finally:
        postgres.stop()
        redis.stop()


def test_words_and_people_outlive_both_servers(site: Site, tmp_path: Path):
    browser, words = site.enter()
    sent = {"csrfmiddlewaretoken": browser.token("/my/account/"), "body": TEXT, "round": "7"}
    path = "/my/account/delete/?reply=5"  # an address that would act, had the request come through

    site.postgres.stop()
    status, page = browser.go(path, **sent)
    assert (status, form_of(page)) == (503, sent)
    assert browser.seconds < 20
    assert browser.go("/my/account/")[0] == 503
    site.postgres.start()
    assert browser.go("/my/account/")[0] == 200  # neither the account nor the web session suffered

    site.redis.stop()
    status, page = browser.go(path, **sent)
    assert (status, form_of(page), browser.headers["retry-after"]) == (503, sent, "30")
    assert browser.seconds < 20
    status, _ = browser.go("/exit/", x="")
    assert (status, browser.headers["location"]) == (303, settings.EXIT_URL)
    assert "expires=Thu, 01 Jan 1970" in browser.headers["set-cookie"]
    site.redis.start()

    again = Browser(site.port)
    status, page = again.go(path, **form_of(page))
    assert status == 403
    status, page = again.go("/sign-in/", **form_of(page), words=words)
    assert (status, form_of(page)["body"], form_of(page)["round"]) == (200, TEXT, "7")
    log = (tmp_path / "web.log").read_text()
    assert "503" in log
    for marker in (*words.split(), "bridge", "reply=5", "127.0.0.1"):
        assert marker not in log
