"""What operators see of the mail that is not about one session."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.team.queries import Task
from dialogue.reminders.models import OF_THE_SITE, Reminder, ReminderRule
from dialogue.reminders.mornings import HOUR
from dialogue.reminders.queries import Tally, reason_text
from dialogue.sessions import times

Kind = ReminderRule.Kind
SHOWN = 50  # failed mails; a longer list has one cause


@dataclass(frozen=True)
class SiteLine:
    """One rule of the site, and what came of it."""

    what: str
    when: str
    who: str
    tally: Tally


@dataclass(frozen=True)
class Failed:
    """One mail that did not go out."""

    what: str
    name: str
    day: str
    reason: str


def _when(rule: ReminderRule) -> str:
    if rule.before is None:
        return _("once a week while it is so, at %(hour)d in the morning") % {"hour": HOUR}
    days = abs(rule.before).days
    if rule.before > timedelta():
        text = ngettext(
            "%(days)d day before, at %(hour)d in the morning", "%(days)d days before, at %(hour)d in the morning", days
        )
    else:
        text = ngettext(
            "%(days)d day after, at %(hour)d in the morning", "%(days)d days after, at %(hour)d in the morning", days
        )
    return text % {"days": days, "hour": HOUR}


def _who(rule: ReminderRule) -> str:
    return {
        Kind.EXPIRY: _("The listener; of an agreement, all listeners of the agency"),
        Kind.COMMITMENT_DUE: _("Who answers for it"),
        Kind.COMMITMENT_LATE: _("Who answers for it, and who signs for the agency"),
        Kind.STALE_RESOURCES: _("Operators"),
    }[Kind(rule.kind)]


def site_lines() -> list[SiteLine]:
    """The rules of the site, each with what came of it while the ledger is kept. Two queries."""
    tallies: dict[UUID, Tally] = {}
    rows = Reminder.objects.filter(dialogue_session=None).exclude(state=Reminder.State.DROPPED)
    for rule, state, error, count in rows.order_by().values_list("rule", "state", "error").annotate(Count("pk")):
        tallies.setdefault(rule, Tally()).add(state, error, count)
    rules = ReminderRule.objects.filter(kind__in=OF_THE_SITE, active=True)
    ordered = sorted(rules, key=lambda rule: (OF_THE_SITE.index(rule.kind), -(rule.before or timedelta())))
    return [
        SiteLine(str(rule.get_kind_display()), _when(rule), _who(rule), tallies.get(rule.pk, Tally()))
        for rule in ordered
    ]


def failed_mails() -> list[Failed]:
    """Mails of the site that did not go out, the latest first. One query."""
    rows = Reminder.objects.filter(dialogue_session=None, state=Reminder.State.FAILED).select_related("rule", "user")
    return [
        Failed(
            what=str(row.rule.get_kind_display()),
            name=row.user.name if row.user else "",
            day=_day(row.due_at),
            reason=reason_text(row.error),
        )
        for row in rows.order_by("-due_at", "pk")[:SHOWN]
    ]


def _day(moment: datetime) -> str:
    return times.day(times.local(moment, "UTC"))


def mail_tasks() -> list[Task]:
    """How many mails of the site did not go out."""
    failed = Reminder.objects.filter(dialogue_session=None, state=Reminder.State.FAILED).count()
    caption = ngettext(
        "mail about promises and help lines did not go out",
        "mails about promises and help lines did not go out",
        failed,
    )
    return [Task(failed, caption, reverse("reminders:site"))]
