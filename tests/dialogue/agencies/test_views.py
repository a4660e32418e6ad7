"""The public pages of agencies: what was signed and conceded, for everybody."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Agency, AgencyAgreement, ListenerProfile, Participant, User, today
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.sessions.models import DialogueSession, ListenerSeat, State
from tests import factories
from tests.reading import grade, text_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]


def page(agency: Agency, client: Client | None = None) -> str:
    answer = (client or Client()).get(reverse("agencies:detail", args=[agency.pk]))
    return unescape(answer.content.decode())


def test_what_was_signed_stands_for_everybody(agency: Agency, announced: DialogueSession) -> None:
    announced.agencies.add(agency)
    shown = page(agency)
    agreement = agency.agreements.get()
    for words in ("Signed by Dana Whitfield, Chief,", agreement.text, "This is not immunity.", announced.title):
        assert words in shown
    assert "its listeners are locked" not in shown


def test_one_that_ended_says_that_its_listeners_are_locked(agency: Agency) -> None:
    AgencyAgreement.objects.update(withdrawn_on=today())
    shown = page(agency)
    assert "It has no agreement now." in shown
    assert "Taken back on" in shown
    assert "its listeners are locked" in Client().get(reverse("agencies:list")).content.decode()
    AgencyAgreement.objects.update(withdrawn_on=None, expires_on=today() - timedelta(days=1))
    assert "It has no agreement now." in page(agency)


def test_what_was_admitted_for_the_agency_stands_once_it_was_accepted(
    agency: Agency, announced: DialogueSession, listener: User, client_for: ClientFor, participant: Participant
) -> None:
    made = factories.make_seat(announced, listener).acknowledgment
    assert "We concede" not in page(agency)  # it was made for himself
    Acknowledgment.objects.update(scope="agency")
    assert "We concede: past_harm." in page(agency)
    assert listener.name not in page(agency)
    assert listener.name in page(agency, client_for(participant))
    ListenerProfile.objects.filter(user=listener).update(is_head=True)
    assert listener.name in page(agency)
    for state in ("draft", "submitted", "complete", "more_asked"):
        Acknowledgment.objects.filter(pk=made.pk).update(state=state)
        assert "We concede" not in page(agency)
    Acknowledgment.objects.update(state="accepted", scope="profession")
    assert "We concede" not in page(agency)


def test_one_of_whom_was_not_placed_does_not_stand_there(
    agency: Agency, announced: DialogueSession, listener: User
) -> None:
    factories.make_seat(announced, listener)
    Acknowledgment.objects.update(scope="agency")
    ListenerSeat.objects.update(state="not_placed")
    assert "We concede" not in page(agency)


def test_a_session_leads_to_the_agency(agency: Agency, announced: DialogueSession) -> None:
    announced.agencies.add(agency)
    url = reverse("agencies:detail", args=[agency.pk])
    assert f'href="{url}"' in Client().get(reverse("sessions:detail", args=[announced.pk])).content.decode()
    assert f'href="{url}"' in Client().get(reverse("agencies:list")).content.decode()


def test_empty_and_unknown(db: None) -> None:
    assert "No office takes part yet." in Client().get(reverse("agencies:list")).content.decode()
    unknown = reverse("agencies:detail", args=["00000000-0000-4000-8000-000000000000"])
    assert Client().get(unknown).status_code == 404


def test_our_own_words_are_plain(agency: Agency) -> None:
    AgencyAgreement.objects.update(text="We keep our word.")
    assert grade(text_of(page(agency))) <= 6
    assert grade(text_of(Client().get(reverse("agencies:list")).content.decode())) <= 6


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_cost_the_same_for_one_and_three(
    agency: Agency, django_assert_num_queries: Callable, count: int
) -> None:
    for _ in range(count):
        factories.make_agency()
        made = factories.make_session(State.ANNOUNCED)
        made.agencies.add(agency)
        factories.make_seat(made, factories.make_listener(agency))
    Acknowledgment.objects.update(scope="agency")
    with django_assert_num_queries(10):
        page(agency)
    with django_assert_num_queries(3):
        Client().get(reverse("agencies:list"))
