"""The bulletin for outreach partners: one page, only what is public, in both languages, on screen and on paper."""

import io
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.utils import translation
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from accounts.models import Participant, User
from dialogue.bulletin.paper import on_paper
from dialogue.bulletin.queries import MOST_LINES, MOST_SESSIONS, bulletin
from dialogue.sessions.models import State
from seeds import press
from tests import factories
from tests.reading import grade, text_of

ClientFor = Callable[[User | Participant | None], Client]
PATH = "/desk/bulletin/"
pytestmark = pytest.mark.django_db


def page(client: Client, query: str = "") -> str:
    return unescape(client.get(PATH + query).content.decode())


def words_of(file: bytes) -> tuple[int, str]:
    reader = PdfReader(io.BytesIO(file))
    text = " ".join(page.extract_text() for page in reader.pages).replace("\u200b", "")
    return len(reader.pages), " ".join(text.split())


def test_it_tells_of_the_talks_to_come(client_for: ClientFor, facilitator: User) -> None:
    near, far = factories.make_agency(area="Harbor City"), factories.make_agency(area="Mill Valley")
    here, there = factories.make_session(State.ANNOUNCED), factories.make_session(State.PREPARING)
    draft, over = factories.make_session(State.DRAFT), factories.make_session(State.FOLLOW_UP)
    here.agencies.add(near)
    there.agencies.add(far)
    client = client_for(facilitator)
    everything = page(client)
    for shown in (here.title, there.title, near.name, far.name, "testserver/times/"):
        assert shown in everything
    assert draft.title not in everything
    assert over.title not in everything
    some = page(client, "?area=Mill+Valley")
    assert there.title in some
    assert here.title not in some
    assert here.title in page(client, "?area=Nowhere"), "an unknown area is all"
    paper = words_of(client.post(f"{PATH}?area=Mill+Valley", {"paper": "a4"}).content)[1]
    assert there.title in paper
    assert here.title not in paper


def test_it_knows_nothing_of_participants(client_for: ClientFor, operator: User, participant: Participant) -> None:
    session = factories.make_session(State.OPEN)
    before = page(client_for(operator))
    alias = factories.make_alias(session, participant)
    after = page(client_for(operator))
    assert alias.name not in after
    assert [line for line in before.splitlines() if "csrf" not in line] == [
        line for line in after.splitlines() if "csrf" not in line
    ]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_the_longest_one_fits_on_a_page(language: str, paper: str) -> None:
    agencies = [factories.make_agency(f"Harbor City and County Police Department {number}") for number in range(3)]
    for number in range(MOST_SESSIONS + 2):
        session = factories.make_session(State.ANNOUNCED, title=f"{number} " + "What a search does to " * 5)
        session.agencies.add(*agencies)
    for _line in range(MOST_LINES + 1):
        factories.make_resource(name="Harbor County line " * 4, hours="Monday to Friday from noon to midnight")
    with translation.override(language):
        pages, words = words_of(on_paper(bulletin(), paper=paper))
    assert pages == 1
    assert ("There are 2 more." if language == "en" else "Hay 2 más.") in words


def test_the_paper_names_no_author_and_no_time() -> None:
    told = PdfReader(io.BytesIO(on_paper(bulletin(), paper="a4")))
    assert {key for key, value in (told.metadata or {}).items() if value} == {"/Title", "/Creator"}
    assert told.root_object["/Lang"] == "en"


def test_with_nothing_planned(client_for: ClientFor, facilitator: User) -> None:
    assert "No talk is planned now." in page(client_for(facilitator))
    assert "No talk is planned now." in words_of(on_paper(bulletin(), paper="a4"))[1]


def test_another_file_is_being_made(client_for: ClientFor, facilitator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "PATIENCE", 0.01)
    with press._PRESS:
        assert "try again in a minute" in client_for(facilitator).post(PATH, {"paper": "a4"}).content.decode()


def test_words_are_plain(client_for: ClientFor, facilitator: User) -> None:
    factories.make_session(State.ANNOUNCED)
    assert grade(text_of(page(client_for(facilitator)))) <= 9


@pytest.mark.parametrize("rows", [1, 4])
def test_queries(
    rows: int, client_for: ClientFor, facilitator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(rows):
        factories.make_session(State.ANNOUNCED).agencies.add(factories.make_agency())
        factories.make_resource()
    client = client_for(facilitator)
    client.get(PATH)
    # Who looks, the second factor, areas, sessions, their agencies, their team, help lines.
    with django_assert_num_queries(7):
        client.get(PATH)
