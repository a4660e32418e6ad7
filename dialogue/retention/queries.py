"""What people are told of what goes when, and what stops it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Participant, Role
from dialogue.audit.models import AuditEvent
from dialogue.retention.models import Hold, Upkeep
from dialogue.retention.policies import HOLDABLE, Dates, dates
from dialogue.sessions.models import DialogueSession, ListenerSeat, State
from dialogue.sessions.policies import may_lead
from dialogue.sessions.queries import own_aliases
from dialogue.sessions.times import day_bounds

if TYPE_CHECKING:
    from dialogue.sessions.models import Viewer

Words = str | Promise
HEAD = (_("What"), _("When it goes"), _("Who can read it till then"))


@dataclass(frozen=True)
class Line:
    """One thing that is kept: when it goes, and who can read it until then. `stops`: a hold stops its going."""

    what: Words
    when: Words
    who: Words
    stops: bool = False


def readable_by(viewer: "Viewer") -> QuerySet[DialogueSession]:
    """Sessions of which this viewer may read what goes when: those he may see, and those where he has or had a place.

    A purged one answers to whoever still knows its address, if it was ever public.
    """
    visible = Q(pk__in=DialogueSession.objects.visible_to(viewer).order_by().values("pk"))
    over = Q(state=State.PURGED, announced_at__isnull=False)
    if isinstance(viewer, Participant):
        mine = Q(pk__in=own_aliases(viewer).values("dialogue_session"))
    else:
        mine = Q(pk__in=ListenerSeat.objects.filter(listener=viewer.pk).values("dialogue_session"))
    return DialogueSession.objects.filter(visible | over | mine)


def hold_in_force(dialogue_session: DialogueSession) -> Hold | None:
    """What stops the deletion in this session now."""
    return dialogue_session.holds.in_force().first()


def earlier_holds(dialogue_session: DialogueSession) -> list[Hold]:
    """Those that were lifted, the oldest first."""
    return list(dialogue_session.holds.filter(lifted_on__isnull=False))


def is_told_looks(viewer: "Viewer", dialogue_session: DialogueSession) -> bool:
    """Whether this viewer is told how often staff looked: who has a place as a participant, the team, operators.

    Not listeners and strangers: a number that grows would tell them on which days people write.
    """
    if isinstance(viewer, Participant):
        return own_aliases(viewer).filter(dialogue_session=dialogue_session).exists()
    return getattr(viewer, "role", "") == Role.OPERATOR or may_lead(viewer, dialogue_session)


def looks(dialogue_session: DialogueSession, now: datetime | None = None) -> int:
    """How often staff opened words that were not released, by the audit log, until the end of yesterday."""
    midnight, _tomorrow = day_bounds(now or timezone.now(), dialogue_session.time_zone)
    verbs = (AuditEvent.Verb.READ_HELD, AuditEvent.Verb.READ_NOTES)
    return AuditEvent.objects.filter(verb__in=verbs, dialogue_session=dialogue_session.pk, at__lt=midnight).count()


# --- The table -----------------------------------------------------------------------------------------------------


def shown(day: date | None) -> str:
    """A date in words."""
    return date_format(day, "DATE_FORMAT") if day else ""


def lines(dialogue_session: DialogueSession) -> list[Line]:
    """What is kept of this session, in the order in which it goes."""
    when = dates(dialogue_session)
    if dialogue_session.state == State.PURGED:
        return [*_after_the_purge(when), *_apart(), *_stays()]
    return [_unread(), *_words(when), *_after_the_purge(when), *_apart(), *_stays()]


def _unread() -> Line:
    return Line(
        _("A text that no one on our team has read"),
        _("14 days after you send it. Then you get it back."),
        _("You and the facilitators"),
    )


def _words(when: Dates | None) -> list[Line]:
    at_end = {
        "notes": _("14 days after the talk ends"),
        "seal": _("30 days after the talk ends"),
        "purge": _("60 to 74 days after the talk ends. We draw the day when it ends."),
    }
    told = {name: shown(getattr(when, name)) or text if when else text for name, text in at_end.items()}
    return [
        Line(_("Notes of the facilitators"), told["notes"], _("Who wrote it. The team, if it is shared."), stops=True),
        Line(
            _("What leads from you to your name here, and who was kept out"),
            told["seal"],
            _("No one. The site uses it to let you in."),
            stops=True,
        ),
        Line(_("Texts of participants that never came out"), told["seal"], _("You and the facilitators"), stops=True),
        Line(_("All words and all names in this talk"), told["purge"], _("All who are in this talk"), stops=True),
    ]


def _after_the_purge(when: Dates | None) -> list[Line]:
    mails: Words = _("90 days after the talk ends")
    copies: Words = _("7 days after the words. By then they can’t be read, as their key is gone.")
    if when:
        mails = shown(when.reminders)
        copies = (
            format_lazy(_("{day}. By then they can’t be read, as their key is gone."), day=shown(when.backups))
            if when.backups
            else copies
        )
    return [
        Line(_("Copies of it all (backups)"), copies, _("No one. We use them to mend the site."), stops=True),
        Line(_("The list of mails to staff, police and partners"), mails, _("The facilitators"), stops=True),
    ]


def _apart() -> list[Line]:
    return [
        Line(
            _("The list of what our team did"),
            _("One year after each act"),
            _("Our team. It does not say whose text it was."),
            stops=True,
        ),
        Line(
            _("Your account"),
            _("When you delete it. Or when you don’t sign in until the end of next year."),
            _("No one without your seven words"),
        ),
    ]


def _stays() -> list[Line]:
    return [
        Line(
            _("The report, if one comes out"),
            _("It stays. One that is not out by then goes with the words."),
            _("Anyone. It quotes only what its author said yes to."),
        ),
        Line(
            _("What the talk was about, when it was, who led it, who came to listen"),
            _("It stays."),
            _("Anyone, while the talk is on the site. After that our team."),
        ),
        Line(
            _("What the listeners admit, in their own names"),
            _("It stays."),
            _("All in this talk. After that the listener and our team."),
        ),
    ]


def table(dialogue_session: DialogueSession, hold: Hold | None) -> list[list[dict[str, Words]]]:
    """The lines as components/table.html takes them. Under a hold, what is stopped says so."""
    stopped = _("Stopped for now. If not: {when}")
    return [
        [
            {"text": line.what, "label": HEAD[0]},
            {"text": format_lazy(stopped, when=line.when) if hold and line.stops else line.when, "label": HEAD[1]},
            {"text": line.who, "label": HEAD[2]},
        ]
        for line in lines(dialogue_session)
    ]


# --- The operator's list -------------------------------------------------------------------------------------------


def holdable() -> QuerySet[DialogueSession]:
    """Sessions in which something could be stopped, each with its hold in force as `stops`: the next to go first."""
    in_force = Prefetch("holds", Hold.objects.in_force(), to_attr="stops")
    sessions = DialogueSession.objects.filter(state__in=HOLDABLE).prefetch_related(in_force)
    return sessions.order_by(F("purge_on").asc(nulls_last=True), "starts_at", "pk")


def last_run() -> datetime | None:
    """When all that was due was last deleted."""
    return Upkeep.objects.filter(kind=Upkeep.Kind.RETENTION).values_list("done_at", flat=True).first()
