"""`python -m scripts.shots`: pictures of every page of every role of a fresh demo, or the three of the README.

`make shots` runs it. Whatever it notices it only tells: the tests are the judge, this is for looking.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from demo.environment import ROOT, CannotStart, Place
from scripts.browser import ADVICE, ARGUMENTS, find_or_bring
from scripts.shots.camera import Plan
from scripts.shots.readme import take_three
from scripts.shots.site import HOMES, know_addresses, own_demo, running_demo, sign_in, told
from scripts.shots.tour import not_seen, seen_by, tour


def arguments(given: list[str]) -> argparse.Namespace:
    """What was asked for; everything by default."""
    parser = argparse.ArgumentParser(prog="python -m scripts.shots", description=__doc__)
    parser.add_argument("--role", nargs="+", choices=HOMES, default=list(HOMES))
    parser.add_argument("--language", nargs="+", help="en, es; default: all that the site has")
    parser.add_argument("--width", nargs="+", type=int, default=[360, 768, 1280])
    parser.add_argument("--scheme", nargs="+", choices=("light", "dark"), default=["light", "dark"])
    parser.add_argument("--js", nargs="+", choices=("on", "off"), default=["on", "off"])
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "shots")
    parser.add_argument("--demo", type=Path, help="the DATA_DIR of a demo that runs already; default: start one")
    parser.add_argument("--readme", action="store_true", help="only renew the three pictures of the README")
    return parser.parse_args(given)


def plan_from(asked: argparse.Namespace) -> Plan:
    """The ways to show a page. Raises CannotStart for a language that the site has not."""
    from django.conf import settings  # noqa: PLC0415  # after know_addresses()

    offered = [code for code, _ in settings.LANGUAGES]
    languages = asked.language or offered
    if not set(languages) <= set(offered):
        raise CannotStart(f"The site speaks {', '.join(offered)} only.")
    scripts = tuple(choice == "on" for choice in asked.js)
    return Plan(tuple(languages), scripts, tuple(asked.width), tuple(asked.scheme))


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that the tests use, too. Raises CannotStart."""
    program = find_or_bring()
    if program is None:
        raise CannotStart(ADVICE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


def state_of(browser: Browser, place: Place, role: str) -> Any:
    """The cookies of a browser in which the role has signed in."""
    context = browser.new_context()
    sign_in(context, place.site_url, role, told(place.data_dir))
    state = context.storage_state()
    context.close()
    return state


def look(browser: Browser, place: Place, asked: argparse.Namespace) -> None:
    """A tour for each role, and at the end the report."""
    plan, site = plan_from(asked), place.site_url
    asked.out.mkdir(parents=True, exist_ok=True)
    public = seen_by(browser, site, "public", None).pages
    tours = [
        tour(
            browser,
            site,
            role,
            state=state_of(browser, place, role),
            plan=plan,
            folder=asked.out,
            elsewhere=() if role == "public" else public,
        )
        for role in asked.role
    ]
    for one in tours:
        print("\n".join(one.told()))
    print("\n".join(not_seen(tours)))


def main(given: list[str]) -> int:
    """Take the pictures. The exit code is 0 whatever they show."""
    asked = arguments(given)
    try:
        with (
            own_demo() if asked.demo is None else running_demo(asked.demo) as place,
            chromium() as browser,
        ):
            know_addresses(place)
            if asked.readme:
                take_three(browser, place.site_url, lambda role: state_of(browser, place, role))
            else:
                look(browser, place, asked)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
