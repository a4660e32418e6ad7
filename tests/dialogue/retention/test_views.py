"""The page that says what goes when, the hold that stops it, and that page and deed can't differ."""

import html
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Participant, Role, User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.notes.actions import write_note
from dialogue.notes.models import FacilitatorNote
from dialogue.reminders.models import Reminder
from dialogue.retention import clock
from dialogue.retention.actions import lift_hold, place_hold
from dialogue.retention.models import Hold, Upkeep
from dialogue.retention.policies import Dates, dates
from dialogue.retention.queries import looks
from dialogue.sessions.models import Alias, DialogueSession, Round, RoundKind, State
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once
from tests.reading import grade, text_of

Browser = Callable[[User | Participant | None], Client]
CLOSED = datetime(2027, 3, 1, 17, tzinfo=UTC)
PURGE = date(2027, 5, 10)
REASON = "A court has told us to keep what is here."


def page_of(session: DialogueSession) -> str:
    return reverse("retention:session", args=[session.pk])


def said(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


@pytest.fixture
def ended(facilitator: User, peer: User, participant: Participant, listener: User) -> DialogueSession:
    """Closed, with the participant and the listener in it, and a row of all that goes."""
    session = factories.make_session(
        State.FOLLOW_UP,
        [facilitator, peer],
        closed_at=CLOSED,
        purge_on=PURGE,
        starts_at=CLOSED - timedelta(days=5),
        time_zone="America/New_York",
    )
    done = factories.make_round(session, RoundKind.LISTENING, Round.State.DONE)
    factories.make_comment(done, factories.make_alias(session, participant), state="released")
    factories.make_seat(session, listener)
    with time_machine.travel(CLOSED, tick=False):
        write_note(session=session, text="Slow down.", shared=False, by=facilitator)
    rule = session.reminder_rules.create(kind="before_start", before=timedelta(days=1))
    Reminder.objects.create(rule=rule, dialogue_session=session, schedule_version=1, user=facilitator, due_at=CLOSED)
    return session


def gone(session: DialogueSession) -> set[str]:
    """What of the dated things is gone."""
    deeds = {
        "notes": not FacilitatorNote.objects.filter(dialogue_session=session).exists(),
        "seal": not Alias.objects.filter(dialogue_session=session, tag__isnull=False).exists(),
        "purge": not vault.key_file(session.pk).exists()
        and not Alias.objects.filter(dialogue_session=session).exists(),
        "reminders": not Reminder.objects.filter(dialogue_session=session).exists(),
    }
    return {name for name, done in deeds.items() if done}


# --- Page and deed -------------------------------------------------------------------------------------------------


@pytest.mark.promise("P7")
@pytest.mark.parametrize("name", ["notes", "seal", "purge", "reminders"])
def test_each_date_on_the_page_is_the_day_of_the_deed_and_not_the_day_before(
    name: str, ended: DialogueSession, client_for: Browser, facilitator: User
) -> None:
    when = dates(ended)
    assert isinstance(when, Dates)
    day: date = getattr(when, name)
    assert date_format(day, "F j, Y") in said(client_for(facilitator), page_of(ended))
    midnight = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)  # in New York
    with time_machine.travel(midnight - timedelta(seconds=1), tick=False):
        clock.run(timezone.now())
        assert name not in gone(ended)
    with time_machine.travel(midnight + timedelta(hours=23, minutes=59), tick=False):
        clock.run(timezone.now())
        assert name in gone(ended)


def test_the_page_names_every_date(ended: DialogueSession, client_for: Browser, participant: Participant) -> None:
    page = said(client_for(participant), page_of(ended))
    for day in ("March 15, 2027", "March 31, 2027", "May 10, 2027", "May 17, 2027", "May 30, 2027"):
        assert day in page
    assert "On May 10, 2027 we destroy the key to all that was written here." in page


def test_before_the_end_the_page_counts_from_it(client_for: Browser, announced: DialogueSession) -> None:
    page = said(client_for(None), page_of(announced))
    for words in ("14 days after you send it", "14 days after the talk ends", "30 days after the talk ends",
                  "60 to 74 days after the talk ends", "90 days after the talk ends", "One year after each act",
                  "If no one ends it, we do so 14 days after its last planned day."):  # fmt: skip
        assert words in page
    assert "Deleting is stopped here." not in page


