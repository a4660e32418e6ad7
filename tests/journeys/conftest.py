"""A real browser, a real mail server, the real site."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django import Settings

from seeds.mailsink import MailSink
from tests.journeys.visitor import Visitor


@pytest.fixture
def mail(tmp_path: Path, settings: Settings) -> Iterator[MailSink]:
    """A real SMTP server; the site sends there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    sink = MailSink("127.0.0.1", port, tmp_path / "mail")
    sink.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = port
    yield sink
    sink.stop()


@pytest.fixture
def visit(browser: Browser, live_site: str) -> Iterator[Callable[[], Visitor]]:
    """A new person's own browser: a small phone without JavaScript."""
    contexts = []

    def arrive() -> Visitor:
        context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
        context.set_default_timeout(10_000)
        contexts.append(context)
        return Visitor(context.new_page(), live_site)

    yield arrive
    for context in contexts:
        context.close()
