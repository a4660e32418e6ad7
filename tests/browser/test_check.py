"""The check before sending in a real Chromium without JavaScript: what people see, change and send."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from accounts.models import Participant, User
from dialogue.sessions.models import Alias, DialogueSession
from dialogue.threads.models import Comment
from tests.browser.soundness import Inspector, nu_errors
from tests.browser.test_pages import cookies

ClientFor = Callable[[User | Participant | None], Client]
TEXT = (
    "It was Officer Brady, at the corner of Fifth and Main, on May 6 around 2 am.\n\n"
    "قال لي: 555-0142. My landlord saw it. " + "verylongword" * 20
)


@pytest.fixture
def page(
    browser: Browser, live_site: str, client_for: ClientFor, participant: Participant, alias: Alias
) -> Iterator[Page]:
    """A participant's phone, without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    context.set_default_timeout(10_000)
    jar = cookies(client_for(participant))
    context.add_cookies([{"name": name, "value": value, "url": live_site} for name, value in jar.items()])
    yield context.new_page()
    context.close()


@pytest.mark.slow
def test_write_look_change_look_and_send(page: Page, live_site: str, open_session: DialogueSession) -> None:
    page.goto(live_site + reverse("threads:write", args=[open_session.pk]))
    page.locator("textarea").fill(TEXT)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Look at it before you send it")).to_be_visible()
    found = ["Officer Brady", "corner of Fifth and Main", "May 6", "2 am", "555-0142", "My landlord"]
    expect(page.locator("mark bdi")).to_have_text(found)
    expect(page.locator("mark").first).to_contain_text("(rank and name)")
    expect(page.locator("textarea")).to_have_value(TEXT)
    page.locator("textarea").fill("It was an officer. My landlord saw it.")
    page.get_by_role("button", name="Check again").click()
    expect(page.locator("mark bdi")).to_have_text(["My landlord"])
    assert Comment.objects.count() == 0
    page.get_by_role("button", name="Send it as it is").click()
    expect(page.locator("main")).to_contain_text("We have your text.")
    expect(page.locator("main")).to_contain_text("It was an officer. My landlord saw it.")
    assert Comment.objects.count() == 1


@pytest.mark.slow
def test_the_page_of_the_check_is_sound(
    browser: Browser,
    live_site: str,
    client_for: ClientFor,
    participant: Participant,
    alias: Alias,
    open_session: DialogueSession,
) -> None:
    client = client_for(participant)
    path = reverse("threads:write", args=[open_session.pk])
    html = client.post(path, {"body": TEXT}).content.decode()
    inspector = Inspector(browser, live_site, cookies(client))
    inspector.page.route(f"**{path}", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    faults = inspector.faults_at(path)
    inspector.close()
    assert faults == []
    assert nu_errors({"check": html}) == []
