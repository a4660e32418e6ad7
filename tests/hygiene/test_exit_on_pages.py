"""The exit stands on every page that a participant can see, as the first thing a keyboard reaches."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Participant, User
from accounts.participants.limits import Bucket
from seeds.faults import server_error
from tests import test_urls as by_address
from tests.url_table import ROWS, VIEWERS

pytestmark = pytest.mark.promise("P9")
ClientFor = Callable[[User | Participant | None], Client]
people, targets = by_address.people, by_address.targets
REACHED = ("button", "select", "textarea", "summary")
THE_EXIT = ("post", "/exit/", ["button"])


class FirstStop(HTMLParser):
    """What Tab reaches first: its element, and the form it is in with all that stands in that form."""

    def __init__(self) -> None:
        super().__init__()
        self.form: tuple[str, str, list[str]] = ("", "", [])
        self.first: tuple[str, str, list[str]] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        assert given.get("tabindex", "-1") in ("0", "-1")  # anything else would come before the order of the page
        if tag == "form":
            self.form = (given.get("method") or "", given.get("action") or "", [])
        elif tag in ("input", *REACHED):
            self.form[2].append(tag)
        link = tag in ("a", "area") and "href" in given
        shown = tag == "input" and given.get("type") != "hidden"
        if self.first is None and (tag in REACHED or link or shown or given.get("tabindex") == "0"):
            self.first = self.form

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = ("", "", [])


def first_stop(html: str) -> tuple[str, str, list[str]] | None:
    parser = FirstStop()
    parser.feed(html)
    return parser.first


def is_page(response: Any) -> bool:
    html: bool = response.headers.get("Content-Type", "").startswith("text/html")
    return html and response.status_code not in (302, 303)


def test_on_every_page_of_participants_and_strangers(
    people: dict[str, Any], targets: dict[str, dict[str, Any]], client_for: ClientFor
) -> None:
    looked_at, without = 0, []
    for viewer in ("public", "participant", "other_participant"):
        client = client_for(people[viewer])
        for row in ROWS:
            if row.cells[VIEWERS.index(viewer)] in ("in", "to", "post"):
                continue
            response = client.get(reverse(row.name, kwargs=targets[row.target]))
            if not is_page(response):
                continue
            looked_at += 1
            if first_stop(response.content.decode()) != THE_EXIT:
                without.append(f"{viewer} {row.name} {response.status_code}")
    assert without == []
    assert looked_at > 150


def error_pages(participant: Participant, client_for: ClientFor, rf: RequestFactory) -> dict[str, Any]:
    """By name: every page that says no. Those of signed-in participants, and of strangers."""
    strict = client_for(participant)
    strict.handler.enforce_csrf_checks = True
    pages: dict[str, Any] = {}
    for name, client in (("signed in", client_for(participant)), ("stranger", Client())):
        pages[f"404, {name}"] = client.get("/no-such-page/")
        pages[f"403, {name}"] = render(client.get("/about/").wsgi_request, "403.html", status=403)
    pages["form too old"] = strict.post("/my/account/delete/")
    pages["form too old, with text"] = strict.post("/my/account/", {"body": "They took my tent."})
    pages["signed out while writing"] = Client().post("/my/account/", {"body": "They took my tent."})
    for name, fault in (("500", ValueError), ("503", ConnectionError)):
        for sent in ({}, {"body": "They took my tent."}):
            try:
                raise fault
            except fault:
                pages[f"{name} {len(sent)}"] = server_error(rf.post("/room/", sent))
    return pages


def test_on_every_page_that_says_no(
    participant: Participant, client_for: ClientFor, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = error_pages(participant, client_for, rf)
    few = Bucket("few", burst=1, per_minute=1)
    monkeypatch.setattr("accounts.participants.views_card.CODES", few)
    few.take()
    pages["429, card"] = Client().post("/card/", {"code": "x"})
    for _ in range(4):
        pages["429, password"] = Client().post("/account/password/reset/", {"email": "somebody@seeds.example"})
    assert sorted({page.status_code for page in pages.values()}) == [403, 404, 429, 500, 503]
    without = [name for name, page in pages.items() if first_stop(page.content.decode()) != THE_EXIT]
    assert without == []


def test_the_reader_of_pages_sees_what_comes_first() -> None:
    """If it were blind, the walk could not fail."""
    exit_form = '<form method="post" action="/exit/"><button>Exit</button></form>'
    assert first_stop(exit_form) == THE_EXIT
    assert first_stop(f'<a href="#main">Skip</a>{exit_form}') == ("", "", [])
    assert first_stop(exit_form.replace("<button", '<input type="hidden"><button')) != THE_EXIT
    assert first_stop("<p>No way out</p>") is None


@pytest.mark.parametrize("path", ["/sessions/", "/nowhere/"])
def test_it_needs_no_token_and_takes_nothing_but_a_post(
    path: str, participant: Participant, client_for: ClientFor
) -> None:
    strict = client_for(participant)
    strict.handler.enforce_csrf_checks = True
    strict.get(path)
    assert strict.get("/exit/").status_code == 405
    assert strict.get("/my/account/").status_code == 200  # a link or an image can't sign anybody out
    assert strict.post("/exit/", headers={"Origin": "null"}).status_code == 303
    assert strict.get("/my/account/").status_code == 302
