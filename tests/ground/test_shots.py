"""The pictures of every page: what the crawl finds, what the sheet shows, what is told at the end."""

from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from playwright.sync_api import Browser

from accounts.models import User
from demo.environment import CannotStart
from dialogue.sessions.models import DialogueSession
from scripts.shots.__main__ import arguments, plan_from
from scripts.shots.camera import Camera, Plan, Variant
from scripts.shots.crawl import READ, Page, examples, follow, in_language, reach, read
from scripts.shots.readme import PICTURES, path_of
from scripts.shots.sheet import picked
from scripts.shots.site import running_demo, sign_in
from scripts.shots.tour import getter, not_seen, seen_by, tour
from tests import factories
from tests.url_table import ROWS

ENGLISH = settings.LANGUAGES[0][0]
SMALL = Plan((ENGLISH,), scripts=(False,), widths=(360,), schemes=("light",))
UUIDS = [f"00000000-0000-4000-8000-{number:012}" for number in range(READ + 5)]


def site(pages: dict[str, str]) -> Callable[[str], str | None]:
    """A site of these pages only."""
    return pages.get


def test_it_follows_links_and_questions_and_never_sends_a_form() -> None:
    asked: list[str] = []
    pages = {
        "/": '<a href="/help/">x</a><a href="https://elsewhere.example/about/">x</a><a href="/no-such-page/">x</a>'
        '<form action="/exit/" method="post"><button formaction="/sign-out/"></button></form><a href="#main">x</a>',
        "/help/": '<a href="..">x</a><form action="/sessions/?page=2#top"></form><form method="post"></form>',
        "/sessions/?page=2": "",
    }

    def get(path: str) -> str | None:
        asked.append(path)
        return pages.get(path)

    found = follow(get, ["/"])
    assert asked == ["/", "/help/", "/sessions/?page=2"]
    assert [(page.name, sorted(page.leads), sorted(page.acts)) for page in found] == [
        ("welcome:home", ["resources:help", "welcome:home"], ["accounts:exit", "accounts:sign_out"]),
        ("resources:help", ["sessions:list", "welcome:home"], ["resources:help"]),
        ("sessions:list", [], []),
    ]


def test_another_language_has_the_same_question() -> None:
    assert in_language("/sessions/?page=2", ENGLISH) == "/sessions/?page=2"
    assert [in_language("/sessions/?page=2", code) for code, _ in settings.LANGUAGES[1:]] == ["/es/sessions/?page=2"]
    assert in_language("/no-such-page/", "es") == "/no-such-page/"


def test_of_one_name_a_few_are_read() -> None:
    pages = {"/sessions/": "".join(f'<a href="/sessions/{one}/">x</a>' for one in UUIDS)}
    pages |= {f"/sessions/{one}/": "<main>x</main>" for one in UUIDS}
    assert len(follow(site(pages), ["/sessions/"])) == 1 + READ


def test_what_no_link_leads_to_is_tried_by_its_address() -> None:
    pages = {"/": '<main><a href="/help/">x</a></main>', "/help/": "<main>x</main>", "/about/": "<main>x</main>"}
    reached = reach(site(pages), "/")
    assert [page.name for page in reached.linked] == ["welcome:home", "resources:help"]
    assert [page.name for page in reached.unlinked] == ["welcome:about"]


def test_several_of_a_name_are_shown_where_each_offers_something_else() -> None:
    room = '<main><a href="/help/">x</a><form action="/exit/" method="post"></form></main>'
    poor, rich, other = '<main><a href="/help/">x</a></main>', room, '<main><a href="/times/">x</a></main>'
    pages = [read(f"/room/{one}/", html)[0] for one, html in zip(UUIDS, (poor, rich, other), strict=False)]
    assert examples(pages) == [pages[1], pages[2]]
    assert examples(pages[:1] * 2) == pages[:1]
    lists = [Page("sessions:list", "/sessions/", html, frozenset(), frozenset()) for html in ("a", "b")]
    assert examples(lists) == lists[:1]


def test_tokens_do_not_make_a_page_another_one() -> None:
    html = '<main><input type="hidden" name="csrfmiddlewaretoken" value="{}"></main>'
    assert read("/", html.format("abc")) == read("/", html.format("def"))


