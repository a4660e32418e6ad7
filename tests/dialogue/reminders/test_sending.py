"""Sending what is due: claimed, once, through refusals, outages and several workers at once."""

import smtplib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.smtp import EmailBackend
from django.db import OperationalError, connection, transaction
from pytest_django import Settings

from accounts.models import User
from dialogue.reminders import ledger, sending
from dialogue.reminders.mail import message_id
from dialogue.reminders.models import Reminder
from dialogue.reminders.planning import plan_reminders
from dialogue.reminders.post import NoServer, NotTaken, Post, reason_of
from dialogue.reminders.sending import send_due
from dialogue.sessions.models import Booking, DialogueSession, State
from seeds.mailsink import MailSink
from tests.factories import make_facilitator, make_partner, make_session

START = datetime(2026, 6, 10, 18, tzinfo=UTC)
NOW = START - timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def planned(facilitator: User, peer: User) -> DialogueSession:
    """Two reminders due at NOW (the day's), two to come (the hour's)."""
    session = make_session(State.ANNOUNCED, [facilitator, peer], starts_at=START)
    plan_reminders(NOW)
    return session


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def sink(settings: Settings, tmp_path: Path) -> Iterator[MailSink]:
    """A real mail server, and Django's real way to it."""
    port = free_port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    server = MailSink("127.0.0.1", port, tmp_path / "mail")
    server.start()
    yield server
    server.stop()


def received(sink: MailSink) -> list[str]:
    """The Message-IDs of everything the mail server took."""
    return sorted(str(message_from_bytes(path.read_bytes())["Message-ID"]) for path in sink.messages())


def due_rows() -> list[Reminder]:
    return list(Reminder.objects.filter(due_at__lte=NOW))


def result() -> list[tuple]:
    rows = Reminder.objects.filter(schedule_version=1, rule__before=timedelta(days=1))
    return sorted(rows.values_list("state", "attempts", "error", "due_at"))


def test_each_mail_is_sent_once_and_noted(planned: DialogueSession) -> None:
    assert [send_due(NOW), send_due(NOW)] == [2, 0]
    assert sorted(str(sent.extra_headers["Message-ID"]) for sent in mail.outbox) == sorted(map(message_id, due_rows()))
    for row in due_rows():
        assert (row.state, row.attempts, row.error, row.lease_until) == ("sent", 1, "", None)
        assert row.sent_at is not None
        assert timedelta() <= row.sent_at - NOW < MINUTE


