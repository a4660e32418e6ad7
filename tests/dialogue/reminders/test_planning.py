"""Who is reminded of what, and when: by the clock, for late joiners, short notice, moves and pauses."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.models import OutreachPartner, User
from dialogue.notes.actions import write_note
from dialogue.reminders import actions
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.planning import plan_reminders
from dialogue.reminders.sending import send_due
from dialogue.sessions.models import DialogueSession, ListenerSeat, State
from tests.factories import (
    make_comment,
    make_facilitator,
    make_listener,
    make_partner,
    make_round,
    make_seat,
    make_session,
)

START = datetime(2026, 6, 10, 18, tzinfo=UTC)
WEEK, DAY, HOUR = timedelta(days=7), timedelta(days=1), timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def session(facilitator: User, peer: User) -> DialogueSession:
    return make_session(State.ANNOUNCED, [facilitator, peer], starts_at=START)


def tick(now: datetime) -> list[str]:
    """One beat at this moment; the addresses to which it sent."""
    mail.outbox.clear()
    plan_reminders(now)
    send_due(now)
    return sorted(address for message in mail.outbox for address in message.to)


def ticks(*moments: datetime) -> list[list[str]]:
    return [tick(moment) for moment in moments]


def states(**where: object) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Reminder.objects.filter(**where).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def change(session: DialogueSession, **fields: object) -> None:
    DialogueSession.objects.filter(pk=session.pk).update(**fields)


def mails(*people: User | OutreachPartner) -> list[str]:
    return sorted(person.email for person in people)


def test_a_week_a_day_and_an_hour_before_each_once(session: DialogueSession, facilitator: User, peer: User) -> None:
    team = mails(facilitator, peer)
    assert ticks(
        START - timedelta(days=9),
        START - WEEK - SECOND,
        START - WEEK,
        START - WEEK + SECOND,
        START - DAY - SECOND,
        START - DAY,
        START - DAY + SECOND,
        START - HOUR - SECOND,
        START - HOUR,
        START - HOUR + SECOND,
        START,
        START + HOUR,
    ) == [[], [], team, [], [], team, [], [], team, [], [], []]
    assert states() == {"sent": 6}


def test_team_listeners_and_partners_are_reminded_and_nobody_else(
    session: DialogueSession, facilitator: User, peer: User, other_facilitator: User, operator: User, listener: User
) -> None:
    applied, declined, left, gone = (make_listener() for _ in range(4))
    make_seat(session, listener)
    make_seat(session, applied, ListenerSeat.State.APPLIED)
    make_seat(session, declined, ListenerSeat.State.NOT_PLACED)
    make_seat(session, left, ListenerSeat.State.LEFT)
    make_seat(session, gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    partner = make_partner()
    make_partner(is_active=False)
    make_listener()
    assert tick(START - WEEK) == mails(facilitator, peer, listener, applied, partner)


@pytest.mark.parametrize("state", [State.DRAFT, State.FOLLOW_UP, State.PURGED, State.CANCELLED])
def test_nothing_is_planned_for_sessions_not_to_come(facilitator: User, state: State) -> None:
    make_session(state, [facilitator], starts_at=START)
    assert tick(START - DAY) == []
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("state", [State.ANNOUNCED, State.PREPARING, State.OPEN])
def test_sessions_to_come_get_the_default_rules_once(facilitator: User, state: State) -> None:
    session = make_session(state, [facilitator], starts_at=START)
    ticks(START - timedelta(days=9), START - timedelta(days=9))
    rules = ReminderRule.objects.filter(dialogue_session=session).order_by("kind", "before")
    assert list(rules.values_list("kind", "before", "active")) == [
        ("before_start", HOUR, True),
        ("before_start", DAY, True),
        ("before_start", WEEK, True),
        ("closing_note", None, True),
        ("queue_waits", None, True),
        ("seat_digest", None, True),
        ("team_digest", None, True),
    ]


def test_removed_rules_stay_removed(session: DialogueSession, facilitator: User) -> None:
    tick(START - timedelta(days=30))
    with_time = ReminderRule.objects.filter(kind="before_start")
    with_time.delete()
    tick(START - timedelta(days=20))
    assert not with_time.exists()


@pytest.mark.parametrize(
    ("announced", "at_once"),
    [
        (START - timedelta(days=3), 2),
        (START - timedelta(hours=5), 2),
        (START - timedelta(minutes=10), 2),
        (START - SECOND, 2),
        (START, 0),
        (START + DAY, 0),
    ],
)
def test_short_notice_sends_one_mail_at_once(session: DialogueSession, announced: datetime, at_once: int) -> None:
    assert [len(tick(announced)), len(tick(announced))] == [at_once, 0]


def test_after_short_notice_the_nearer_ones_still_come(session: DialogueSession) -> None:
    moments = (START - timedelta(days=3), START - DAY, START - HOUR)
    assert [len(sent) for sent in ticks(*moments)] == [2, 2, 2]
    assert states() == {"sent": 6}


def test_a_beat_that_was_down_skips_nothing_and_doubles_nothing(session: DialogueSession) -> None:
    tick(START - timedelta(days=8))
    late = tick(START - timedelta(days=5))
    assert len(late) == 2
    later = tick(START - timedelta(minutes=20))  # the day and the hour passed meanwhile: one mail says it all
    assert len(later) == 2
    assert states() == {"sent": 4, "dropped": 2}
    assert states(rule__before=DAY) == {"dropped": 2}


def test_a_beat_that_was_down_until_after_the_start_sends_nothing(session: DialogueSession) -> None:
    tick(START - timedelta(days=8))
    assert tick(START + SECOND) == []
    assert states() == {"dropped": 6}


def test_a_late_joiner_gets_the_next_ones(
    session: DialogueSession, facilitator: User, peer: User, listener: User
) -> None:
    tick(START - WEEK)
    make_seat(session, listener)
    assert tick(START - timedelta(days=6)) == []
    assert tick(START - DAY) == mails(facilitator, peer, listener)


def test_who_left_gets_none_and_who_came_back_the_next(session: DialogueSession, listener: User) -> None:
    seat = make_seat(session, listener)
    tick(START - timedelta(days=8))
    ListenerSeat.objects.filter(pk=seat.pk).update(state=ListenerSeat.State.LEFT)
    assert listener.email not in tick(START - WEEK)
    assert states(user=listener) == {"dropped": 3}
    ListenerSeat.objects.filter(pk=seat.pk).update(state=ListenerSeat.State.SEATED)
    assert listener.email not in tick(START - timedelta(days=5))
    assert listener.email in tick(START - DAY)
    assert states(user=listener) == {"dropped": 1, "sent": 1, "due": 1}


def places() -> list[tuple]:
    """Where the ledger's rows lie in the table: writing a row moves it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text FROM dialogue_reminder ORDER BY id")
        return cursor.fetchall()


