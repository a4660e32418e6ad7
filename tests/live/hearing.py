"""A reader of a stream, as bare as it gets: a socket, and every byte that came."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse


def room_stream(pk: object) -> str:
    return reverse("live:room", args=[pk])


class Ear:
    """Opens a stream and reads it in a thread of its own until it ends."""

    def __init__(self, site: str, path: str, client: Client | None = None) -> None:
        address = urlsplit(site)
        self.socket = socket.create_connection((address.hostname, address.port or 80), timeout=20)
        cookies = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items()) if client else ""
        lines = [f"GET {path} HTTP/1.1", f"Host: {address.netloc}", "Accept: text/event-stream", f"Cookie: {cookies}"]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.raw = b""
        self.ended = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with suppress(OSError):
            while piece := self.socket.recv(65536):
                self.raw += piece
                if self.raw.endswith(b"\r\n0\r\n\r\n"):
                    break
        self.ended = True

    @property
    def head(self) -> str:
        return self.raw.partition(b"\r\n\r\n")[0].decode()

    @property
    def status(self) -> int:
        self.wait(lambda: b"\r\n\r\n" in self.raw)
        return int(self.head.split()[1])

    @property
    def said(self) -> str:
        """What was said so far, without the marks of the transfer."""
        rest = self.raw.partition(b"\r\n\r\n")[2]
        if "transfer-encoding: chunked" not in self.head.lower():
            return rest.decode()
        body = b""
        while b"\r\n" in rest:
            size, _, rest = rest.partition(b"\r\n")
            body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        return body.decode()

    @property
    def looks(self) -> int:
        """How often it said that there is something new."""
        return self.said.count("data: look\n\n")

    def opened(self) -> "Ear":
        """Wait until the stream is open."""
        self.wait(lambda: "retry: " in self.said)
        return self

    def wait(self, true: Callable[[], object], seconds: float = 10.0) -> bool:
        """Whether it comes true in time."""
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def hears(self, looks: int = 1, seconds: float = 5.0) -> bool:
        """Whether so many looks have come in time."""
        return self.wait(lambda: self.looks >= looks, seconds)

    def ends(self, seconds: float = 10.0) -> bool:
        return self.wait(lambda: self.ended, seconds)

    def close(self) -> None:
        """Go away, as a browser does."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        self.socket.close()
