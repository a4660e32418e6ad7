"""What a reminder says. Never a word from the session, never anything about participants."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts.models import OutreachPartner, Role, User
from dialogue.commitments.policies import answers_for
from dialogue.reminders import commitments, expiry
from dialogue.reminders.digests import news, texts_waiting
from dialogue.reminders.models import Reminder
from dialogue.reminders.policies import Kind
from dialogue.resources.models import Resource
from dialogue.sessions import times
from dialogue.sessions.models import DialogueSession

APPOINTMENTS = uuid.UUID("6a1f9a52-5f0c-4c55-9f0c-1f6f5b5a3c0e")  # the namespace of calendar entries' ids


def message_id(row: Reminder) -> str:
    """The same for every try: a mail program that gets a mail twice knows it for the same one."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{row.pk.hex}@{domain}>"


def recipient(row: Reminder) -> User | OutreachPartner:
    """Whom the mail is for."""
    found = row.user or row.partner
    if found is None:
        raise ValueError("a reminder without a recipient")
    return found


def appointment(dialogue_session: DialogueSession) -> bytes:
    """An .ics with a neutral title. A later one for the same session moves the entry instead of adding another."""
    entry = Event()
    entry.add("uid", str(uuid.uuid5(APPOINTMENTS, dialogue_session.pk.hex)))
    entry.add("sequence", dialogue_session.schedule_version)
    entry.add("dtstamp", times.STAMP)
    entry.add("summary", _("Appointment"))
    entry.add("dtstart", dialogue_session.starts_at.astimezone(UTC))
    entry.add("dtend", dialogue_session.ends_at.astimezone(UTC))
    calendar = Calendar()
    calendar.add("prodid", "-//-//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _subject(kind: str, starts: str) -> str:
    return {
        Kind.QUEUE_WAITS: _("Reminder: the reading time is up"),
        Kind.CLOSING_NOTE: _("Reminder: a note is missing"),
        Kind.TEAM_DIGEST: _("Today: texts wait to be read"),
        Kind.SEAT_DIGEST: _("Today: something is new"),
        Kind.EXPIRY: _("Reminder: something runs out"),
        Kind.COMMITMENT_DUE: _("Reminder: a promise is due soon"),
        Kind.COMMITMENT_LATE: _("Reminder: a promise is overdue"),
        Kind.STALE_RESOURCES: _("Reminder: help lines to check"),
    }.get(Kind(kind), _("Reminder: %(starts)s") % {"starts": starts})


RENEWED_AT = {
    expiry.PLEDGE: "accounts:pledge",
    expiry.CHECK: "accounts:listener_home",
    expiry.AGREEMENT: "accounts:agreement",
}


def _link(row: Reminder) -> str:
    pk = row.dialogue_session_id
    if row.rule.kind == Kind.EXPIRY:
        path = reverse(RENEWED_AT[row.occasion.split()[0]])
    elif row.rule.kind in (Kind.COMMITMENT_DUE, Kind.COMMITMENT_LATE):
        path = reverse("commitments:promise", args=[row.occasion.split()[1]])
    elif row.rule.kind == Kind.STALE_RESOURCES:
        path = reverse("resources:list")
    elif row.rule.kind in (Kind.QUEUE_WAITS, Kind.TEAM_DIGEST):
        path = reverse("moderation:queue")
    elif row.rule.kind == Kind.CLOSING_NOTE:
        path = reverse("notes:create", args=[pk]) + "?closing"
    elif row.rule.kind == Kind.SEAT_DIGEST:
        path = reverse("threads:room", args=[pk])
    elif row.user and row.user.role == Role.FACILITATOR:
        path = reverse("sessions:manage", args=[pk])
    else:
        path = reverse("sessions:detail", args=[pk])
    return f"{settings.SITE_URL}{path}"


def _digest(row: Reminder) -> dict[str, Any]:
    """What a digest tells besides; nothing for the other kinds."""
    if row.rule.kind == Kind.TEAM_DIGEST:
        return {"waiting": texts_waiting(row.about, date.fromisoformat(row.occasion))}
    if row.rule.kind == Kind.SEAT_DIGEST:
        return {"news": news(row.rule, date.fromisoformat(row.occasion))}
    return {}


def _context(row: Reminder) -> dict[str, Any]:
    person = recipient(row)
    more = ABOUT.get(Kind(row.rule.kind))
    return {
        "name": person.name if isinstance(person, User) else person.contact_name,
        "role": person.role if isinstance(person, User) else "partner",
        "link": _link(row),
        "site": {"name": settings.SITE_NAME, "operator": settings.SITE_OPERATOR, "contact": settings.SITE_CONTACT},
    } | (more(row) if more else _of_session(row, person.time_zone))


def _day(day: date) -> str:
    return times.day(datetime.combine(day, time()))


def _of_promise(row: Reminder) -> dict[str, Any]:
    what, last_day = row.occasion.split()
    return {"what": what, "day": _day(date.fromisoformat(last_day)), "starts": "", "zone": ""}


def _of_commitment(row: Reminder) -> dict[str, Any]:
    commitment = commitments.commitment_of(row)
    person = recipient(row)
    may_tell = isinstance(person, User) and answers_for(person, commitment)  # else the page would not open to them
    return {
        "commitment": commitment,
        "is_owner": person == commitment.owner,
        "day": _day(commitment.due_on),
        "news": f"{settings.SITE_URL}{reverse('commitments:news', args=[commitment.pk])}" if may_tell else "",
        "starts": "",
        "zone": "",
    }


def _of_help_lines(row: Reminder) -> dict[str, Any]:
    stale = Resource.objects.stale(row.due_at.date())
    return {"lines": [(line.name, _day(line.verified_on)) for line in stale], "starts": "", "zone": ""}


#: What the mails say that are not about a session.
ABOUT: dict[Kind, Callable[[Reminder], dict[str, Any]]] = {
    Kind.EXPIRY: _of_promise,
    Kind.COMMITMENT_DUE: _of_commitment,
    Kind.COMMITMENT_LATE: _of_commitment,
    Kind.STALE_RESOURCES: _of_help_lines,
}


def _of_session(row: Reminder, zone: str) -> dict[str, Any]:
    dialogue_session = row.about
    return {
        "title": dialogue_session.title,
        "starts": f"{times.day(times.local(dialogue_session.starts_at, zone))},"
        f" {times.hour(times.local(dialogue_session.starts_at, zone))}",
        "span": times.span(dialogue_session.starts_at, dialogue_session.ends_at, zone),
        "zone": times.zone_name(zone),
        "reading_hours": dialogue_session.reading_hours,
        **_digest(row),
    }


def build(row: Reminder) -> EmailMultiAlternatives:
    """The mail for one row: plain text and HTML, in the recipient's language and time zone, with the appointment."""
    with translation.override(recipient(row).language):
        context = _context(row)
        template = f"mail/reminders/{row.rule.kind}"
        mail = EmailMultiAlternatives(
            subject=_subject(row.rule.kind, f"{context['starts']} ({context['zone']})"),
            body=render_to_string(f"{template}.txt", context),
            to=[recipient(row).email],
            headers={"Message-ID": message_id(row), "Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
        if row.rule.kind == Kind.BEFORE_START:
            mail.attach("appointment.ics", appointment(row.about).decode(), "text/calendar")
    return mail