def test_planning_again_changes_nothing(session: DialogueSession, listener: User) -> None:
    """Dropped rows stay dropped, instead of being taken up and dropped at every tick."""
    seat = make_seat(session, listener)
    tick(START - timedelta(days=8))
    ListenerSeat.objects.filter(pk=seat.pk).update(state=ListenerSeat.State.LEFT)
    tick(START - timedelta(days=8))
    before = places()
    plan_reminders(START - timedelta(days=8))
    assert places() == before
    assert states(user=listener) == {"dropped": 3}


def test_a_postponed_session_reminds_anew_of_the_new_time_only(session: DialogueSession) -> None:
    tick(START - WEEK)
    later = START + timedelta(days=14)
    change(session, starts_at=later, ends_at=later + DAY, schedule_version=2)
    assert ticks(START - DAY, START - HOUR) == [[], []]
    assert states(schedule_version=1) == {"sent": 2, "dropped": 4}
    assert [len(sent) for sent in ticks(later - WEEK, later - DAY, later - HOUR)] == [2, 2, 2]
    assert states(schedule_version=2) == {"sent": 6}


def test_a_postponement_by_hours_tells_at_once(session: DialogueSession) -> None:
    tick(START - DAY)
    later = START + timedelta(hours=5)
    change(session, starts_at=later, ends_at=later + DAY, schedule_version=2)
    assert len(tick(START - timedelta(hours=12))) == 2
    assert len(tick(later - HOUR)) == 2


