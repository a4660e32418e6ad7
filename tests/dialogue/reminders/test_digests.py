"""The digests at nine: who gets one, about what, once a day; and what they never tell."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from pytest_django import Settings

from accounts.models import Participant, Pledge, User
from dialogue.audit.models import AuditEvent
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.planning import plan_reminders
from dialogue.reminders.post import NoServer, Post
from dialogue.reminders.sending import send_due
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads.models import Comment
from dialogue.threads.periods import period_at
from seeds.mailsink import MailSink
from tests.factories import make_alias, make_comment, make_round, make_seat, make_session

ZONE = "America/Phoenix"  # its clocks never change
#: In two days: pledges and agreements made today are in force.
NINE = datetime.combine(datetime.now(UTC).date() + timedelta(days=2), time(9), ZoneInfo(ZONE)).astimezone(UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
Verb = AuditEvent.Verb


@pytest.fixture
def session(facilitator: User, peer: User, listener: User) -> DialogueSession:
    """Open since two days, in Phoenix, texts read within 24 hours; one listener."""
    made = make_session(State.OPEN, [facilitator, peer], starts_at=NINE - timedelta(days=2), time_zone=ZONE)
    make_seat(made, listener)
    return made


@pytest.fixture
def dialogue(session: DialogueSession) -> Round:
    return make_round(session, RoundKind.DIALOGUE)


def tick(now: datetime) -> list[str]:
    """One beat at this moment; the addresses to which it sent."""
    mail.outbox.clear()
    with time_machine.travel(now):
        plan_reminders(now)
        send_due(now)
    return sorted(address for message in mail.outbox for address in message.to)


def plan(now: datetime) -> None:
    """The first half of a beat."""
    with time_machine.travel(now):
        plan_reminders(now)


def ticks(*moments: datetime) -> list[int]:
    return [len(tick(moment)) for moment in moments]


def change(session: DialogueSession, **fields: object) -> None:
    DialogueSession.objects.filter(pk=session.pk).update(**fields)


def waits(round: Round, since: datetime, **fields: Any) -> Comment:
    """A held text, handed in at about this moment."""
    return make_comment(round, period=period_at(since), **fields)


def act(session: DialogueSession, verb: Verb, at: datetime, detail: str = "") -> None:
    """What a facilitator did, in the log as the log keeps it."""
    at = at.replace(minute=0, second=0)
    AuditEvent.objects.create(verb=verb, actor=session.created_by_id, dialogue_session=session.pk, detail=detail, at=at)


def told() -> str:
    return "\n".join(str(message.body) for message in mail.outbox)


class TestTeam:
    def test_once_a_day_while_texts_wait(
        self, session: DialogueSession, dialogue: Round, facilitator: User, peer: User
    ) -> None:
        for _ in range(3):
            waits(dialogue, NINE - 6 * HOUR)
        assert tick(NINE - SECOND) == []
        assert tick(NINE) == sorted((facilitator.email, peer.email))
        assert "3 texts wait to be read" in told()
        assert ticks(NINE + SECOND, NINE + HOUR) == [0, 0]

    def test_nothing_waits_nothing_comes(self, session: DialogueSession, dialogue: Round) -> None:
        make_comment(dialogue, state="approved")
        assert tick(NINE) == []
        assert not Reminder.objects.exists()

    @pytest.mark.promise("P8")
    def test_a_text_handed_in_after_nine_triggers_nothing_that_day(
        self, session: DialogueSession, dialogue: Round
    ) -> None:
        """Beat looks every minute: none of its looks may tell that somebody has just written."""
        assert tick(NINE) == []
        waits(dialogue, NINE + HOUR)
        assert ticks(NINE + HOUR, NINE + 5 * HOUR, NINE + 11 * HOUR) == [0, 0, 0]
        assert len(tick(NINE + DAY)) == 2

    @pytest.mark.promise("P8")
    def test_late_mail_counts_what_was_there_at_nine(self, session: DialogueSession, dialogue: Round) -> None:
        waits(dialogue, NINE - 6 * HOUR)
        for _ in range(4):
            waits(dialogue, NINE + HOUR)
        assert len(tick(NINE + 6 * HOUR)) == 2  # beat was down
        assert "1 text waits to be read" in told()

    def test_read_meanwhile_it_is_dropped(self, session: DialogueSession, dialogue: Round) -> None:
        comment = waits(dialogue, NINE - 6 * HOUR)
        plan(NINE)
        Comment.objects.filter(pk=comment.pk).update(state="approved", period=None)
        assert tick(NINE + SECOND) == []
        assert set(Reminder.objects.values_list("state", flat=True)) == {"dropped"}

    def test_the_nudge_takes_its_place(self, session: DialogueSession, dialogue: Round) -> None:
        waits(dialogue, NINE - 48 * HOUR)
        assert len(tick(NINE)) == 2
        assert "longer than the 24 hours you promised" in told()
        assert set(Reminder.objects.values_list("rule__kind", flat=True)) == {"queue_waits"}

    def test_texts_of_somebody_removed_do_not_count(self, session: DialogueSession, dialogue: Round) -> None:
        waits(dialogue, NINE - 6 * HOUR)
        Alias.objects.update(removed=True)
        assert tick(NINE) == []


class TestListeners:
    def test_once_after_a_release(self, session: DialogueSession, listener: User) -> None:
        act(session, Verb.RELEASE, NINE - 5 * HOUR, "2 texts")
        assert tick(NINE - SECOND) == []
        assert tick(NINE) == [listener.email]
        assert "Texts came out that you can read." in told()
        assert ticks(NINE + HOUR, NINE + DAY) == [0, 0]

    def test_a_release_after_nine_is_told_the_next_morning(self, session: DialogueSession) -> None:
        act(session, Verb.RELEASE, NINE + timedelta(minutes=20), "2 texts")
        assert ticks(NINE + HOUR, NINE + 11 * HOUR, NINE + DAY, NINE + 2 * DAY) == [0, 0, 1, 0]

    def test_nothing_is_lost_when_beat_was_away_for_days(self, session: DialogueSession) -> None:
        act(session, Verb.RELEASE, NINE - 5 * HOUR)
        assert tick(NINE) != []
        act(session, Verb.RELEASE, NINE + 2 * HOUR)
        assert ticks(NINE + 3 * DAY + 13 * HOUR, NINE + 4 * DAY, NINE + 5 * DAY) == [0, 1, 0]

    def test_nothing_is_lost_when_the_mail_server_was_away_for_a_day(
        self, session: DialogueSession, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(_post: Post, _mail: EmailMessage) -> None:
            raise NoServer

        act(session, Verb.RELEASE, NINE - 2 * HOUR)
        with monkeypatch.context() as patch:
            patch.setattr(Post, "send", away)
            assert ticks(NINE, NINE + 23 * HOUR, NINE + DAY) == [0, 0, 0]
        assert ticks(NINE + DAY + HOUR, NINE + 2 * DAY) == [1, 0]
        rows = Reminder.objects.order_by("occasion").values_list("state", flat=True)
        assert list(rows) == ["failed", "sent"]

    def test_nothing_is_lost_when_the_session_was_paused_meanwhile(self, session: DialogueSession) -> None:
        act(session, Verb.RELEASE, NINE - 2 * HOUR)
        plan(NINE)
        change(session, paused=True, pause_reason="Storm")
        assert tick(NINE + DAY) == []
        change(session, paused=False, pause_reason="")
        assert ticks(NINE + DAY + HOUR, NINE + 2 * DAY) == [1, 0]

    def test_each_hour_falls_into_one_window_in_any_time_zone(self, session: DialogueSession) -> None:
        """Nine in Kolkata is 3:30 UTC: a release at 3:45 is noted as of 3."""
        change(session, time_zone="Asia/Kolkata")
        nine = NINE.replace(hour=3, minute=30)
        act(session, Verb.RELEASE, nine + timedelta(minutes=15))
        assert ticks(nine, nine + HOUR, nine + DAY, nine + 2 * DAY) == [0, 0, 1, 0]

    def test_it_is_their_turn(self, session: DialogueSession, dialogue: Round) -> None:
        act(session, Verb.MOVE_ROUND, NINE - 3 * HOUR, f"{dialogue.number} open")
        assert len(tick(NINE)) == 1
        assert "A round has begun in which you may write." in told()
        assert "Texts came out" not in told()

    @pytest.mark.parametrize(
        ("kind", "detail"),
        [(RoundKind.LISTENING, "1 open"), (RoundKind.DIALOGUE, "1 done"), (RoundKind.DIALOGUE, "2 open")],
    )
    def test_it_is_not(self, session: DialogueSession, kind: RoundKind, detail: str) -> None:
        make_round(session, kind)
        act(session, Verb.MOVE_ROUND, NINE - 3 * HOUR, detail)
        assert tick(NINE) == []

    @pytest.mark.promise("P8")
    def test_nothing_that_a_participant_does_triggers_one(self, session: DialogueSession, dialogue: Round) -> None:
        tick(NINE - DAY)
        alias = make_alias(session)
        for state in Comment.State.values:
            make_comment(dialogue, alias, state=state)
        assert session.reminder_rules.get(kind="seat_digest").reminders.count() == 0
        tick(NINE)
        assert session.reminder_rules.get(kind="seat_digest").reminders.count() == 0

    @pytest.mark.parametrize("state", ["left", "not_placed"])
    def test_only_with_a_place(self, session: DialogueSession, listener: User, state: str) -> None:
        act(session, Verb.RELEASE, NINE - 5 * HOUR)
        plan(NINE)
        ListenerSeat.objects.update(state=state)
        assert tick(NINE + SECOND) == []
        assert set(Reminder.objects.values_list("state", flat=True)) == {"dropped"}

    def test_not_to_a_listener_who_can_not_come_in(self, session: DialogueSession) -> None:
        Pledge.objects.all().delete()
        act(session, Verb.RELEASE, NINE - 5 * HOUR)
        assert tick(NINE) == []

    def test_another_sessions_release(self, session: DialogueSession) -> None:
        act(make_session(State.OPEN, starts_at=NINE - DAY), Verb.RELEASE, NINE - 5 * HOUR)
        assert tick(NINE) == []


@pytest.fixture
def news(session: DialogueSession, dialogue: Round) -> DialogueSession:
    """Something is there for everybody."""
    waits(dialogue, NINE - 6 * HOUR)
    act(session, Verb.RELEASE, NINE - 5 * HOUR)
    return session


def test_paused_they_wait_and_come_when_it_goes_on(news: DialogueSession) -> None:
    change(news, paused=True, pause_reason="Storm")
    assert tick(NINE) == []
    change(news, paused=False, pause_reason="")
    assert len(tick(NINE + HOUR)) == 3


def test_paused_between_planning_and_sending(news: DialogueSession) -> None:
    plan(NINE)
    change(news, paused=True, pause_reason="Storm")
    assert tick(NINE + SECOND) == []
    assert tick(NINE + DAY + SECOND) == []
    assert set(Reminder.objects.values_list("state", flat=True)) == {"dropped"}


@pytest.mark.parametrize(
    "fields", [{"state": "purged", "closed_at": NINE}, {"state": "cancelled", "cancel_reason": "Few"}]
)
def test_dropped_once_the_session_is_gone(news: DialogueSession, fields: dict[str, object]) -> None:
    plan(NINE)
    assert Reminder.objects.count() == 3
    change(news, **fields)
    assert tick(NINE + SECOND) == []
    assert set(Reminder.objects.values_list("state", flat=True)) == {"dropped"}


def test_switched_off(news: DialogueSession) -> None:
    tick(NINE - DAY)
    ReminderRule.objects.filter(kind__endswith="digest").update(active=False)
    assert tick(NINE) == []


@pytest.fixture
def sink(settings: Settings, tmp_path: Path) -> Iterator[MailSink]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    server = MailSink("127.0.0.1", port, tmp_path / "mail")
    server.start()
    yield server
    server.stop()


def text_of(message: Message) -> str:
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return "\n".join(part.decode() for part in parts if isinstance(part, bytes)) + str(message.items())


def test_over_the_wire_they_tell_no_words_no_names_and_no_number_of_people(
    news: DialogueSession, dialogue: Round, sink: MailSink, participant: Participant
) -> None:
    alias = make_alias(news, participant, name="MARKER-NAME")
    waits(dialogue, NINE - 6 * HOUR, alias=alias, text="MARKER-TEXT")
    with time_machine.travel(NINE):
        plan_reminders(NINE)
        assert send_due(NINE) == 3
    messages = [message_from_bytes(path.read_bytes()) for path in sink.messages()]
    assert sorted(str(message["Subject"]) for message in messages) == [
        "Today: something is new",
        "Today: texts wait to be read",
        "Today: texts wait to be read",
    ]
    for message in messages:
        whole = text_of(message)
        for secret in ("MARKER", str(alias.pk), str(dialogue.pk), "participant", "batch"):
            assert secret not in whole
        assert "at most once a day, at nine" in whole
