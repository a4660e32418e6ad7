"""Addresses of machines stay out of everything; second-factor secrets are not in clear."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.adapters import AccountAdapter
from accounts.models import Agency, User
from tests.accounts.test_flow import code_for, sign_up
from tests.factories import PASSWORD, TOTP_SECRET

MARKER = "203.0.113.77"
AGENT = "MarkerBrowser/9.9"


def from_marker() -> Client:
    return Client(REMOTE_ADDR=MARKER, HTTP_USER_AGENT=AGENT)


def everything_in_redis() -> bytes:
    connection: Any = redis.Redis.from_url(settings.REDIS_URL)
    keys = list(connection.scan_iter(count=1000))
    texts = [connection.get(key) for key in keys if connection.type(key) == b"string"]
    return b"\n".join([*keys, *(connection.dump(key) for key in keys), *texts])


@pytest.mark.promise("P3")
def test_no_address_and_no_browser_in_redis(agency: Agency, operator: User) -> None:
    client = from_marker()
    for password in ("wrong " * 3, PASSWORD):
        client.post("/account/login/", {"login": operator.email, "password": password})
    client.post("/account/password/reset/", {"email": operator.email})
    sign_up(client, agency)
    kept = everything_in_redis()
    assert b"allauth:rl" in kept  # the limits are at work
    assert b"ip:b" in kept
    assert MARKER.encode() not in kept
    assert AGENT.encode() not in kept
    assert operator.email.encode() not in kept


def test_one_address_is_one_bucket_for_an_hour() -> None:
    adapter = AccountAdapter()
    here = RequestFactory(REMOTE_ADDR=MARKER).get("/")
    there = RequestFactory(REMOTE_ADDR="203.0.113.78").get("/")
    bucket = adapter.get_client_ip(here)
    assert adapter.get_client_ip(here) == bucket
    assert adapter.get_client_ip(there) != bucket
    cache.delete("address-salt")
    assert adapter.get_client_ip(here) != bucket
    assert len(bucket) == 6


def test_a_proxy_without_addresses_is_fine() -> None:
    """Behind a unix socket there is no address at all."""
    assert AccountAdapter().get_client_ip(RequestFactory(REMOTE_ADDR="").get("/")).startswith("b")


def test_second_factor_secrets_are_sealed(settings: Settings) -> None:
    adapter = mfa_adapter()
    sealed = adapter.encrypt(TOTP_SECRET)
    assert TOTP_SECRET not in sealed
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]  # a new key in front
    assert adapter.decrypt(sealed) == TOTP_SECRET


@pytest.mark.django_db(transaction=True)  # mails go out after the commit
def test_the_database_holds_no_second_factor_in_clear(operator: User) -> None:
    fresh = Client()
    fresh.post("/account/login/", {"login": operator.email, "password": PASSWORD})
    fresh.get("/account/2fa/totp/activate/")
    secret = fresh.session["mfa.totp.secret"]
    fresh.post("/account/2fa/totp/activate/", {"code": code_for(secret)})
    stored = str(list(Authenticator.objects.values_list("type", "data")))
    assert "totp" in stored
    assert "recovery_codes" in stored
    assert secret not in stored
    assert "IP" not in mail.outbox[-1].body
    assert mail.outbox[-1].subject == "An authenticator app was set up"


def signed_in(user: User) -> Client:
    """Through the whole door: password, then a code."""
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": mfa_adapter().encrypt(TOTP_SECRET)}
    )
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert "Your second factor" in client.get("/account/2fa/authenticate/").content.decode()
    assert client.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    done = client.post("/account/2fa/authenticate/", {"code": code_for(TOTP_SECRET)})
    assert done.headers["Location"] == "/start/"
    return client


def test_password_then_code(operator: User) -> None:
    assert signed_in(operator).get("/operator/").status_code == 200


def test_ten_minutes_later_it_asks_again(operator: User, time_machine: Any) -> None:
    client = signed_in(operator)
    assert client.get("/account/2fa/recovery-codes/generate/").status_code == 200
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=601), tick=False)
    moved = client.get("/account/2fa/recovery-codes/generate/")
    assert moved.headers["Location"].startswith("/account/reauthenticate/")
    assert "Is it still you?" in client.get(moved.headers["Location"]).content.decode()


def test_the_sixth_wrong_password_waits(operator: User) -> None:
    client, wrong = Client(), {"login": operator.email, "password": "not this one"}
    pages = [client.post("/account/login/", wrong) for _attempt in range(6)]
    assert "don’t belong together" in pages[4].content.decode()
    assert "Too many tries" in pages[5].content.decode()


def test_the_pages_carry_our_name(db: None) -> None:
    """allauth would put the host's name there."""
    for path in ("/account/login/", "/account/signup/", "/account/password/reset/"):
        page = Client().get(path).content.decode()
        assert "– Seeds</title>" in page, path
        assert "testserver" not in page, path


def test_too_many_reset_mails_wait(operator: User) -> None:
    answers = [Client().post("/account/password/reset/", {"email": operator.email}) for _attempt in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert "Please wait five minutes" in answers[3].content.decode()
    assert len(mail.outbox) == 3


@pytest.mark.promise("P3")
def test_asking_again_keeps_nothing_of_the_request(operator: User, time_machine: Any) -> None:
    client = from_marker()
    client.post("/account/login/", {"login": operator.email, "password": PASSWORD})
    client.get("/account/2fa/totp/activate/")
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=601), tick=False)
    asked = client.post("/account/2fa/totp/activate/", {"code": "123456"})
    assert asked.headers["Location"] == "/account/reauthenticate/?next=%2Faccount%2F2fa%2Ftotp%2Factivate%2F"
    assert MARKER not in str(dict(client.session))
    assert AGENT not in str(dict(client.session))
    back = client.post(asked.headers["Location"], {"password": PASSWORD, "next": "/account/2fa/totp/activate/"})
    assert back.headers["Location"] == "/account/2fa/totp/activate/"
    assert client.get(back.headers["Location"]).status_code == 200
