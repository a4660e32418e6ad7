"""A listener's own pages, and the pages of who vouches."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Agency, AgencyAgreement, ListenerProfile, Pledge, User, today
from dialogue.sessions.models import DialogueSession, State
from tests import factories

ClientFor = Callable[[User | None], Client]


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def next_title(page: str) -> str:
    assert page.count('class="next-step"') == 1
    return page.split('id="next-step"')[1].split("</span>")[1].split("</h2>")[0].strip()


def test_home_first_asks_for_the_pledge(client_for: ClientFor, new_listener: User) -> None:
    page = text(client_for(new_listener), "/listener/")
    assert next_title(page) == "Sign the pledge"
    assert "We are still making sure who you are" in page
    assert "Not yet: first your pledge" in page


def test_home_links_also_what_can_be_done_besides(client_for: ClientFor, new_listener: User) -> None:
    AgencyAgreement.objects.update(withdrawn_on=today())
    page = text(client_for(new_listener), "/listener/")
    assert next_title(page) == "Sign the pledge"
    to_come = page.split('<ol class="agenda">')[1].split("</ol>")[0]
    assert re.findall(r'href="([^"]+)"', to_come) == ["/listener/letter/"]


def test_home_then_asks_for_the_agreement(client_for: ClientFor, new_listener: User) -> None:
    Pledge.objects.create(user=new_listener, text="x", expires_on=today() + timedelta(days=9))
    AgencyAgreement.objects.update(withdrawn_on=today())
    assert next_title(text(client_for(new_listener), "/listener/")) == "Your agency agrees in writing"


def test_home_then_waits_for_us(client_for: ClientFor, new_listener: User) -> None:
    Pledge.objects.create(user=new_listener, text="x", expires_on=today() + timedelta(days=9))
    page = text(client_for(new_listener), "/listener/")
    assert next_title(page) == "We make sure who you are"
    assert "five working days" in page


def test_home_then_leads_to_the_sessions(client_for: ClientFor, listener: User) -> None:
    page = text(client_for(listener), "/listener/")
    assert next_title(page) == "Ask for a place in a session"
    assert 'href="/sessions/"' in page


def test_home_then_leads_to_the_acknowledgment(
    client_for: ClientFor, listener: User, announced: DialogueSession
) -> None:
    seat = factories.make_seat(announced, listener, state="applied")
    page = text(client_for(listener), "/listener/")
    assert next_title(page) == "Write your acknowledgment: the first move"
    assert f'href="/listener/seats/{seat.pk}/acknowledgment/"' in page


def test_home_then_leads_to_the_listening_guide(client_for: ClientFor, listener: User) -> None:
    seated = factories.make_session(State.ANNOUNCED)
    factories.make_seat(seated, listener)
    page = text(client_for(listener), "/listener/")
    assert next_title(page) == "Read how to listen"
    assert 'href="/how-to-listen/"' in page


def test_a_seat_in_a_talk_that_is_over_leads_to_no_guide(client_for: ClientFor, listener: User) -> None:
    factories.make_seat(factories.make_session(State.FOLLOW_UP), listener)
    assert next_title(text(client_for(listener), "/listener/")) == "Listen"


def test_home_folds_away_what_is_done(client_for: ClientFor, listener: User) -> None:
    to_come, done = text(client_for(listener), "/listener/").split("<details><summary>")
    assert ('class="next"' in to_come, 'class="done"' in to_come) == (True, False)
    assert ('class="next"' in done, 'class="done"' in done) == (False, True)


def test_home_leads_into_an_open_session(client_for: ClientFor, listener: User, open_session: DialogueSession) -> None:
    page = text(client_for(listener), "/listener/")
    assert next_title(page) == "Listen"
    assert f'href="/room/{open_session.pk}/"' in page


def test_a_lapse_shows_at_once(client_for: ClientFor, listener: User, open_session: DialogueSession) -> None:
    Pledge.objects.filter(user=listener).update(withdrawn_on=today())
    page = text(client_for(listener), "/listener/")
    assert next_title(page) == "Sign the pledge"
    assert f"/room/{open_session.pk}/" not in page


def test_pledge_page(client_for: ClientFor, new_listener: User) -> None:
    client = client_for(new_listener)
    page = text(client, "/listener/pledge/")
    assert "but for their taking part" in page
    assert "This is not immunity." in page
    assert "Tick the box" in client.post("/listener/pledge/", {}).content.decode()
    assert not Pledge.objects.exists()
    assert client.post("/listener/pledge/", {"agreed": "on"}).headers["Location"] == "/listener/"
    assert client.post("/listener/pledge/", {"agreed": "on"}).status_code == 302
    assert Pledge.objects.count() == 1
    assert "You have signed the pledge already." in text(client, "/listener/")
    assert "<form" not in text(client, "/listener/pledge/").split("<h1>")[1]


def test_letter(client_for: ClientFor, new_listener: User) -> None:
    page = text(client_for(new_listener), "/listener/letter/")
    assert "To the head of Harbor City Police" in page
    assert "but for their taking part" in page
    assert "Sergeant" in page


def test_who_waits(client_for: ClientFor, facilitator: User, listener: User, new_listener: User) -> None:
    unconfirmed = factories.make_new_listener(name="Unconfirmed")
    EmailAddress.objects.filter(user=unconfirmed).update(verified=False)
    factories.make_new_listener(name="Closed", is_active=False)
    page = text(client_for(facilitator), "/desk/listeners/")
    waiting, verified = page.split("<h2>Verified</h2>")
    assert new_listener.name in waiting
    assert listener.name in verified
    assert "Unconfirmed" not in page
    assert "Closed" not in page


def test_who_waits_for_long_and_who_runs_out_soon(
    client_for: ClientFor, operator: User, listener: User, new_listener: User
) -> None:
    client = client_for(operator)
    page = text(client, "/desk/listeners/")
    assert ("Waits for more than a week" in page, "Runs out soon" in page) == (False, False)
    User.objects.filter(pk=new_listener.pk).update(joined_on=today() - timedelta(days=8))
    ListenerProfile.objects.filter(user=listener).update(verified_until=today() + timedelta(days=30))
    page = text(client, "/desk/listeners/")
    assert ("Waits for more than a week" in page, "Runs out soon" in page) == (True, True)
    assert 'class="back" href="/operator/"' in page
    assert "verification runs out within 30 days" in text(client, "/operator/")


@pytest.mark.parametrize("rows", [1, 3])
def test_list_queries(
    rows: int, client_for: ClientFor, operator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(rows):
        factories.make_new_listener()
        factories.make_listener()
    client = client_for(operator)
    client.get("/desk/listeners/")
    with django_assert_num_queries(5):  # who looks, the second factor, who waits, how many verified, those
        client.get("/desk/listeners/")


def test_verify_by_hand(client_for: ClientFor, facilitator: User, new_listener: User) -> None:
    client, profile = client_for(facilitator), new_listener.listener_profile
    path = f"/desk/listeners/{profile.pk}/"
    assert "Sergeant" in text(client, path)
    far = str(today() + timedelta(days=400))
    again = client.post(path, {"method": "letter", "until": far}).content.decode()
    assert "at most a year away" in again
    assert far in again
    assert mail.outbox == []
    until = str(today() + timedelta(days=30))
    assert client.post(path, {"method": "letter", "until": until}).headers["Location"] == "/desk/listeners/"
    assert [(message.to, message.subject) for message in mail.outbox] == [([new_listener.email], "You are verified")]
    assert "http://testserver/listener/" in mail.outbox[0].body
    assert "Tom Reyes is verified." in text(client, "/desk/listeners/")


def test_end_asks_first(client_for: ClientFor, operator: User, listener: User) -> None:
    client, path = client_for(operator), f"/desk/listeners/{listener.listener_profile.pk}/end/"
    assert "locked out" in text(client, path)
    assert ListenerProfile.objects.get(user=listener).verified_by is not None
    client.post(path)
    assert ListenerProfile.objects.get(user=listener).verified_by is None
    client.post(path)
    assert "This listener is not verified." in text(client, "/desk/listeners/")


def test_a_mail_server_that_refuses(
    client_for: ClientFor, operator: User, new_listener: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("accounts.mail.send_mail", refuse)
    client, profile = client_for(operator), new_listener.listener_profile
    data = {"method": "letter", "until": str(today() + timedelta(days=30))}
    page = client.post(f"/desk/listeners/{profile.pk}/", data, follow=True).content.decode()
    assert "could not be sent" in page
    profile.refresh_from_db()
    assert profile.verified_by == operator


def test_home_queries(
    client_for: ClientFor,
    listener: User,
    agency: Agency,
    open_session: DialogueSession,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(listener)
    client.get("/listener/")
    with django_assert_num_queries(14):
        client.get("/listener/")
