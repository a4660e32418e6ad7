"""The protective check on the page on which a listener looks once more before handing in."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.acknowledgments import actions
from dialogue.acknowledgments.models import PARTS, Acknowledgment
from dialogue.sessions.models import DialogueSession, ListenerSeat
from tests.dialogue.threads.test_check import marks
from tests.factories import make_seat

ClientFor = Callable[[User | Participant | None], Client]
FIVE = dict.fromkeys(PARTS, "I gave those orders on May 6.")
NAMING = FIVE | {"past_harm": "I told Leroy Adams to lie.", "plan": "I will reopen case 22-CR-0519 by May 6."}


@pytest.fixture
def seat(announced: DialogueSession, listener: User) -> ListenerSeat:
    return make_seat(announced, listener, ListenerSeat.State.APPLIED)


@pytest.fixture
def browser(client_for: ClientFor, listener: User) -> Client:
    return client_for(listener)


def url_of(seat: ListenerSeat) -> str:
    return reverse("acknowledgments:hand_in", args=[seat.pk])


def seen(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(seen)" value="([^"]*)"', page))


def state() -> str:
    return Acknowledgment.objects.get().state


def test_names_and_numbers_of_others_are_marked_where_they_stand(browser: Client, seat: ListenerSeat) -> None:
    actions.save_draft(seat, parts=NAMING)
    page = browser.get(url_of(seat)).content.decode()
    assert marks(page) == [("Leroy Adams", "name"), ("case 22-CR-0519", "number")]
    assert "Look at the marked words before you hand it in" in page
    assert "Hand it in as it is" in page
    sent = browser.post(url_of(seat), seen(page))
    assert (sent.status_code, state()) == (302, "submitted")


def test_days_and_ones_own_name_may_stand(browser: Client, seat: ListenerSeat, listener: User) -> None:
    actions.save_draft(seat, parts=FIVE | {"apology": f"So says {listener.name} of the {listener.agency}."})
    page = browser.get(url_of(seat)).content.decode()
    assert (marks(page), seen(page), "Hand it in as it is" in page) == ([], {}, False)
    assert browser.post(url_of(seat)).status_code == 302
    assert state() == "submitted"


def test_what_was_written_in_another_tab_since_is_shown_first(browser: Client, seat: ListenerSeat) -> None:
    actions.save_draft(seat, parts=NAMING)
    page = browser.get(url_of(seat)).content.decode()
    actions.save_draft(seat, parts=NAMING | {"apology": "I am sorry, said Sergeant Moss."})
    again = browser.post(url_of(seat), seen(page))
    assert (again.status_code, state()) == (200, "draft")
    assert ("Sergeant Moss", "rank and name") in marks(again.content.decode())
    assert browser.post(url_of(seat), seen(again.content.decode())).status_code == 302


def test_handing_in_unseen_shows_it(browser: Client, seat: ListenerSeat) -> None:
    actions.save_draft(seat, parts=NAMING)
    assert browser.post(url_of(seat)).status_code == 200
    assert state() == "draft"
