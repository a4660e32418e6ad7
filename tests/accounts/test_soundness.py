"""The pages of named people that no plain GET shows, looked at in a browser: on the way in, and the sheet of cards."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.test import Client
from playwright.sync_api import Browser

from accounts.adapters import AccountAdapter
from accounts.models import OutreachPartner, User
from tests.accounts.team.test_views import WHOM
from tests.browser.soundness import Inspector, nu_errors
from tests.factories import PASSWORD

ClientFor = Callable[[User | None], Client]
HALFWAY = {  # name -> paths that this person sees at that point
    "without a second factor": ("/account/2fa/totp/activate/", "/account/2fa/webauthn/add/"),
    "between password and code": ("/account/2fa/authenticate/",),
    "inside": (
        "/account/2fa/recovery-codes/",
        "/account/2fa/recovery-codes/generate/",
        "/account/2fa/totp/deactivate/",
    ),
}


def faults(browser: Browser, site: str, client: Client, path: str) -> list[str]:
    inspector = Inspector(browser, site, {name: morsel.value for name, morsel in client.cookies.items()})
    try:
        return inspector.faults_in_both_languages(path)
    finally:
        inspector.close()


def with_password(user: User) -> Client:
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


@pytest.mark.slow
def test_pages_on_the_way_in(
    browser: Browser,
    live_site: str,
    client_for: ClientFor,
    operator: User,
    new_listener: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AccountAdapter, "is_reauthentication_required", lambda self, *, app, **_rest: False)
    inside = client_for(operator)
    RecoveryCodes.activate(operator)
    who = dict(zip(HALFWAY, (with_password(new_listener), with_password(operator), inside), strict=True))
    inside.post("/operator/invite/", WHOM)
    invited = re.findall(r"/invitation/\S+", str(mail.outbox[0].body))[0]
    looks = [(who[point], path) for point, paths in HALFWAY.items() for path in paths] + [(Client(), invited)]
    assert {path: faults(browser, live_site, client, path) for client, path in looks} == {path: [] for _, path in looks}
    assert nu_errors({path: client.get(path).content.decode() for client, path in looks}) == []


@pytest.mark.slow
def test_sheet_of_cards(
    browser: Browser, live_site: str, client_for: ClientFor, operator: User, partner: OutreachPartner
) -> None:
    client = client_for(operator)
    client.get("/desk/cards/")
    sheet = client.post("/desk/cards/", {"partner": str(partner.pk), "count": "9"}).headers["Location"]
    for path in (sheet, f"{sheet}void/", f"/desk/partners/{partner.pk}/void-cards/"):
        assert faults(browser, live_site, client, path) == []
