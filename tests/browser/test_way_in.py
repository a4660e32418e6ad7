"""The pages on a participant's way in, which open only after the steps before, in a real Chromium."""

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from playwright.sync_api import Browser

from accounts.models import OutreachPartner, Participant, User
from accounts.participants.limits import Bucket
from seeds.faults import server_error
from seeds.languages import in_language
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
    faults = {path: found for path in STEPS if (found := inspector.faults_in_both_languages(path))}
    landed = inspector.page.url
    inspector.close()
    assert faults == {}
    assert landed == live_site + STEPS[-1]
    shown = [*STEPS, *(in_language(path, "es") for path in STEPS)]
    assert nu_errors({path: reader.get(path).content.decode() for path in shown}) == []


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
