"""A demo to look at, and the ways into it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from demo.__main__ import site_answers
from demo.code import totp
from demo.environment import ROOT, CannotStart, Place, environment, free_port

#: By role: the name of the page it starts from.
HOMES = {
    "public": "welcome:home",
    "participant": "sessions:mine",
    "listener": "accounts:listener_home",
    "facilitator": "desk:home",
    "operator": "accounts:operator_home",
}
READY_SECONDS = 180.0
#: What would lead a demo of our own to somebody else's servers and secrets.
GIVEN = ("DATABASE_URL", "REDIS_URL", "DB_POOL", "STATIC_FROM_SOURCE", "SITE_SALT", "SECRET_KEY")


@contextmanager
def own_demo() -> Iterator[Place]:
    """A fresh demo on a free port, gone afterwards with its data. Raises CannotStart."""
    with tempfile.TemporaryDirectory(prefix="seeds-shots-") as folder:
        place, console = Place(free_port(), Path(folder) / "data"), Path(folder) / "console"
        kept = {key: value for key, value in os.environ.items() if key not in GIVEN}
        # Under make, a demo ends with its parent; so shall this one.
        env = kept | {"PORT": str(place.port), "DATA_DIR": str(place.data_dir), "MAKELEVEL": "1"}
        with console.open("w") as output:
            command = [sys.executable, "-m", "demo"]
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)
        try:
            _await(process, place, console)
            yield place
        finally:
            process.terminate()
            process.wait()


def _await(process: subprocess.Popen[bytes], place: Place, console: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not (f"ready at {place.site_url}" in console.read_text() and site_answers(place.port)):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"The demo did not start:\n{console.read_text()}")
        time.sleep(0.3)


@contextmanager
def running_demo(data_dir: Path) -> Iterator[Place]:
    """The demo that lives in this folder already, left running. Raises CannotStart."""
    try:
        port = urlsplit(told(data_dir)["base_url"]).port
    except FileNotFoundError:
        port = None
    if port is None or not site_answers(port):
        raise CannotStart(f"No demo runs in {data_dir}.")
    yield Place(port, data_dir)


def told(data_dir: Path) -> dict[str, Any]:
    """What demo.json says: who can sign in how."""
    passport: dict[str, Any] = json.loads((data_dir / "demo.json").read_text("utf-8"))
    return passport


def know_addresses(place: Place) -> None:
    """Set Django up here as it is in the demo, so that we know its addresses and languages. No database is asked."""
    unused = environment(place, database_url="postgresql://unused", redis_url="redis://unused", mail_port=1)
    os.environ.update(unused)
    django.setup()


def sign_in(context: BrowserContext, site: str, role: str, passport: dict[str, Any]) -> None:
    """Become the role, as its person would."""
    if role == "public":
        return
    page = context.new_page()
    if role == "participant":
        _send(page, site + reverse("accounts:sign_in"), words=passport[role]["passphrase"])
    else:
        account = passport[role]
        _send(page, site + reverse("account_login"), login=account["email"], password=account["password"])
        _send(page, None, code=totp(account["totp_secret"], time.time()))
    page.goto(site + reverse(HOMES[role]))
    if urlsplit(page.url).path != reverse(HOMES[role]):
        raise CannotStart(f"Could not sign in as {role}: the browser is at {page.url}.")
    page.close()


def _send(page: Page, url: str | None, **fields: str) -> None:
    """Fill the form at the url, or the one that came next, and send it."""
    if url:
        page.goto(url)
    for name, value in fields.items():
        if not page.locator(f"main [name={name}]").count():
            raise CannotStart(f"Could not sign in: nothing asks for the {name} at {page.url}.")
        page.fill(f"main [name={name}]", value)
    page.click("main form button")
    page.wait_for_load_state()
