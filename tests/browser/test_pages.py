"""Every page of every role in a real Chromium, on a phone and a desk, light and dark; and by the Nu checker."""

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from accounts.models import Participant, User
from dialogue.commitments.actions_seen import say_seen
from dialogue.commitments.models import Commitment
from dialogue.sessions.models import DialogueSession
from seeds.languages import in_language
from tests import factories
from tests import test_urls as by_address
from tests.browser.keyboard import Keyboard
from tests.browser.soundness import (
    TARGET,
    WIDE_TARGET,
    Inspector,
    listed,
    nu_errors,
)
from tests.reading import ease, grade, text_of
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
UNNAMED = ("public", "participant")
LANGUAGES = ("en", "es")
#: They open by GET and are no pages.
FILES = ("sessions:calendar", "desk:calendar_file", "commitments:feed", "live:room", "live:desk")
MOST_ELEMENTS = 700


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
    promise = Commitment.objects.get(pk=targets["promise"]["pk"])
    factories.make_update(promise, state="released", evidence_url="https://police.example/orders")
    for answer in ("seen", "seen", "not_seen", "not_seen", "not_sure"):
        say_seen(promise, answer=answer, by=factories.make_participant())
    return {
        viewer: [
            reverse(row.name, kwargs=targets[row.target])
            for row in ROWS
            if viewer in lookers(row) and row.name not in FILES
        ]
        for viewer in LOOKERS
    }


def html_pages(
    pages: dict[str, list[str]], people: dict[str, Any], client_for: ClientFor, language: str = "en"
) -> dict[str, tuple[str, str]]:
    """Viewer and path -> viewer and HTML."""
    found = {}
    for viewer, paths in pages.items():
        client = client_for(people[viewer])
        for path in (in_language(path, language) for path in paths):
            response = client.get(path)
            assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8"), path
            found[f"{viewer} {path}"] = (viewer, response.content.decode())
    return found


def cookies(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.mark.slow
@pytest.mark.parametrize("viewer", LOOKERS)
@pytest.mark.promise("P10")
def test_every_page_of_every_role_is_sound(
    viewer: str,
    browser: Browser,
    live_site: str,
    pages: dict[str, list[str]],
    people: dict[str, Any],
    client_for: ClientFor,
) -> None:
    target = WIDE_TARGET if viewer in UNNAMED else TARGET
    inspector = Inspector(browser, live_site, cookies(client_for(people[viewer])), target)
    faults, titles = {}, {}
    for path in pages[viewer]:
        if found := inspector.faults_in_both_languages(path):
            faults[path] = found
        titles[path] = inspector.run("document.title")
    inspector.close()
    assert faults == {}, listed(faults)
    assert titles_that_mislead(viewer, titles, pages) == []


def titles_that_mislead(viewer: str, titles: dict[str, str], pages: dict[str, list[str]]) -> list[str]:
    """A title is seen over the shoulder, in the list of tabs, and in the history: the same on every page of
    participants, and different on every page of named people that is not open to all."""
    if viewer == "participant":
        return [title for title in titles.values() if title != "Welcome"]
    own = [title for path, title in titles.items() if viewer in NAMED and path not in pages["public"]]
    return [title for title, times in Counter(own).items() if times > 1]


def test_every_page_is_looked_at_by_somebody() -> None:
    unseen = {row.name for row in ROWS if "200" in row.cells} - {row.name for row in ROWS if list(lookers(row))}
    assert unseen == set()
    assert {viewer for row in ROWS for viewer in lookers(row)} == set(LOOKERS)


@pytest.mark.slow
def test_every_page_is_valid_html(pages: dict[str, list[str]], people: dict[str, Any], client_for: ClientFor) -> None:
    """In both languages, style sheets too. One page and one sheet are broken, so that a blind checker is noticed."""
    shown = {"404": Client().get("/no-such-page/").content.decode(), "broken": FAULTY}
    for language in LANGUAGES:
        found = html_pages(pages, people, client_for, language)
        shown |= {name: html for name, (_, html) in found.items()}
        assert [name for name, (_, html) in found.items() if f'<html lang="{language}">' not in html] == []
    styles = {path.name: NEWER.sub("", path.read_text()) for path in (STATIC / "css").glob("*.css")}
    faults = nu_errors(shown, {**styles, "bad.css": "a { color: nothing-at-all }"})
    expected = [fault for fault in faults if fault.startswith(("broken: ", "bad.css: "))]
    assert len(expected) >= 3
    assert faults == expected, "\n".join(faults)


FAULTY = "<!DOCTYPE html><html lang=en><title>x</title><p><div></p><img src=a>"


def test_pages_of_participants_are_easy_to_read_and_small(
    pages: dict[str, list[str]], people: dict[str, Any], client_for: ClientFor
) -> None:
    """Strangers' pages too, those for named people's accounts included. Texts of a few words can't be measured."""
    theirs = {viewer: pages[viewer] for viewer in UNNAMED}
    hard, large = {}, {}
    for language in LANGUAGES:
        for name, (_, html) in html_pages(theirs, people, client_for, language).items():
            text = text_of(html)
            if len(text.split()) >= 30 and (why := too_hard(text, language)):
                hard[name] = why
            if (elements := len(re.findall(r"<[a-z]", html))) > MOST_ELEMENTS:
                large[name] = elements
    assert hard == {}, "\n".join(f"{name}: {why}" for name, why in hard.items())
    assert large == {}


def too_hard(text: str, language: str) -> str:
    """By how much the text is too hard; nothing if it is easy."""
    if language == "en":
        return f"grade {grade(text):.1f}" if grade(text) > 6 else ""
    huerta, szigriszt = ease(text)
    return f"Fernández Huerta {huerta:.1f}, INFLESZ {szigriszt:.1f}" if huerta < 70 or szigriszt < 65 else ""


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
        'P "pale" has a contrast of 1.61, light',
        'P "dim" has a contrast of 1.48, dark',
        '"a line" is cut off at 360 px in large letters',
        '"one" lies on I "other"',
        'A "under the bar" is covered',
        "console: said",
        "loads",
    ):
        assert any(kind in fault for fault in faults), (kind, faults)


