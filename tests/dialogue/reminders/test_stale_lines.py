"""Operators are told of help lines that nobody checked: once a week at nine, while it is so."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import connection

from accounts.models import Role, User
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.planning import plan_reminders
from dialogue.reminders.post import NoServer, Post
from dialogue.reminders.queries_site import failed_mails
from dialogue.reminders.sending import send_due
from dialogue.resources.models import Resource
from seeds.mailsink import MailSink
from tests import factories
from tests.dialogue.reminders.test_sending import received, sink
from tests.racing import at_once

__all__ = ["sink"]  # a fixture
pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)  # a Tuesday, three in the afternoon in New York
TODAY = NOW.date()
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


def line(days: int, name: str = "Night Lamp") -> Resource:
    """A help line that was checked so many days ago."""
    return factories.make_resource(name=name, verified_on=TODAY - days * DAY)


def tick(now: datetime = NOW) -> int:
    with time_machine.travel(now):
        plan_reminders(now)
        return send_due(now)


def told() -> list[tuple[str, str, str]]:
    rows = Reminder.objects.filter(rule__kind="stale_resources").order_by("due_at", "user__name")
    return list(rows.values_list("user__name", "occasion", "state"))


def test_operators_are_told_once_a_week_while_a_line_is_stale(operator: User, facilitator: User) -> None:
    one = line(85)
    for hours in range(0, 24 * 30, 9):
        tick(NOW + timedelta(hours=hours))
    weeks = [("Ola Berg", week, "sent") for week in ("2026-W50", "2026-W51", "2026-W52", "2026-W53")]
    assert told() == weeks
    stale_from = one.verified_on + 91 * DAY
    assert [row.due_at for row in Reminder.objects.order_by("due_at")] == [
        datetime(stale_from.year, stale_from.month, stale_from.day, 14, tzinfo=UTC),
        *(datetime(2026, 12, day, 14, tzinfo=UTC) for day in (14, 21, 28)),
    ]


def test_it_goes_to_every_operator_with_an_open_account(operator: User, facilitator: User, listener: User) -> None:
    factories.make_user(Role.OPERATOR, name="Closed", is_active=False)
    line(91)
    Reminder.objects.all().delete()
    tick()
    operators = User.objects.filter(role=Role.OPERATOR, is_active=True)
    assert sorted(sent.to[0] for sent in mail.outbox) == sorted(operators.values_list("email", flat=True))


@pytest.mark.parametrize(("days", "mails"), [(90, 0), (91, 1)])
def test_a_line_is_stale_after_ninety_days(operator: User, days: int, mails: int) -> None:
    line(days)
    assert tick() == mails


def test_the_mail_names_the_lines_and_the_page(operator: User) -> None:
    line(91, "Lamp & Light")
    line(89, "Fresh")
    tick()
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    assert (sent.to, sent.subject) == ([operator.email], "Reminder: help lines to check")
    text, html = str(sent.body), str(sent.alternatives[0][0])
    assert "- Lamp & Light: last checked on Tuesday, September 1, 2026\n" in text
    assert "<li>Lamp &amp; Light: last checked on Tuesday, September 1, 2026</li>" in html
    for body in (text, html):
        assert "http://testserver/desk/help-lines/" in body
        assert "Fresh" not in body
        assert "555-0100" not in body


@pytest.mark.parametrize(
    "step",
    [
        lambda operator: Resource.objects.update(verified_on=TODAY),
        lambda operator: Resource.objects.all().delete(),
        lambda operator: User.objects.filter(pk=operator.pk).update(is_active=False),
    ],
)
def test_one_without_a_reason_is_dropped(operator: User, step: Callable[[User], object]) -> None:
    line(91)
    plan_reminders(NOW)
    step(operator)
    assert send_due(NOW) == 0
    plan_reminders(NOW)
    assert told() == [("Ola Berg", "2026-W49", "dropped")]


def test_one_that_no_server_took_in_its_time_has_failed(operator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_post: Post, _mail: EmailMessage) -> None:
        raise NoServer

    line(91)
    with monkeypatch.context() as patch:
        patch.setattr(Post, "send", away)
        for days in range(6):
            tick(NOW + days * DAY)
    assert told() == [("Ola Berg", "2026-W49", "failed")]
    assert [(one.name, one.reason) for one in failed_mails()] == [("Ola Berg", "no mail server could be reached")]


def test_nothing_is_planned_before_nine(operator: User) -> None:
    line(95)
    tick(NOW.replace(hour=13, minute=59))
    assert told() == []
    assert tick(NOW.replace(hour=14)) == 1


def test_a_week_of_the_next_year_is_another_one(operator: User) -> None:
    line(91)
    tick(datetime(2026, 12, 31, 20, tzinfo=UTC))
    tick(datetime(2027, 1, 3, 20, tzinfo=UTC))  # the Sunday of the same week
    tick(datetime(2027, 1, 4, 20, tzinfo=UTC))
    assert [week for _name, week, _state in told()] == ["2026-W53", "2027-W01"]


def test_a_switched_off_rule_sends_nothing(operator: User) -> None:
    plan_reminders(NOW)
    assert ReminderRule.objects.filter(kind="stale_resources").update(active=False) == 1
    line(91)
    assert tick() == 0


@pytest.mark.django_db(transaction=True)
def test_two_beats_and_two_workers_send_it_once(operator: User, sink: MailSink) -> None:
    line(91)

    def beat() -> int:
        try:
            return tick()
        finally:
            connection.close()

    assert sum(at_once(beat, beat, beat)) == 1
    assert len(received(sink)) == 1
