"""The pages of those who look after the help lines."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Participant, User
from dialogue.resources.models import Resource
from dialogue.resources.policies import day_here, mark_of
from tests import factories
from tests.reading import text_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]
LIST = "/desk/help-lines/"
WORDS = {"kind": "crisis", "name": "Night Lamp", "contact": "555-0142", "hours": "Always", "note": "Talk."}
OLD = day_here() - timedelta(days=91)


def words_of(response: Any) -> str:
    return " ".join(text_of(response.content.decode()).split())


def hidden(html: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]*)"', html)[0]


@pytest.fixture
def client(client_for: ClientFor, operator: User) -> Client:
    return client_for(operator)


def test_an_operator_adds_a_line(client: Client) -> None:
    assert "Without one that was checked, no session can be announced." in words_of(client.get(LIST))
    html = client.get(f"{LIST}new/").content.decode()
    typed = WORDS | {"new_id": hidden(html, "new_id"), "called": "on"}
    for _ in range(2):
        assert client.post(f"{LIST}new/", typed).headers["Location"] == LIST
    assert list(Resource.objects.values(*WORDS)) == [WORDS]
    assert "The help line is on the page “Help now”." in words_of(client.get(LIST))
    assert "Night Lamp" in client.get("/help/").content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "Call there first, or go there. Then tick this box."),
        ({"called": "on", "kind": "emergency", "contact": "911 or shout"}, "Write the emergency number alone"),
        ({"called": "on", "name": ""}, "This field is required."),
        ({"called": "on", "kind": "other"}, "Select a valid choice."),
        ({"called": "on", "contact": "5" * 121}, "120"),
        ({"called": "on", "new_id": "x"}, "Enter a valid UUID."),
        ({"called": "on", "new_id": ""}, "This page was not complete."),
    ],
)
def test_what_is_refused_comes_back(client: Client, change: dict[str, str], said: str) -> None:
    typed = {"new_id": str(uuid4()), "verified_on": "2099-01-01"} | WORDS | change
    response = client.post(f"{LIST}new/", typed)
    assert said in words_of(response)
    html = response.content.decode()
    assert [value for value in (typed["name"], typed["contact"], typed["note"]) if value not in html] == []
    assert Resource.objects.count() == 0


def test_the_day_of_a_check_can_not_be_typed(client: Client) -> None:
    line = factories.make_resource(verified_on=OLD, contact="555-0142")
    typed = WORDS | {"seen": mark_of(line), "verified_on": "2099-01-01"}
    assert client.post(f"{LIST}{line.pk}/edit/", typed).headers["Location"] == LIST
    line.refresh_from_db()
    assert (line.name, line.verified_on) == ("Night Lamp", OLD)
    assert "verified_on" not in client.get(f"{LIST}{line.pk}/edit/").content.decode()


def test_another_number_asks_for_a_call(client: Client) -> None:
    line = factories.make_resource(verified_on=OLD, contact="555-0100")
    typed = WORDS | {"seen": mark_of(line)}
    response = client.post(f"{LIST}{line.pk}/edit/", typed)
    assert "Call there first, or go there. Then tick this box." in words_of(response)
    assert 'value="555-0142"' in response.content.decode()
    assert client.post(f"{LIST}{line.pk}/edit/", typed | {"called": "on"}).headers["Location"] == LIST
    line.refresh_from_db()
    assert (line.contact, line.verified_on) == ("555-0142", day_here())


def test_two_operators_at_one_line_lose_nothing(client: Client) -> None:
    line = factories.make_resource(contact="555-0100")
    typed = WORDS | {"seen": mark_of(line), "called": "on"}
    Resource.objects.update(name="Changed by another", contact="555-0177")
    response = client.post(f"{LIST}{line.pk}/edit/", typed)
    shown = words_of(response)
    assert "Somebody changed this help line in the meantime." in shown
    assert "Changed by another 555-0177" in shown  # as it stands there now
    html = response.content.decode()
    assert ('value="Night Lamp"' in html, Resource.objects.get().name) == (True, "Changed by another")
    again = typed | {"seen": hidden(html, "seen")}
    assert client.post(f"{LIST}{line.pk}/edit/", again).headers["Location"] == LIST
    assert Resource.objects.get().name == "Night Lamp"


def test_help_lines_are_checked_by_hand(client_for: ClientFor, facilitator: User) -> None:
    old = factories.make_resource(verified_on=OLD)
    client = client_for(facilitator)
    assert "Not checked since" in words_of(client.get(LIST))
    page = client.get(f"{LIST}{old.pk}/")
    assert "Say this only if you called or went there today" in words_of(page)
    assert Resource.objects.get().verified_on == OLD
    typed = {"seen": hidden(page.content.decode(), "seen")}
    assert client.post(f"{LIST}{old.pk}/", typed).headers["Location"] == LIST
    assert Resource.objects.get().verified_on == day_here()
    assert "Not checked since" not in words_of(client.get(LIST))


@pytest.mark.parametrize("step", ["", "delete/"])
def test_a_line_that_changed_is_asked_about_anew(client: Client, step: str) -> None:
    line = factories.make_resource(verified_on=OLD)
    url = f"{LIST}{line.pk}/{step}"
    seen = hidden(client.get(url).content.decode(), "seen")
    Resource.objects.update(contact="555-0177")
    for typed in ({"seen": seen}, {}):
        response = client.post(url, typed)
        assert "This help line has changed since you opened the page." in words_of(response)
        assert "555-0177" in words_of(response)
    assert Resource.objects.get().verified_on == OLD
    assert client.post(url, {"seen": hidden(response.content.decode(), "seen")}).headers["Location"] == LIST
    assert (Resource.objects.filter(verified_on=OLD).exists(), Resource.objects.exists()) == (False, not step)


def test_deleting_asks_once_and_a_second_time_is_told(client: Client) -> None:
    line = factories.make_resource()
    url = f"{LIST}{line.pk}/delete/"
    page = client.get(url)
    assert "This can’t be undone." in words_of(page)
    typed = {"seen": hidden(page.content.decode(), "seen")}
    assert client.post(url, typed).headers["Location"] == LIST
    assert "The help line is deleted." in words_of(client.get(LIST))
    for step in ("delete/", "edit/", "move/", ""):
        assert client.post(f"{LIST}{line.pk}/{step}", typed).headers["Location"] == LIST
        assert "Somebody deleted this help line in the meantime." in words_of(client.get(LIST))
    assert client.get(url).status_code == 404


def test_lines_move_by_a_button(client: Client) -> None:
    lines = [factories.make_resource(name=name, order=number) for number, name in enumerate("ABC")]
    html = client.get(LIST).content.decode()
    buttons = re.findall(r'action="/desk/help-lines/([^/]*)/move/".*?name="to" value="(\d)"', html)
    assert buttons == [
        (str(lines[0].pk), "1"),
        (str(lines[1].pk), "0"),
        (str(lines[1].pk), "2"),
        (str(lines[2].pk), "1"),
    ]
    client.post(f"{LIST}{lines[2].pk}/move/", {"to": "1"})
    assert list(Resource.objects.values_list("name", flat=True)) == ["A", "C", "B"]
    for wrong in ("", "-1", "x", "٣", "9" * 30):
        assert client.post(f"{LIST}{lines[2].pk}/move/", {"to": wrong}).headers["Location"] == LIST
    assert list(Resource.objects.values_list("name", flat=True)) == ["A", "C", "B"]


def test_facilitators_check_and_operators_do_the_rest(client: Client, client_for: ClientFor, facilitator: User) -> None:
    factories.make_resource(contact="At the pier")
    theirs, mine = words_of(client_for(facilitator).get(LIST)), words_of(client.get(LIST))
    for word in ("Add a help line", "Change Harbor warm line", "Delete Harbor warm line", "Can’t be tapped to call"):
        assert (word in theirs, word in mine) == (False, True)
    assert "I checked it Harbor warm line" in theirs


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_at_fixed_cost(rows: int, client: Client, django_assert_num_queries: Any) -> None:
    for kind in ("crisis", "local"):
        for _ in range(rows):
            factories.make_resource(kind=kind)
    with django_assert_num_queries(3):
        client.get(LIST)


def test_operators_find_it(client: Client) -> None:
    assert f'href="{LIST}"' in client.get("/operator/").content.decode()
    assert client.get("/admin/dialogue/").status_code == 404  # not a second way, past the checks
