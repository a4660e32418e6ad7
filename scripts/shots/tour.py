"""One role's way through the site: what it can see, pictures of it, the sheet, and what was noticed."""

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import reverse
from playwright.sync_api import APIRequestContext, Browser

from scripts.shots import crawl
from scripts.shots.camera import HEIGHT, Camera, Plan
from scripts.shots.sheet import Row, write
from scripts.shots.site import HOMES


@dataclass
class Tour:
    """What came of it."""

    role: str
    sheet: Path
    rows: list[Row]
    reached: crawl.Reached

    def told(self) -> Iterator[str]:
        """What went wrong on its pages, line by line."""
        yield f"\n{self.role}: {len(self.rows)} pages in {self.sheet}"
        where: dict[str, dict[str, None]] = {}
        for row in self.rows:
            for note in row.noticed:
                where.setdefault(note, {})[row.name] = None
        for note, names in where.items():
            yield f"  {note}: {', '.join(names)}"


def not_seen(tours: Sequence[Tour]) -> Iterator[str]:
    """What these roles did not come to see though they may, line by line: the crawl must not shrink unnoticed."""
    linked = {page.name for one in tours for page in one.reached.linked}
    only_by_address = {page.name for one in tours for page in one.reached.unlinked} - linked
    nowhere = {name for one in tours for name in crawl.expected(one.role)} - linked - only_by_address
    for names, what in ((nowhere, "Reached by nobody"), (only_by_address, "Linked from no page, found by address")):
        yield f"\n{what}: {', '.join(sorted(names)) or 'none'}"


def getter(request: APIRequestContext, site: str) -> crawl.Get:
    """How the crawl gets a page: as the browser would, but without drawing it."""

    def get(path: str) -> str | None:
        answer = request.get(site + path, max_redirects=0)
        if answer.status != 200:
            return None
        return answer.text() if answer.headers.get("content-type", "").startswith("text/html") else ""

    return get


def seen_by(browser: Browser, site: str, role: str, state: Any) -> crawl.Reached:
    """What the role can see, signed in by this browser state."""
    context = browser.new_context(storage_state=state)
    try:
        return crawl.reach(getter(context.request, site), reverse(HOMES[role]))
    finally:
        context.close()


@contextmanager
def windows(browser: Browser, site: str, state: Any, plan: Plan) -> Iterator[list[Camera]]:
    """A window for each way JavaScript is asked for, signed in by the state."""
    size: Any = {"width": plan.widths[0], "height": HEIGHT}
    contexts = [browser.new_context(storage_state=state, viewport=size, java_script_enabled=on) for on in plan.scripts]
    try:
        yield [Camera(one, site, scripted=on) for one, on in zip(contexts, plan.scripts, strict=True)]
    finally:
        for context in contexts:
            context.close()


def tour(
    browser: Browser, site: str, role: str, *, state: Any, plan: Plan, folder: Path, elsewhere: Collection[crawl.Page]
) -> Tour:
    """Take the pictures and write the sheet. Pages that look the same on another sheet (`elsewhere`) are left out."""
    print(f"{role}: finding the pages", flush=True)
    reached = seen_by(browser, site, role, state)
    shown = {(page.path, page.main) for page in elsewhere}
    pages = crawl.examples(page for page in reached.pages if page.main and (page.path, page.main) not in shown)
    shutil.rmtree(folder / role, ignore_errors=True)
    rows = []
    with windows(browser, site, state, plan) as cameras:
        for number, page in enumerate(pages, 1):
            print(f"{role} {number}/{len(pages)} {page.name}", flush=True)
            row = Row(page.name, page.path, f"{role}/{number:03}-{page.name.replace(':', '-')}")
            (folder / row.folder).mkdir(parents=True)
            row.noticed = [note for camera in cameras for note in camera.take(page.path, plan, folder / row.folder)]
            rows.append(row)
    written = write(browser, folder, role, rows, list(plan.variants()))
    return Tour(role, written, rows, reached)
