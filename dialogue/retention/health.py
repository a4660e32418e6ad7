"""What an operator sees of the site's parts and of the work that nobody sees, and what to do about each.

How it is told which of worker and beat has stopped: docs/decisions/0071-signs-of-life.md.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import ProgrammingError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Max, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.team.queries import Task
from dialogue.reminders.ledger import TRIED_FOR, waits_for_server
from dialogue.reminders.models import Reminder
from dialogue.reminders.post import OF_ONE_MAIL
from dialogue.retention import probes
from dialogue.retention.key_backup import is_current, keys_changed_at
from dialogue.retention.models import Hold, Upkeep
from dialogue.retention.policies import CLOCKS_DIFFER
from dialogue.retention.postgres import Finding, findings
from dialogue.retention.probes import DONE, STOP, WARN, Found
from dialogue.retention.scrub import is_due
from seeds.site_settings import wrong_ones

Kind = Upkeep.Kind
#: Each kind's turn comes far more often; past this something is wrong.
LATE_AFTER = {
    Kind.SCRUB: timedelta(hours=2),
    Kind.RETENTION: timedelta(hours=2),
    Kind.BACKUP: timedelta(hours=36),
}
UNTOLD = (Kind.SCRUB, "keys", "site_settings")  # strangers are told nothing of these
MISSED_SIGNS = 3  # so many missing ones, and a moment more, mean that worker or beat has stopped
KEYS_WITHIN = timedelta(minutes=30)  # twice the time between two looks at the keys
UNREACHABLE_FOR = timedelta(minutes=30)  # a mail server that is started again is away for less
FAILED_WITHIN = timedelta(days=1)  # mail that did not go out for longer than this says nothing about today's server
MEANING: dict[str, str | Promise] = {
    "database": gettext_lazy("Holds everything. While it is away, a plain page gives people their text back."),
    "redis": gettext_lazy("Holds who is signed in, and the list of work, in memory only. Without it no page opens."),
    "worker": gettext_lazy("Sends mail, deletes what is due, cleans up. Without it we don’t keep our word to anybody."),
    "beat": gettext_lazy("Tells the worker when to do what. Without it nothing happens by itself."),
    "mail": gettext_lazy("Carries invitations and reminders. Participants never get any mail."),
    "disk": gettext_lazy("Once it is full, nothing can be written: people can’t send what they wrote."),
    "database_settings": gettext_lazy("They keep the database from remembering who wrote what, and when."),
    "site_settings": gettext_lazy("What people read about you, addresses, secrets, mail, backups."),
    "keys": gettext_lazy("Written anew within 15 minutes of every change, so that it forgets a key with its session."),
    Kind.SCRUB: gettext_lazy("Runs every 30 minutes when something changed: no order and no time is left."),
    Kind.RETENTION: gettext_lazy("Runs every 15 minutes: whatever is due is deleted."),
    Kind.BACKUP: gettext_lazy("Written once a day, encrypted, deleted after 7 days at most."),
}


@dataclass(frozen=True)
class Part:
    """One line of the page. `kind` is that of components/state.html; `mend` is empty when there is nothing to do."""

    key: str
    name: str | Promise
    kind: str
    word: str
    since: str = ""
    mend: str = ""
    findings: list[Finding] = field(default_factory=list)
    names: str = ""  # of settings; the same in every language
    url: str = ""
    action: str = ""

    @property
    def meaning(self) -> str | Promise:
        """What it means for people."""
        return MEANING[self.key]

    @property
    def is_red(self) -> bool:
        return self.kind == STOP


@dataclass(frozen=True)
class Work:
    """One kind of work: when it was last done (None: never), and whether it is late. Unwanted work is never late."""

    kind: Upkeep.Kind
    done_at: datetime | None
    is_late: bool
    is_wanted: bool = True


def works(now: datetime, done: dict[str, datetime] | None = None) -> list[Work]:
    """Every kind of work. A clean-up is not late as long as nothing changed; a new site's work has had no turn yet."""
    done = _notes() if done is None else done
    unwanted = () if settings.BACKUP_RECIPIENT else (Kind.BACKUP,)
    began = None if done.keys() >= LATE_AFTER.keys() - {*unwanted} else _installed_at()
    found = []
    for kind, pause in LATE_AFTER.items():
        wanted = kind not in unwanted
        last = done.get(kind)
        before = last or began
        on_time = before is not None and now - pause <= before <= now + CLOCKS_DIFFER
        late = wanted and not on_time and (kind != Kind.SCRUB or is_due())
        found.append(Work(kind, last, late, wanted))
    return found


