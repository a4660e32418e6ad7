"""Some other site, on this machine, that the exit leads to in tests; as slow as a test wants it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pytest_django import Settings

from seeds.settings import content_policy

PAGE = b"<!DOCTYPE html><html lang=en><title>Elsewhere</title><p>Another site."


class Answer(BaseHTTPRequestHandler):
    """One page for every address."""

    server: "OtherSite"

    def do_GET(self) -> None:
        time.sleep(self.server.delay)
        self.server.referrers.append(self.headers.get("Referer", ""))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


class OtherSite(ThreadingHTTPServer):
    """Its `delay` in seconds before each answer; what browsers told it about where they came from."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.delay = 0.0
        self.referrers: list[str] = []
        self.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


@contextmanager
def exit_leads_elsewhere(settings: Settings) -> Iterator[OtherSite]:
    """The exit leads to this site for a while. The pages' policy is made as the settings make it."""
    site = OtherSite()
    threading.Thread(target=site.serve_forever, daemon=True).start()
    settings.EXIT_URL = site.url
    settings.CONTENT_SECURITY_POLICY = content_policy(site.url)
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()
