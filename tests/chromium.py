"""One real Chromium for all tests that need one."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from scripts import browser as chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; open a context of your own in it. Playwright can run only once in a process."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or chromium.find(), args=list(chromium.ARGUMENTS)
        )
        yield running
        running.close()