def parts(now: datetime) -> list[Part]:
    """Everything, each part really asked; within two seconds also when none of them answers."""
    asked = probes.ask(
        {"database": probes.database(), "redis": probes.redis_server, "mail": probes.mail_server, "disk": probes.disks}
    )
    done: dict[str, datetime] = {}
    known = asked["database"].kind != STOP
    try:
        done = _notes() if known else {}
    except ProgrammingError:  # its tables are not those of this program
        known = False
        asked["database"] = replace(asked["database"], kind=STOP)
    fresh = _is_fresh(done.get(Kind.WORKER), now)
    answers = fresh or (asked["redis"].since is not None and probes.some_worker())
    return [
        _database(asked["database"]),
        _redis(asked["redis"]),
        _worker(now, done, answers=answers),
        _beat(now, done, known=known),
        _mail(asked["mail"], now, known=known),
        _disk(asked["disk"]),
        _site_settings(),
        *(_stored(now, done) if known else []),
    ]


def parts_from_notes(now: datetime) -> list[Part]:
    """What can be told from the notes alone: cheap, and nobody else is asked. The database must be there."""
    done = _notes()
    return [
        _worker(now, done, answers=None),
        _beat(now, done, known=True),
        _mail(Found(), now, known=True),
        _disk(probes.disks()),
        _site_settings(),
        *_stored(now, done),
    ]


def is_well(now: datetime) -> bool:
    """The answer for a stranger's monitor.

    Without the clean-up: after a fault it is overdue from the moment on when somebody writes, and no stranger may
    learn that moment. Nor when a session was made, after which the copy of the keys is behind. Without the site's
    settings, which don't change by themselves.
    """
    asked = probes.ask({"database": probes.database(), "redis": probes.redis_server})
    if any(found.kind == STOP for found in asked.values()):
        return False
    return not any(part.is_red for part in parts_from_notes(now) if part.key not in UNTOLD)


def upkeep_tasks() -> list[Task]:
    """How many parts an operator has to see to, as far as the notes tell; and what a hold keeps from being deleted."""
    red = sum(part.is_red for part in parts_from_notes(timezone.now()))
    held = Hold.objects.in_force().count()
    return [
        Task(
            red,
            ngettext("part of the site is not in order", "parts of the site are not in order", red),
            reverse("retention:health"),
        ),
        Task(
            held,
            ngettext("session is kept from being deleted", "sessions are kept from being deleted", held),
            reverse("retention:holds"),
        ),
    ]


# --- The parts -----------------------------------------------------------------------------------------------------


def _notes() -> dict[str, datetime]:
    return dict(Upkeep.objects.values_list("kind", "done_at"))


def _installed_at() -> datetime | None:
    """When the database got its first tables."""
    applied: datetime | None = MigrationRecorder(connection).migration_qs.aggregate(first=Min("applied"))["first"]
    return applied


def _moment(text: str, moment: datetime | None) -> str:
    return text % {"moment": date_format(moment.astimezone(UTC), "UTC_FORMAT")} if moment else ""


def _running(found: Found) -> str:
    return _moment(_("running since %(moment)s UTC"), found.since)


def _database(found: Found) -> Part:
    name = _("Database")
    if found.kind == STOP and found.since:
        return Part("database", name, STOP, _("Lacks tables"), _running(found), _("Run manage.py migrate."))
    if found.kind == STOP:
        mend = _("Start PostgreSQL again and look into its log. What it said: %(what)s.") % {"what": found.wrong}
        return Part("database", name, STOP, _("Does not answer"), mend=mend)
    if found.kind == WARN:
        mend = _("Of its connections %(what)s are taken. Raise max_connections, or lower DB_POOL.")
        return Part("database", name, WARN, _("Crowded"), _running(found), mend % {"what": found.wrong})
    return Part("database", name, DONE, _("Answers"), _running(found))