def test_a_purged_session_says_that_nothing_is_kept(
    ended: DialogueSession, client_for: Browser, listener: User, facilitator: User
) -> None:
    with time_machine.travel(datetime(2027, 5, 11, tzinfo=UTC), tick=False):
        clock.run(timezone.now())
    for viewer in (None, listener, facilitator):
        page = said(client_for(viewer), page_of(ended))
        assert "Nothing that people wrote here is kept. All words and names went on May 10, 2027." in page
        assert "All words and all names in this talk" not in page
        assert "It stays." in page


def test_other_pages_of_a_purged_session_still_open(
    ended: DialogueSession, client_for: Browser, listener: User, facilitator: User
) -> None:
    with time_machine.travel(datetime(2027, 5, 11, tzinfo=UTC), tick=False):
        clock.run(timezone.now())
        rosa = client_for(facilitator)
        assert "What was written is gone." in said(rosa, reverse("sessions:manage", args=[ended.pk]))
        for name in ("threads:room", "notes:list", "acknowledgments:read", "reminders:rules", "sessions:agenda"):
            assert rosa.get(reverse(name, args=[ended.pk])).status_code == 200
        assert client_for(None).get(reverse("sessions:detail", args=[ended.pk])).status_code == 404


def test_who_may_read_it(client_for: Browser, participant: Participant, other_participant: Participant) -> None:
    """A draft is nobody's but the team's; a cancelled one is still told to those who had a place."""
    cancelled = factories.make_session(State.CANCELLED, announced_at=timezone.now())
    factories.make_alias(cancelled, participant, removed=True)
    seat = factories.make_seat(cancelled, state="left")
    draft = factories.make_session()
    never = factories.make_session(State.CANCELLED, purge_on=date(2026, 1, 1), starts_at=CLOSED - timedelta(days=900))
    clock.run(timezone.now())
    never.refresh_from_db()
    assert never.state == State.PURGED
    for person in (participant, other_participant):
        person.refresh_from_db(fields=["epoch"])  # which the clock has dated
    answers = {
        name: [client_for(viewer).get(page_of(session)).status_code for session in (cancelled, draft, never)]
        for name, viewer in {
            "stranger": None,
            "removed": participant,
            "elsewhere": other_participant,
            "listener": seat.listener,
            "leader": draft.created_by,
        }.items()
    }
    assert answers == {
        "stranger": [404, 404, 404],
        "removed": [200, 404, 404],
        "elsewhere": [404, 404, 404],
        "listener": [200, 404, 404],
        "leader": [404, 200, 404],
    }


def test_the_pages_lead_to_it(
    open_session: DialogueSession, client_for: Browser, participant: Participant, listener: User, facilitator: User
) -> None:
    link = f'href="{page_of(open_session)}"'
    room = reverse("threads:room", args=[open_session.pk])
    for viewer, address in (
        (None, reverse("sessions:detail", args=[open_session.pk])),
        (participant, room),
        (participant, reverse("sessions:mine")),
        (listener, room),
        (listener, reverse("sessions:seats")),
        (facilitator, room),
        (facilitator, reverse("sessions:manage", args=[open_session.pk])),
    ):
        assert link in said(client_for(viewer), address)


def test_the_room_tells_the_day(ended: DialogueSession, client_for: Browser, participant: Participant) -> None:
    with time_machine.travel(CLOSED + timedelta(days=1), tick=False):
        page = said(client_for(participant), reverse("threads:room", args=[ended.pk]))
    assert "On May 10, 2027 we destroy all words and names of this talk." in page


def test_under_a_hold_no_page_promises_the_day(
    ended: DialogueSession, operator: User, client_for: Browser, participant: Participant
) -> None:
    place_hold(ended, reason=REASON, by=operator)
    with time_machine.travel(CLOSED + timedelta(days=1), tick=False):
        room = said(client_for(participant), reverse("threads:room", args=[ended.pk]))
        page = said(client_for(participant), page_of(ended))
    assert "we destroy" not in room + page
    assert "If this was not stopped, all words here would go on May 10, 2027." in page


@pytest.mark.parametrize("state", ["announced", "follow_up", "held", "purged"])
def test_it_reads_at_grade_six(
    state: str, ended: DialogueSession, announced: DialogueSession, client_for: Browser, operator: User
) -> None:
    session = announced if state == "announced" else ended
    if state == "held":
        place_hold(session, reason=REASON, by=operator)
    if state == "purged":
        clock.run(datetime(2027, 5, 11, tzinfo=UTC))
    page = client_for(session.facilitators.first()).get(page_of(session)).content.decode()
    assert grade(text_of(page)) <= 6


# --- The number of looks -------------------------------------------------------------------------------------------


