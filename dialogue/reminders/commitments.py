"""Commitments whose day comes or has passed: whom to tell, 14 and 3 days before, 1 and 14 days after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.models import User
from dialogue.commitments.models import Commitment
from dialogue.commitments.policies import RUNNING
from dialogue.commitments.queries import signer_of
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.mornings import nine

DUE, LATE = ReminderRule.Kind.COMMITMENT_DUE, ReminderRule.Kind.COMMITMENT_LATE
BEFORE = (timedelta(days=14), timedelta(days=3))
AFTER = (timedelta(days=1), timedelta(days=14))
LATEST = timedelta(days=5)  # a mail that could not be sent for longer than that is not news any more
#: Nobody is told anew of what has been overdue for longer. Less than the ledger is kept: it knows what was told.
LONG_LATE = timedelta(days=60)

OWNER, SIGNER = "owner", "signer"


@dataclass(frozen=True)
class Subject:
    """One commitment, and somebody who is told of it as its owner or as the signer of the agency."""

    commitment: Commitment
    told_as: str
    user: User

    @property
    def occasion(self) -> str:
        """What the ledger knows it by."""
        return f"commitment {self.commitment.pk} {self.commitment.due_on.isoformat()} {self.told_as}"


def create_rules() -> None:
    """The four rules of the whole site; those that are there already are kept."""
    rules = [ReminderRule(kind=DUE, before=before) for before in BEFORE]
    rules += [ReminderRule(kind=LATE, before=-after) for after in AFTER]
    ReminderRule.objects.bulk_create(rules, ignore_conflicts=True)


def _running(today: date) -> QuerySet[Commitment]:
    near = Commitment.objects.filter(state__in=RUNNING, due_on__range=(today - LONG_LATE, today + max(BEFORE)))
    return near.select_related("owner", "agency").order_by("due_on", "pk")


def _subjects(today: date) -> Iterator[Subject]:
    """The owner of each commitment that is near its day; once it has passed, the agency's signer too."""
    signer = cache(signer_of)
    for commitment in _running(today):
        if commitment.owner.is_active:
            yield Subject(commitment, OWNER, commitment.owner)
        if commitment.due_on < today:
            signs = signer(commitment.agency)
            if signs and signs != commitment.owner:
                yield Subject(commitment, SIGNER, signs)


def _nearest(commitment: Commitment, today: date, offsets: dict[timedelta, ReminderRule]) -> ReminderRule | None:
    """Of the rules whose day has come since it was promised, the one nearest to today."""
    passed = [
        before
        for before in offsets
        if commitment.due_on - before <= today
        and (before < timedelta(0) or (commitment.adopted_on or today) < commitment.due_on - before)
    ]
    return offsets[min(passed)] if passed else None


def rows(now: datetime) -> Iterator[Reminder]:
    """What the ledger should hold by now: of several mails that are due, the nearest only."""
    today = now.date()
    rules = ReminderRule.objects.filter(kind__in=(DUE, LATE), active=True)
    offsets = {rule.before: rule for rule in rules if rule.before is not None}
    for subject in _subjects(today):
        rule = _nearest(subject.commitment, today, offsets)
        if rule is None or (subject.told_as == SIGNER and rule.kind != LATE):
            continue
        yield Reminder(
            rule=rule,
            schedule_version=1,
            occasion=subject.occasion,
            user=subject.user,
            due_at=nine(subject.user.time_zone, today),
        )


def still_running(now: datetime) -> Q:
    """The ledger's rows whose commitment still runs to the day they tell, and whose reader still answers for it."""
    readers = User.objects.filter(pk=OuterRef(OuterRef("user")), is_active=True)

    def told(told_as: str) -> QuerySet[Commitment]:
        named = Concat(
            Value("commitment "),
            Cast("pk", CharField()),
            Value(" "),
            Cast(F("due_on"), CharField()),
            Value(f" {told_as}"),
        )
        running = Commitment.objects.annotate(told=named).filter(told=OuterRef("occasion"), state__in=RUNNING)
        return running.filter(Exists(readers))

    owned = told(OWNER).filter(owner=OuterRef("user"))
    signed = told(SIGNER).filter(Exists(readers.filter(agency=OuterRef("agency"))))
    ahead = Q(Exists(owned.filter(due_on__gte=now.date())), rule__kind=DUE)
    passed = Q(Exists(owned) | Exists(signed), rule__kind=LATE)
    return (ahead | passed) & Q(rule__active=True, due_at__gt=now - LATEST)


def commitment_of(row: Reminder) -> Commitment:
    """The commitment that a row of the ledger is about. Raises Commitment.DoesNotExist."""
    return Commitment.objects.select_related("owner", "agency").get(pk=row.occasion.split()[1])