def _redis(found: Found) -> Part:
    name = _("Redis")
    if found.since is None:
        mend = _("Start Redis again; everybody then signs in anew. What it said: %(what)s.") % {"what": found.wrong}
        return Part("redis", name, STOP, _("Does not answer"), mend=mend)
    if found.wrong:
        mend = _("It must keep nothing but in memory, and no list of slow commands. Change this: %(what)s.")
        return Part("redis", name, STOP, _("Keeps too much"), _running(found), mend % {"what": found.wrong})
    return Part("redis", name, DONE, _("Answers"), _running(found))


def _is_fresh(sign: datetime | None, now: datetime) -> bool:
    """Whether a sign of life is young enough; one from the future is as long as the clocks may differ."""
    patience = timedelta(seconds=MISSED_SIGNS * settings.SIGN_OF_LIFE + 2)
    return sign is not None and now - patience <= sign <= now + CLOCKS_DIFFER


def _sign(sign: datetime | None) -> str:
    return _moment(_("last sign of life on %(moment)s UTC"), sign) or _("no sign of life so far")


def _worker(now: datetime, done: dict[str, datetime], *, answers: bool | None) -> Part:
    """By its own sign, or by its answer. Without any, and `answers` None, it may only lack work: beat hands it out."""
    sign, name = done.get(Kind.WORKER), Kind.WORKER.label
    given = _is_fresh(done.get(Kind.BEAT), now)
    if _is_fresh(sign, now) or (answers and not given):
        return Part("worker", name, DONE, _("Runs"), _sign(sign))
    if answers:
        mend = _("It answers, but takes no new work. If this lasts for more than a few minutes, start it again.")
        return Part("worker", name, WARN, _("Busy"), _sign(sign), mend)
    if answers is None and not given:
        mend = _("It has nothing to do while the clock of the background work stands still.")
        return Part("worker", name, WARN, _("Not known"), _sign(sign), mend)
    mend = _("Start the worker again. It makes up for what it missed.")
    return Part("worker", name, STOP, pgettext("a program", "Stopped"), _sign(sign), mend)


def _beat(now: datetime, done: dict[str, datetime], *, known: bool) -> Part:
    sign, name = done.get(Kind.BEAT), Kind.BEAT.label
    if not known:
        return Part("beat", name, WARN, _("Not known"), mend=_("Its sign of life stands in the database."))
    if _is_fresh(sign, now):
        return Part("beat", name, DONE, _("Runs"), _sign(sign))
    mend = _("Start beat again. If Redis does not answer, see to that first: beat can’t hand out work without it.")
    return Part("beat", name, STOP, pgettext("a program", "Stopped"), _sign(sign), mend)


def _mail(found: Found, now: datetime, *, known: bool) -> Part:
    """The server's own answer, then what became of the last mails."""
    name = _("Mail")
    since, failed, takes_mail, waits = _ledger(now) if known else ("", 0, False, False)
    if found.kind == STOP:
        mend = _("Look at EMAIL_HOST and the settings beside it. What the mail server said: %(what)s.")
        return Part("mail", name, STOP, _("Refused"), since, mend % {"what": found.wrong})
    if waits:
        mend = _("For half an hour, no mail server could be reached. Look at EMAIL_HOST and the settings beside it.")
        return Part("mail", name, STOP, _("Does not answer"), since, mend)
    if failed:
        mend = ngettext(
            "%(number)d mail did not go out within a day. The reason stands with it.",
            "%(number)d mails did not go out within a day. The reasons stand with them.",
            failed,
        ) % {"number": failed}
        kind, word = (WARN, _("Some failed")) if takes_mail else (STOP, _("Refused"))
        return Part("mail", name, kind, word, since, mend)
    return Part("mail", name, DONE, _("Takes mail"), since)