@pytest.mark.promise("P12")
def test_people_of_the_session_are_told_how_often_staff_looked(
    open_session: DialogueSession,
    facilitator: User,
    peer: User,
    operator: User,
    participant: Participant,
    other_participant: Participant,
    listener: User,
    client_for: Browser,
) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=2), tick=False):
        for verb in (AuditEvent.Verb.READ_HELD, AuditEvent.Verb.READ_HELD, AuditEvent.Verb.READ_NOTES):
            write(verb, by=facilitator, session_id=open_session.pk, detail="1")
        write(AuditEvent.Verb.APPROVE, by=peer, session_id=open_session.pk)
        write(AuditEvent.Verb.READ_HELD, by=peer, session_id=factories.make_session().pk, detail="1")
    address = page_of(open_session)
    words = "our team opened words here that had not come out 3 times."
    told = [viewer for viewer in (participant, facilitator, operator) if words in said(client_for(viewer), address)]
    assert told == [participant, facilitator, operator]
    for viewer in (None, other_participant, listener):
        assert "our team opened words" not in said(client_for(viewer), address)


@pytest.mark.promise("P8", "P12")
def test_a_look_is_told_only_the_next_day(open_session: DialogueSession, facilitator: User) -> None:
    """A number that grew at once would tell that somebody had just handed in a text."""
    day = datetime(2027, 3, 1, 20, tzinfo=UTC)
    with time_machine.travel(day, tick=False):
        write(AuditEvent.Verb.READ_HELD, by=facilitator, session_id=open_session.pk, detail="1")
        assert looks(open_session) == 0
    with time_machine.travel(datetime(2027, 3, 2, 4, 59, tzinfo=UTC), tick=False):  # 11:59 PM in New York
        assert looks(open_session) == 0
    with time_machine.travel(datetime(2027, 3, 2, 5, tzinfo=UTC), tick=False):
        assert looks(open_session) == 1


# --- The hold ------------------------------------------------------------------------------------------------------


def test_an_operator_stops_the_deletion_and_lets_it_go_on(
    open_session: DialogueSession, operator: User, client_for: Browser
) -> None:
    client = client_for(operator)
    address = reverse("retention:place_hold", args=[open_session.pk])
    assert "What participants take back themselves is still destroyed." in said(client, address)
    answer = client.post(address, {"reason": f"  {REASON} "})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("retention:holds"))
    hold = open_session.holds.get()
    assert (hold.reason, hold.placed_by, hold.lifted_on) == (REASON, operator, None)
    page = said(client, reverse("retention:holds"))
    assert "The deletion is stopped." in page
    assert REASON in page
    lift = reverse("retention:lift_hold", args=[open_session.pk])
    assert "deleted within 15 minutes" in said(client, lift)
    assert client.post(lift).status_code == 302
    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lifted_on is None) == (operator, False)
    assert list(AuditEvent.objects.order_by("verb").values_list("verb", "actor", "dialogue_session", "detail")) == [
        ("lift_hold", operator.pk, open_session.pk, ""),
        ("place_hold", operator.pk, open_session.pk, ""),
    ]
    page = said(client, page_of(open_session))
    assert "When deleting was stopped before" in page
    assert "Deleting is stopped here." not in page
    assert REASON in page


def test_everybody_is_told_of_a_hold(
    open_session: DialogueSession,
    operator: User,
    participant: Participant,
    listener: User,
    facilitator: User,
    client_for: Browser,
) -> None:
    place_hold(open_session, reason=REASON, by=operator)
    pk = [open_session.pk]
    room, write_page, detail = (reverse(name, args=pk) for name in ("threads:room", "threads:write", "sessions:detail"))
    for viewer, address in (
        (None, detail),
        (None, page_of(open_session)),
        (participant, room),
        (participant, write_page),
        (participant, page_of(open_session)),
        (listener, room),
        (facilitator, room),
        (facilitator, reverse("sessions:manage", args=pk)),
        (facilitator, reverse("notes:list", args=pk)),
    ):
        page = said(client_for(viewer), address)
        assert "Deleting is stopped here." in page
        assert REASON in page
    assert "Stopped for now. If not: 60 to 74 days" in said(client_for(None), page_of(open_session))


def test_before_joining_and_before_sending_again_a_hold_is_told(
    listening: Round,
    alias: Alias,
    operator: User,
    participant: Participant,
    client_for: Browser,
) -> None:
    announced = factories.make_session(State.ANNOUNCED)
    for session in (announced, listening.dialogue_session):
        place_hold(session, reason=REASON, by=operator)
    returned = factories.make_comment(listening, alias, state="returned")
    client = client_for(participant)
    for address in (
        reverse("sessions:join", args=[announced.pk]),
        reverse("threads:revise", args=[returned.pk]),
    ):
        assert "Deleting is stopped here." in said(client, address)


