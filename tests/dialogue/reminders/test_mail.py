"""What a reminder says, and what it never says."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from accounts.models import OutreachPartner, Participant, User
from dialogue.notes.actions import write_note
from dialogue.reminders.actions import create_default_rules
from dialogue.reminders.mail import build
from dialogue.reminders.models import OF_THE_SITE, Reminder, ReminderRule
from dialogue.sessions.models import DialogueSession, ListenerSeat, State
from tests.factories import make_alias, make_comment, make_round, make_seat, make_session

#: Clocks go back in New York on 1 Nov 2026, in Berlin on 25 Oct: the distance between them is not the usual one.
START = datetime(2026, 10, 28, 22, tzinfo=UTC)


@pytest.fixture
def session(facilitator: User, peer: User) -> DialogueSession:
    made = make_session(
        State.OPEN, [facilitator, peer], starts_at=START, ends_at=START + timedelta(hours=2), title="Stops & searches"
    )
    create_default_rules(made)
    return made


def row(session: DialogueSession, recipient: User | OutreachPartner, kind: str = "before_start") -> Reminder:
    rule = session.reminder_rules.filter(kind=kind)[0]
    who = {"user": recipient} if isinstance(recipient, User) else {"partner": recipient}
    day = "2026-10-28" if kind.endswith("digest") else ""
    return Reminder.objects.create(
        rule=rule, dialogue_session=session, schedule_version=1, due_at=START, occasion=day, **who
    )


def parts(message: EmailMultiAlternatives) -> dict[str, str]:
    found = {}
    for part in message.message().walk():
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            found[part.get_content_type()] = content.decode()
    return found


def test_the_mail_is_in_the_recipient_s_language_with_links_into_it(
    session: DialogueSession, facilitator: User, partner: OutreachPartner
) -> None:
    facilitator.language = partner.language = "es"
    for recipient, link in (
        (facilitator, f"/es/desk/sessions/{session.pk}/"),
        (partner, f"/es/sessions/{session.pk}/"),
    ):
        message = build(row(session, recipient))
        found = parts(message)
        assert "miércoles 28 de octubre de 2026" in message.subject
        assert "miércoles 28 de octubre de 2026, de 6:00 p.m. a 8:00 p.m." in found["text/plain"]
        assert f"http://testserver{link}" in found["text/plain"]
        assert '<html lang="es">' in found["text/html"]
        assert "SUMMARY:Cita" in found["text/calendar"]


@pytest.mark.parametrize(
    ("zone", "subject", "line"),
    [
        (
            "America/New_York",
            "Reminder: Wednesday, October 28, 2026, 6:00 PM (New York)",
            "Wednesday, October 28, 2026, 6:00 PM to 8:00 PM (New York time)",
        ),
        (
            "Europe/Berlin",
            "Reminder: Wednesday, October 28, 2026, 11:00 PM (Berlin)",
            "Wednesday, October 28, 2026, 11:00 PM to Thursday, October 29, 2026, 1:00 AM (Berlin time)",
        ),
        (
            "Asia/Kolkata",
            "Reminder: Thursday, October 29, 2026, 3:30 AM (Kolkata)",
            "Thursday, October 29, 2026, 3:30 AM to 5:30 AM (Kolkata time)",
        ),
    ],
)
def test_times_are_the_recipients_own(
    session: DialogueSession, facilitator: User, zone: str, subject: str, line: str
) -> None:
    facilitator.time_zone = zone
    message = build(row(session, facilitator))
    assert message.subject == subject
    found = parts(message)
    assert line in found["text/plain"]
    assert line in found["text/html"]


def test_the_mail_has_text_html_and_a_neutral_appointment(session: DialogueSession, facilitator: User) -> None:
    sent = row(session, facilitator)
    message = build(sent)
    found = parts(message)
    assert sorted(found) == ["text/calendar", "text/html", "text/plain"]
    assert "“Stops & searches”" in found["text/plain"]
    assert "“Stops &amp; searches”" in found["text/html"]
    assert f"http://testserver/desk/sessions/{session.pk}/" in found["text/plain"]
    (event,) = icalendar.Calendar.from_ical(found["text/calendar"]).walk("VEVENT")
    assert (str(event["summary"]), event.decoded("dtstart"), event.decoded("dtend")) == (
        "Appointment",
        START,
        START + timedelta(hours=2),
    )
    assert "organizer" not in event
    assert "url" not in event
    assert session.pk.hex not in found["text/calendar"].replace("-", "")
    assert message.extra_headers["Message-ID"] == f"<{sent.pk.hex}@seeds.example>"
    assert message.message()["Auto-Submitted"] == "auto-generated"


def test_a_moved_session_moves_the_appointment(session: DialogueSession, facilitator: User) -> None:
    reminder = row(session, facilitator)
    events = []
    for version in (1, 2):
        reminder.about.schedule_version = version
        calendar = icalendar.Calendar.from_ical(parts(build(reminder))["text/calendar"])
        events.append(calendar.walk("VEVENT")[0])
    assert events[0]["uid"] == events[1]["uid"]
    assert [event["sequence"] for event in events] == [1, 2]


def test_every_kind_says_its_own_thing(
    session: DialogueSession, facilitator: User, listener: User, partner: OutreachPartner
) -> None:
    said = {
        "team": build(row(session, facilitator)).body,
        "listener": build(row(session, listener)).body,
        "partner": build(row(session, partner)).body,
        "queue": build(row(session, facilitator, "queue_waits")).body,
        "note": build(row(session, facilitator, "closing_note")).body,
        "team digest": build(row(session, facilitator, "team_digest")).body,
        "seat digest": build(row(session, listener, "seat_digest")).body,
    }
    assert "Hello Rosa Lindqvist," in said["team"]
    assert "You are on its team." in said["team"]
    assert "You asked for a place or have one." in said["listener"]
    assert f"http://testserver/sessions/{session.pk}/\n" in said["listener"]
    assert "Hello Sam Rivera," in said["partner"]
    assert "Please tell the people you give cards to" in said["partner"]
    assert "at least one text has waited longer than the 24 hours you promised" in said["queue"]
    assert "http://testserver/desk/queue/\n" in said["queue"]
    assert "nobody on the team has written the closing note yet" in said["note"]
    assert f"http://testserver/desk/sessions/{session.pk}/notes/new/?closing\n" in said["note"]
    assert "a text waits to be read" in said["team digest"]
    assert "http://testserver/desk/queue/\n" in said["team digest"]
    assert "there is something new for you in “Stops & searches”" in said["seat digest"]
    assert f"http://testserver/room/{session.pk}/\n" in said["seat digest"]


def test_no_mail_holds_anything_of_participants_or_of_what_was_said(
    session: DialogueSession, facilitator: User, listener: User, partner: OutreachPartner, participant: Participant
) -> None:
    alias = make_alias(session, participant, name="MARKER-NAME")
    round_ = make_round(session)
    make_comment(round_, alias, text="MARKER-TEXT")
    write_note(session=session, text="MARKER-NOTE", shared=True, by=facilitator)
    make_seat(session, listener, ListenerSeat.State.APPLIED)
    for recipient in (facilitator, listener, partner):
        for kind in set(ReminderRule.Kind) - set(OF_THE_SITE):  # which know of no session
            message = build(row(session, recipient, kind))
            whole = f"{parts(message)} {message.message().items()}"
            for secret in ("MARKER", str(alias.pk), str(participant.pk), participant.alias_key.hex()):
                assert secret not in whole


def test_a_name_can_not_add_a_header(session: DialogueSession, facilitator: User) -> None:
    facilitator.name = "Rosa\nBcc: everybody@team.example"
    message = build(row(session, facilitator))
    message.send()
    assert mail.outbox[0].recipients() == [facilitator.email]
    assert "Bcc" not in mail.outbox[0].message()
