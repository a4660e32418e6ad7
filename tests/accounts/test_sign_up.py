"""Who may register, with which address, and what a stranger learns from it."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.listeners.policies import address_belongs
from accounts.models import Agency, ListenerProfile, User
from tests.accounts.test_flow import SIGN_UP, link_in, sign_up
from tests.factories import make_agency


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("a@police.example", True),
        ("a@POLICE.Example", True),
        ("a@north.police.example", True),
        ("a@notpolice.example", False),
        ("a@police.example.org", False),
        ("police.example@mail.example", False),
        ("police.example", True),  # no @: the form's own check refuses it before
        ("", False),
    ],
)
def test_whose_address_it_is(email: str, expected: bool) -> None:
    assert address_belongs(email, Agency(email_domains=["@Police.example ", ""])) is expected


def test_another_domain_is_refused_and_nothing_is_lost(agency: Agency) -> None:
    page = sign_up(Client(), agency, email="dana@mail.example")
    assert "Use your address at this agency" in page
    assert 'value="Lieutenant"' in page
    assert 'value="dana@mail.example"' in page
    assert not User.objects.exists()
    assert mail.outbox == []


def test_an_address_of_another_agency_is_refused(agency: Agency) -> None:
    other = make_agency(email_domains=["prosecutor.example"])
    assert "Use your address at this agency" in sign_up(Client(), other)
    assert not User.objects.exists()


def test_weak_password_and_missing_agency(agency: Agency) -> None:
    assert "too common" in sign_up(Client(), agency, password1="password1234", password2="password1234")
    assert "This field is required" in sign_up(Client(), None)


def test_a_taken_address_answers_like_a_free_one(agency: Agency, listener: User) -> None:
    free = Client().post("/account/signup/", SIGN_UP | {"agency": str(agency.pk)})
    taken = Client().post("/account/signup/", SIGN_UP | {"agency": str(agency.pk), "email": listener.email})
    assert (taken.status_code, taken.headers["Location"]) == (free.status_code, free.headers["Location"])
    assert mail.outbox[1].to == [listener.email]
    assert mail.outbox[1].subject == "You have an account already"
    assert ListenerProfile.objects.count() == 2


def test_a_new_password_is_asked_for_alike(listener: User) -> None:
    known = Client().post("/account/password/reset/", {"email": listener.email})
    unknown = Client().post("/account/password/reset/", {"email": "nobody@police.example"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [message.to for message in mail.outbox] == [[listener.email]]


def test_a_new_password_by_mail(listener: User) -> None:
    Client().post("/account/password/reset/", {"email": listener.email})
    link = link_in(mail.outbox[0].body)
    client = Client()
    page = client.get(link).content.decode()
    assert link.startswith("/new-password/")
    onward = page.split('class="button" href="')[1].split('"')[0]
    form = client.get(onward, follow=True)
    assert "Choose a new password" in form.content.decode()
    done = client.post(
        form.request["PATH_INFO"], {"password1": "a wholly new phrase", "password2": "a wholly new phrase"}
    )
    assert done.headers["Location"] == "/account/password/reset/key/done/"
    listener.refresh_from_db()
    assert listener.check_password("a wholly new phrase")
    assert "This link does not work" in Client().get(onward, follow=True).content.decode()


def test_a_broken_password_link(db: None) -> None:
    assert Client().get("/new-password/nonsense/").status_code == 404
    assert "This link does not work" in Client().get("/account/password/reset/key/abc-def-0123/").content.decode()


def test_a_broken_confirmation_link(db: None) -> None:
    assert "This link does not work" in Client().get("/account/confirm-email/abc/").content.decode()


@pytest.mark.parametrize(
    ("who", "email", "refusal"),
    [
        ("listener", "new@mail.example", "Use your address at your agency"),
        ("facilitator", "new@sub.police.example", "This address belongs to an agency"),
    ],
)
def test_a_wrong_new_address(
    who: str,
    email: str,
    refusal: str,
    agency: Agency,
    client_for: Callable[..., Client],
    request: pytest.FixtureRequest,
) -> None:
    client = client_for(request.getfixturevalue(who))
    assert refusal in client.post("/account/email/", {"email": email, "action_add": ""}).content.decode()
    assert mail.outbox == []


def test_a_new_address_counts_once_confirmed(listener: User, client_for: Callable[..., Client]) -> None:
    client, old = client_for(listener), listener.email
    client.post("/account/email/", {"email": "new@police.example", "action_add": ""})
    assert "We wait for you to confirm" in client.get("/account/email/").content.decode()
    listener.refresh_from_db()
    assert listener.email == old
    client.post(link_in(mail.outbox[0].body))
    listener.refresh_from_db()
    assert listener.email == "new@police.example"
    assert list(EmailAddress.objects.filter(user=listener).values_list("email", flat=True)) == ["new@police.example"]
