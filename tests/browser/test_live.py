"""Open pages bring themselves up to date in a real browser; without scripts a link does it."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, expect

from accounts.models import Participant, User
from dialogue.moderation.actions import release_batch
from dialogue.sessions.actions import close_session
from dialogue.sessions.actions_rounds import close_round, open_round
from dialogue.sessions.models import DialogueSession, Round, RoundKind
from tests import factories
from tests.browser.soundness import Inspector

pytestmark = pytest.mark.slow
ClientFor = Callable[[User | Participant | None], Client]
LINE = "p.live"
SOON = 8_000  # milliseconds: the stream opens after one second, looks are spread, and the machine may be busy


@pytest.fixture
def in_room(
    browser: Browser, live_site: str, open_session: DialogueSession, participant: Participant, client_for: ClientFor
) -> Callable[[], Inspector]:
    """A participant's browser, in the room, with its stream open."""

    def enter() -> Inspector:
        cookies = {name: one.value for name, one in client_for(participant).cookies.items()}
        inspector = Inspector(browser, live_site, cookies)
        with inspector.page.expect_response(lambda answer: "/live/" in answer.url):
            inspector.page.goto(live_site + reverse("threads:room", args=[open_session.pk]))
        inspector.run("window.isSame = true")
        return inspector

    return enter


def let_out(round: Round, words: str, by: User) -> None:
    """A batch with these words."""
    for text in (words, "And something else."):
        factories.make_comment(round, text=text, state="approved")
    release_batch(round, by=by)


def test_a_release_and_a_new_round_show_without_reload(
    in_room: Callable[[], Inspector], listening: Round, open_session: DialogueSession, facilitator: User
) -> None:
    coming = factories.make_round(open_session, RoundKind.CLOSING, state="planned")
    inspector = in_room()
    page = inspector.page
    let_out(listening, "I waited on the curb.", facilitator)
    expect(page.locator("#said")).to_contain_text("I waited on the curb.", timeout=SOON)
    expect(page.locator(f"{LINE} [role=status]")).to_have_text("This page was brought up to date.")
    expect(page.locator("#said .comment")).to_have_count(2)
    page.locator(f"{LINE} a").focus()
    close_round(listening, by=facilitator)
    open_round(coming, by=facilitator)
    expect(page.locator("#now")).to_have_text("Closing", timeout=SOON)
    assert inspector.run("document.activeElement.textContent") == "Check for new"
    close_round(coming, by=facilitator)
    close_session(open_session, by=facilitator)
    expect(page.locator(".next-step")).to_contain_text("This talk is over.", timeout=SOON)
    expect(page.locator(LINE)).to_have_count(0)
    assert inspector.run("window.isSame") is True
    assert inspector.noted == []
    inspector.close()


def test_what_is_being_typed_stays(in_room: Callable[[], Inspector], listening: Round, facilitator: User) -> None:
    inspector = in_room()
    page = inspector.page
    inspector.run("document.querySelector('#said').append(document.createElement('textarea'))")
    page.locator("#said textarea").fill("Half a sentence")
    let_out(listening, "I waited on the curb.", facilitator)
    link = page.locator(f"{LINE} a")
    expect(link).to_have_text("Show it", timeout=SOON)
    expect(page.locator(f"{LINE} [role=status]")).to_have_text("Something new is here.")
    link.click()
    expect(page.locator("#said textarea")).to_have_value("Half a sentence")
    expect(page.locator("#said")).not_to_contain_text("I waited on the curb.")
    page.locator("#said textarea").fill("")
    link.click()
    expect(page.locator("#said")).to_contain_text("I waited on the curb.")
    expect(link).to_have_text("Check for new")
    inspector.close()


def test_a_colleague_s_claim_shows_within_two_seconds(
    browser: Browser,
    live_site: str,
    open_session: DialogueSession,
    listening: Round,
    facilitator: User,
    peer: User,
    client_for: ClientFor,
) -> None:
    """Two facilitators, two browsers, one queue. The keyboard of the one who watches stays where it is."""
    texts = [factories.make_comment(listening) for _ in range(3)]
    rosa, jo = (
        Inspector(browser, live_site, {name: one.value for name, one in client_for(person).cookies.items()})
        for person in (facilitator, peer)
    )
    queue = live_site + reverse("moderation:queue")
    with jo.page.expect_response(lambda answer: "/live/" in answer.url):
        jo.page.goto(queue)
    link = jo.page.locator(f"#waits-{texts[2].pk} a").first
    link.focus()
    rosa.page.goto(live_site + reverse("moderation:item", args=[texts[0].pk]))
    rosa.page.get_by_role("button", name="Open and read").click()
    expect(jo.page.locator(f"#waits-{texts[0].pk}")).to_contain_text("Rosa Lindqvist is reading this", timeout=2_000)
    expect(link).to_be_focused()
    rosa.page.get_by_role("button", name="Approve").first.click()
    expect(jo.page.locator(f"#waits-{texts[0].pk}")).to_have_count(0, timeout=SOON)
    expect(link).to_be_focused()
    for inspector in (rosa, jo):
        inspector.close()


def test_exit_closes_the_stream(in_room: Callable[[], Inspector], listening: Round, facilitator: User) -> None:
    inspector = in_room()
    asked: list[str] = []
    inspector.page.on("request", lambda request: asked.append(request.url))
    inspector.run("document.querySelector('form.exit').addEventListener('submit', event => event.preventDefault())")
    inspector.page.locator("form.exit button").click()
    let_out(listening, "I waited on the curb.", facilitator)
    inspector.page.wait_for_timeout(3_000)
    assert asked == []
    assert "curb" not in inspector.page.content()
    inspector.close()


def test_who_is_signed_out_elsewhere_leaves(
    in_room: Callable[[], Inspector], open_session: DialogueSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seeds.streams.ASK_EVERY", 1.0)
    page = in_room().page
    caches["sessions"].clear()
    expect(page.locator("h1")).to_have_text("Type your seven words", timeout=SOON)
    assert reverse("threads:room", args=[open_session.pk]) in unquote(page.url), "and comes back here"
    page.context.close()


def test_without_scripts_a_link_looks_again(
    browser: Browser,
    live_site: str,
    open_session: DialogueSession,
    listening: Round,
    participant: Participant,
    facilitator: User,
    client_for: ClientFor,
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    cookies = client_for(participant).cookies.items()
    context.add_cookies([{"name": name, "value": one.value, "url": live_site} for name, one in cookies])
    page = context.new_page()
    page.goto(live_site + reverse("threads:room", args=[open_session.pk]))
    let_out(listening, "I waited on the curb.", facilitator)
    page.get_by_role("link", name="Check for new").click()
    expect(page.locator("#said")).to_contain_text("I waited on the curb.")
    context.close()
