"""Pages of operators and of who makes cards."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AgencyAgreement, Invitation, InviteCode, OutreachPartner, User, today
from tests import factories
from tests.accounts.test_flow import link_in

ClientFor = Callable[[User | None], Client]
WHOM = {"name": "Nia", "email": "nia@team.example", "role": "facilitator", "is_peer": "on"}
ACCEPT = {"name": "Nia Okoro", "password": "a password nobody guesses", "password_again": "a password nobody guesses"}


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def intent(client: Client, path: str) -> dict[str, str]:
    """What the page's form sends along."""
    return dict(re.findall(r'name="(intent)" value="(\w+)"', text(client, path)))


def tiles(page: str) -> dict[str, int]:
    found = re.findall(r'<li class="tile"><b>(\d+)</b><a href="[^"]*">([^<]*)</a>', page)
    return {caption: int(number) for number, caption in found}


def test_what_is_to_do(client_for: ClientFor, operator: User, new_listener: User, listener: User) -> None:
    factories.make_resource(verified_on=today() - timedelta(days=91))
    factories.make_resource(name="Fresh")
    client = client_for(operator)
    client.post("/operator/invite/", WHOM)
    AgencyAgreement.objects.update(expires_on=today() - timedelta(days=1))
    page = text(client, "/operator/")
    assert tiles(page) == {
        "listener waits to be verified": 1,
        "invitation is open": 1,
        "agency has no agreement in force": 1,
        "help line was not checked for 90 days": 1,
        "parts of the site are not in order": 2,
    }
    folded = page.partition("<details><summary>What is in order")[2].partition("</details>")[0]
    assert re.findall(r"<li>0 <a [^>]*>([^<>]+)</a>", folded) == [
        "verifications run out within 30 days",
        "invitations ran out",
        "agreements run out within 30 days",
        "partners have few cards left",
        "mails about promises and help lines did not go out",
        "sessions are kept from being deleted",
    ]


def test_no_crisis_line_is_said(client_for: ClientFor, operator: User) -> None:
    assert tiles(text(client_for(operator), "/operator/"))["help line has to be added before any session"] == 1


def test_invite_mails_a_link_that_lets_in(client_for: ClientFor, operator: User) -> None:
    client = client_for(operator)
    assert client.post("/operator/invite/", WHOM).headers["Location"] == "/operator/invite/"
    assert "on its way to nia@team.example" in text(client, "/operator/invite/")
    assert mail.outbox[0].to == ["nia@team.example"]
    link = link_in(mail.outbox[0].body)
    stranger = Client()
    page = text(stranger, link)
    assert 'value="Nia"' in page
    assert "as: Facilitator" in page
    differ = stranger.post(link, ACCEPT | {"password_again": "something else"}).content.decode()
    assert "The two passwords differ." in differ
    assert 'value="Nia Okoro"' in differ
    assert "too short" in stranger.post(link, ACCEPT | {"password": "x", "password_again": "x"}).content.decode()
    assert stranger.post(link, ACCEPT).headers["Location"] == "/account/login/"
    used = stranger.get(link)
    assert (used.status_code, "used already" in used.content.decode()) == (410, True)
    signed_in = stranger.post("/account/login/", {"login": "nia@team.example", "password": ACCEPT["password"]})
    assert signed_in.headers["Location"] == "/start/"
    assert stranger.get("/desk/cards/").headers["Location"] == "/account/2fa/totp/activate/"


def test_a_double_click_invites_once(client_for: ClientFor, operator: User) -> None:
    client = client_for(operator)
    (pk,) = re.findall(r'name="pk" value="([0-9a-f-]{36})"', text(client, "/operator/invite/"))
    for _click in range(2):
        assert client.post("/operator/invite/", WHOM | {"pk": pk}).status_code == 302
    (sent,) = mail.outbox
    assert Client().get(link_in(sent.body)).status_code == 200
    other = client.post("/operator/invite/", WHOM | {"pk": pk, "email": "ada@team.example"})
    assert "This form was used already." in other.content.decode(), "gone back to, and filled in for somebody else"
    client.post("/operator/invite/", WHOM)
    assert len(mail.outbox) == 2, "asked again with a page of its own"
    assert Client().get(link_in(sent.body)).status_code == 410


def test_an_agency_address_is_refused_in_the_form(client_for: ClientFor, operator: User, listener: User) -> None:
    page = client_for(operator).post("/operator/invite/", WHOM | {"email": "x@police.example"}).content.decode()
    assert "Nobody of an agency can be on the team." in page
    assert 'value="x@police.example"' in page
    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_a_link_that_ran_out_says_so(client_for: ClientFor, operator: User) -> None:
    client = client_for(operator)
    client.post("/operator/invite/", WHOM)
    Invitation.objects.update(expires_at=timezone.now())
    response = Client().get(link_in(mail.outbox[0].body))
    assert (response.status_code, "ran out" in response.content.decode()) == (410, True)
    assert "Ran out on" in text(client, "/operator/invite/")


def test_a_wrong_link_says_so(db: None) -> None:
    response = Client().get("/invitation/abc/")
    assert (response.status_code, "does not work" in response.content.decode()) == (410, True)


