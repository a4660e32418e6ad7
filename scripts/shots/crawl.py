"""Which pages a role can see: found by following links, and by trying the addresses that need no number. GET only."""

import re
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.urls import NoReverseMatch, Resolver404, ResolverMatch, resolve, reverse
from django.utils import translation

from tests.url_table import ROWS, VIEWERS

#: How many addresses of one name are read, so that the links on pages in another state are found too.
READ = 12
#: Pages that look so different in another state that several of them are shown.
SEVERAL = {
    "threads:room",
    "threads:write",
    "threads:mine",
    "sessions:manage",
    "sessions:detail",
    "reports:write",
    "moderation:item",
}
SHOWN = 3
MAIN = re.compile(r"<main.*</main>", re.DOTALL)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')

#: The HTML at a path; empty for a file, None when there is nothing for this role.
Get = Callable[[str], str | None]


@dataclass(frozen=True)
class Page:
    """One page that a role has got, or a file, which has no `main`."""

    name: str
    path: str
    main: str
    leads: frozenset[str]
    acts: frozenset[str]

    @property
    def offers(self) -> frozenset[str]:
        """Everything that can be done there, and every place to go."""
        return self.acts | self.leads

    @property
    def at_hand(self) -> tuple[int, int]:
        """How much can be done there: by a form, by a link."""
        return len(self.acts), len(self.leads)


@dataclass(frozen=True)
class Reached:
    """All pages of a role: those that links lead to, and those that it gets only by knowing their address."""

    linked: list[Page]
    unlinked: list[Page]

    @property
    def pages(self) -> list[Page]:
        """Both."""
        return [*self.linked, *self.unlinked]


class _Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.acts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            asks = (found.get("method") or "get").lower() == "get"
            (self.links if asks else self.acts).append(found.get("action") or "")
        elif tag == "a" and (link := found.get("href")):
            self.links.append(link)
        elif other := found.get("formaction"):
            self.acts.append(other)


def match(path: str) -> ResolverMatch | None:
    """What the English address table says of a path; None for what is no page of the site."""
    with translation.override("en"):
        try:
            return resolve(urlsplit(path).path)
        except Resolver404:
            return None


def name_of(path: str) -> str:
    """The name of the address; empty for what is none of ours, and for Django's own admin."""
    found = match(path)
    return found.view_name if found and not found.view_name.startswith("admin:") else ""


def in_language(path: str, language: str) -> str:
    """The same page's address in another language."""
    found = match(path)
    if found is None:
        return path
    with translation.override(language):
        other = reverse(found.view_name, args=found.args, kwargs=found.kwargs)
    return urlsplit(path)._replace(path=other).geturl()


def _paths(base: str, links: Iterable[str]) -> list[str]:
    """The paths on this site among the links, with what they ask for."""
    joined = (urlsplit(urljoin(f"http://here{base}", link)) for link in links)
    here = (link for link in joined if (link.scheme, link.netloc) == ("http", "here"))
    return [link._replace(scheme="", netloc="", fragment="").geturl() for link in here]


def read(path: str, html: str) -> tuple[Page, list[str]]:
    """The page, and the paths it links to."""
    found = _Links(html)
    linked = _paths(path, found.links)
    leads, acts = (frozenset(filter(None, map(name_of, paths))) for paths in (linked, _paths(path, found.acts)))
    body = MAIN.search(html)
    return Page(name_of(path), path, TOKEN.sub("", body[0] if body else html), leads, acts), linked


def follow(get: Get, starts: Iterable[str], known: Collection[str] = ()) -> list[Page]:
    """Every page that links lead to from these, of each name a few. `known` names are not read again."""
    waiting, seen, tried, pages = deque(starts), set[str](), Counter[str](), list[Page]()
    while waiting:
        path = waiting.popleft()
        name = name_of(path)
        if path in seen or not name or name in known or tried[name] >= READ:
            continue
        seen.add(path)
        tried[name] += 1
        if (html := get(path)) is not None:
            page, linked = read(path, html)
            pages.append(page)
            waiting += linked
    return pages


def without_number(names: Iterable[str]) -> list[str]:
    """The paths of those names that need nothing else."""
    paths = []
    for name in names:
        try:
            with translation.override("en"):
                paths.append(reverse(name))
        except NoReverseMatch:
            continue
    return paths


def is_stream(name: str) -> bool:
    """A stream is no page, and never ends."""
    return name.startswith("live:")


def reach(get: Get, home: str) -> Reached:
    """Everything from home on, then what has an address only."""
    linked = follow(get, [home])
    known = {page.name for page in linked}
    return Reached(linked, follow(get, without_number(row.name for row in ROWS if not is_stream(row.name)), known))


def examples(pages: Iterable[Page]) -> list[Page]:
    """One page of each name, on which most can be done; of some names also those that offer what it does not."""
    of_name: dict[str, list[Page]] = {}
    for page in pages:
        of_name.setdefault(page.name, []).append(page)
    return [page for name, same in of_name.items() for page in _richest(same, SHOWN if name in SEVERAL else 1)]


def _richest(same: list[Page], most: int) -> list[Page]:
    chosen = [max(same, key=lambda page: page.at_hand)]

    def news(page: Page) -> tuple[int, int]:
        return len(page.offers.difference(*(one.offers for one in chosen))), len(page.main)

    while len(chosen) < most and news(other := max(same, key=news))[0]:
        chosen.append(other)
    return chosen


def expected(role: str) -> set[str]:
    """The names that answer this role with a page, as tests/url_table.py has them."""
    column = VIEWERS.index(role)
    return {row.name for row in ROWS if row.cells[column] == "200" and not is_stream(row.name)}
