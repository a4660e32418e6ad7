"""Links in mails, clicked in a mail program that runs in the browser: from there browsers keep strict cookies back."""

import re
from collections.abc import Iterator

import pytest
from django.core import mail
from playwright.sync_api import Browser, Page

from accounts.models import Role, User
from accounts.team.actions import invite

NEW = "a wholly new phrase"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def click_in_webmail(page: Page, link: str) -> None:
    """Open a mail at another site and click the link in it."""
    html = f"<!DOCTYPE html><title>Mail</title><a href='{link}'>the link</a>"
    page.route("http://mail.example/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("http://mail.example/")
    page.get_by_role("link", name="the link").click()


def test_a_new_password(page: Page, live_site: str, listener: User) -> None:
    page.goto(f"{live_site}/account/password/reset/")
    page.get_by_label("E-mail address of your account").fill(listener.email)
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_url("**/password/reset/done/")
    click_in_webmail(page, re.findall(r"http\S+/new-password/\S+", str(mail.outbox[0].body))[0])
    page.get_by_role("link", name="Go on").click()
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("The new password again").fill(NEW)
    page.get_by_role("button", name="Store the new password").click()
    page.wait_for_url("**/password/reset/key/done/")
    listener.refresh_from_db()
    assert listener.check_password(NEW)


def test_an_invitation(page: Page, live_site: str, operator: User) -> None:
    _invitation, token = invite(email="n@team.example", name="Nia", role=Role.FACILITATOR, is_peer=False, by=operator)
    click_in_webmail(page, f"{live_site}/invitation/{token}/")
    page.get_by_label("Password", exact=True).fill(NEW)
    page.get_by_label("The same password again").fill(NEW)
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/account/login/")
    assert "Your account is there." in page.locator("main").inner_text()
    assert User.objects.get(email="n@team.example").check_password(NEW)