@pytest.mark.slow
def test_a_participant_is_shown_with_all_pages(
    browser: Browser, live_site: str, open_session: DialogueSession, tmp_path: Path
) -> None:
    person, words = factories.make_participant_with_words()
    factories.make_alias(open_session, person)
    context = browser.new_context()
    sign_in(context, live_site, "participant", {"participant": {"passphrase": words}})
    state = context.storage_state()
    get = getter(context.request, live_site)
    assert path_of(get, *PICTURES["room"][:3]) == f"/room/{open_session.pk}/"
    context.close()
    public = seen_by(browser, live_site, "public", None).pages
    one = tour(browser, live_site, "participant", state=state, plan=SMALL, folder=tmp_path, elsewhere=public)

    names = {row.name for row in one.rows}
    assert {"sessions:mine", "threads:room", "threads:write", "threads:mine", "accounts:participant_account"} <= names
    assert names.isdisjoint({"welcome:about", "welcome:kept"})  # as strangers see them
    html = one.sheet.read_text()
    for row in one.rows:
        assert f"<h2>{row.name} <small>{row.path}</small></h2>" in html
        assert f'href="{row.folder}/{ENGLISH}-360-light-noscript.jpg"' in html
        assert (tmp_path / row.folder / f"{ENGLISH}-360-light-noscript.jpg").stat().st_size > 1000
    assert len(list(tmp_path.glob("participant-*.png"))) == -(-len(one.rows) // 6)

    assert list(one.told()) == [f"\nparticipant: {len(one.rows)} pages in {one.sheet}"]
    nowhere, by_address = not_seen([one])
    # Nothing is withdrawn, heard or reported in this session, so these have nothing to show.
    assert "reports:preview" in nowhere
    assert names.isdisjoint(nowhere.partition(": ")[2].split(", "))
    assert by_address.startswith("\nLinked from no page, found by address: ")


@pytest.mark.slow
def test_a_named_account_signs_in_with_both_factors(browser: Browser, live_site: str, facilitator: User) -> None:
    secret = get_adapter().encrypt(factories.TOTP_SECRET)
    Authenticator.objects.create(user=facilitator, type=Authenticator.Type.TOTP, data={"secret": secret})
    account = {"email": facilitator.email, "password": factories.PASSWORD, "totp_secret": factories.TOTP_SECRET}
    context = browser.new_context()
    sign_in(context, live_site, "facilitator", {"facilitator": account})
    assert (getter(context.request, live_site)("/desk/") or "").startswith("<!DOCTYPE html>")
    context.close()
    stranger = browser.new_context()
    with pytest.raises(CannotStart, match="Could not sign in: nothing asks for the code"):
        sign_in(stranger, live_site, "facilitator", {"facilitator": account | {"password": "wrong"}})
    stranger.close()


@pytest.mark.slow
def test_it_tells_what_goes_wrong_on_a_page(browser: Browser, live_site: str, tmp_path: Path) -> None:
    broken = (
        '<!DOCTYPE html><div style="width:2000px">wide</div><script>console.log("said")</script>'
        '<img alt="" src="/no-such.png"><img alt="" src="http://127.0.0.1:9/x.png">'
    )
    context = browser.new_context()
    camera = Camera(context, live_site, scripted=True)
    camera.page.route("**/help/", lambda route: route.fulfill(body=broken, content_type="text/html"))
    told = camera.take("/help/", Plan((ENGLISH,), (True,), (360,), ("light", "dark")), tmp_path)
    context.close()
    assert sorted(note for note in told if "Failed to load" not in note) == [
        f"{ENGLISH}: 404: {live_site}/no-such.png",
        f"{ENGLISH}: console: said",
        f"{ENGLISH}: failed: http://127.0.0.1:9/x.png (net::ERR_UNSAFE_PORT)",
        f"{ENGLISH}: scrolls sideways by 1648 px at 360 px",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{ENGLISH}-360-{way}.jpg" for way in ("dark", "light")]


def test_without_choices_all_is_taken() -> None:
    plan = plan_from(arguments([]))
    assert plan == Plan(tuple(code for code, _ in settings.LANGUAGES))
    assert len(list(plan.variants())) == 2 * 3 * len(settings.LANGUAGES) * 2
    narrow = plan_from(arguments(["--language", ENGLISH, "--width", "360", "--js", "off", "--scheme", "dark"]))
    assert list(narrow.variants()) == picked(list(narrow.variants())) == [Variant(ENGLISH, 360, "dark", scripted=False)]
    with pytest.raises(CannotStart, match="speaks"):
        plan_from(arguments(["--language", "xx"]))


def test_a_demo_that_does_not_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="No demo runs"), running_demo(tmp_path):
        pass


def test_the_pictures_of_the_readme_are_there_and_light() -> None:
    root = Path(settings.BASE_DIR)
    readme = (root / "README.md").read_text()
    for name in PICTURES:
        assert f"docs/pictures/{name}.png" in readme
        assert (root / "docs" / "pictures" / f"{name}.png").stat().st_size <= 150 * 1024
    assert {name for _, name, _, _ in PICTURES.values()} <= {row.name for row in ROWS}