def test_an_invitation_that_no_mail_server_takes(
    client_for: ClientFor, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("accounts.mail.send_mail", refuse)
    page = client_for(operator).post("/operator/invite/", WHOM, follow=True).content.decode()
    assert "did not take the mail" in page


def test_people(client_for: ClientFor, operator: User, facilitator: User, listener: User) -> None:
    client = client_for(operator)
    page = text(client, "/operator/people/")
    assert facilitator.name in page
    assert listener.name in page
    assert listener.name not in text(client, "/operator/people/?role=facilitator")
    assert listener.name in text(client, "/operator/people/?role=nonsense&page=99999999999999999999")


@pytest.mark.parametrize("rows", [1, 3])
def test_people_queries(
    rows: int, client_for: ClientFor, operator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(rows):
        factories.make_listener()
    client = client_for(operator)
    client.get("/operator/people/")
    with django_assert_num_queries(5):  # who looks, the second factor, the agencies to choose from, how many, those
        client.get("/operator/people/")


def test_closing_asks_first_and_ends_what_is_open(client_for: ClientFor, operator: User, facilitator: User) -> None:
    client, theirs = client_for(operator), client_for(facilitator)
    path = f"/operator/people/{facilitator.pk}/"
    assert "Close the account of" in text(client, path)
    assert theirs.get("/profile/").status_code == 200
    client.post(path, intent(client, path))
    assert theirs.get("/profile/").status_code == 302
    again = theirs.post("/account/login/", {"login": facilitator.email, "password": factories.PASSWORD}, follow=True)
    assert "This account is closed" in again.content.decode()
    assert "Open the account of" in text(client, path)
    client.post(path, intent(client, path))
    assert User.objects.get(pk=facilitator.pk).is_active


def test_a_double_click_does_what_the_page_said(client_for: ClientFor, operator: User, facilitator: User) -> None:
    client, path = client_for(operator), f"/operator/people/{facilitator.pk}/"
    for is_active in (False, True):
        asked = intent(client, path)
        client.post(path, asked)
        assert "Somebody has done this already." in client.post(path, asked, follow=True).content.decode()
        assert User.objects.get(pk=facilitator.pk).is_active == is_active


def test_a_page_that_does_not_say_what_is_asked_again(client_for: ClientFor, operator: User, facilitator: User) -> None:
    assert "Close the account of" in client_for(operator).post(f"/operator/people/{facilitator.pk}/").content.decode()
    assert User.objects.get(pk=facilitator.pk).is_active


def test_nobody_closes_himself_by_the_page(client_for: ClientFor, operator: User) -> None:
    client = client_for(operator)
    path = f"/operator/people/{operator.pk}/"
    assert "Ask another operator" in client.post(path, intent(client, path), follow=True).content.decode()
    assert User.objects.get(pk=operator.pk).is_active


@pytest.mark.parametrize("count", ["0", "51", "many", ""])
def test_a_wrong_number_of_cards(count: str, client_for: ClientFor, operator: User, partner: OutreachPartner) -> None:
    response = client_for(operator).post("/desk/cards/", {"partner": str(partner.pk), "count": count})
    assert "Please look at this again" in response.content.decode()
    assert not InviteCode.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_cards_queries(
    rows: int, client_for: ClientFor, operator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(rows):
        factories.make_partner()
    client = client_for(operator)
    client.get("/desk/cards/")
    with django_assert_num_queries(4):  # who looks, the second factor, partners to choose, partners with their counts
        client.get("/desk/cards/")


def test_a_partner_stored_twice_at_once(
    client_for: ClientFor, facilitator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = OutreachPartner.save

    def slow(partner: OutreachPartner) -> None:
        monkeypatch.setattr(OutreachPartner, "save", save)
        save(OutreachPartner(name=partner.name))  # the other click
        save(partner)

    monkeypatch.setattr(OutreachPartner, "save", slow)
    fields = {"name": "Night Bus", "contact_name": "Ana", "email": "a@bus.example", "time_zone": "UTC"}
    page = client_for(facilitator).post("/desk/partners/new/", fields | {"language": "en"}).content.decode()
    assert "Outreach partner with this Name already exists." in page


def test_partners(client_for: ClientFor, facilitator: User) -> None:
    client = client_for(facilitator)
    assert "Partners hand out the cards" in text(client, "/desk/partners/")
    fields = {
        "name": "Night Van",
        "contact_name": "Sam",
        "email": "sam@van.example",
        "time_zone": "America/Chicago",
        "language": "en",
        "is_active": "on",
    }
    wrong = client.post("/desk/partners/new/", fields | {"time_zone": "Mars/Olympus"}).content.decode()
    assert 'value="Night Van"' in wrong
    client.post("/desk/partners/new/", fields)
    partner = OutreachPartner.objects.get()
    assert "0 cards not used yet" in text(client, "/desk/partners/")
    client.post(f"/desk/partners/{partner.pk}/", fields | {"name": "Day Van"})
    partner.refresh_from_db()
    assert (partner.name, partner.time_zone) == ("Day Van", "America/Chicago")


def test_profile(client_for: ClientFor, facilitator: User, listener: User) -> None:
    client = client_for(facilitator)
    client.post(
        "/profile/",
        {"name": "Rosa L.", "time_zone": "Europe/Berlin", "language": "en", "role": "operator", "is_peer": "on"},
    )
    facilitator.refresh_from_db()
    assert (facilitator.name, facilitator.time_zone, facilitator.role, facilitator.is_peer) == (
        "Rosa L.",
        "Europe/Berlin",
        "facilitator",
        False,
    )
    theirs = client_for(listener)
    assert "Sergeant" in text(theirs, "/profile/")
    theirs.post("/profile/", {"name": "Chief Hale", "time_zone": "UTC", "language": "en"})
    listener.refresh_from_db()
    assert (listener.name, listener.time_zone) == ("Marcus Hale", "UTC")