def test_the_real_server_gets_many_mails_over_one_connection(
    planned: DialogueSession, sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(9):
        make_partner()
    plan_reminders(NOW - MINUTE)
    opened = []
    real = smtplib.SMTP.connect

    def connect(self: smtplib.SMTP, *args: Any) -> Any:
        opened.append(self)
        return real(self, *args)

    monkeypatch.setattr(smtplib.SMTP, "connect", connect)
    # partners joined after the day's moment get the hour's reminder
    assert send_due(START - timedelta(hours=1)) == 11
    assert (len(received(sink)), len(set(received(sink))), len(opened)) == (11, 11, 1)


def test_a_refused_mail_is_tried_again_with_pauses_and_then_fails(
    planned: DialogueSession, sink: MailSink, facilitator: User
) -> None:
    Reminder.objects.exclude(user=facilitator).delete()
    Reminder.objects.filter(due_at__gt=NOW).delete()
    sink.refuse = "550 5.1.1 <person@team.example> no such user"
    now, waits = NOW, []
    for _ in range(5):
        assert send_due(now) == 0
        row = Reminder.objects.get()
        assert (row.error, row.lease_until) == ("550", None)
        waits.append((row.state, round((row.due_at - now) / MINUTE)))
        assert send_due(now) == 0  # not before its time
        now = row.due_at + MINUTE
    assert waits == [("due", 1), ("due", 5), ("due", 15), ("due", 60), ("failed", -1)]
    assert Reminder.objects.get().attempts == 5
    assert send_due(now + timedelta(hours=3)) == 0


def test_greylisting_delays_and_loses_nothing(planned: DialogueSession, sink: MailSink) -> None:
    sink.refuse = "450 4.2.0 try again later"
    assert send_due(NOW) == 0
    sink.refuse = None
    assert send_due(NOW + MINUTE * 2) == 2
    assert len(set(received(sink))) == 2
    assert {(state, error) for state, _tries, error, _due in result()} == {("sent", "")}


def test_one_bad_address_holds_up_nobody(planned: DialogueSession, sink: MailSink, facilitator: User) -> None:
    User.objects.filter(pk=facilitator.pk).update(email="two words@team.example", time_zone="Nowhere/At_all")
    assert send_due(NOW) == 1
    assert [(state, error) for state, _tries, error, _due in result()] == [("due", "unusable"), ("sent", "")]


def test_without_a_server_everything_waits_and_costs_no_attempt(
    planned: DialogueSession, sink: MailSink, settings: Settings
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    for minutes in range(8):
        assert send_due(NOW + MINUTE * minutes) == 0
    assert sorted(row[:3] for row in result()) == [("due", 0, "unreachable")] * 2
    assert set(Reminder.objects.values_list("lease_until", flat=True)) == {None}
    settings.EMAIL_PORT = port
    assert send_due(NOW + MINUTE * 9) == 2
    assert len(set(received(sink))) == len(received(sink)) == 2


def test_what_no_server_took_until_the_start_is_shown_as_failed(
    planned: DialogueSession, sink: MailSink, settings: Settings
) -> None:
    settings.EMAIL_PORT = free_port()
    send_due(START - MINUTE)
    plan_reminders(START)
    assert sorted(Reminder.objects.values_list("state", "error")) == [
        ("dropped", ""),
        ("dropped", ""),
        ("failed", "unreachable"),
        ("failed", "unreachable"),
    ]


def test_a_row_of_a_dead_worker_is_repeated_after_its_lease_and_no_other(planned: DialogueSession) -> None:
    first, second = ledger.claim(NOW)
    assert ledger.renew(first, NOW)  # ... and here the worker is killed
    assert send_due(NOW + timedelta(seconds=179)) == 0
    assert send_due(NOW + timedelta(seconds=181)) == 2
    assert sorted(row[:2] for row in result()) == [("sent", 1), ("sent", 2)]
    assert str(mail.outbox[0].extra_headers["Message-ID"]) in {message_id(first), message_id(second)}


def test_a_worker_that_was_slow_loses_its_rows(planned: DialogueSession) -> None:
    slow = ledger.claim(NOW)
    assert send_due(NOW + timedelta(seconds=181)) == 2
    assert [ledger.renew(row, NOW + timedelta(seconds=200)) for row in slow] == [False, False]
    ledger.give_back(slow)
    ledger.mark_refused(slow[0], "550", NOW)
    assert {state for state, *_rest in result()} == {"sent"}


def test_a_mail_that_kills_its_worker_each_time_fails_in_the_end(planned: DialogueSession) -> None:
    now = NOW
    for _ in range(5):
        for row in ledger.claim(now):
            assert ledger.renew(row, now)
        now += timedelta(seconds=200)
    assert send_due(now) == 0
    ledger.tidy(now)
    assert {row[:3] for row in result()} == {("failed", 5, "interrupted")}


@pytest.mark.parametrize(
    "change",
    [
        {"paused": True, "pause_reason": "Illness"},
        {"state": State.CANCELLED, "cancel_reason": "Too few"},
        {"schedule_version": 2},
        {"starts_at": NOW},
    ],
)
def test_a_change_after_the_claim_still_stops_the_mail(
    planned: DialogueSession, monkeypatch: pytest.MonkeyPatch, change: dict
) -> None:
    """The claim is hours of a queue before the sending, in the worst case: the state is asked again just before."""
    real = ledger.claim

    def claim_then_change(now: datetime) -> list[Reminder]:
        rows = real(now)
        DialogueSession.objects.filter(pk=planned.pk).update(**change)
        return rows

    monkeypatch.setattr(ledger, "claim", claim_then_change)
    assert send_due(NOW) == 0
    assert mail.outbox == []
    assert {(row[0], row[1]) for row in result()} == {("due", 0)}


def test_who_left_after_the_claim_gets_no_mail(
    planned: DialogueSession, facilitator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ledger.claim

    def claim_then_leave(now: datetime) -> list[Reminder]:
        rows = real(now)
        Booking.objects.filter(facilitator=facilitator).delete()
        return rows

    monkeypatch.setattr(ledger, "claim", claim_then_leave)
    assert send_due(NOW) == 1
    assert mail.outbox[0].to != [facilitator.email]


def test_nothing_is_sent_inside_a_transaction_of_ours(
    transactional_db: None, planned: DialogueSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = []
    real = Post.send

    def send(self: Post, message: mail.EmailMessage) -> None:
        inside.append(connection.in_atomic_block)
        real(self, message)

    monkeypatch.setattr(Post, "send", send)
    assert send_due(NOW) == 2
    assert inside == [False, False]


def test_a_database_away_after_the_sending_does_not_repeat_the_mail(
    transactional_db: None, planned: DialogueSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = ledger.mark_sent, []

    def away_twice(row: Reminder, now: datetime) -> None:
        tries.append(row.pk)
        if len(tries) in (1, 2):
            raise OperationalError
        real(row, now)

    monkeypatch.setattr(ledger, "mark_sent", away_twice)
    assert send_due(NOW) == 2
    assert (len(mail.outbox), len(tries)) == (2, 4)
    assert {row[0] for row in result()} == {"sent"}


def test_a_database_away_for_good_ends_the_run(
    transactional_db: None, planned: DialogueSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(row: Reminder, now: datetime) -> None:
        raise OperationalError

    monkeypatch.setattr(ledger, "mark_sent", away)
    monkeypatch.setattr(sending, "GIVE_UP", timedelta(0))
    with pytest.raises(OperationalError):
        send_due(NOW)
    assert len(mail.outbox) == 1


def many(count: int) -> int:
    """Sessions that all start at START; returns how many mails are due at NOW."""
    for _ in range(count):
        make_session(State.ANNOUNCED, [make_facilitator(), make_facilitator(is_peer=True)], starts_at=START)
    return count * 2


def beat(_number: int) -> int:
    try:
        plan_reminders(NOW)
        return send_due(NOW)
    finally:
        connection.close()


def test_six_beats_and_workers_at_once_send_each_mail_once(
    transactional_db: None, sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "BATCH", 3)
    expected = many(20)
    with ThreadPoolExecutor(6) as pool:
        sent = list(pool.map(beat, range(6)))
    assert sum(sent) == expected
    assert (len(received(sink)), len(set(received(sink)))) == (expected, expected)
    assert set(Reminder.objects.filter(due_at__lte=NOW).values_list("state", "attempts")) == {("sent", 1)}


def test_planners_at_once_plan_each_reminder_once(transactional_db: None) -> None:
    expected = many(5)

    def plan(_number: int) -> None:
        try:
            plan_reminders(NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(plan, range(6)))
    assert Reminder.objects.count() == expected * 2
    assert Reminder.objects.filter(due_at__lte=NOW).count() == expected


def test_a_slow_server_is_no_reason_to_send_twice(transactional_db: None, sink: MailSink) -> None:
    expected = many(2)
    sink.delay = 0.3
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(beat, range(3))) == expected
    assert len(received(sink)) == len(set(received(sink))) == expected


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"no a@b.example")}), "550"),
        (smtplib.SMTPDataError(554, b"spam"), "554"),
        (smtplib.SMTPSenderRefused(452, b"full", "a@b.example"), "452"),
        (smtplib.SMTPServerDisconnected("gone"), "broken"),
        (TimeoutError(), "broken"),
        (ValueError("a@b.example"), "unusable"),
    ],
)
def test_reasons_hold_no_address(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_the_post_opens_again_after_a_failure(sink: MailSink) -> None:
    letter = mail.EmailMessage("Hello", "Hello", to=["a@b.example"])
    with Post() as post:
        sink.refuse = "550 no"
        with pytest.raises(NotTaken):
            post.send(letter)
        sink.refuse = None
        post.send(letter)
    assert len(sink.messages()) == 1


def test_the_post_says_when_there_is_no_server(sink: MailSink, settings: Settings) -> None:
    settings.EMAIL_PORT = free_port()
    with Post() as post, pytest.raises(NoServer):
        post.send(mail.EmailMessage("Hello", "Hello", to=["a@b.example"]))


def test_a_server_that_hangs_up_costs_one_try(sink: MailSink, settings: Settings) -> None:
    """The connection was open when the server went away."""
    letter = mail.EmailMessage("Hello", "Hello", to=["a@b.example"])
    with Post() as post:
        post.send(letter)
        backend = post._connection
        assert isinstance(backend, EmailBackend)
        assert backend.connection is not None
        assert backend.connection.sock is not None
        backend.connection.sock.shutdown(socket.SHUT_RDWR)
        with pytest.raises(NotTaken) as refused:
            post.send(letter)
        assert refused.value.reason == "broken"
        post.send(letter)
    assert len(sink.messages()) == 2


def test_a_row_whose_lease_ran_out_goes_to_one_of_two_who_reach_for_it(transactional_db: None) -> None:
    """Its slow worker comes back at the very moment at which another takes the row over: one of them has it."""
    many(1)
    plan_reminders(NOW)
    for number in range(20):
        slow = ledger.claim(NOW)[0]
        later = NOW + timedelta(seconds=181 + number)

        def come_back(slow: Reminder = slow, later: datetime = later) -> bool:
            try:
                return ledger.renew(slow, later)
            finally:
                connection.close()

        def take_over(slow: Reminder = slow, later: datetime = later) -> bool:
            try:
                return any(row.pk == slow.pk and ledger.renew(row, later) for row in ledger.claim(later))
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(come_back), pool.submit(take_over)]
            assert [run.result() for run in runs].count(True) == 1
        Reminder.objects.update(state="due", lease_until=None, attempts=0, due_at=NOW)


def test_a_waiting_change_of_the_holder_is_asked_again(transactional_db: None) -> None:
    """The taker's change is under way, uncommitted, when the slow worker asks: it must not go through behind it."""
    many(1)
    plan_reminders(NOW)
    slow = ledger.claim(NOW)[0]
    later = NOW + timedelta(seconds=181)

    def come_back() -> bool:
        try:
            return ledger.renew(slow, later)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert slow.pk in {row.pk for row in ledger.claim(later)}
            asked = pool.submit(come_back)
            time.sleep(0.3)
            assert not asked.done()
        assert asked.result() is False


def test_what_is_out_and_not_noted_is_left_to_who_knows(planned: DialogueSession) -> None:
    row = ledger.claim(NOW)[0]
    sending._taken.add(row.pk)
    try:
        assert send_due(NOW + timedelta(seconds=181)) == 1
    finally:
        sending._taken.discard(row.pk)
    assert str(mail.outbox[0].extra_headers["Message-ID"]) != message_id(row)
