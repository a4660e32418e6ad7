"""Promises that hold for every address at once: no place for a name, and nothing for listeners but what is out."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.sessions.models import DialogueSession, Round
from dialogue.threads.models import Comment, Pass, Thread
from tests import factories
from tests import test_urls as by_address
from tests.url_table import ROWS, VIEWERS

ClientFor = Callable[[User | Participant | None], Client]
people, targets = by_address.people, by_address.targets
UNSEEN = ("hidden", "submit", "button")
LISTENERS = ("listener", "other_listener")


class Fields(HTMLParser):
    """The fields that somebody can fill in: "name kind", where kind is an input's type or the element."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.searches: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        kind = (given.get("type") or "text") if tag == "input" else tag
        if tag in ("input", "textarea", "select") and kind not in UNSEEN:
            self.found.add(f"{given.get('name')} {kind}")
        asks = tag == "form" and (given.get("method") or "get").lower() == "get"
        if asks or kind == "search" or given.get("role") == "search":
            self.searches.append(f"{tag} {given.get('action') or given.get('name')}")


def read(html: str) -> Fields:
    parser = Fields()
    parser.feed(html)
    return parser


def pages_of(viewer: str, client: Client, targets: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Every address of the table that answers this viewer with 200."""
    for row in ROWS:
        if row.cells[VIEWERS.index(viewer)] == "200":
            yield row.name, client.get(reverse(row.name, kwargs=targets[row.target]))


#: All that strangers and participants can type or choose. Whoever adds a field there says here that it names nobody.
FOR_ALL = {"sessions:detail": {"title text"}}  # the title of one's own calendar file; sent back, stored nowhere
FOR_NEWCOMERS = {"accounts:card": {"code text"}, "accounts:sign_in": {"words text"}}
WRITING = {"body textarea", "retelling checkbox"}
IN_A_SESSION = {
    "threads:write": WRITING,
    "threads:revise": WRITING,
    "messages:mine": {"body textarea", "kind radio"},  # to those who lead only
}
#: Pages of people who come by name, which a stranger has to reach; the last one opens to everybody.
BY_NAME = {
    "account_login": {"login email", "password password"},
    "account_signup": {
        *("agency select", "email email", "name text", "password1 password", "password2 password", "rank text"),
    },
}
LOST_PASSWORD = {"account_reset_password": {"email email"}}


def fields(viewer: str, client: Client, targets: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    found = {name: read(answer.content.decode()).found for name, answer in pages_of(viewer, client, targets)}
    return {name: these for name, these in found.items() if these}


@pytest.mark.promise("P1")
@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        ("public", FOR_ALL | FOR_NEWCOMERS | BY_NAME | LOST_PASSWORD),
        ("participant", FOR_ALL | IN_A_SESSION | LOST_PASSWORD),
        ("other_participant", FOR_ALL | LOST_PASSWORD),
    ],
)
def test_there_is_no_place_for_a_name_a_phone_or_an_address(
    viewer: str,
    expected: dict[str, set[str]],
    people: dict[str, Any],
    targets: dict[str, dict[str, Any]],
    client_for: ClientFor,
) -> None:
    if viewer == "participant":  # who has not written yet sees the form as well
        Comment.objects.filter(state=Comment.State.HELD).update(state=Comment.State.WITHDRAWN, body=None, period=None)
    assert fields(viewer, client_for(people[viewer]), targets) == expected


def looks(viewer: str, client: Client, targets: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Every page of this viewer without what is drawn anew each time (tokens in hidden fields)."""
    drawn = re.compile(r'(<input type="hidden"[^>]* value=|UID:)"?[^"\s]*"?')
    return {name: drawn.sub(r"\1", answer.content.decode()) for name, answer in pages_of(viewer, client, targets)}


def fill(dialogue_session: DialogueSession, round: Round) -> list[str]:
    """Four more people, none of whom has anything released: one waits, one has a text back, one passes, one reads."""
    aliases = [factories.make_alias(dialogue_session) for _ in range(4)]
    factories.make_comment(round, aliases[0])
    factories.make_comment(round, aliases[1], state="returned")
    Pass.objects.create(thread=Thread.objects.get(round=round), alias=aliases[2])
    return [alias.name for alias in aliases]


@pytest.mark.promise("P11")
@pytest.mark.parametrize("viewer", ["public", *LISTENERS])
def test_no_page_of_a_listener_tells_who_or_how_many_are_here(
    viewer: str,
    people: dict[str, Any],
    targets: dict[str, dict[str, Any]],
    client_for: ClientFor,
    open_session: DialogueSession,
    listening: Round,
) -> None:
    """Whatever a list, a count or a "last seen" would look like: each page is the same with four people more."""
    client = client_for(people[viewer])
    before = looks(viewer, client, targets)
    assert looks(viewer, client, targets) == before
    names = fill(open_session, listening)
    after = looks(viewer, client, targets)
    assert {name for name in before if before[name] != after[name]} == set()
    assert [name for name in names for page in after.values() if name in page.lower()] == []


def test_the_comparison_sees_a_roster(
    people: dict[str, Any],
    targets: dict[str, dict[str, Any]],
    client_for: ClientFor,
    open_session: DialogueSession,
    listening: Round,
) -> None:
    """If it were blind, the test above could not fail: those who lead the session do see who is there."""
    client = client_for(people["facilitator"])
    before = looks("facilitator", client, targets)
    names = fill(open_session, listening)
    after = looks("facilitator", client, targets)
    assert before["sessions:manage"] != after["sessions:manage"]
    assert [name for name in names if name not in after["sessions:manage"].lower()] == []


@pytest.mark.promise("P11")
@pytest.mark.parametrize("viewer", ["public", *LISTENERS])
def test_listeners_find_no_search_and_nothing_to_download(
    viewer: str, people: dict[str, Any], targets: dict[str, dict[str, Any]], client_for: ClientFor
) -> None:
    answers = dict(pages_of(viewer, client_for(people[viewer]), targets))
    files = {
        name: answer.headers["Content-Type"].partition(";")[0]
        for name, answer in answers.items()
        if "Content-Disposition" in answer.headers or not answer.headers["Content-Type"].startswith("text/html")
    }
    # The times and what was promised, which are public, and in a session's room a stream that says nothing but "look".
    stream = {"live:room": "text/event-stream"} if viewer == "listener" else {}
    assert files == {"sessions:calendar": "text/calendar", "commitments:feed": "application/atom+xml"} | stream
    searches = {name: read(answer.content.decode()).searches for name, answer in answers.items()}
    assert {name: found for name, found in searches.items() if found} == {
        "sessions:detail": [f"form {reverse('sessions:calendar', kwargs=targets['session'])}"]
    }


def test_the_reader_sees_fields_and_searches() -> None:
    """If it were blind, the tests above could not fail."""
    page = read(
        '<form role="search"><input name=q type=search></form><input name=n><input type=hidden name=t><select name=s>'
    )
    assert (page.found, page.searches) == ({"q search", "n text", "s select"}, ["form None", "input q"])
