"""The queue by keyboard, in a real browser. Without its script everything is buttons; with it, keys press them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from dialogue.moderation.actions import claim_comment
from dialogue.moderation.policies import READY_NOTES
from dialogue.sessions.models import Round
from dialogue.threads.models import Comment
from tests import factories


@pytest.fixture
def texts(live_site: str, listening: Round, facilitator: User) -> list[Comment]:
    """Two that wait; the first is open for the facilitator."""
    made = [factories.make_comment(listening, period=period) for period in (1, 2)]
    claim_comment(made[0], version=1, by=facilitator)
    return made


@pytest.fixture
def page(
    browser: Browser, live_site: str, facilitator: User, texts: list[Comment], client_for: Callable[[Any], Client]
) -> Iterator[Page]:
    cookies = client_for(facilitator).cookies
    context = browser.new_context()
    context.add_cookies([{"name": name, "value": morsel.value, "url": live_site} for name, morsel in cookies.items()])
    page = context.new_page()
    page.goto(live_site + reverse("moderation:item", args=[texts[0].pk]))
    yield page
    context.close()


@pytest.mark.slow
def test_a_whole_item_by_keys(page: Page, live_site: str, texts: list[Comment]) -> None:
    page.keyboard.press("?")
    expect(page.get_by_text("Go to the reasons for a return")).to_be_visible()

    page.keyboard.press("r")
    expect(page.get_by_label("It could show who you are")).to_be_focused()
    page.get_by_label("It is about an open case").check()
    note = page.get_by_label("Note to the author")
    expect(note).to_have_value(str(READY_NOTES["open_case"]))  # type: ignore[index]
    page.get_by_label("It is not meant for this dialogue").check()
    expect(note).to_have_value(str(READY_NOTES["spam"]))  # type: ignore[index]
    note.fill("")
    note.type("a note, not an approval")  # keys do nothing while one types
    page.get_by_label("It shows contempt").check()
    expect(note).to_have_value("a note, not an approval")

    page.locator("#item").focus()
    page.keyboard.press("a")
    page.wait_for_url(live_site + reverse("moderation:item", args=[texts[1].pk]) + "*")
    texts[0].refresh_from_db()
    assert texts[0].state == "approved"


@pytest.mark.slow
def test_p_proposes_other_words(page: Page, live_site: str, texts: list[Comment]) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys").get_by_text("Propose other words")).to_be_visible()
    page.locator("#item").focus()
    page.keyboard.press("p")
    page.wait_for_url(live_site + reverse("moderation:propose", args=[texts[0].pk]))
    page.get_by_label("The words you propose").fill("Other words")
    page.get_by_label("Note to the author").fill("Why")
    page.get_by_role("button", name="See what the author will see").press("Enter")
    page.get_by_role("button", name="Propose these words").press("Enter")
    page.wait_for_url(live_site + reverse("moderation:item", args=[texts[1].pk]) + "*")
    texts[0].refresh_from_db()
    assert texts[0].state == "proposed"
