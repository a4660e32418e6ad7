"""Pledges, checks and agreements that run out: whom to warn, 30, 7 and 1 day before the last day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from accounts.models import AgencyAgreement, ListenerProfile, Pledge, Role, User
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.mornings import nine

OFFSETS = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
LATEST = timedelta(days=5)  # a mail that could not be sent for longer than that says the wrong number of days

PLEDGE, CHECK, AGREEMENT = "pledge", "check", "agreement"


@dataclass(frozen=True)
class Ending:
    """One promise of a listener, or one that his agency made, and its last day."""

    what: str
    user: User
    last_day: date

    @property
    def occasion(self) -> str:
        """What the ledger knows it by: one that was renewed is another one."""
        return f"{self.what} {self.last_day.isoformat()}"


def create_rules() -> None:
    """The three rules of the whole site; those that are there already are kept."""
    rules = [ReminderRule(kind=ReminderRule.Kind.EXPIRY, before=before) for before in OFFSETS]
    ReminderRule.objects.bulk_create(rules, ignore_conflicts=True)


def _listeners() -> QuerySet[User]:
    return User.objects.filter(role=Role.LISTENER, is_active=True)


def _last_days() -> dict[str, QuerySet[Any]]:
    """For each kind of promise: the last day of the one that ends last, for the listener of the outer query."""
    pledges = Pledge.objects.filter(user=OuterRef("pk"), withdrawn_on=None)
    checks = ListenerProfile.objects.filter(user=OuterRef("pk"))
    agreements = AgencyAgreement.objects.filter(agency=OuterRef("agency"), withdrawn_on=None)
    return {
        PLEDGE: pledges.order_by("-expires_on").values("expires_on")[:1],
        CHECK: checks.values("verified_until")[:1],
        AGREEMENT: agreements.order_by("-expires_on").values("expires_on")[:1],
    }


def endings(today: date) -> Iterator[Ending]:
    """Everything that ends from today up to the longest warning ahead."""
    for what, last_day in _last_days().items():
        found = _listeners().annotate(last_day=Subquery(last_day))
        for user in found.filter(last_day__range=(today, today + max(OFFSETS))).order_by("pk"):
            yield Ending(what, user, user.last_day)


def rows(now: datetime) -> Iterator[Reminder]:
    """What the ledger should hold by now: of several warnings that are due, the nearest only."""
    rules = ReminderRule.objects.filter(kind=ReminderRule.Kind.EXPIRY, active=True)
    by_offset = {rule.before: rule for rule in rules if rule.before is not None}
    for ending in endings(now.date()):
        left = ending.last_day - now.date()
        due = [before for before in by_offset if left <= before]
        if due:
            yield Reminder(
                rule=by_offset[min(due)],
                schedule_version=1,
                occasion=ending.occasion,
                user=ending.user,
                due_at=nine(ending.user.time_zone, now.date()),
            )


def still_ending(now: datetime) -> Q:
    """The ledger's rows whose promise still ends on the day they tell: not renewed, not withdrawn, not over."""
    same = Q()
    for what, last_day in _last_days().items():
        told = Concat(Value(f"{what} "), Cast(F("last_day"), CharField()))
        listener = _listeners().annotate(last_day=Subquery(last_day)).annotate(told=told)
        ahead = listener.filter(pk=OuterRef("user"), told=OuterRef("occasion"), last_day__gte=now.date())
        same |= Q(Exists(ahead))
    return same & Q(rule__kind=ReminderRule.Kind.EXPIRY, rule__active=True, due_at__gt=now - LATEST)
