"""Warnings before a pledge, a check or an agreement runs out: to whom, when, once each, and none once renewed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection

from accounts.listeners.actions import sign_pledge, withdraw_pledge
from accounts.models import Agency, AgencyAgreement, ListenerProfile, Pledge, User
from dialogue.reminders import ledger
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.planning import plan_reminders
from dialogue.reminders.sending import send_due
from dialogue.retention.clock import delete_reminders
from tests import factories
from tests.racing import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)  # three in the afternoon in New York
TODAY = NOW.date()
LAST = TODAY + timedelta(days=60)


def end(days: int, **which: Any) -> None:
    """Let everything end in a year, but for the kinds named in `which` (True), which end after so many days."""
    far, near = TODAY + timedelta(days=365), TODAY + timedelta(days=days)
    long_ago = TODAY - timedelta(days=400)
    Pledge.objects.update(signed_on=long_ago, expires_on=near if which.get("pledge") else far)
    AgencyAgreement.objects.update(signed_on=long_ago, expires_on=near if which.get("agreement") else far)
    verified = ListenerProfile.objects.exclude(verified_by=None)
    verified.update(verified_on=long_ago, verified_until=near if which.get("check") else far)


def tick(now: datetime) -> int:
    """One beat: plan, then send."""
    plan_reminders(now)
    return send_due(now)


def ledger_rows() -> list[tuple]:
    rows = Reminder.objects.order_by("due_at", "user__name")
    return list(rows.values_list("occasion", "rule__before", "user__name", "state"))


@pytest.mark.parametrize(
    ("days", "before"), [(31, None), (30, 30), (20, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)]
)
def test_the_nearest_warning_only(listener: User, days: int, before: int | None) -> None:
    end(days, pledge=True)
    tick(NOW)
    last_day = (TODAY + timedelta(days=days)).isoformat()
    expected = [(f"pledge {last_day}", timedelta(days=before), "Marcus Hale", "sent")] if before else []
    assert ledger_rows() == expected
    assert len(mail.outbox) == len(expected)


@pytest.mark.parametrize("what", ["pledge", "check", "agreement"])
def test_three_mails_each_once_however_often_it_is_asked(listener: User, what: str) -> None:
    end(60, **{what: True})
    for day in range(62):
        near = min(abs(60 - day - before) for before in (30, 7, 1, 0)) <= 1
        for hours in range(0, 24, 6) if near else [0] if day % 5 == 0 else []:
            tick(NOW + timedelta(days=day, hours=hours))
    days = [(LAST - row.due_at.date()).days for row in Reminder.objects.order_by("due_at")]
    assert days == [30, 7, 1]
    assert [row.due_at.hour for row in Reminder.objects.all()] == [14] * 3  # nine in the morning in New York
    assert len(mail.outbox) == 3


@pytest.mark.parametrize(
    ("what", "words", "link"),
    [
        ("pledge", "Your pledge is in force up to and including Tuesday, December 8, 2026.", "/listener/pledge/"),
        ("check", "We made sure who you are.", "/listener/"),
        ("agreement", "Your agency’s agreement is in force up to and including", "/listener/agreement/"),
    ],
)
def test_the_mail_says_what_ends_and_where_it_is_renewed(listener: User, what: str, words: str, link: str) -> None:
    end(7, **{what: True})
    tick(NOW)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([listener.email], "Reminder: something runs out")
    assert isinstance(sent, EmailMultiAlternatives)
    html = str(sent.alternatives[0][0])
    for body in (sent.body, html):
        assert words in body
        assert f"http://testserver{link}" in body
    assert "Harbor" not in sent.subject


def test_an_agreement_is_told_to_every_listener_of_the_agency(agency: Agency, listener: User) -> None:
    factories.make_listener(agency, name="Dana Whitfield")
    factories.make_listener(name="Of Another Agency")
    closed = factories.make_listener(agency, name="Closed Account", is_active=False)
    end(365)
    AgencyAgreement.objects.filter(agency=agency).update(expires_on=TODAY + timedelta(days=7))
    tick(NOW)
    assert sorted(one.to[0] for one in mail.outbox) == sorted(
        User.objects.filter(agency=agency).exclude(pk=closed.pk).values_list("email", flat=True)
    )


def test_the_team_and_those_who_never_pledged_get_none(facilitator: User, operator: User, new_listener: User) -> None:
    end(365)
    assert tick(NOW) == 0
    assert ledger_rows() == []


def renew(listener: User) -> None:
    with time_machine.travel(NOW):
        sign_pledge(listener)


def withdraw(listener: User) -> None:
    with time_machine.travel(NOW):
        withdraw_pledge(listener)


def close(listener: User) -> None:
    User.objects.filter(pk=listener.pk).update(is_active=False)


@pytest.mark.parametrize("step", [renew, withdraw, close])
def test_one_that_has_no_reason_any_more_is_dropped(listener: User, step: Callable[[User], None]) -> None:
    end(7, pledge=True)
    plan_reminders(NOW)
    step(listener)
    assert send_due(NOW) == 0
    plan_reminders(NOW)
    assert [state for *_, state in ledger_rows()] == ["dropped"]
    assert mail.outbox == []


def test_what_was_renewed_is_warned_of_anew(listener: User) -> None:
    end(7, pledge=True)
    tick(NOW)
    renew(listener)
    later = NOW + timedelta(days=365 - 30)
    tick(later)
    pledges = [row for row in ledger_rows() if row[0].startswith("pledge")]
    assert [(what, state) for what, _before, _name, state in pledges] == [
        (f"pledge {(TODAY + timedelta(days=7)).isoformat()}", "sent"),
        (f"pledge {(TODAY + timedelta(days=365)).isoformat()}", "sent"),
    ]


def test_a_server_that_was_down_tells_the_nearest_when_it_is_back(listener: User) -> None:
    end(30, pledge=True)
    tick(NOW + timedelta(days=28))
    assert [before for _what, before, *_ in ledger_rows()] == [timedelta(days=7)]


def test_a_switched_off_rule_sends_nothing(listener: User) -> None:
    end(7, pledge=True)
    plan_reminders(NOW - timedelta(days=40))
    ReminderRule.objects.filter(kind="expiry").update(active=False)
    tick(NOW)
    assert ledger_rows() == []
    assert ReminderRule.objects.filter(kind="expiry").count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_beats_and_two_workers_send_it_once(listener: User) -> None:
    end(7, pledge=True)

    def beat() -> int:
        try:
            return tick(NOW)
        finally:
            connection.close()

    assert sum(at_once(beat, beat, beat)) == 1
    assert [state for *_, state in ledger_rows()] == ["sent"]


def test_a_failed_one_is_tried_again_and_given_up_when_its_number_is_wrong(listener: User) -> None:
    end(30, pledge=True)
    plan_reminders(NOW)
    (row,) = ledger.claim(NOW)
    assert ledger.renew(row, NOW)
    ledger.mark_refused(row, "451", NOW)
    later = NOW + timedelta(days=6)
    plan_reminders(later)
    assert [state for *_, state in ledger_rows()] == ["failed"]


def test_it_goes_90_days_later(listener: User) -> None:
    end(7, pledge=True)
    tick(NOW)
    assert delete_reminders(NOW + timedelta(days=89)) == 0
    assert delete_reminders(NOW + timedelta(days=91)) == 1
