"""A session that can't open when its time comes: other times by themselves, and nobody is told why."""

import difflib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from accounts.models import Pledge, User
from dialogue.audit.models import AuditEvent
from dialogue.reminders.actions import create_default_rules
from dialogue.reminders.tasks import send_due_reminders
from dialogue.sessions import actions, actions_postpone
from dialogue.sessions.actions_plan import postpone_session
from dialogue.sessions.actions_postpone import postpone_those_due
from dialogue.sessions.models import Booking, DialogueSession, RoundKind, State
from dialogue.sessions.models_guards import Guard, GuardOverride
from dialogue.sessions.policies import missing
from dialogue.sessions.tasks import postpone_what_cannot_open
from tests import factories
from tests.racing import at_once

START = datetime(2026, 10, 29, 23, 0, tzinfo=UTC)  # Thursday, 18:00 in Chicago; the clocks go back on November 1
END = START + timedelta(hours=3)
WEEK = timedelta(weeks=1)
AN_HOUR = timedelta(hours=1)  # later by UTC after the clocks went back
NOBODY = UUID(int=0)


@pytest.fixture
def team(facilitator: User, peer: User) -> list[User]:
    return [facilitator, peer]


def ready(team: list[User], state: State = State.PREPARING, **fields: Any) -> DialogueSession:
    """A session from which the gate to OPEN is open."""
    times = {"starts_at": START, "ends_at": END, "time_zone": "America/Chicago", "format": "live"}
    session = factories.make_session(state, team=team, **(times | fields))
    for kind in (RoundKind.OPENING, RoundKind.LISTENING, RoundKind.CLOSING):
        factories.make_round(session, kind, "planned")
    for _ in range(2):
        factories.make_alias(session)
    factories.make_seat(session)
    assert missing(session, State.OPEN) == []
    return session


def spoil(session: DialogueSession) -> DialogueSession:
    """Too few have joined."""
    session.aliases.filter(pk=session.aliases.values("pk")[:1]).delete()
    return session


def lapse(session: DialogueSession) -> None:
    seat = session.seats.exclude(listener__name="Marcus Hale").get()
    Pledge.objects.filter(user=seat.listener).update(expires_on=START.date() - timedelta(days=2))


def acts() -> list[tuple[UUID, str, str]]:
    return list(AuditEvent.objects.values_list("actor", "verb", "detail"))


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.ANNOUNCED, State.PREPARING])
def test_it_moves_by_a_week_with_its_team(state: State, team: list[User]) -> None:
    session = spoil(ready(team, state))
    with time_machine.travel(START, tick=False):
        postpone_what_cannot_open()
    session.refresh_from_db()
    new = (START + WEEK + AN_HOUR, END + WEEK + AN_HOUR)
    assert (session.starts_at, session.ends_at, session.schedule_version) == (*new, 2)
    assert (session.state, session.paused) == (state, False)
    assert set(Booking.objects.values_list("starts_at", "ends_at")) == {new}
    assert acts() == [(NOBODY, "move_session", "postponed")]


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, 3, 13])
def test_a_worker_that_was_away_gives_a_day_of_notice(days: int, team: list[User]) -> None:
    session = spoil(ready(team))
    now = START + timedelta(days=days)
    assert postpone_those_due(now) == 1
    session.refresh_from_db()
    assert session.starts_at == START + AN_HOUR + WEEK * (1 if days < 6 else 2 + (days > 12))
    assert session.starts_at - now >= timedelta(days=1)
    assert postpone_those_due(now) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "spoiled", "fields", "now"),
    [
        (State.PREPARING, False, {}, START + WEEK),
        (State.ANNOUNCED, False, {}, START),
        (State.PREPARING, True, {}, START - timedelta(seconds=1)),
        (State.PREPARING, True, {"paused": True, "pause_reason": "A storm"}, START),
        (State.OPEN, True, {}, START),
        (State.CANCELLED, True, {"cancel_reason": "A storm"}, START),
        (State.DRAFT, True, {}, START),
    ],
)
def test_what_stays(state: State, spoiled: bool, fields: dict[str, Any], now: datetime, team: list[User]) -> None:
    session = ready(team)
    if spoiled:
        spoil(session)
    DialogueSession.objects.update(state=state, **fields)
    before = DialogueSession.objects.values().get()
    assert postpone_those_due(now) == 0
    assert (DialogueSession.objects.values().get(), acts()) == (before, [])


