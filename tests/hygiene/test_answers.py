"""What browsers get: headers, cookies and error pages of every kind of answer."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import Participant, User
from seeds.settings import content_policy

ClientFor = Callable[[User | Participant | None], Client]
EXPECTED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
ON_PAGES = EXPECTED | {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
MARKER = "windlass"
SHOW = "import seeds.settings as s; print({expression})"


def in_production(expression: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """What the settings say in an environment with these changes."""
    command = [sys.executable, "-c", SHOW.format(expression=expression)]
    return subprocess.run(command, env={**os.environ, **changes}, capture_output=True, text=True, check=False)


def answers(participant: Participant, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """One answer of each status."""
    signed_in, strict = client_for(participant), client_for(participant)
    strict.handler.enforce_csrf_checks = True
    pages: list[Any] = [
        signed_in.get("/my/account/"),
        signed_in.get("/start/"),
        signed_in.post("/exit/"),
        strict.post("/my/account/delete/"),
        signed_in.get("/nowhere/"),
        signed_in.get("/exit/"),
    ]

    def fail(*_: object, **__: object) -> None:
        raise ValueError(MARKER)

    monkeypatch.setattr("dialogue.welcome.queries.dates_to_come", fail)
    signed_in.raise_request_exception = False
    return {page.status_code: page for page in [*pages, signed_in.get("/")]}


@pytest.mark.promise("P3", "P8")
def test_headers_of_every_kind_of_answer(
    participant: Participant, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = answers(participant, client_for, monkeypatch)
    assert sorted(found) == [200, 302, 303, 403, 404, 405, 500]
    for status, page in found.items():
        assert {name: page.headers.get(name) for name in ON_PAGES} == ON_PAGES, status
        assert "form-action 'self' https://www.wikipedia.org" in page.headers["Content-Security-Policy"], status
        assert not {"Last-Modified", "ETag", "Date", "Expires", "Server"} & set(page.headers), status
    assert MARKER not in found[500].content.decode() + str(found[500].headers)
    assert "Traceback" not in found[500].content.decode()


def test_static_files_are_covered_too(client: Client, db: None) -> None:
    answer = client.get("/static/js/leave.js")
    assert answer.status_code == 200
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
    answer.close()


def test_one_cookie_for_who_is_signed_in_and_none_for_strangers(
    participant: Participant, client_for: ClientFor
) -> None:
    stranger, signed_in = Client(), client_for(participant)
    for path in ("/", "/about/", "/leaving/", "/sessions/", "/nowhere/"):
        stranger.get(path)
        signed_in.get(path)
    assert stranger.cookies == {}
    signed_in.get("/my/account/delete/")  # a page with a form and its token, which is kept in the web session
    assert set(signed_in.cookies) == {settings.SESSION_COOKIE_NAME}


def test_the_cookie_s_name_and_flags_with_tls() -> None:
    shown = in_production(
        "s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE,"
        "s.CSRF_USE_SESSIONS, s.SECURE_HSTS_SECONDS > 0, s.SESSION_EXPIRE_AT_BROWSER_CLOSE",
        TLS="1",
    )
    assert shown.stdout.strip() == "__Host-s True True Strict True True True"


@pytest.mark.promise("P9")
@pytest.mark.parametrize("target", ["https://weather.example/today", "https://news.example:8443/"])
def test_the_policy_lists_the_exit_s_target_whatever_it_is(target: str) -> None:
    shown = in_production("s.EXIT_URL, s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'][1]", EXIT_URL=target)
    host = "/".join(target.split("/")[:3])
    assert shown.stdout.split() == [target, host]
    assert content_policy(target)["DIRECTIVES"]["form-action"][1] == host


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    "target", ["http://weather.example/", "https://", "https://a;b/", "https://me@a.example/", "//x"]
)
def test_an_exit_that_the_policy_could_not_hold_is_refused_by_name(target: str) -> None:
    ended = in_production("1", EXIT_URL=target)
    assert ended.returncode != 0
    assert "EXIT_URL must" in ended.stderr


def test_a_wrong_onion_address_is_refused_by_name() -> None:
    name = "http://" + "a" * 56 + ".onion"
    assert in_production("s.ONION_URL", ONION_URL=f"{name}/").stdout.strip() == name
    for wrong in (name.replace("http", "https"), "http://short.onion", f"{name}/path"):
        assert "ONION_URL must" in in_production("1", ONION_URL=wrong).stderr


def test_tor_browser_is_told_of_the_onion_address(client: Client, db: None, settings: Settings) -> None:
    assert "Onion-Location" not in client.get("/about/").headers
    settings.ONION_URL = "http://" + "a" * 56 + ".onion"
    assert client.get("/about/?a=b").headers["Onion-Location"] == f"{settings.ONION_URL}/about/?a=b"
    assert settings.ONION_URL in client.get("/leaving/").content.decode()
    settings.SITE_URL = settings.ONION_URL  # this is the onion service itself
    assert "Onion-Location" not in client.get("/about/").headers


def test_nobody_is_mailed_an_error() -> None:
    assert (settings.ADMINS, settings.MANAGERS, settings.DEBUG) == ([], [], False)
    assert "AdminEmailHandler" not in str(settings.LOGGING)


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_file_sent_along_reaches_no_disk(
    size: int, participant: Participant, client_for: ClientFor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = SimpleUploadedFile("a.txt", MARKER.encode() * (size // 8))
    answer = client_for(participant).post("/my/account/delete/?x=1", {"file": file, "body": MARKER})
    assert answer.status_code in (200, 302, 303, 405)
    assert list(tmp_path.iterdir()) == []
    assert settings.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
