"""Headers on every answer, and no cookie where none is needed."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Participant, User

EXPECTED = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/my/"])
def test_headers_of_every_answer(client: Client, db: None, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in EXPECTED} == EXPECTED
    assert not {"Last-Modified", "ETag", "Server"} & set(headers)


@pytest.mark.promise("P10")
def test_the_policy_allows_own_files_only_and_the_exit(client: Client, db: None) -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in client.get("/").headers["Content-Security-Policy"].split(";")
        if part.strip()
    )
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self' https://www.wikipedia.org",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert settings.EXIT_URL.startswith("https://www.wikipedia.org")


def test_a_page_left_open_goes_away_by_itself(
    participant: Participant, client_for: Callable[[User | Participant | None], Client]
) -> None:
    assert client_for(participant).get("/my/").headers["Refresh"] == "1200; url=/"


def test_a_visitor_gets_no_cookie_on_the_front_page(client: Client, db: None) -> None:
    assert not client.get("/").cookies


def test_the_one_cookie_of_production_is_bound_to_the_host() -> None:
    """In tests TLS is off; the name and flags that production uses stand in one place."""
    assert settings.SESSION_COOKIE_HTTPONLY is True
    assert settings.SESSION_COOKIE_SAMESITE == "Strict"
    assert settings.SESSION_EXPIRE_AT_BROWSER_CLOSE is True
    assert settings.CSRF_USE_SESSIONS is True