def test_a_reason_is_needed(open_session: DialogueSession, operator: User, client_for: Browser) -> None:
    client = client_for(operator)
    address = reverse("retention:place_hold", args=[open_session.pk])
    for reason, words in (("", "Say why, in one sentence."), ("x" * 301, "at most 300 characters")):
        page = html.unescape(client.post(address, {"reason": reason}).content.decode())
        assert words in page
    assert not Hold.objects.exists()
    with pytest.raises(ValidationError):
        place_hold(open_session, reason="  \n ", by=operator)


def test_only_operators_stop_it(
    open_session: DialogueSession, facilitator: User, listener: User, operator: User
) -> None:
    for somebody in (facilitator, listener):
        with pytest.raises(NotAllowed):
            place_hold(open_session, reason=REASON, by=somebody)
    hold = place_hold(open_session, reason=REASON, by=operator)
    with pytest.raises(NotAllowed):
        lift_hold(hold, by=facilitator)
    assert AuditEvent.objects.count() == 1


def test_twice_is_refused_with_a_plain_word(open_session: DialogueSession, operator: User, client_for: Browser) -> None:
    client = client_for(operator)
    place, lift = (reverse(f"retention:{name}", args=[open_session.pk]) for name in ("place_hold", "lift_hold"))
    client.post(place, {"reason": REASON})
    again = html.unescape(client.post(place, {"reason": "Another"}).content.decode())
    assert "The deletion of this session is stopped already." in again
    assert "Another" in again
    assert client.get(place).status_code == 302
    hold = open_session.holds.get()
    client.post(lift)
    assert client.post(lift).status_code == client.get(lift).status_code == 302
    with pytest.raises(NotAllowed):
        lift_hold(hold, by=operator)
    assert AuditEvent.objects.count() == 2


@pytest.mark.parametrize("state", [State.DRAFT, State.PURGED])
def test_where_nothing_is_kept_nothing_is_stopped(state: State, operator: User, client_for: Browser) -> None:
    session = factories.make_session(state)
    for name in ("place_hold", "lift_hold"):
        assert client_for(operator).get(reverse(f"retention:{name}", args=[session.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        place_hold(session, reason=REASON, by=operator)


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_one_stops_it() -> None:
    session = factories.make_session(State.OPEN)
    people = [factories.make_user("operator") for _ in range(2)]  # type: ignore[arg-type]
    results = at_once(*(partial(place_hold, session, reason=REASON, by=by) for by in people))
    assert sorted(type(one).__name__ for one in results) == ["Hold", "NotAllowed"]
    assert Hold.objects.count() == AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_hold_and_the_purge_at_once_one_of_them_wins() -> None:
    operator = factories.make_user(Role.OPERATOR)
    now = timezone.now()
    for _ in range(6):
        session = factories.make_session(
            State.FOLLOW_UP, closed_at=now - timedelta(days=80), purge_on=now.date() - timedelta(days=1)
        )
        pk = session.pk
        held, purged = at_once(partial(place_hold, session, reason=REASON, by=operator), partial(clock.purge, pk, now))
        assert isinstance(held, Hold) is not purged
        assert vault.key_file(pk).exists() is not purged


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_has_a_fixed_cost(
    count: int, operator: User, client_for: Browser, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        place_hold(factories.make_session(State.OPEN), reason=REASON, by=operator)
    client = client_for(operator)
    with django_assert_num_queries(6):  # account, second factor, last run, number, sessions, their holds
        client.get(reverse("retention:holds"))


def test_the_list_says_when_the_clock_last_ran(operator: User, client_for: Browser) -> None:
    client = client_for(operator)
    assert "The deletion has not run yet." in said(client, reverse("retention:holds"))
    with time_machine.travel(CLOSED, tick=False):
        clock.run(CLOSED)
    assert "All that was due was last deleted on March 1, 2027, 17:00 UTC." in said(client, reverse("retention:holds"))
    assert Upkeep.objects.count() == 1


def test_the_next_to_go_stands_first(operator: User, client_for: Browser) -> None:
    for title, purge_on in (("Later", PURGE), ("Sooner", PURGE - timedelta(days=9))):
        factories.make_session(State.FOLLOW_UP, title=title, purge_on=purge_on)
    factories.make_session(State.OPEN, title="Still open")
    factories.make_session(title="A draft")
    page = said(client_for(operator), reverse("retention:holds"))
    assert page.index("Sooner") < page.index("Later") < page.index("Still open")
    assert "A draft" not in page
