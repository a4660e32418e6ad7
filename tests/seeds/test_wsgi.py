"""What a sender calls the letters of a form changes nothing: ours are UTF-8."""

from typing import Any

import pytest
from django.test import RequestFactory

from seeds import wsgi


def answer(path: str, content_type: str) -> str:
    environ: dict[str, Any] = RequestFactory().get(path).environ
    environ["CONTENT_TYPE"] = content_type
    told: list[str] = []
    response = wsgi.application(environ, lambda status, headers, exc_info=None: told.append(status))
    response.close()  # type: ignore[attr-defined]
    return told[0]


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["hex", "rot13", "idna", "undefined", "unicode_escape", "no-such-thing"])
def test_a_made_up_charset_is_ignored(charset: str) -> None:
    kind = f"application/x-www-form-urlencoded; Charset={charset}"
    assert answer("/account/login/?next=/%5Cud800a", kind) == "200 OK"


@pytest.mark.django_db
def test_the_boundary_of_a_form_stays() -> None:
    environ: dict[str, Any] = RequestFactory().post("/sign-in/", {"words": "one"}).environ
    assert "boundary=" in environ["CONTENT_TYPE"]
    wsgi.application(environ, lambda *_: None)
    assert "boundary=" in environ["CONTENT_TYPE"]
