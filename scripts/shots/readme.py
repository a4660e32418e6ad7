"""The three pictures of the README: the room on a phone, what a listener has to do next, what waits for review."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from playwright.sync_api import Browser

from demo.environment import ROOT, CannotStart
from scripts.shots import crawl
from scripts.shots.site import HOMES
from scripts.shots.tour import getter
from tests.url_table import ROWS

FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT, SCALE, ABOVE = 360, 640, 2, 16
#: By file: whose page, which, what must be offered there, and from which heading on it is shown.
PICTURES = {
    "room": ("participant", "threads:room", "threads:write", "h1"),
    "next-step": ("listener", "accounts:listener_home", "", "h1"),
    "review": ("facilitator", "moderation:queue", "", "h2"),
}


def path_of(get: crawl.Get, role: str, name: str, offered: str) -> str:
    """Where the role finds such a page. Raises CannotStart when it finds none."""
    others = {row.name for row in ROWS} - {HOMES[role], name}
    for page in crawl.follow(get, [reverse(HOMES[role])], known=others):
        if page.name == name and (not offered or offered in page.leads):
            return page.path
    raise CannotStart(f"No {name} that leads to {offered or 'anything'} was found.")


def take_three(browser: Browser, site: str, state_of: Callable[[str], Any]) -> None:
    """Renew them. Raises CannotStart."""
    for file, (role, name, offered, heading) in PICTURES.items():
        size: Any = {"width": WIDTH, "height": HEIGHT}
        context = browser.new_context(storage_state=state_of(role), viewport=size, device_scale_factor=SCALE)
        page = context.new_page()
        page.goto(site + path_of(getter(context.request, site), role, name, offered))
        path = FOLDER / f"{file}.png"
        box = page.locator(f"main {heading}").first.bounding_box() or {"y": ABOVE}
        clip: Any = size | {"x": 0, "y": box["y"] - ABOVE}
        page.screenshot(path=path, full_page=True, clip=clip)
        context.close()
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB")
