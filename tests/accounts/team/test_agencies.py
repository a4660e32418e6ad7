"""Agencies in the operator's room, whom one finds among the people, and what is to set up."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import Agency, AgencyAgreement, Role, User, today
from accounts.team.actions_agencies import save_agency
from accounts.team.queries import agencies
from dialogue.audit.models import AuditEvent
from dialogue.sessions.models import DialogueSession
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once
from tests.reading import text_of

ClientFor = Callable[[User | None], Client]
PAGE = "/operator/agencies/"
LAKE = {"name": "Lake Police", "kind": "police", "area": "Lake County", "email_domains": "@Lake.example"}


def lake(**changes: Any) -> Agency:
    return Agency(
        **({"name": "Lake Police", "kind": "police", "area": "Lake", "email_domains": ["lake.example"]} | changes)
    )


def page_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return text_of(response.content.decode())


@pytest.mark.django_db
def test_an_operator_adds_one_and_it_is_recorded(operator: User) -> None:
    made = save_agency(lake(), by=operator)
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.detail) == ("change_agency", operator.pk, str(made.pk))
    made.area = "Lake and Hill"
    save_agency(made, by=operator)
    assert Agency.objects.get().area == "Lake and Hill"


@pytest.mark.django_db
def test_nobody_else_does(facilitator: User, listener: User) -> None:
    for person in (facilitator, listener):
        with pytest.raises(NotAllowed):
            save_agency(lake(), by=person)
    assert not Agency.objects.filter(name="Lake Police").exists()


@pytest.mark.django_db
def test_twice_is_refused_in_words(operator: User) -> None:
    save_agency(lake(), by=operator)
    with pytest.raises(ValidationError) as refusal:
        save_agency(lake(), by=operator)
    assert refusal.value.message_dict == {"name": ["There is an agency with this name already."]}
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one(operator: User) -> None:
    results = at_once(*[lambda: save_agency(lake(), by=operator)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["Agency", "ValidationError"]
    assert Agency.objects.count() == AuditEvent.objects.count() == 1


@pytest.mark.django_db
def test_the_form_makes_changes_and_keeps_what_was_wrong(client_for: ClientFor, operator: User) -> None:
    client = client_for(operator)
    assert "Listeners can register once you have added their agency" in page_of(client, PAGE)
    wrong = client.post(f"{PAGE}new/", LAKE | {"email_domains": "nonsense"}).content.decode()
    assert "is not a domain" in wrong
    assert 'value="Lake County"' in wrong
    assert client.post(f"{PAGE}new/", LAKE).headers["Location"] == PAGE
    made = Agency.objects.get()
    assert made.email_domains == ["lake.example"]
    assert "The agency is stored." in client.get(PAGE).content.decode()
    assert "There is an agency" in client.post(f"{PAGE}new/", LAKE).content.decode() or Agency.objects.count() == 1
    client.post(f"{PAGE}{made.pk}/", LAKE | {"area": "Lake and Hill"})
    assert Agency.objects.get().area == "Lake and Hill"


@pytest.mark.django_db
def test_the_list_says_who_has_signed_and_until_when(
    client_for: ClientFor, operator: User, agency: Agency, listener: User
) -> None:
    client = client_for(operator)
    signed = agency.agreements.get()
    assert re.search(r"Agreement until .*\n1 listener is registered", page_of(client, PAGE))
    AgencyAgreement.objects.update(expires_on=today() + timedelta(days=30))
    assert "Agreement runs out on" in page_of(client, PAGE)
    assert "agreement runs out within 30 days" in client.get("/operator/").content.decode()
    assert f"/agreements/{signed.pk}/withdraw/" in client.get(f"{PAGE}{agency.pk}/").content.decode()
    AgencyAgreement.objects.update(withdrawn_on=today())
    assert "No agreement in force" in page_of(client, PAGE)
    page = client.get(f"{PAGE}{agency.pk}/").content.decode()
    assert "Withdrawn on" in page
    assert "/withdraw/" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 40])
def test_the_list_at_a_fixed_cost(
    count: int, client_for: ClientFor, operator: User, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        factories.make_listener()
    client = client_for(operator)
    with django_assert_num_queries(4):
        client.get(PAGE)


@pytest.mark.django_db
def test_two_agreements_and_three_people_are_counted_once(agency: Agency) -> None:
    for _ in range(3):
        factories.make_listener(agency)
    first = agency.agreements.get()
    AgencyAgreement.objects.create(
        agency=agency, text="x", signed_by_name="A", signed_by_title="B", signed_on=today(),
        expires_on=first.expires_on + timedelta(days=9),
    )  # fmt: skip
    found = agencies().get()
    assert (found.people, found.held_until) == (3, first.expires_on + timedelta(days=9))  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_people_are_found_by_name_role_and_agency(
    client_for: ClientFor, operator: User, facilitator: User, listener: User, other_listener: User
) -> None:
    client = client_for(operator)

    def found(query: str) -> set[str]:
        page = client.get(f"/operator/people/?{query}").content.decode()
        return {one.name for one in User.objects.all() if f'<h2 translate="no">{one.name}</h2>' in page}

    assert found("") >= {operator.name, facilitator.name, listener.name, other_listener.name}
    assert found("role=facilitator") == {facilitator.name}
    assert found(f"agency={listener.agency_id}") == {listener.name}
    assert found("words=hale+marcus") == {listener.name}
    assert found(f"words={listener.email}") == {listener.name}
    assert found("role=nonsense&agency=nonsense") == found("")
    assert "Nobody like this is here." in client.get("/operator/people/?words=nobody").content.decode()


@pytest.mark.django_db
def test_what_is_to_set_up_stands_on_the_first_page_until_it_is_done(
    client_for: ClientFor, operator: User, settings: Any
) -> None:
    client = client_for(operator)
    first = page_of(client, "/operator/")
    assert "things are still to set up" in first
    for step in ("The first agency", "Help lines", "Two facilitators, one of them a peer", "The legal basis"):
        assert f"\n{step}\n" in first
    factories.make_user(Role.OPERATOR)
    factories.make_session(team=[factories.make_facilitator(), factories.make_facilitator(is_peer=True)])
    DialogueSession.objects.update(legal_basis="The law of the harbor.")
    factories.make_partner()
    factories.make_agency()
    for kind in ("emergency", "crisis"):
        factories.make_resource(kind=kind, name=kind)
    settings.SETUP_STEPS = [one for one in settings.SETUP_STEPS if "server" not in one]
    done = page_of(client, "/operator/")
    assert "still to set up" not in done
    assert "Everything is set up" in done


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 20])
def test_the_first_page_at_a_fixed_cost(
    count: int, client_for: ClientFor, operator: User, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        factories.make_listener()
        factories.make_partner()
        factories.make_resource()
    client = client_for(operator)
    with django_assert_num_queries(29):
        client.get("/operator/")