@pytest.mark.django_db
def test_weeks_in_which_somebody_is_booked_or_benefits_are_paid_are_left_out(
    team: list[User], settings: Settings
) -> None:
    settings.BENEFIT_DAYS = [12]  # a week after next Thursday
    session = spoil(ready(team))
    taken = START + WEEK + AN_HOUR
    other = factories.make_session(State.ANNOUNCED, team=[team[1]], starts_at=taken + AN_HOUR, ends_at=taken + 2 * WEEK)
    Booking.objects.filter(dialogue_session=other).update(ends_at=taken + 2 * AN_HOUR)
    assert postpone_those_due(START) == 1
    session.refresh_from_db()
    assert session.starts_at == START + 3 * WEEK + AN_HOUR


@pytest.mark.django_db
def test_without_a_free_week_it_pauses_and_says_no_more(team: list[User], settings: Settings) -> None:
    session = spoil(ready(team))
    settings.BENEFIT_DAYS = list(range(1, 32))
    assert postpone_those_due(START) == 1
    session.refresh_from_db()
    assert (session.starts_at, session.schedule_version, session.paused) == (START, 1, True)
    assert session.pause_reason == "We are looking for a new time."
    assert "Buscamos un nuevo horario." in Client().get(f"/es/sessions/{session.pk}/").content.decode()
    assert "We are looking for a new time." in Client().get(f"/sessions/{session.pk}/").content.decode()
    assert acts() == [(NOBODY, "move_session", "paused")]
    assert postpone_those_due(START + WEEK) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
def test_times_given_by_hand_end_the_search(team: list[User], settings: Settings, language: str) -> None:
    session = spoil(ready(team))
    settings.BENEFIT_DAYS = list(range(1, 32))
    assert postpone_those_due(START) == 1
    with time_machine.travel(START + AN_HOUR, tick=False), translation.override(language):
        postpone_session(session, starts_at=START + WEEK, ends_at=END + WEEK, by=team[0])
    assert (session.paused, session.pause_reason, session.starts_at) == (False, "", START + WEEK)
    details = AuditEvent.objects.values_list("actor", "detail")
    assert set(details) == {(NOBODY, "paused"), (team[0].pk, "postponed"), (team[0].pk, "resumed")}


@pytest.mark.django_db
def test_times_given_by_hand_end_no_other_pause(team: list[User]) -> None:
    session = ready(team)
    DialogueSession.objects.update(paused=True, pause_reason="A storm")
    with time_machine.travel(START, tick=False):
        postpone_session(session, starts_at=START + WEEK, ends_at=END + WEEK, by=team[0])
    assert (session.paused, session.pause_reason, session.starts_at) == (True, "A storm", START + WEEK)


@pytest.mark.django_db
def test_reasons_for_what_stays_the_same_hold_on(team: list[User], settings: Settings) -> None:
    settings.BENEFIT_DAYS = [29]
    morning = datetime(2026, 10, 29, 14, 0, tzinfo=UTC)
    session = factories.make_session(
        State.PREPARING,
        team=team,
        format="live",
        time_zone="America/Chicago",
        starts_at=morning,
        ends_at=morning + AN_HOUR,
        waived=[Guard.BEFORE_NOON, Guard.BENEFIT_DAY, Guard.FEW_PARTICIPANTS],
    )
    assert postpone_those_due(morning) == 1
    held = GuardOverride.objects.filter(schedule_version=2).order_by("guard")
    assert list(held.values_list("guard", "made_by")) == [
        (Guard.BEFORE_NOON, team[0].pk),
        (Guard.FEW_PARTICIPANTS, team[0].pk),
    ]
    session.refresh_from_db()
    assert session.starts_at == morning + WEEK + AN_HOUR


