"""A passkey and the admin in a real browser, under the site's own content security policy."""

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page

from accounts.models import User
from tests import factories
from tests.accounts.test_flow import code_for

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
RECORDS = ("", "accounts/agency/", "accounts/agency/add/", "accounts/agencyagreement/", "accounts/user/")


@pytest.fixture
def site(live_site: str) -> str:
    """By name: browsers make no passkeys for a bare number."""
    return live_site.replace("127.0.0.1", "localhost")


@pytest.fixture
def page(browser: Browser) -> Page:
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def give_password(page: Page, site: str, user: User) -> None:
    page.goto(f"{site}/account/login/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def test_passkey_and_admin(page: Page, site: str, operator: User) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url} {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))

    give_password(page, site, operator)
    page.get_by_label("The six digits").fill(code_for(page.locator("main code").inner_text()))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{site}/account/2fa/webauthn/add/")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/account/2fa/")
    assert Authenticator.objects.filter(user=operator, type="webauthn").count() == 1

    page.goto(f"{site}/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    give_password(page, site, operator)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/operator/")
    for record in RECORDS:
        page.goto(f"{site}/admin/{record}")
        assert page.locator("#site-name").inner_text() == "Seeds"
    assert said == []
    page.context.close()


def test_without_javascript_the_app_does(browser: Browser, site: str, operator: User) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    give_password(page, site, operator)
    page.get_by_label("The six digits").fill(code_for(page.locator("main code").inner_text()))
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="I have kept them").click()
    assert page.url == f"{site}/operator/"
    page.goto(f"{site}/account/2fa/webauthn/add/")
    assert "Use an authenticator app instead." in page.locator("main").inner_text()
    assert not page.get_by_role("button", name="Add the passkey").is_visible()
    context.close()
