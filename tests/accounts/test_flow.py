"""A listener's way in, as a browser goes it: from registering to the first page inside."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from accounts.models import Agency, ListenerProfile, User
from tests.factories import PASSWORD

SIGN_UP = {
    "name": "Dana Ortiz",
    "rank": "Lieutenant",
    "email": "dana@north.police.example",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_up(client: Client, agency: Agency | None, **changes: str) -> str:
    """Post the form; where it leads, or the page with the errors."""
    response = client.post("/account/signup/", SIGN_UP | {"agency": str(agency.pk) if agency else ""} | changes)
    return response.headers.get("Location", "") or response.content.decode()


def link_in(body: object) -> str:
    """The path of the first link to this site in a mail."""
    return re.findall(r"http://testserver(\S+)", str(body))[0]


@pytest.mark.django_db(transaction=True)  # the factor counts once the transaction is committed
def test_a_listener_comes_in(agency: Agency) -> None:
    client = Client()
    assert "Your rank or title" in client.get("/account/signup/").content.decode()
    assert sign_up(client, agency) == "/account/confirm-email/"
    assert "Look into your mail" in client.get("/account/confirm-email/").content.decode()
    user = User.objects.get(email=SIGN_UP["email"])
    assert (user.name, user.role, user.agency) == ("Dana Ortiz", "listener", agency)
    assert ListenerProfile.objects.values_list("user", "rank", "verified_by").get() == (user.pk, "Lieutenant", None)

    # Signing in before the address is confirmed leads to nothing but another look into the mail.
    credentials = {"login": SIGN_UP["email"], "password": PASSWORD}
    assert client.post("/account/login/", credentials).headers["Location"] == "/account/confirm-email/"
    assert [message.to for message in mail.outbox] == [[SIGN_UP["email"]]]
    link = link_in(mail.outbox[0].body)
    assert "Is <b" in client.get(link).content.decode()
    assert client.post(link).headers["Location"] == "/account/login/"

    assert client.post("/account/login/", credentials).headers["Location"] == "/start/"
    for path in ("/start/", "/listener/", "/profile/", "/sessions/", "/account/email/"):
        assert client.get(path).headers["Location"] == "/account/2fa/totp/activate/", path
    page = client.get("/account/2fa/totp/activate/").content.decode()
    secret = re.findall(r"<code[^>]*>(\w+)</code>", page)[0]
    assert "<svg" in page
    assert "style=" not in page
    wrong = client.post("/account/2fa/totp/activate/", {"code": "12345"})
    assert "This code does not fit" in wrong.content.decode()
    done = client.post("/account/2fa/totp/activate/", {"code": code_for(secret)})
    assert done.headers["Location"] == "/account/2fa/recovery-codes/"
    codes = re.findall(r"<li>(\d{8})</li>", client.get("/account/2fa/recovery-codes/").content.decode())
    assert len(codes) == 10
    home = client.get("/listener/").content.decode()
    assert "Sign the pledge" in home
    assert home.count('class="next-step"') == 1
