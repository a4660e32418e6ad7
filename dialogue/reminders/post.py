"""One connection to the mail server for many mails, opened again after a failure."""

import smtplib
from types import TracebackType

from django.core.mail import EmailMessage, get_connection

BROKEN = "broken"
UNUSABLE = "unusable"
#: What is wrong with one address or one mail. It says nothing about the server.
OF_ONE_MAIL = ("550", "551", "552", "553", UNUSABLE)


class NoServer(Exception):
    """The mail server can't be reached or doesn't let us in; that is nobody's mail in particular."""


class NotTaken(Exception):
    """The server did not take this mail. `reason` is its three-digit code, BROKEN or UNUSABLE: never an address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def is_final(self) -> bool:
        """Whether the same mail would be refused again: not when the connection broke, or the server said "later"."""
        return self.reason != BROKEN and not self.reason.startswith("4")


def reason_of(error: Exception) -> str:
    """The code the server gave, or a word for what happened to the connection."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return str(next(iter(error.recipients.values()))[0])
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code)
    return BROKEN if isinstance(error, OSError) else UNUSABLE


class Post:
    """Use as a context manager."""

    def __init__(self) -> None:
        self._connection = get_connection()

    def __enter__(self) -> "Post":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(self, mail: EmailMessage) -> None:
        """Hand one mail to the server. Returning means that the server took it. Raises NoServer or NotTaken."""
        try:
            self._connection.open()
        except OSError as error:  # smtplib's errors are OSErrors too
            self._hang_up()
            raise NoServer from error
        try:
            self._connection.send_messages([mail])
        except (OSError, ValueError) as error:  # ValueError: an address or header no mail can carry
            self._hang_up()
            raise NotTaken(reason_of(error)) from error

    def _hang_up(self) -> None:
        try:
            self._connection.close()
        except OSError:
            self._connection = get_connection()
