"""Help now: what it says, to whom, at what cost; and that it is one tap away from everywhere."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.formats import date_format

from accounts.models import Participant, User, today
from dialogue.messages.actions import send_message
from dialogue.resources.queries import HelpLine, help_lines
from dialogue.sessions.models import DialogueSession
from tests import factories
from tests import test_urls as by_address
from tests.reading import grade, text_of
from tests.test_promised_walks import pages_of
from tests.url_table import VIEWERS

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]
people, targets = by_address.people, by_address.targets
NOBODY_COMES = "Nobody here can find you or send help. We do not know who you are, or where."
OLD = today() - timedelta(days=91)


def page(client: Client | None = None) -> str:
    return (client or Client()).get("/help/").content.decode()


def some_of_each() -> None:
    factories.make_resource(kind="local", name="Kettle", contact="14 Copper Street", hours="2 pm to 10 pm")
    factories.make_resource(kind="crisis", name="Night Lamp", contact="(212) 555-0142", note="Somebody to talk to.")
    factories.make_resource(kind="crisis", name="Old Line", contact="555-0118", verified_on=OLD, order=1)
    factories.make_resource(kind="emergency", name="Emergency number", contact="555-0111", note="An ambulance comes.")


def test_it_says_whom_to_call_the_most_urgent_first() -> None:
    some_of_each()
    html = page()
    words = " ".join(text_of(html).split())
    places = [
        words.index(said)
        for said in (
            NOBODY_COMES,
            "555-0111",
            "Say where you are first.",
            "Someone to talk to",
            "Night Lamp",
            "Old Line",
        )
    ]
    assert places == sorted(places)
    assert words.index("Old Line") < words.index("Help close by") < words.index("Kettle")
    assert re.findall(r'href="(tel:[^"]*)">\s*(?:<svg.*?</svg>)?\s*([^<]*)<', html, re.DOTALL) == [
        ("tel:5550111", "555-0111"),
        ("tel:2125550142", "(212) 555-0142"),
        ("tel:5550118", "555-0118"),
    ]
    assert "Call your emergency number" not in words
    assert f"Last checked: {date_format(today(), 'DATE_FORMAT')}" in words
    assert f"Nobody checked this since {date_format(OLD, 'DATE_FORMAT')}." in words
    assert words.count("Nobody checked this since") == 1


def test_without_any_line_it_still_helps() -> None:
    words = text_of(page())
    assert NOBODY_COMES in words
    assert "Call your emergency number." in words
    assert "Is there someone you trust?" in words
    assert "tel:" not in page()


def test_no_number_is_part_of_the_program() -> None:
    assert re.findall(r"\b[0-9][0-9 -]{2,}[0-9]\b", text_of(page())) == []


@pytest.mark.parametrize("fill", [some_of_each, lambda: None])
def test_it_reads_at_grade_six_and_promises_nothing(fill: Callable[[], None]) -> None:
    fill()
    words = text_of(page())
    assert grade(words) <= 6
    assert [word for word in ("safe", "secure", "guarantee", "confidential") if word in words.lower()] == []


def test_it_is_neutral_and_leaves_nothing_behind() -> None:
    response = Client().get("/help/")
    html = response.content.decode()
    assert (dict(response.cookies), response.headers["Cache-Control"]) == ({}, "no-store")
    assert "<title>Welcome</title>" in html
    assert '<form class="exit"' in html


def test_the_way_back_leads_where_one_came_from(
    client_for: ClientFor, participant: Participant, listener: User, facilitator: User, operator: User
) -> None:
    def back(client: Client) -> tuple[str, str]:
        return re.findall(r'<a class="back" href="([^"]*)">([^<]*)<', page(client))[0]

    assert back(Client()) == ("/", "Front page")
    assert back(client_for(participant)) == ("/my/", "My talks")
    for person in (listener, facilitator, operator):
        assert back(client_for(person)) == ("/start/", "Back to your pages")


@pytest.mark.parametrize("viewer", VIEWERS)
def test_it_is_one_tap_away_from_every_page(
    viewer: str, people: dict[str, Any], targets: dict[str, dict[str, Any]], client_for: ClientFor
) -> None:
    pages = {name: answer.content.decode() for name, answer in pages_of(viewer, client_for(people[viewer]), targets)}
    shown = {name: html for name, html in pages.items() if '<header class="bar">' in html}
    assert [name for name, html in shown.items() if '<a class="help-now" href="/help/"' not in html] == []
    assert len(shown) > 10
    alone = {name for name, html in pages.items() if "<html" in html} - set(shown)
    assert alone <= {"acknowledgments:printout"}  # a sheet to print


def test_pages_that_say_what_is_wrong_have_it_too(client_for: ClientFor, participant: Participant) -> None:
    for client in (Client(), client_for(participant)):
        assert '<a class="help-now" href="/help/"' in client.get("/no-such-page/").content.decode()


@pytest.mark.parametrize("rows", [1, 5])
def test_it_takes_one_query(
    rows: int, client_for: ClientFor, participant: Participant, django_assert_num_queries: Any
) -> None:
    for kind in ("crisis", "local", "emergency"):
        for _ in range(rows):
            factories.make_resource(kind=kind)
    with django_assert_num_queries(1):
        page()
    client = client_for(participant)
    with django_assert_num_queries(2):
        page(client)


def test_lines_say_when_somebody_checked_them() -> None:
    factories.make_resource(name="B", order=2, hours="Always", note="Talk", verified_on=today() - timedelta(days=90))
    factories.make_resource(name="A", order=1, contact="At the pier", verified_on=OLD)
    day = [date_format(today() - timedelta(days=days), "DATE_FORMAT") for days in (91, 90)]
    assert help_lines() == {
        "emergency": [],
        "crisis": [
            HelpLine("A", "At the pier", "", "", "", day[0], is_old=True),
            HelpLine("B", "555-0100", "tel:5550100", "Always", "Talk", day[1], is_old=False),
        ],
        "local": [],
    }


def test_who_is_not_doing_well_reads_it_at_once(
    client_for: ClientFor, open_session: DialogueSession, participant: Participant
) -> None:
    some_of_each()
    client = client_for(participant)
    html = client.get(f"/sessions/{open_session.pk}/messages/?help=1").content.decode()
    words = text_of(html)
    assert NOBODY_COMES in words
    assert re.findall(r'href="(tel:[^"]*)"', html) == ["tel:5550111", "tel:2125550142", "tel:5550118"]
    assert grade(words) <= 6


@pytest.mark.parametrize(("kind", "told"), [("distress", True), ("question", False)])
def test_the_team_reads_that_it_can_send_nobody(
    client_for: ClientFor,
    open_session: DialogueSession,
    participant: Participant,
    facilitator: User,
    kind: str,
    told: bool,
) -> None:
    alias = open_session.aliases.get(tag=factories.tag_of(participant, open_session))
    send_message(alias, text="Bad night", kind=kind)
    html = client_for(facilitator).get(f"/desk/messages/{alias.pk}/").content.decode()
    assert ("Nobody can find this person or send help" in html) == told
