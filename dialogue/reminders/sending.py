"""Sending what is due: each mail once, as far as mail allows that (docs/decisions/0020-reminders-once.md)."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, connection

from dialogue.reminders import ledger
from dialogue.reminders.mail import build
from dialogue.reminders.models import Reminder
from dialogue.reminders.post import UNUSABLE, NoServer, NotTaken, Post

logger = logging.getLogger("seeds.reminders")

LONGEST_RUN = timedelta(minutes=5)  # then the next beat goes on
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between tries to write down that a mail is out
GIVE_UP = timedelta(minutes=30)

Clock = Callable[[], datetime]

#: Rows whose mail is out and not yet noted: if the database comes back after a lease has run out, no other thread of
#: this process may be quicker than the one that knows.
_taken: set[UUID] = set()


def _clock(now: datetime) -> Clock:
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)


def send_due(now: datetime) -> int:
    """Send what is due at `now`, and return how many mails the server took.

    Any number of these may run at once, in any number of processes: rows are claimed, and a row is sent by who
    holds it. Stops early when no mail server can be reached; the rows then wait for the next run.
    """
    clock, sent = _clock(now), 0
    with Post() as post:
        while clock() - now < LONGEST_RUN and (rows := ledger.claim(clock())):
            for number, row in enumerate(rows):
                try:
                    sent += _send(row, post, clock)
                except NoServer:
                    ledger.mark_unreachable(row, rows[number + 1 :])
                    logger.warning("no mail server can be reached")
                    return sent
    return sent


def _send(row: Reminder, post: Post, clock: Clock) -> bool:
    """Send one claimed row and write down what came of it. Raises NoServer."""
    if row.pk in _taken:
        return False  # its sender is about to note it
    if not ledger.renew(row, clock()):
        ledger.give_back([row])  # paused, moved or cancelled since, or somebody else's by now
        return False
    try:
        post.send(_built(row))
    except NotTaken as refusal:
        ledger.mark_refused(row, refusal.reason, clock())
        return False
    _write_down(row, clock)
    return True


def _built(row: Reminder) -> EmailMessage:
    """The mail. One that can't be made, whatever the cause, must not hold up the others."""
    try:
        return build(row)
    except Exception as error:
        logger.exception("a reminder could not be written")
        raise NotTaken(UNUSABLE) from error


def _write_down(row: Reminder, clock: Clock) -> None:
    """The mail is out: note it."""
    taken_at = clock()
    _taken.add(row.pk)
    note_surely(lambda: ledger.mark_sent(row, taken_at))
    _taken.discard(row.pk)


def note_surely(note: Callable[[], None]) -> None:
    """Note that a mail is out, and don't let a database that is away for a while make us send it again."""
    began, pause = time.monotonic(), FIRST_PAUSE
    while True:
        try:
            return note()
        except (OperationalError, InterfaceError):
            if time.monotonic() - began > GIVE_UP.total_seconds() or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
