"""Every page of every role in a real Chromium, on a phone and a desk, light and dark; and by the Nu checker."""

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from accounts.models import Participant, User
from dialogue.sessions.models import DialogueSession
from tests import factories
from tests import test_urls as by_address
from tests.browser.soundness import Inspector, assert_page_is_sound, listed, nu_errors
from tests.reading import grade, text_of
from tests.url_table import ROWS, VIEWERS, Row

#: Rules with :has(), which the checker's grammar is too old to know.
NEWER = re.compile(r"[^{}]*:has\([^{]*\{[^}]*\}")

ClientFor = Callable[[User | Participant | None], Client]
people, targets = by_address.people, by_address.targets
STATIC = Path(settings.BASE_DIR) / "static"
KIB = 1024
#: Outsiders see what insiders see, or less; a page open to all is looked at as a stranger and as somebody with a role.
LOOKERS = ("public", "participant", "listener", "facilitator", "operator")
FOR_ALL = ("public", "facilitator")
NAMED = ("listener", "facilitator", "operator")


def lookers(row: Row) -> Iterator[str]:
    """By whom this address is looked at: everyone who gets a page there and would see another one."""
    seeing = [viewer for viewer in LOOKERS if row.cells[VIEWERS.index(viewer)] == "200"]
    outsiders = [viewer for viewer in VIEWERS if row.cells[VIEWERS.index(viewer)] == "200"]
    if len(seeing) == len(LOOKERS):
        yield from FOR_ALL
    elif set(NAMED) <= set(seeing):
        yield from (viewer for viewer in seeing if viewer not in ("listener", "operator"))
    else:
        yield from seeing or outsiders


@pytest.fixture
def pages(
    people: dict[str, Any], targets: dict[str, dict[str, Any]], open_session: DialogueSession
) -> dict[str, list[str]]:
    """By viewer: the paths of all HTML pages in the table. The session has words in every state."""
    current = open_session.rounds.get(state="open")
    alias, seat = open_session.aliases.first(), open_session.seats.filter(state="seated").get()
    long = "Überall Grüße 🙂 مرحبا " + "verylongword" * 30
    for text in ("They took my bag.\n\nIt had my medicine in it.", long):
        factories.make_comment(current, alias, state="released", text=text)
    factories.make_comment(current, seat=seat, state="released", text="Thank you for telling us.")
    factories.make_resource()
    return {
        viewer: [reverse(row.name, kwargs=targets[row.target]) for row in ROWS if viewer in lookers(row)]
        for viewer in VIEWERS
    }


def html_pages(
    pages: dict[str, list[str]], people: dict[str, Any], client_for: ClientFor
) -> dict[str, tuple[str, str]]:
    """Viewer and path -> HTML, of those answers that are pages."""
    found = {}
    for viewer, paths in pages.items():
        client = client_for(people[viewer])
        for path in paths:
            response = client.get(path)
            if response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
                found[f"{viewer} {path}"] = (viewer, response.content.decode())
    return found


