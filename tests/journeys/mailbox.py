"""Reading the mail that the site really sent."""

import email
import email.policy
import re
import time
from email.message import EmailMessage
from pathlib import Path

from seeds.mailsink import MailSink


def read(file: Path) -> EmailMessage:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def mail_to(sink: MailSink, address: str) -> list[EmailMessage]:
    """All messages to this address, oldest first."""
    return [message for message in map(read, sink.messages()) if address in message["X-Envelope-To"]]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_to(sink: MailSink, address: str, *, seconds: float = 10) -> str:
    """The link in the newest mail to this address; waits for the mail."""
    end = time.monotonic() + seconds
    while not (mails := mail_to(sink, address)):
        assert time.monotonic() < end, f"no mail to {address}"
        time.sleep(0.1)
    return re.findall(r"https?://\S+", text_of(mails[-1]))[0]
