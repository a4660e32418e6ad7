"""What the page of a session's reminders shows."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogue.reminders import policies
from dialogue.reminders.ledger import INTERRUPTED, UNREACHABLE
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.post import BROKEN, UNUSABLE
from dialogue.sessions import times
from dialogue.sessions.models import DialogueSession

State = Reminder.State
UNITS = (
    (timedelta(weeks=1), "weeks"),
    (timedelta(days=1), "days"),
    (timedelta(hours=1), "hours"),
    (timedelta(minutes=1), "minutes"),
)


def reason_text(error: str) -> str:
    """Why a mail did not go out, in words without an address."""
    words = {
        INTERRUPTED: _("the sending was interrupted"),
        UNREACHABLE: _("no mail server could be reached"),
        BROKEN: _("the connection to the mail server broke"),
        UNUSABLE: _("the address can’t be used"),
    }
    if error in words:
        return words[error]
    if error.startswith("4"):
        text = _("the mail server asked us to try later")
    elif error in ("550", "551", "553"):
        text = _("the mail server does not know the address")
    elif error == "552":
        text = _("the mailbox is full")
    else:
        text = _("the mail server refused the mail")
    return f"{text} ({error})"


def before_text(before: timedelta) -> str:
    """ "1 week before the start" and the like, in the largest unit that fits."""
    unit, name = next((one, word) for one, word in UNITS if before % one == timedelta())
    count = before // unit
    texts = {
        "weeks": ngettext("%(count)d week before the start", "%(count)d weeks before the start", count),
        "days": ngettext("%(count)d day before the start", "%(count)d days before the start", count),
        "hours": ngettext("%(count)d hour before the start", "%(count)d hours before the start", count),
        "minutes": ngettext("%(count)d minute before the start", "%(count)d minutes before the start", count),
    }
    return texts[name] % {"count": count}


@dataclass
class Tally:
    """What came of some reminders."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, state: str, error: str, count: int) -> None:
        """Count rows of one state and error."""
        if state == State.SENT:
            self.sent += count
        elif state == State.FAILED:
            self.failed += count
        else:
            self.waiting += count
        if error:
            self.reasons[error] += count

    def __str__(self) -> str:
        """ "6 of 7 sent, 1 failed: the mail server does not know the address (550)"; "" when there is nothing."""
        total = self.sent + self.failed + self.waiting
        if not total:
            return ""
        if self.waiting == total and not self.reasons:
            return ngettext("%(count)d to be sent", "%(count)d to be sent", total) % {"count": total}
        text = _("%(sent)d of %(total)d sent") % {"sent": self.sent, "total": total}
        if self.failed:
            text += ", " + _("%(count)d failed") % {"count": self.failed}
        why = "; ".join(reason_text(error) for error, _count in self.reasons.most_common())
        return f"{text}: {why}" if why else text


@dataclass(frozen=True)
class RuleLine:
    """One rule with what it does next and what it did."""

    rule: ReminderRule
    what: str
    when: str
    who: str
    tally: Tally
    removable: bool
    passed: bool


@dataclass(frozen=True)
class Overview:
    """Everything about a session's reminders."""

    lines: list[RuleLine]
    total: Tally

    @property
    def failed(self) -> int:
        """How many mails did not go out."""
        return self.total.failed


def current_mails(dialogue_sessions: QuerySet[DialogueSession]) -> QuerySet[Reminder]:
    """The reminders for the times that these sessions have now; not those that were not needed any more."""
    of_these = Reminder.objects.filter(dialogue_session__in=dialogue_sessions.order_by().values("pk"))
    return of_these.filter(schedule_version=F("dialogue_session__schedule_version")).exclude(state=State.DROPPED)


def _tallies(dialogue_session: DialogueSession) -> dict[UUID, Tally]:
    rows = current_mails(DialogueSession.objects.filter(pk=dialogue_session.pk))
    tallies: dict[UUID, Tally] = {}
    for rule, state, error, count in rows.order_by().values_list("rule", "state", "error").annotate(Count("pk")):
        tallies.setdefault(rule, Tally()).add(state, error, count)
    return tallies


def _when(rule: ReminderRule, dialogue_session: DialogueSession) -> str:
    if rule.kind == policies.Kind.QUEUE_WAITS:
        promised = dialogue_session.reading_hours
        text = ngettext(
            "at %(hour)s in the morning, when a text has waited longer than %(promised)d hour",
            "at %(hour)s in the morning, when a text has waited longer than %(promised)d hours",
            promised,
        )
        return text % {"hour": policies.NUDGE_HOUR, "promised": promised}
    if rule.kind == policies.Kind.CLOSING_NOTE:
        hours = policies.CLOSING_NOTE_AFTER // timedelta(hours=1)
        return _("%(hours)d hours after closing, when nobody has written it") % {"hours": hours}
    if rule.kind == policies.Kind.TEAM_DIGEST:
        return _("at %(hour)s in the morning, when texts wait") % {"hour": policies.NUDGE_HOUR}
    if rule.kind == policies.Kind.SEAT_DIGEST:
        text = _("at %(hour)s in the morning, when texts came out or a round began in which listeners write")
        return text % {"hour": policies.NUDGE_HOUR}
    moment = times.local(dialogue_session.starts_at - (rule.before or timedelta()), dialogue_session.time_zone)
    return f"{times.day(moment)}, {times.hour(moment)}"


def _who(rule: ReminderRule) -> str:
    return {
        policies.Kind.BEFORE_START: _("Team, listeners, outreach partners"),
        policies.Kind.SEAT_DIGEST: _("Listeners with a place"),
    }.get(policies.Kind(rule.kind), _("Team"))


def _line(
    rule: ReminderRule, dialogue_session: DialogueSession, tally: Tally, used: set[UUID], now: datetime
) -> RuleLine:
    before_start = rule.kind == policies.Kind.BEFORE_START
    moment = policies.moment(rule, dialogue_session)
    return RuleLine(
        rule=rule,
        what=before_text(rule.before) if rule.before else rule.get_kind_display(),
        when=_when(rule, dialogue_session),
        who=_who(rule),
        tally=tally,
        removable=before_start and rule.pk not in used,
        passed=moment is not None and moment <= now,
    )


def overview(dialogue_session: DialogueSession, now: datetime) -> Overview:
    """The rules, the farthest before the start on top and the nudges last, each with its tally. Three queries."""
    rules = dialogue_session.reminder_rules.order_by("kind", "-before", "pk")
    used = set(
        Reminder.objects.filter(dialogue_session=dialogue_session)
        .exclude(state=State.DUE)
        .order_by()
        .values_list("rule", flat=True)
        .distinct()
    )
    tallies = _tallies(dialogue_session)
    lines = [_line(rule, dialogue_session, tallies.get(rule.pk, Tally()), used, now) for rule in rules]
    total = Tally()
    for line in lines:
        if line.passed or not line.rule.before:  # what is to come is no part of what came of it
            total.sent += line.tally.sent
            total.failed += line.tally.failed
            total.waiting += line.tally.waiting
            total.reasons += line.tally.reasons
    return Overview(lines, total)
