"""Somebody at a real browser, acting by what is written on the page."""

import re
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotThere

from demo.code import totp

PASSWORD = "seven green lanterns over the harbor"


class Visitor:
    """One person's browser."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.address + path)

    def follow(self, text: str | re.Pattern[str]) -> None:
        """Click the first link with this text."""
        self._do(self.page.get_by_role("link", name=text), "click")

    def press(self, text: str | re.Pattern[str]) -> None:
        """Click the first button with this text."""
        self._do(self.page.locator("main").get_by_role("button", name=text), "click")

    def download(self, text: str) -> Path:
        """Click the button with this text, and where the file that comes lies."""
        with self.page.expect_download() as coming:
            self.press(text)
        return coming.value.path()

    def fill(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, value in fields.items():
            self._do(self.page.locator(f"main [name='{name}']"), "fill", value)

    def choose(self, name: str, label: str) -> None:
        """Pick an option by what it says."""
        self._do(self.page.locator(f"main select[name='{name}']"), "select_option", label=label)

    def mark(self, name: str, value: str) -> None:
        """Choose one of several buttons."""
        self._do(self.page.locator(f"main [name='{name}'][value='{value}']"), "check")

    def tick(self, label: str | re.Pattern[str]) -> None:
        self._do(self.page.locator("main").get_by_label(label), "check")

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def does_not_see(self, text: str) -> None:
        expect(self.page.locator("body")).not_to_contain_text(text)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()

    def texts(self, selector: str) -> list[str]:
        """What stands in these places; waits for the first, since a page may still be on its way."""
        expect(self.page.locator(selector)).not_to_have_count(0)
        return self.page.locator(selector).all_inner_texts()

    def _do(self, what: Locator, deed: str, *args: object, **kwargs: object) -> None:
        try:
            getattr(what.first, deed)(*args, timeout=5_000, **kwargs)
        except NotThere:
            page = self.page.locator("body").inner_text()
            raise AssertionError(f"can't {deed} {what} at {self.page.url}:\n{page}") from None

    def sign_in(self, address: str) -> None:
        """As a named person for the first time: e-mail and password, an authenticator, the recovery codes."""
        self.go("/account/login/")
        self.fill(login=address, password=PASSWORD)
        self.press("Sign in")
        self.sees("Set up your second factor")
        self.fill(code=totp(self.text("main code"), time.time()))
        self.press("Go on")
        self.sees("Your recovery codes")
        self.follow("I have kept them. Go on")