BROKEN = """<!DOCTYPE html><title>x</title><main><h1>x</h1><p style="color:#ccc;background:#fff">pale</p>
<p style="color:#333">dim</p>
<button style="height:20px;padding:0">x</button>
<div style="position:fixed;z-index:1;top:0;left:0;right:0;height:9em"></div>
<a href="#" style="position:absolute;top:0">under the bar</a>
<div style="height:2em;width:60px;overflow:hidden;white-space:nowrap">a line</div>
<b style="position:absolute;top:20em">one</b><section><i style="position:absolute;top:20em">other</i></section>
<div style="width:2000px">wide</div></main>
<script>console.log("said")</script><img alt="" src="http://127.0.0.1:9/x.png">"""


def test_the_page_that_is_not_there_is_sound(browser: Browser, live_site: str) -> None:
    inspector = Inspector(browser, live_site, {})
    faults = inspector.faults_in_both_languages("/no-such-page/")  # the browser itself reports the 404 on its console
    inspector.close()
    assert [fault for fault in faults if "404" not in fault] == []


@pytest.mark.parametrize("width", [320, 1280])
def test_by_keyboard_alone_everything_is_reached_and_seen(browser: Browser, live_site: str, width: int) -> None:
    person = Keyboard(browser, live_site, scripted=True, size=(width, 740))
    person.open("/")
    names = []
    while not (stop := person.tab()).at["nowhere"]:  # each is in view, ringed, in the order of reading
        names.append(stop.name)
    person.close()
    assert names[:5] == ["Exit", "Skip to the main part", settings.SITE_NAME, "Español", "Help now"]
    assert [name[:15].strip() for name in names if name.startswith("I have")] == ["I have a card I", "I have my words"]
    assert names[-1] == "For police and prosecutors"


def test_first_view_of_a_participant_is_light(
    participant: Participant, open_session: DialogueSession, client_for: ClientFor
) -> None:
    """25 KiB in all, as sent: files compressed, pages not (they mix secrets with text that others chose)."""
    style, *others = (
        len(gzip.compress((STATIC / name).read_bytes())) for name in ("css/seeds.css", "js/leave.js", "img/favicon.svg")
    )
    shared = style + sum(others)
    client = client_for(participant)
    paths = (reverse("sessions:mine"), reverse("welcome:how"), reverse("sessions:detail", args=[open_session.pk]))
    heaviest = max(len(client.get(path).content) for path in paths)
    front = len(Client().get("/").content)
    assert style <= 14 * KIB
    assert shared + heaviest <= 25 * KIB
    assert shared + front <= 29 * KIB
    scripts = [len(gzip.compress((STATIC / "js" / name).read_bytes())) for name in ("leave.js", "live.js")]
    assert scripts[1] <= 3 * KIB
    assert sum(scripts) <= 5 * KIB


@pytest.mark.parametrize("path", ["home", "room", "listener_home"])
def test_first_view_asks_for_four_files_at_most(
    browser: Browser,
    live_site: str,
    path: str,
    open_session: DialogueSession,
    participant: Participant,
    listener: User,
    client_for: ClientFor,
) -> None:
    """The page, one style sheet, the mark, and what completes the exit where there is one. A room, which is never the
    first page of a visit, also has what keeps it up to date."""
    address, viewer = {
        "home": (reverse("welcome:home"), None),
        "room": (reverse("threads:room", args=[open_session.pk]), participant),
        "listener_home": (reverse("accounts:listener_home"), listener),
    }[path]
    inspector = Inspector(browser, live_site, cookies(client_for(viewer)))
    asked = []
    inspector.page.on("request", lambda request: asked.append(request.url.removeprefix(live_site).rpartition("/")[2]))
    inspector.page.goto(live_site + address, wait_until="networkidle")
    inspector.close()
    files = ["seeds.css", "favicon.svg"] + (["leave.js"] if path != "listener_home" else [])
    files += ["live.js"] if path == "room" else []
    assert sorted(asked) == sorted(["", *files])