def cookies(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.mark.slow
@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.promise("P10")
def test_every_page_of_every_role_is_sound(
    viewer: str,
    browser: Browser,
    live_site: str,
    pages: dict[str, list[str]],
    people: dict[str, Any],
    client_for: ClientFor,
) -> None:
    shown = html_pages({viewer: pages[viewer]}, people, client_for)
    inspector = Inspector(browser, live_site, cookies(client_for(people[viewer])))
    faults = {}
    for name in shown:
        if found := inspector.faults_at(name.partition(" ")[2]):
            faults[name] = found
    inspector.close()
    assert faults == {}, listed(faults)


def test_every_page_is_looked_at_by_somebody() -> None:
    unseen = {row.name for row in ROWS if "200" in row.cells} - {row.name for row in ROWS if list(lookers(row))}
    assert unseen == set()


@pytest.mark.slow
def test_every_page_is_valid_html(pages: dict[str, list[str]], people: dict[str, Any], client_for: ClientFor) -> None:
    shown = {name: html for name, (_, html) in html_pages(pages, people, client_for).items()}
    shown["404"] = Client().get("/no-such-page/").content.decode()
    styles = {path.name: NEWER.sub("", path.read_text()) for path in (STATIC / "css").glob("*.css")}
    faults = nu_errors(shown, styles)
    assert faults == [], "\n".join(faults)


def test_pages_of_participants_read_at_grade_six(
    pages: dict[str, list[str]], people: dict[str, Any], client_for: ClientFor
) -> None:
    """Of pages with enough sentences to measure; strangers' pages too, those for named people's accounts included."""
    shown = {
        name: text_of(html)
        for name, (viewer, html) in html_pages(pages, people, client_for).items()
        if viewer in ("public", "participant")
    }
    assert {name: grade(text) for name, text in shown.items() if len(text.split()) >= 30 and grade(text) > 6} == {}


def test_the_checker_sees_faults() -> None:
    """If it were blind, the test above could not fail."""
    broken = "<!DOCTYPE html><html lang=en><title>x</title><p><div></p><img src=a>"
    assert len(nu_errors({"broken": broken}, {"bad.css": "a { color: nothing-at-all }"})) >= 3


def test_the_inspector_sees_faults(browser: Browser, live_site: str) -> None:
    """If it were blind, the walk could not fail."""
    inspector = Inspector(browser, live_site, {})
    inspector.page.route("**/broken", lambda route: route.fulfill(body=BROKEN, content_type="text/html"))
    faults = inspector.faults_at("/broken")
    inspector.close()
    for kind in (
        "axe html-has-lang",
        "axe color-contrast",
        'BUTTON "x" is',
        "scrolls sideways",
        "console: said",
        "loads",
    ):
        assert any(kind in fault for fault in faults), (kind, faults)


BROKEN = """<!DOCTYPE html><title>x</title><main><h1>x</h1><p style="color:#ccc;background:#fff">pale</p>
<button style="height:20px;padding:0">x</button><div style="width:2000px">wide</div></main>
<script>console.log("said")</script><img alt="" src="http://127.0.0.1:9/x.png">"""


@pytest.mark.parametrize("path", ["/no-such-page/", "/"])
def test_strangers_pages_are_sound(browser: Browser, live_site: str, path: str) -> None:
    inspector = Inspector(browser, live_site, {})
    if path == "/":
        assert_page_is_sound(inspector, path)
    else:  # the browser itself reports the 404 on its console
        assert [fault for fault in inspector.faults_at(path) if "404" not in fault] == []
    inspector.close()


#: What has the focus: its name, whether it is in view and uppermost, and whether a ring shows it.
FOCUSED = """(() => {
  const thing = document.activeElement, box = thing.getBoundingClientRect();
  const inside = box.top > -2 && box.bottom < innerHeight + 2 && box.left >= 0 && box.right <= innerWidth;
  const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), box.top + box.height / 2);
  const ring = getComputedStyle(thing);
  return [(thing.textContent || thing.name || '').trim().split(/\\s+/).join(' '), inside,
    Boolean(top) && (thing.contains(top) || top.contains(thing)), parseFloat(ring.outlineWidth) >= 2];
})()"""


@pytest.mark.parametrize("width", [320, 1280])
def test_by_keyboard_alone_everything_is_reached_and_seen(browser: Browser, live_site: str, width: int) -> None:
    inspector = Inspector(browser, live_site, {})
    inspector.look(width, "light")
    inspector.page.goto(live_site)
    reached = []
    for _ in range(40):
        inspector.page.keyboard.press("Tab")
        if inspector.run("document.activeElement === document.body"):
            break
        reached.append(inspector.run(FOCUSED))
    inspector.close()
    names = [name for name, *_ in reached]
    assert names[:4] == ["Exit", "Skip to the main part", settings.SITE_NAME, "Sessions"]
    assert [name[:15].strip() for name in names if name.startswith("I have")] == ["I have a card I", "I have my words"]
    assert names[-1] == "For police and prosecutors"
    assert [stop for stop in reached if stop[1:] != [True, True, True]] == []


def test_first_view_of_a_participant_is_light(
    participant: Participant, open_session: DialogueSession, client_for: ClientFor
) -> None:
    """25 KiB in all, as sent: files compressed, pages not (they mix secrets with text that others chose)."""
    sheets = [path.read_bytes() for path in sorted((STATIC / "css").glob("*.css")) if path.name != "cards.css"]
    files = [*sheets, (STATIC / "js/leave.js").read_bytes(), (STATIC / "img/favicon.svg").read_bytes()]
    style = sum(len(gzip.compress(sheet)) for sheet in sheets)
    shared = sum(len(gzip.compress(file)) for file in files)
    client = client_for(participant)
    paths = (reverse("sessions:mine"), reverse("welcome:how"), reverse("sessions:detail", args=[open_session.pk]))
    heaviest = max(len(client.get(path).content) for path in paths)
    front = len(Client().get("/").content)
    assert len(sheets) == 5
    assert style <= 14 * KIB
    assert shared + heaviest <= 25 * KIB
    assert shared + front <= 29 * KIB
    assert (STATIC / "js/leave.js").stat().st_size <= 5 * KIB
