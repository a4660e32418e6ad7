"""Somebody takes a participant's phone after the visit and reads everything the browser keeps.

A real Chromium with a profile on disk; a whole visit from the card to the exit; then every byte of the profile. What
is there, the site's address and its paths, the pages on the exit say.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from accounts.models import InviteCode
from accounts.participants import keys
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from scripts import browser as chromium
from seeds import wsgi
from tests import factories
from tests.browser.elsewhere import OtherSite, exit_leads_elsewhere
from tests.drills import marks
from tests.drills.conftest import Tell
from tests.drills.examiner import Examiner, Mark
from tests.drills.people import made_up_word

pytestmark = [pytest.mark.promise("P9"), pytest.mark.slow]
TITLE = "Searches under the Harbor Bridge"
LOADED = ("police", "drug")


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[OtherSite]:
    with exit_leads_elsewhere(settings) as site:
        yield site


@pytest.fixture
def talk(transactional_db: None) -> DialogueSession:
    made = factories.make_session(State.ANNOUNCED, title=TITLE)
    factories.make_round(made, RoundKind.DIALOGUE, Round.State.PLANNED)
    return made


@pytest.fixture
def code(transactional_db: None) -> str:
    code = keys.generate_code()
    InviteCode.objects.create(digest=keys.code_digest(code), partner=factories.make_partner())
    return code


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def come_in(page: Page, site: str, code: str) -> list[str]:
    """From the front page with a card to the seven words and in; the words."""
    page.goto(site + "/card/")
    page.locator("main [name=code]").fill(code)
    page.locator("main form button.button").first.click()
    for _ in range(3):
        press(page, "Go on")
    page.wait_for_url("**/card/words/")
    words = page.locator(".seven li").all_inner_texts()
    assert len(words) == 7
    page.goto(site + "/card/words/check/")
    for field in page.locator("main input[type=text]").all():
        number = re.search(r"\d", field.get_attribute("name") or "")
        assert number
        field.fill(words[int(number[0]) - 1])
    page.locator("main form button.button").first.click()
    page.wait_for_url("**/my/")
    return words


def take_part(page: Page, site: str, talk: DialogueSession, text: str) -> str:
    """Join, write, read what was written; the name."""
    page.goto(f"{site}/sessions/{talk.pk}/")
    page.goto(f"{site}/sessions/{talk.pk}/join/")
    name = page.locator("p.lead b").first.inner_text()
    page.locator("[name=agreed]").check()
    press(page, "Join")
    page.wait_for_url("**/my/")
    DialogueSession.objects.filter(pk=talk.pk).update(state=State.OPEN)
    Round.objects.filter(dialogue_session=talk).update(state=Round.State.OPEN)
    page.goto(f"{site}/room/{talk.pk}/write/")
    page.locator("main [name=body]").fill(text)
    press(page, "Send")
    page.goto(f"{site}/room/{talk.pk}/mine/")
    expect(page.locator("main")).to_contain_text(text)
    page.goto(f"{site}/room/{talk.pk}/")
    return name


class Visit:
    """A whole visit in a browser with a profile; the marks that it could have left."""

    def __init__(self, browser: Browser, profile: Path, *, javascript: bool) -> None:
        self.context = browser.browser_type.launch_persistent_context(
            str(profile),
            executable_path=chromium.find(),
            args=list(chromium.ARGUMENTS),
            java_script_enabled=javascript,
            ignore_https_errors=True,
        )
        self.context.set_default_timeout(20_000)
        self.marks: list[Mark] = []

    def run(self, site: str, code: str, talk: DialogueSession, away: OtherSite) -> None:
        """From the card to the exit, then the browser is closed."""
        text = f"they took {made_up_word()} from me"
        page = self.context.pages[0]
        words = come_in(page, site, code)
        name = take_part(page, site, talk, text)
        tokens = [str(cookie.get("value", "")) for cookie in self.context.cookies()]
        assert tokens
        page.locator("form.exit button").click()
        page.wait_for_url(f"{away.url}**")
        self.context.close()
        self.marks = [*marks.card(code, "me"), *(Mark("words", "me", one.encode()) for one in marks.rows_of(words))]
        self.marks += [Mark("cookie", "me", token.encode()) for token in tokens]
        given = {"text": text, "name": name, "title": TITLE}
        self.marks += [Mark(kind, "me", value.encode()) for kind, value in given.items()]


def kept(profile: Path, wanted: list[Mark]) -> dict[str, list[str]]:
    """What of it the profile holds, and where."""
    found: dict[str, list[str]] = {}
    for one in sorted(Examiner(wanted).in_files(profile), key=lambda one: one.file):
        found.setdefault(one.kind, []).append(one.file.split("/", 1)[1])
    return found


def loaded_words(profile: Path) -> set[tuple[str, str]]:
    """Words in any file that would tell what kind of site it was, and the files."""
    files = [path for path in profile.rglob("*") if path.is_file()]
    encoded = {word.encode(code): word for word in LOADED for code in ("utf-8", "utf-16-le")}
    held = [(path, path.read_bytes().lower()) for path in files]
    return {
        (word, str(path.relative_to(profile))) for raw, word in encoded.items() for path, data in held if raw in data
    }


def history(profile: Path, site: str) -> tuple[set[str], set[str]]:
    """The site's paths that the history tells of, ids left out; and the titles."""
    with closing(sqlite3.connect(profile / "Default" / "History")) as database:
        rows = database.execute("SELECT url, title FROM urls WHERE url LIKE ?", [f"{site}%"]).fetchall()
    paths = {re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", url.removeprefix(site)) for url, _ in rows}
    return paths, {title for _, title in rows}


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_the_browser_keeps_nothing_but_the_address(
    browser: Browser,
    live_site: str,
    elsewhere: OtherSite,
    talk: DialogueSession,
    code: str,
    javascript: bool,
    tmp_path: Path,
    tell: Tell,
) -> None:
    profile = tmp_path / "profile"
    visit = Visit(browser, profile, javascript=javascript)
    visit.run(live_site, code, talk, elsewhere)
    found, (paths, titles) = kept(profile, visit.marks), history(profile, live_site)
    size = sum(path.stat().st_size for path in profile.rglob("*") if path.is_file()) // 1000
    tell(
        "P9",
        f"a browser's profile after the exit ({'with' if javascript else 'without'} JavaScript), {size} kB",
        f"{found or 'no word, code, name, title or text'}; the history keeps {', '.join(sorted(paths))}",
        "see below",
    )
    assert found == {}
    assert titles == {"Welcome"}
    assert {"/card/words/", "/room/…/"} <= paths  # the examiner can see, and the pages say so
    assert loaded_words(profile) == set()


def test_without_no_store_the_profile_tells(
    browser: Browser,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    live_site: str,
    elsewhere: OtherSite,
    talk: DialogueSession,
    code: str,
    tmp_path: Path,
    tell: Tell,
) -> None:
    settings.MIDDLEWARE = ["tests.drills.weaker_parts.Storable", *settings.MIDDLEWARE]
    monkeypatch.setattr(wsgi, "pages", wsgi.get_wsgi_application())
    visit = Visit(browser, tmp_path / "profile", javascript=True)
    visit.run(live_site, code, talk, elsewhere)
    found = kept(tmp_path / "profile", visit.marks)
    tell("P9", "the control: the same visit, pages may be stored", "see above", sorted(found))
    assert {"words", "name", "text"} <= set(found)
