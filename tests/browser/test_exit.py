"""The exit in a real Chromium that keeps left pages in its memory, as those of people do; with and without JavaScript.

What a participant could read or had typed carries markers. After the exit nothing the browser can be asked to show
may hold one.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, CDPSession, Dialog, Page, expect
from pytest_django import Settings

from accounts.models import Participant, User
from accounts.participants import views_sign_in
from accounts.websession import SessionStore
from dialogue.sessions.models import Alias, DialogueSession, Round
from scripts import browser as chromium
from seeds import middleware
from tests import factories
from tests.browser.elsewhere import OtherSite, exit_leads_elsewhere

pytestmark = [pytest.mark.promise("P9"), pytest.mark.slow]
ClientFor = Callable[[User | Participant | None], Client]
#: In a released text, in one that was given back, in what is typed and not sent, and in the room's own title.
OTHERS, OWN, TYPED, TITLE = "kingfisher", "marshmallow", "windlass", "Harborside"
MARKERS = (OTHERS, OWN, TYPED, TITLE)
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 20_000, "uploadThroughput": 20_000}
PRESS = "form.exit button"


@pytest.fixture(scope="module")
def remembering(browser: Browser) -> Iterator[Browser]:
    """A Chromium that may keep whole pages for Back, which the test driver forbids it by itself."""
    running = browser.browser_type.launch(
        executable_path=chromium.find(),
        args=list(chromium.ARGUMENTS),
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield running
    running.close()


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[OtherSite]:
    with exit_leads_elsewhere(settings) as site:
        yield site


@dataclass
class Reader:
    """A participant's browser, on the page where they write, with the room behind it."""

    site: str
    context: BrowserContext
    page: Page
    rooms: list[str]  # the addresses of the pages that hold markers; people write on the last one
    token: str
    scripted: bool

    def shows(self, page: Page | None = None) -> list[str]:
        """The markers in what the page shows or holds, typed text included."""
        looked_at = page or self.page
        typed = [box.input_value() for box in looked_at.locator("textarea, input[type=text]").all()]
        return [word for word in MARKERS if word in looked_at.content() or any(word in text for text in typed)]

    def readable(self) -> bool:
        """Whether a person sees the main part of the page on the screen right now."""
        return self.page.locator("main h1").is_visible()

    def go(self, steps: int) -> None:
        """Back or forward. A page out of the browser's memory sends no load event, so none is waited for."""
        for _ in range(abs(steps)):
            move = self.page.go_back if steps < 0 else self.page.go_forward
            move(wait_until="commit")
            self.page.wait_for_timeout(300)

    def slowly(self) -> CDPSession:
        """From here on the line is slow."""
        line = self.context.new_cdp_session(self.page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW)
        return line


@pytest.fixture(params=["with JavaScript", "without"])
def reader(
    request: pytest.FixtureRequest,
    remembering: Browser,
    live_site: str,
    elsewhere: OtherSite,
    participant: Participant,
    open_session: DialogueSession,
    listening: Round,
    alias: Alias,
    other_alias: Alias,
    client_for: ClientFor,
) -> Iterator[Reader]:
    """Somebody who has read the room and their own texts, and has typed a third one."""
    open_session.title = TITLE
    open_session.save(update_fields=["title"])
    factories.make_comment(listening, other_alias, state="released", text=f"The {OTHERS} was there.")
    own = factories.make_comment(listening, alias, state="returned", text=f"My {OWN} was gone.")
    pages = [reverse(f"threads:{name}", args=[open_session.pk]) for name in ("room", "mine")]
    rooms = [live_site + page for page in (*pages, reverse("threads:revise", args=[own.pk]))]
    scripted = request.param == "with JavaScript"
    token = client_for(participant).cookies["s"].value
    context = remembering.new_context(java_script_enabled=scripted)
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "s", "value": token, "url": live_site}])
    reading = Reader(live_site, context, context.new_page(), rooms, token, scripted)
    seen: set[str] = set()
    for address in reading.rooms:
        reading.page.goto(address)
        seen |= set(reading.shows())
    reading.page.locator("main textarea").first.fill(f"Nobody knows of the {TYPED}.")
    assert seen | set(reading.shows()) == set(MARKERS)
    yield reading
    context.close()


