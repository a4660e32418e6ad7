"""The pages on a participant's way in, which open only after the steps before; and the way out, in a real Chromium."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from csp.constants import SELF
from django.test import Client, RequestFactory
from playwright.sync_api import Browser, Page
from pytest_django import Settings

from accounts.models import OutreachPartner, Participant, User
from accounts.participants.limits import Bucket
from accounts.websession import SessionStore
from seeds.faults import server_error
from tests.accounts.participants.helpers import make_card
from tests.browser.soundness import Inspector, nu_errors
from tests.browser.test_pages import cookies

STEPS = [*(f"/card/before/{step}/" for step in (1, 2, 3)), "/card/words/", "/card/words/check/", "/card/leave/"]
TEXT = "They took my <tent> & my shoes.\nI said nothing. " + "verylongword" * 20


@pytest.fixture
def reader(partner: OutreachPartner) -> Client:
    """A browser that has got as far as the seven words."""
    client = Client()
    client.post("/card/", {"code": make_card(partner)})
    for step in (1, 2, 3):
        client.post(f"/card/before/{step}/")
    return client


@pytest.mark.slow
def test_each_step_is_sound(browser: Browser, live_site: str, reader: Client) -> None:
    inspector = Inspector(browser, live_site, cookies(reader))
    faults = {path: found for path in STEPS if (found := inspector.faults_at(path))}
    landed = inspector.page.url
    inspector.close()
    assert faults == {}
    assert landed == live_site + STEPS[-1]
    assert nu_errors({path: reader.get(path).content.decode() for path in STEPS}) == []


def answers_to_posts(
    reader: Client, participant: Participant, client_for: Callable[[User | Participant | None], Client], few: Bucket
) -> dict[str, str]:
    """Pages that no address shows by itself, by what they say."""
    strict = Client(enforce_csrf_checks=True)
    signed_in = client_for(participant)
    signed_in.handler.enforce_csrf_checks = True
    written = {"body": TEXT, "round": "1"}
    pages = {
        "wrong code": client_for(None).post("/card/", {"code": "x"}),
        "empty words": reader.post("/card/words/check/", {}),
        "unknown words": client_for(None).post("/sign-in/", {"words": "no such words"}),
        "too old": strict.post("/card/", {"code": "x"}),
        "old sign-in": strict.post("/sign-in/", {"words": "x"}),
        "signed out with text": strict.post("/my/account/", written),
        "not yet": client_for(None).post("/sign-in/", {"signed-in": "1", "next": "/room/", "carried-body": TEXT}),
        "signed in with text": signed_in.post("/my/account/", written),
    }
    few.take()
    pages["too many"] = client_for(None).post("/card/", {"code": "x"})
    return {name: response.content.decode() for name, response in pages.items()}


@pytest.mark.slow
def test_answers_to_forms_are_sound(
    browser: Browser,
    live_site: str,
    reader: Client,
    participant: Participant,
    client_for: Callable[[User | Participant | None], Client],
    monkeypatch: pytest.MonkeyPatch,
    rf: RequestFactory,
) -> None:
    few = Bucket("few", burst=2, per_minute=1)
    monkeypatch.setattr("accounts.participants.views_card.CODES", few)
    pages = answers_to_posts(reader, participant, client_for, few)
    try:
        raise ConnectionError
    except ConnectionError:
        pages["out of reach"] = server_error(rf.post("/room/", {"body": TEXT, "round": "1"})).content.decode()
        pages["out of reach, no text"] = server_error(rf.get("/room/")).content.decode()
    assert "Please wait" in pages["too many"]
    names = ("signed out with text", "signed in with text", "out of reach")
    assert [name for name in names if "my shoes" not in pages[name]] == []
    inspector = Inspector(browser, live_site, {})
    faults = {}
    for name, page in pages.items():
        inspector.page.unroute_all()
        inspector.page.route("**/shown", lambda route, _, page=page: route.fulfill(body=page, content_type="text/html"))
        if found := inspector.faults_at("/shown"):
            faults[name] = found
    inspector.close()
    assert faults == {}
    assert nu_errors(pages) == []


class Elsewhere(BaseHTTPRequestHandler):
    """Some other site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><html lang=en><title>Elsewhere</title>")

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[str]:
    """Where the exit leads in this test, allowed by the page's policy as the real one is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert settings.EXIT_URL.startswith(directives["form-action"][1])
    settings.EXIT_URL = f"{address}/"
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**directives, "form-action": [SELF, address]}}
    yield settings.EXIT_URL
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["with JavaScript", "without"])
def reading(
    request: pytest.FixtureRequest,
    browser: Browser,
    live_site: str,
    elsewhere: str,
    participant: Participant,
    client_for: Callable[[User | Participant | None], Client],
) -> Iterator[Page]:
    """A participant who reads a page of their own."""
    context = browser.new_context(java_script_enabled=request.param == "with JavaScript")
    context.add_cookies([{"name": "s", "value": client_for(participant).cookies["s"].value, "url": live_site}])
    page = context.new_page()
    page.goto(f"{live_site}/sessions/")
    page.goto(f"{live_site}/my/account/")
    assert OWN in page.content()
    yield page
    context.close()


OWN = "Your account is your seven words"


@pytest.mark.promise("P9")
def test_exit_leaves_and_back_shows_nothing(reading: Page, live_site: str, elsewhere: str) -> None:
    token = reading.context.cookies(live_site)[0]["value"]
    reading.keyboard.press("Tab")
    reading.keyboard.press("Enter")  # the exit is the first thing that Tab reaches
    reading.wait_for_url(elsewhere)
    assert reading.title() == "Elsewhere"
    assert reading.context.cookies(live_site) == []
    reading.go_back()
    reading.wait_for_load_state()
    assert OWN not in reading.content()
    assert SessionStore(token).load() == {}


def test_shift_three_times_is_the_exit_too(reading: Page, elsewhere: str, request: pytest.FixtureRequest) -> None:
    for _ in range(3):
        reading.keyboard.press("Shift")
    if "without" in request.node.name:
        reading.wait_for_timeout(300)
        assert OWN in reading.content()
    else:
        reading.wait_for_url(elsewhere)