def test_a_paused_session_is_silent_and_goes_on_with_one_mail(session: DialogueSession) -> None:
    tick(START - timedelta(days=8))
    change(session, paused=True, pause_reason="Illness")
    assert ticks(START - WEEK, START - DAY) == [[], []]
    assert states() == {"due": 4, "dropped": 2}  # the day's mail says what the week's would have said
    change(session, paused=False, pause_reason="")
    assert len(tick(START - timedelta(hours=20))) == 2
    assert states() == {"dropped": 2, "sent": 2, "due": 2}


def test_a_cancelled_session_is_silent_for_good(session: DialogueSession) -> None:
    tick(START - timedelta(days=8))
    change(session, state=State.CANCELLED, cancel_reason="Too few")
    assert ticks(START - WEEK, START - DAY, START - HOUR) == [[], [], []]
    assert states() == {"dropped": 6}


def test_a_rule_switched_off_is_silent_and_switched_on_it_comes_back(
    session: DialogueSession, facilitator: User
) -> None:
    tick(START - timedelta(days=8))
    week, day = session.reminder_rules.get(before=WEEK), session.reminder_rules.get(before=DAY)
    for rule in (week, day):
        ReminderRule.objects.filter(pk=rule.pk).update(active=False)
    assert tick(START - WEEK) == []
    assert states() == {"dropped": 4, "due": 2}
    ReminderRule.objects.all().update(active=True)
    assert tick(START - timedelta(days=6)) == []
    assert len(tick(START - DAY)) == 2


def test_a_rule_added_later_is_planned(session: DialogueSession, facilitator: User, time_machine: Callable) -> None:
    tick(START - timedelta(days=8))
    ReminderRule.objects.create(dialogue_session=session, kind="before_start", before=timedelta(hours=6))
    assert [len(sent) for sent in ticks(START - WEEK, START - DAY, START - timedelta(hours=6))] == [2, 2, 2]


@pytest.mark.parametrize(
    ("zone", "start", "sent_at"),
    [
        # New York leaves daylight saving time on 1 Nov 2026, Berlin on 25 Oct 2026, both between reminder and start.
        ("America/New_York", "2026-11-03T18:00-05:00", "2026-10-27T19:00-04:00"),
        ("Europe/Berlin", "2026-10-30T18:00+01:00", "2026-10-23T19:00+02:00"),
        ("America/Phoenix", "2026-11-03T18:00-07:00", "2026-10-27T18:00-07:00"),
    ],
)
def test_offsets_are_elapsed_time_across_a_change_of_the_clocks(
    facilitator: User, zone: str, start: str, sent_at: str
) -> None:
    make_session(State.ANNOUNCED, [facilitator], starts_at=datetime.fromisoformat(start), time_zone=zone)
    due = datetime.fromisoformat(sent_at)
    assert [len(sent) for sent in ticks(due - SECOND, due)] == [0, 1]


# --- nudges