def test_nothing_the_browser_shows_afterwards_holds_a_word(reader: Reader, elsewhere: OtherSite) -> None:
    prompts: list[str] = []

    def refuse(dialog: Dialog) -> None:
        prompts.append(dialog.message)
        dialog.dismiss()

    reader.page.on("dialog", refuse)
    reader.page.click(PRESS)
    reader.page.wait_for_url(elsewhere.url)
    assert (prompts, reader.context.cookies(reader.site)) == ([], [])
    shown = {}
    for name, steps in (("back", -1), ("forward", 1), ("back again", -1), ("back twice", -1), ("back thrice", -1)):
        reader.go(steps)
        shown[name] = reader.shows()
    reader.page.reload()
    shown["reloaded"] = reader.shows()
    for address in reader.rooms:
        reopened = reader.context.new_page()
        reopened.goto(address)
        shown[address] = reader.shows(reopened)
    assert {name: words for name, words in shown.items() if words} == {}
    assert len(shown) == 9


def test_without_the_exit_the_same_way_back_shows_it_all(reader: Reader, elsewhere: OtherSite) -> None:
    """The control: a plain way out leaves the pages in the browser's memory, typed text included."""
    reader.page.goto(elsewhere.url)
    reader.go(-1)
    assert TYPED in reader.shows()
    reader.go(-2)
    assert OTHERS in reader.shows()


def test_the_web_session_is_gone_also_for_who_kept_the_cookie(reader: Reader, elsewhere: OtherSite) -> None:
    replayed = Client()
    replayed.cookies["s"] = reader.token
    account = reverse("accounts:participant_account")
    assert replayed.get(account).status_code == 200
    reader.page.click(PRESS)
    reader.page.wait_for_url(elsewhere.url)
    assert SessionStore(reader.token).load() == {}
    replayed.cookies["s"] = reader.token
    assert replayed.get(account).status_code == 302


def test_the_other_site_is_not_told_from_where(reader: Reader, elsewhere: OtherSite) -> None:
    reader.page.click(PRESS)
    reader.page.wait_for_url(elsewhere.url)
    assert elsewhere.referrers[0] == ""


def test_by_keyboard_it_is_one_tab_away(reader: Reader, elsewhere: OtherSite) -> None:
    reader.page.goto(reader.rooms[0])
    reader.page.keyboard.press("Tab")
    assert reader.readable()  # only to have the focus does not blank the page
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(elsewhere.url)
    reader.go(-1)
    assert reader.shows() == []


def test_shift_three_times_is_the_exit_where_scripts_run(reader: Reader, elsewhere: OtherSite) -> None:
    """Also from the middle of a text; three capitals are no exit."""
    box = reader.page.locator("main textarea").first
    box.press_sequentially("ABC", delay=20)
    assert reader.readable()
    for _ in range(3):
        reader.page.keyboard.press("Shift")
    if reader.scripted:
        reader.page.wait_for_url(elsewhere.url)
        reader.go(-1)
        assert reader.shows() == []
    else:
        reader.page.wait_for_timeout(300)
        assert reader.readable()


@pytest.fixture
def unanswered(reader: Reader) -> Reader:
    """The exit is never answered. Chromium stays on the page then, and shows what it shows while it waits."""
    reader.page.goto(reader.rooms[0])
    reader.page.route("**/exit/", lambda route: route.fulfill(status=204))
    return reader


def test_the_page_is_blank_from_the_press_on(unanswered: Reader) -> None:
    """However long the line, our server or the other site take to answer."""
    unanswered.page.click(PRESS)
    assert not unanswered.readable()
    assert unanswered.page.locator(PRESS).is_visible()  # to press again