@pytest.mark.django_db(transaction=True)
def test_two_workers_move_it_once(team: list[User]) -> None:
    session = spoil(ready(team))
    results = at_once(*[lambda: postpone_those_due(START)] * 4)
    session.refresh_from_db()
    assert sorted(results) == [0, 0, 0, 1]
    assert (session.schedule_version, len(acts())) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_opened_at_that_moment_it_stays_open(team: list[User]) -> None:
    """The last one joins, and a facilitator opens it just as the worker looks: one of both, never both."""
    session = ready(team)
    results = at_once(lambda: actions.open_session(session, by=team[0]), lambda: postpone_those_due(START))
    session.refresh_from_db()
    assert results[1] == 0
    assert (session.state, session.schedule_version) == (State.OPEN, 1)


@pytest.mark.django_db
def test_a_session_that_was_opened_meanwhile_is_left_alone(team: list[User]) -> None:
    """What the list of those due said is asked again under the lock."""
    session = spoil(ready(team))
    DialogueSession.objects.update(state=State.OPEN)
    assert not actions_postpone._postpone_if_due(session.pk, START)


@pytest.mark.django_db(transaction=True)
def test_a_worker_lost_on_the_second_leaves_the_first_whole(team: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    first = spoil(ready(team))
    second = spoil(
        ready([factories.make_facilitator(), factories.make_facilitator(is_peer=True)], starts_at=START - AN_HOUR)
    )
    carry = actions_postpone._carry_reasons_over

    def dies(held: DialogueSession, version: int) -> None:
        if held.pk == first.pk:
            raise KeyboardInterrupt
        carry(held, version)

    with monkeypatch.context() as patched:
        patched.setattr(actions_postpone, "_carry_reasons_over", dies)
        with pytest.raises(KeyboardInterrupt):
            postpone_those_due(START)
    versions = dict(DialogueSession.objects.values_list("pk", "schedule_version"))
    assert versions == {second.pk: 2, first.pk: 1}
    assert Booking.objects.filter(dialogue_session=first, starts_at=START).count() == 2
    assert postpone_those_due(START) == 1


def public_page(session: DialogueSession) -> list[str]:
    page = unescape(Client().get(reverse("sessions:detail", args=[session.pk])).content.decode())
    return [line for line in page.splitlines() if "csrf" not in line and "nonce" not in line]


def told(why: Callable[[DialogueSession], object], people: list[User]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """What changes on the public page, and the reminders to these people for the new times."""
    DialogueSession.objects.all().delete()
    with time_machine.travel(START - WEEK, tick=False):
        session = ready(people[:2], title="Listening", topic="Searches")
        factories.make_seat(session, people[2])
        create_default_rules(session)
    why(session)
    with time_machine.travel(START, tick=False):
        before = public_page(session)
        postpone_what_cannot_open()
        after = public_page(session)
    mail.outbox.clear()
    with time_machine.travel(START + WEEK + AN_HOUR - timedelta(minutes=30), tick=False):
        send_due_reminders()
    session.refresh_from_db()
    assert session.schedule_version == 2
    letters = [(one.to, one.subject, str(one.body).replace(str(session.pk), "ID")) for one in mail.outbox]
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    return changed, sorted(one for one in letters if one[0][0] in {person.email for person in people})


@pytest.mark.django_db
def test_page_and_mail_are_the_same_whatever_was_missing(facilitator: User, peer: User, listener: User) -> None:
    people = [facilitator, peer, listener]
    few, lapsed = told(spoil, people), told(lapse, people)
    assert few == lapsed
    changed, letters = few
    assert [line[0] for line in changed if "Thursday, " in line] == ["-", "+"]
    assert "Thursday, November 5, 2026, 6:00 PM to 9:00 PM" in "".join(changed)
    assert [one[0] for one in letters] == sorted([person.email] for person in people)