def _ledger(now: datetime) -> tuple[str, int, bool, bool]:
    """When the last mail went out, in words; how many failed within a day; whether the server takes mail for all that:
    one went out since the last of them was first tried, or it was the address that was wrong, not the server; and
    whether mail waits for a server for too long.
    """
    failed = Q(state=Reminder.State.FAILED, due_at__gte=now - FAILED_WITHIN)
    waiting = waits_for_server() & Q(due_at__lt=now - UNREACHABLE_FOR)
    row = Reminder.objects.aggregate(
        waiting=Count("pk", filter=waiting),
        sent=Max("sent_at"),
        failed=Count("pk", filter=failed),
        refused_at=Max("due_at", filter=failed & ~Q(error__in=OF_ONE_MAIL)),
    )
    since = _moment(_("last mail sent on %(moment)s UTC"), row["sent"])
    sent, refused_at = row["sent"], row["refused_at"]
    takes_mail = refused_at is None or (sent is not None and sent > refused_at - TRIED_FOR)
    return since, row["failed"], takes_mail, bool(row["waiting"])


def _disk(found: Found) -> Part:
    since = _("%(share)s free") % {"share": found.wrong}
    if found.kind == DONE:
        return Part("disk", _("Disk"), DONE, _("Has room"), since)
    mend = _(
        "Make room, or give the site a bigger disk. The database’s own disk can’t be seen from here: look there, too."
    )
    return Part("disk", _("Disk"), found.kind, _("Nearly full"), since, mend)


def _site_settings() -> Part:
    """The worst of them gives the color."""
    wrong, name = wrong_ones(), _("The site’s settings")
    url, action = reverse("retention:site_settings"), _("See all settings")
    part = Part("site_settings", name, DONE, _("In order"), url=url, action=action)
    if not wrong:
        return part
    kind = STOP if any(one.kind == STOP for one in wrong) else WARN
    return replace(part, kind=kind, word=_wrong(len(wrong)), names=", ".join(one.name for one in wrong))


def _wrong(number: int) -> str:
    return ngettext("%(number)d wrong", "%(number)d wrong", number) % {"number": number}


def _stored(now: datetime, done: dict[str, datetime]) -> list[Part]:
    """What is told by notes and by the database's own settings."""
    return [*(_work(work) for work in works(now, done)), _keys(now), _database_settings()]


def _work(work: Work) -> Part:
    never = _("never done so far") if work.is_late or not work.is_wanted else _("its first turn is still to come")
    since = _moment(_("last done on %(moment)s UTC"), work.done_at) or never
    part = Part(work.kind, work.kind.label, DONE, _("In order"), since)
    if not work.is_wanted:
        mend = _("No backups are written: BACKUP_RECIPIENT is not set. If the disk dies, everything is gone.")
        return replace(part, kind=WARN, word=_("Off"), mend=mend)
    if work.is_late:
        mend = {
            Kind.SCRUB: _("Worker and beat must run. Then manage.py scrub says why it can’t be done."),
            Kind.RETENTION: _(
                "Worker and beat must run. If the clock was wrong, manage.py delete_due makes up for it."
            ),
            Kind.BACKUP: _("Worker and beat must run. Then manage.py backup says why it can’t be done."),
        }[work.kind]
        return replace(part, kind=STOP, word=pgettext("upkeep", "Late"), mend=mend)
    return part


def _keys(now: datetime) -> Part:
    """Behind is as it should be after each change of the keys, until their turn comes."""
    name = _("Copy of the sessions’ keys")
    if not settings.KEY_BACKUP_RECIPIENT:
        mend = _("KEY_BACKUP_RECIPIENT is not set. If the disk with the keys dies, no text can be read any more.")
        return Part("keys", name, WARN, _("Off"), mend=mend)
    if is_current():
        return Part("keys", name, DONE, _("In order"))
    mend = _(
        "It holds other keys than the site. If it stays so for more than 15 minutes, the command backup --keys of"
        " manage.py says why."
    )
    changed_at = keys_changed_at()
    lately = changed_at is not None and now - KEYS_WITHIN <= changed_at <= now + CLOCKS_DIFFER
    return Part("keys", name, WARN if lately else STOP, _("Behind"), mend=mend)


def _database_settings() -> Part:
    name, found = _("The database’s settings"), findings(connection)
    if not found:
        return Part("database_settings", name, DONE, _("In order"))
    mend = _("This PostgreSQL keeps or tells more than the site promises. Whoever runs it should change this:")
    return Part("database_settings", name, STOP, _wrong(len(found)), mend=mend, findings=found)
