"""What operators see of the mail that is not about one session."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Participant, User
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.planning import plan_reminders
from tests import factories
from tests.reading import text_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]


def words(client: Client, path: str = "/operator/mail/") -> str:
    return " ".join(text_of(client.get(path).content.decode()).split())


def mails(user: User, kind: str, state: str, count: int = 1, error: str = "") -> None:
    rule = ReminderRule.objects.filter(kind=kind).order_by("before")[0]
    for _ in range(count):
        Reminder.objects.create(
            rule=rule,
            schedule_version=1,
            occasion=f"{kind} {Reminder.objects.count()}",
            user=user,
            state=state,
            due_at=timezone.now(),
            sent_at=timezone.now() if state == "sent" else None,
            error=error,
        )


def test_each_rule_says_when_to_whom_and_what_came_of_it(client_for: ClientFor, operator: User, listener: User) -> None:
    client = client_for(operator)
    assert "The rules are made once" in words(client)
    plan_reminders(timezone.now())
    mails(listener, "commitment_due", "sent", 2)
    mails(listener, "commitment_late", "failed", 1, "550")
    mails(listener, "expiry", "dropped", 3)
    shown = words(client)
    for line in (
        "A promise runs out 30 days before, at 9 in the morning The listener; of an agreement, all listeners",
        "A commitment will be due 3 days before, at 9 in the morning Who answers for it 2 of 2 sent",
        "A commitment is overdue 1 day after, at 9 in the morning",
        "Help lines were not checked for long once a week while it is so, at 9 in the morning Operators Nothing so far",
        "Did not go out",
        "the mail server does not know the address (550)",
    ):
        assert line in shown
    assert shown.count("A promise runs out") == 3
    assert "Marcus Hale" in client.get("/operator/mail/").content.decode()


def test_the_operators_home_counts_what_failed(client_for: ClientFor, operator: User, listener: User) -> None:
    plan_reminders(timezone.now())
    mails(listener, "commitment_late", "failed", 2, "451")
    html = client_for(operator).get("/operator/").content.decode()
    assert '<b>2</b><a href="/operator/mail/">mails about promises and help lines did not go out</a>' in html


@pytest.mark.parametrize("count", [1, 3])
def test_at_fixed_cost(
    count: int, client_for: ClientFor, operator: User, listener: User, django_assert_num_queries: Any
) -> None:
    plan_reminders(timezone.now() - timedelta(days=400))
    mails(listener, "commitment_late", "failed", count, "451")
    factories.make_listener()
    client = client_for(operator)
    with django_assert_num_queries(5):
        client.get("/operator/mail/")
