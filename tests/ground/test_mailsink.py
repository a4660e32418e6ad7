"""The mail sink over real SMTP."""

import email
import email.policy
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from seeds.mailsink import MailSink, main
from tests.ground.processes import eventually


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    server = MailSink("127.0.0.1", 0, tmp_path / "mail")
    server.start()
    yield server
    server.stop()


def send(port: int, subject: str, *to: str) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "seeds@seeds.example", subject
    message["To"] = to[0]
    message.set_content("Olá, José. שלום 🌱\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.send_message(message, to_addrs=list(to))


def test_messages_become_files_in_their_order(sink: MailSink) -> None:
    for number in range(3):
        send(sink.port, f"number {number}", "a@seeds.example", "b@seeds.example")
    read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in sink.messages()]
    assert [message["Subject"] for message in read] == ["number 0", "number 1", "number 2"]
    assert {message["X-Envelope-To"] for message in read} == {"a@seeds.example, b@seeds.example"}
    assert {message.get_content() for message in read} == {"Olá, José. שלום 🌱\r\n"}
    assert oct(sink.folder.stat().st_mode & 0o777) == "0o700"
    assert {oct(path.stat().st_mode & 0o777) for path in sink.messages()} == {"0o600"}
    assert sorted(sink.folder.iterdir()) == sink.messages()


def test_it_refuses_when_told_to(sink: MailSink) -> None:
    sink.refuse = "450 4.2.0 try again later"
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(sink.port, "later", "a@seeds.example")
    assert refused.value.recipients == {"a@seeds.example": (450, b"4.2.0 try again later")}
    assert sink.messages() == []
    sink.refuse = None
    send(sink.port, "now", "a@seeds.example")
    assert len(sink.messages()) == 1


def test_it_is_slow_when_told_to(sink: MailSink) -> None:
    sink.delay = 0.5
    before = time.monotonic()
    send(sink.port, "slow", "a@seeds.example")
    assert time.monotonic() - before >= 0.5
    assert len(sink.messages()) == 1


def test_a_taken_address_is_an_error(sink: MailSink, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Address already in use"):
        MailSink("127.0.0.1", sink.port, tmp_path / "other").start()


def test_as_a_program_it_serves_until_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "seeds.mailsink", "127.0.0.1", str(port), str(tmp_path / "mail")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == f"mail sink at 127.0.0.1:{port}\n"
    send(port, "hello", "a@seeds.example")
    assert eventually(lambda: len(list((tmp_path / "mail").glob("*.eml"))) == 1)
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_it_asks_for_all_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["127.0.0.1"]) == 2
    assert "HOST PORT FOLDER" in capsys.readouterr().err