def test_by_keyboard_the_page_stays_only_where_no_script_runs(unanswered: Reader) -> None:
    """The one gap, told on the page about the exit: to a style sheet, a button pressed by key is one with the focus."""
    unanswered.page.keyboard.press("Tab")
    unanswered.page.keyboard.press("Enter")
    unanswered.page.wait_for_timeout(300)
    assert unanswered.readable() is not unanswered.scripted


def test_on_a_slow_line_to_a_slow_site_it_leads_away_all_the_same(reader: Reader, elsewhere: OtherSite) -> None:
    reader.slowly()
    elsewhere.delay = 3
    reader.page.click(PRESS)
    reader.page.wait_for_url(elsewhere.url)
    reader.go(-1)
    assert reader.shows() == []


def test_while_our_server_answers_late_it_leads_away_all_the_same(
    reader: Reader, elsewhere: OtherSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_sign_in, "SeeOther", late(views_sign_in.SeeOther, 3))
    reader.page.click(PRESS)
    reader.page.wait_for_url(elsewhere.url)
    reader.go(-1)
    assert reader.shows() == []


def late(answer: Callable[[str], HttpResponse], seconds: float) -> Callable[[str], HttpResponse]:
    def answered(address: str) -> HttpResponse:
        time.sleep(seconds)
        return answer(address)

    return answered


def test_a_server_of_ours_that_hangs_is_waited_for_only_without_javascript(
    reader: Reader, elsewhere: OtherSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With it the browser goes by itself after six seconds. Our server ends the web session in both cases."""
    monkeypatch.setattr(views_sign_in, "SeeOther", late(views_sign_in.SeeOther, 10))
    began = time.monotonic()
    reader.page.locator(PRESS).dispatch_event("click")  # a real press would hold the test until the browser has left
    expect(reader.page).to_have_url(elsewhere.url, timeout=20_000)
    assert (time.monotonic() - began < 10) is reader.scripted
    assert SessionStore(reader.token).load() == {}
    reader.go(-1)
    assert reader.shows() == []


def test_other_tabs_are_left_too_where_scripts_run(reader: Reader, elsewhere: OtherSite) -> None:
    other = reader.context.new_page()
    other.goto(reader.rooms[0])
    reader.page.click(PRESS)
    reader.page.wait_for_url(elsewhere.url)
    if reader.scripted:
        expect(other).to_have_url(f"{reader.site}/")
    else:
        assert reader.shows(other) != []  # told on the page about the exit: close your other tabs
    other.reload()
    assert reader.shows(other) == []


def test_words_typed_by_a_stranger_are_gone_too(remembering: Browser, live_site: str, elsewhere: OtherSite) -> None:
    """Who has no cookie yet: the seven words or a card's code, typed and not sent. Without JavaScript."""
    context = remembering.new_context(java_script_enabled=False)
    page = context.new_page()
    for path, field in ((reverse("accounts:sign_in"), "words"), (reverse("accounts:card"), "code")):
        page.goto(live_site + path)
        page.fill(f"input[name={field}]", TYPED)
        page.click(PRESS)
        page.wait_for_url(elsewhere.url)
        page.go_back(wait_until="commit")
        page.wait_for_timeout(300)
        assert page.input_value(f"input[name={field}]") == ""
    context.close()


def test_a_page_left_open_goes_to_the_front_page(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "LEAVE_AFTER", 1)
    reader.page.goto(reader.rooms[0])
    reader.page.wait_for_url(f"{reader.site}/", timeout=5_000)
    assert OTHERS not in reader.page.content()


def test_a_target_that_leads_on_to_another_site_needs_its_last_address(
    reader: Reader, elsewhere: OtherSite, settings: Settings
) -> None:
    """Browsers hold the policy against each step of the way: docs/operations.md says to set the last address."""
    settings.EXIT_URL = elsewhere.url.replace("127.0.0.1", "localhost")
    reader.page.goto(reader.rooms[0])
    reader.page.click(PRESS)
    if reader.scripted:
        expect(reader.page).to_have_url(settings.EXIT_URL, timeout=10_000)
    else:
        reader.page.wait_for_timeout(1500)
        assert not reader.readable()
    assert SessionStore(reader.token).load() == {}
