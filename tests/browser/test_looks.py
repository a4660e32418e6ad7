"""The looks that are asked for rarely and matter then: paper, forced colors, big text, low windows."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from accounts.models import Participant, User
from dialogue.sessions.models import DialogueSession
from seeds.languages import in_language
from tests.browser.soundness import OVERFLOW, Inspector

ClientFor = Callable[[User | Participant | None], Client]


@pytest.fixture
def inspect(browser: Browser, live_site: str, client_for: ClientFor) -> Iterator[Callable[..., Inspector]]:
    """A window of this person, open at this path."""
    opened = []

    def open_at(path: str, viewer: User | Participant | None = None) -> Inspector:
        cookies = {name: morsel.value for name, morsel in client_for(viewer).cookies.items()}
        opened.append(Inspector(browser, live_site, cookies))
        opened[-1].page.goto(live_site + path)
        return opened[-1]

    yield open_at
    for inspector in opened:
        inspector.close()


Open = Callable[..., Inspector]
SHOWN = """[...document.querySelectorAll('.bar, .nav, .foot, .back, .button, .talk, .fold, .pages, .noprint')]
  .filter(thing => thing.checkVisibility()).map(thing => thing.className)"""


def test_paper_carries_the_words_only(inspect: Open, participant: Participant, open_session: DialogueSession) -> None:
    for path, viewer in (("/", None), (reverse("threads:room", args=[open_session.pk]), participant)):
        inspector = inspect(path, viewer)
        ink = inspector.run("getComputedStyle(document.body).color")
        assert inspector.run(SHOWN) != []
        inspector.page.emulate_media(media="print", color_scheme="dark")
        assert inspector.run(SHOWN) == []
        assert inspector.run("getComputedStyle(document.body).color") == ink, "paper is light, whatever the screen is"


#: What tells one thing from another where the system chooses the colors.
SHAPES = """[...new Set([...document.querySelectorAll('.state')].map(state => {
  const {clipPath, borderRadius, borderWidth, width} = getComputedStyle(state, '::before');
  return [clipPath, borderRadius, borderWidth, width].join();
}))].length"""
BARE = """[...document.querySelectorAll('.button, .notice, .summary-of-errors, .badge, meter, textarea, .card, .door')]
  .filter(thing => thing.checkVisibility() && parseFloat(getComputedStyle(thing).borderTopWidth) < 1)
  .map(thing => thing.className || thing.tagName)"""
MARKED = """[...document.querySelectorAll('.nav [aria-current], .choices [aria-current]')]
  .map(thing => getComputedStyle(thing).textDecorationLine)"""


def test_forced_colors_leave_nothing_to_color_alone(inspect: Open, operator: User) -> None:
    inspector = inspect(reverse("welcome:components"), operator)
    inspector.page.set_viewport_size({"width": 1280, "height": 740})
    assert "notice info" in inspector.run(BARE), "grounds alone say it where colors are ours"
    inspector.page.emulate_media(forced_colors="active")
    assert inspector.run(BARE) == []
    assert inspector.run(SHAPES) == 5
    assert inspector.run(MARKED) == ["underline", "underline"]


CUT = """[...document.querySelectorAll('body *')].filter(thing => {
  const {overflow, position} = getComputedStyle(thing);
  return overflow === 'hidden' && position !== 'absolute' && thing.scrollWidth > thing.clientWidth + 1;
}).map(thing => thing.className || thing.tagName)"""
EXIT = """(({top, right}) => [top >= 0 && top < 20, innerWidth - right < 90])(
  document.querySelector('.exit').getBoundingClientRect())"""


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_text_at_200_percent_is_whole(
    inspect: Open, participant: Participant, open_session: DialogueSession, width: int
) -> None:
    for path in (reverse("sessions:mine"), reverse("threads:room", args=[open_session.pk])):
        inspector = inspect(path, participant)
        inspector.page.set_viewport_size({"width": width, "height": 740})
        inspector.run("document.documentElement.style.fontSize = '225%'")
        assert inspector.run(OVERFLOW) <= 0
        assert inspector.run(CUT) == []
        assert inspector.run(EXIT) == [True, True], "Exit keeps its corner"


LINES = """new Set([...document.querySelectorAll('.ways > a')].map(way => {
  const {top, height} = way.getBoundingClientRect();
  return Math.round((top + height / 2) / 10);
})).size"""


@pytest.mark.parametrize("width", [320, 360, 390, 481, 545])
def test_the_bar_is_one_line_in_each_language(inspect: Open, width: int) -> None:
    inspector = inspect("/")
    inspector.page.set_viewport_size({"width": width, "height": 740})
    for language, _ in settings.LANGUAGES:
        inspector.page.goto(inspector.address + in_language("/", language))
        assert inspector.run(LINES) == 1


EXIT_SHOWN = """(() => {
  const button = document.querySelector('.exit button').getBoundingClientRect();
  return scrollY > 0 && button.top >= 0 && button.bottom < 80 && innerWidth - button.right < 40;
})()"""


def test_the_bar_sticks_only_where_there_is_room(inspect: Open) -> None:
    inspector = inspect("/")
    position = "getComputedStyle(document.querySelector('.bar')).position"
    assert inspector.run(position) == "sticky"
    assert inspector.run("document.querySelector('.bar').offsetHeight / innerHeight") < 0.12
    inspector.page.set_viewport_size({"width": 320, "height": 256})  # 1280 x 1024 at 400 %
    assert inspector.run(position) == "static"
    inspector.run("scrollTo(0, 600)")
    assert inspector.run(EXIT_SHOWN), "Exit stays in its corner"
