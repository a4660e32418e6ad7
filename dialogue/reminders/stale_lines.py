"""Help lines that nobody has checked for long: operators are told, once a week while it is so."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.models import Role, User
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.mornings import nine
from dialogue.resources.models import Resource

KIND = ReminderRule.Kind.STALE_RESOURCES
LATEST = timedelta(days=5)  # then the next week's mail is near


def create_rules() -> None:
    """The one rule of the whole site; one that is there already is kept."""
    ReminderRule.objects.bulk_create([ReminderRule(kind=KIND)], ignore_conflicts=True)


def week_of(day: date) -> str:
    """The ISO week, by which the ledger knows the mail: "2026-W49"."""
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02}"


def _operators() -> Iterator[User]:
    yield from User.objects.filter(role=Role.OPERATOR, is_active=True).order_by("pk")


def rows(now: datetime) -> Iterator[Reminder]:
    """What the ledger should hold by now. Nothing before nine: a line that is checked until then is not told of."""
    rule = ReminderRule.objects.filter(kind=KIND, active=True).first()
    if rule is None or not Resource.objects.stale(now.date()).exists():
        return
    for user in _operators():
        due_at = nine(user.time_zone, now.date())
        if due_at <= now:
            yield Reminder(rule=rule, schedule_version=1, occasion=week_of(now.date()), user=user, due_at=due_at)


def still_stale(now: datetime) -> Q:
    """The ledger's rows that still have a reason: a line is stale, and the reader is an operator."""
    operators = User.objects.filter(pk=OuterRef("user"), role=Role.OPERATOR, is_active=True)
    stale = Exists(Resource.objects.stale(now.date()))
    return Q(stale, Exists(operators), rule__kind=KIND, rule__active=True, due_at__gt=now - LATEST)