@pytest.fixture
def running(facilitator: User, peer: User) -> DialogueSession:
    """Open since two days, in New York, texts read within 24 hours."""
    return make_session(State.OPEN, [facilitator, peer], starts_at=START - timedelta(days=2))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Set how long the oldest text has waited."""

    def set_hours(hours: int | None) -> None:
        monkeypatch.setattr("dialogue.reminders.planning.oldest_wait_hours", lambda session: hours)

    return set_hours


NINE = datetime(2026, 6, 10, 13, tzinfo=UTC)  # 9 in the morning in New York


@pytest.mark.parametrize(
    ("hours", "at", "count"),
    [
        (None, NINE, 0),
        (24, NINE, 0),
        (25, NINE, 2),
        (400, NINE - SECOND, 0),
        (28, NINE + timedelta(hours=4), 0),  # at nine it had waited 24 hours: the next morning
        (29, NINE + timedelta(hours=4), 2),  # at nine it had waited 25 hours, and beat was down
        (400, NINE + timedelta(hours=12), 0),
    ],
)
def test_the_queue_nudge_asks_about_nine_in_the_morning(
    running: DialogueSession, waits: Callable, hours: int | None, at: datetime, count: int
) -> None:
    waits(hours)
    assert len(tick(at)) == count


def test_the_queue_nudge_comes_once_a_day_to_the_team_only(
    running: DialogueSession, waits: Callable, facilitator: User, peer: User, listener: User
) -> None:
    make_seat(running, listener)
    make_partner()
    waits(48)
    team = mails(facilitator, peer)
    assert ticks(NINE, NINE + HOUR, NINE + DAY, NINE + DAY + HOUR) == [team, [], team, []]


def test_no_queue_nudge_while_paused_or_switched_off(running: DialogueSession, waits: Callable) -> None:
    waits(48)
    change(running, paused=True, pause_reason="Illness")
    assert tick(NINE) == []
    change(running, paused=False)
    ReminderRule.objects.filter(kind="queue_waits").update(active=False)
    assert tick(NINE + HOUR) == []


def test_the_queue_nudge_reads_the_real_queue(
    running: DialogueSession, facilitator: User, time_machine: Callable
) -> None:
    make_comment(make_round(running), period=1)
    assert len(tick(NINE)) == 2


def test_the_closing_note_is_asked_for_once_a_day_after_closing(facilitator: User, peer: User) -> None:
    closed_at = timezone.now()
    session = make_session(
        State.FOLLOW_UP, [facilitator, peer], starts_at=closed_at - timedelta(days=3), closed_at=closed_at
    )
    assert [len(sent) for sent in ticks(closed_at + DAY - SECOND, closed_at + DAY, closed_at + DAY * 2)] == [0, 2, 0]
    assert session.reminders.count() == 2


def test_a_written_closing_note_needs_no_nudge(facilitator: User, peer: User) -> None:
    closed_at = timezone.now()
    session = make_session(
        State.FOLLOW_UP, [facilitator, peer], starts_at=closed_at - timedelta(days=3), closed_at=closed_at
    )
    write_note(session=session, text="It went well.", shared=True, is_closing_note=True, by=peer)
    assert tick(closed_at + DAY) == []


def test_a_closing_note_written_meanwhile_drops_the_nudge(facilitator: User, peer: User) -> None:
    closed_at = timezone.now()
    session = make_session(
        State.FOLLOW_UP, [facilitator, peer], starts_at=closed_at - timedelta(days=3), closed_at=closed_at
    )
    plan_reminders(closed_at + DAY)
    write_note(session=session, text="It went well.", shared=True, is_closing_note=True, by=peer)
    assert tick(closed_at + DAY + SECOND) == []
    assert states() == {"dropped": 2}


def test_expired_notes_do_not_bring_a_nudge(facilitator: User) -> None:
    closed_at = timezone.now()
    make_session(State.FOLLOW_UP, [facilitator], starts_at=closed_at - timedelta(days=3), closed_at=closed_at)
    assert tick(closed_at + timedelta(days=14)) == []
    assert not Reminder.objects.exists()


def test_planning_costs_a_bounded_number_of_queries(
    session: DialogueSession, django_assert_num_queries: Callable
) -> None:
    """The same for one listener and for many."""
    now = START - timedelta(days=8)
    plan_reminders(now)
    with django_assert_num_queries(PLAN_QUERIES):
        plan_reminders(now)
    for _ in range(5):
        make_seat(session, make_listener())
    plan_reminders(now)
    with django_assert_num_queries(PLAN_QUERIES):
        plan_reminders(now)


PLAN_QUERIES = 33


def test_a_facilitator_with_two_sessions_is_reminded_of_each(facilitator: User) -> None:
    for days in (0, 10):
        make_session(State.ANNOUNCED, [facilitator, make_facilitator()], starts_at=START + timedelta(days=days))
    assert facilitator.email in tick(START - WEEK)
    assert facilitator.email in tick(START + timedelta(days=3))
    assert states(user=facilitator, state="sent") == {"sent": 2}


def test_default_rules_are_made_once_even_twice(session: DialogueSession) -> None:
    actions.create_default_rules(session)
    actions.create_default_rules(session)
    assert ReminderRule.objects.count() == 7
