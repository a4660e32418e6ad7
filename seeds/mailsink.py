"""A real SMTP server for the demo and the tests: it keeps each message as an .eml file and sends nothing on.

Run it with `python -m seeds.mailsink HOST PORT FOLDER`; it ends on SIGTERM or SIGINT.
"""

import asyncio
import itertools
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailSink:
    """The server, in a thread of its own between `start` and `stop`.

    `refuse` and `delay` may be changed while it runs: `refuse` is the reply to every recipient, such as
    "450 4.2.0 try again later" (None accepts), `delay` how many seconds it thinks before it takes a message.
    """

    def __init__(self, host: str, port: int, folder: Path, *, refuse: str | None = None, delay: float = 0.0) -> None:
        self.host, self.port = host, port
        self.folder = Path(folder)
        self.refuse = refuse
        self.delay = delay
        self._numbers = itertools.count()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen; port 0 becomes a free one, then told by `port`. Raises OSError when the address is taken."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        listening = socket.create_server((self.host, self.port))
        self.port = listening.getsockname()[1]
        self._stopping.clear()
        self._thread = threading.Thread(target=asyncio.run, args=[self._serve(listening)], daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the door and wait for the thread to end."""
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None

    async def _serve(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, hostname=self.host, enable_SMTPUTF8=True), sock=listening)
        async with server:
            await loop.run_in_executor(None, self._stopping.wait)

    def messages(self) -> list[Path]:
        """The files of all messages taken so far, oldest first."""
        return sorted(self.folder.glob("*.eml"))

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept or refuse one recipient."""
        if self.refuse is not None:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep one message."""
        await asyncio.sleep(self.delay)
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        recipients = ", ".join(envelope.rcpt_tos).encode("utf-8", "surrogateescape")
        self._keep(b"X-Envelope-To: " + recipients + b"\r\n" + raw)
        return "250 2.0.0 kept"

    def _keep(self, raw: bytes) -> None:
        """Write under a name no reader looks at, then rename: a reader never sees half a message."""
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._numbers):06d}"
        unfinished = self.folder / f".{name}.part"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(raw)
        unfinished.rename(self.folder / f"{name}.eml")


def main(arguments: list[str]) -> int:
    """Serve until told to stop."""
    if len(arguments) != 3:
        print("usage: python -m seeds.mailsink HOST PORT FOLDER", file=sys.stderr)
        return 2
    host, port, folder = arguments
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    sink = MailSink(host, int(port), Path(folder))
    sink.start()
    print(f"mail sink at {host}:{port}", flush=True)
    signal.sigwait(stop)
    sink.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
