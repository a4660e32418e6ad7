"""The facilitator's desk: what it shows, and at what cost."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Participant, User, today
from dialogue.acknowledgments.models import PARTS, Acknowledgment
from dialogue.desk.queries import home
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.resources.actions import check_resource
from dialogue.resources.models import Resource
from dialogue.sessions.models import Booking, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads.periods import current_period
from seeds.transitions import NotAllowed
from tests import factories

Browser = Callable[[User | Participant | None], Client]


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(response.content.decode())).split())


def running(lead: User, **fields: Any) -> DialogueSession:
    """An open session in its dialogue round."""
    session = factories.make_session(State.OPEN, team=[], **fields)
    Booking.objects.create(
        dialogue_session=session, facilitator=lead, starts_at=session.starts_at, ends_at=session.ends_at
    )
    factories.make_round(session, RoundKind.LISTENING, Round.State.DONE)
    factories.make_round(session, RoundKind.DIALOGUE, Round.State.OPEN)
    return session


def wait(session: DialogueSession, periods: int) -> None:
    factories.make_comment(session.rounds.get(state="open"), period=current_period() - periods)


@pytest.mark.django_db
def test_an_empty_desk_says_what_to_do_first(client_for: Browser, facilitator: User) -> None:
    page = text_of(client_for(facilitator).get("/desk/"))
    assert "You lead no session yet. Plan the first one." in page
    assert "Nothing waits." in page
    assert "Nothing is missing anywhere." in page


@pytest.mark.django_db
def test_today_with_the_next_action_of_each(facilitator: User, other_facilitator: User) -> None:
    now = timezone.now()
    on = running(facilitator, starts_at=now + timedelta(days=20))  # open is open, whatever the times say
    factories.make_session(State.ANNOUNCED, [facilitator], starts_at=now + timedelta(days=40), title="Far away")
    factories.make_session(State.DRAFT, [facilitator], starts_at=now + timedelta(days=50), title="A draft")
    running(other_facilitator, title="Somebody else's")
    soon = factories.make_session(
        State.PREPARING, [facilitator], starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1)
    )
    rows = home(facilitator)["today"]
    assert [row["session"] for row in rows] == [soon, on]
    assert [str(row["next"]["title"]) for row in rows] == [
        "A session needs at least two facilitators.",
        "Round 2, Dialogue, is on",
    ]


@pytest.mark.django_db
def test_the_queue_against_its_promise(facilitator: User) -> None:
    late = running(facilitator, reading_hours=6)
    kept = running(facilitator, reading_hours=24, starts_at=timezone.now() + timedelta(days=30))
    wait(late, 2)
    wait(late, 0)
    wait(kept, 5)
    queue = home(facilitator)["queue"]
    assert [(row["session"], row["count"], row["hours"], row["promised"], row["late"]) for row in queue] == [
        (late, 2, 8, 6, True),
        (kept, 1, 20, 24, False),
    ]


@pytest.mark.django_db
def test_what_is_missing_with_the_way_there(client_for: Browser, draft: DialogueSession, facilitator: User) -> None:
    response = client_for(facilitator).get("/desk/")
    assert "Missing before it is “Announced”:" in text_of(response)
    assert f'href="/desk/sessions/{draft.pk}/edit/"' in response.content.decode()
    assert 'href="/desk/help-lines/"' in response.content.decode()


@pytest.mark.django_db
def test_numbers_that_wait(
    client_for: Browser, announced: DialogueSession, facilitator: User, other_facilitator: User, new_listener: User
) -> None:
    seat = factories.make_seat(announced, state=ListenerSeat.State.APPLIED)
    words = dict.fromkeys(PARTS, "We concede.")
    Acknowledgment.objects.create(seat=seat, state=Acknowledgment.State.SUBMITTED, **words)
    rule = ReminderRule.objects.create(
        dialogue_session=announced, kind=ReminderRule.Kind.BEFORE_START, before=timedelta(days=1)
    )
    Reminder.objects.create(
        rule=rule,
        dialogue_session=announced,
        schedule_version=1,
        user=facilitator,
        state=Reminder.State.FAILED,
        due_at=timezone.now(),
    )
    assert [tile["number"] for tile in home(facilitator)["tiles"]] == [0, 1, 1]
    assert [tile["number"] for tile in home(other_facilitator)["tiles"]] == [0, 0, 1]
    page = text_of(client_for(facilitator).get("/desk/"))
    assert "1 mail did not go out" in page
    assert "did not go out" not in text_of(client_for(other_facilitator).get("/desk/"))
    assert new_listener.listener_profile.verified_on is None


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_desk_at_fixed_cost(
    count: int, client_for: Browser, facilitator: User, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        session = running(facilitator, starts_at=timezone.now() + timedelta(days=10 * number))
        wait(session, number)
        factories.make_seat(session)
        starts_at = timezone.now() + timedelta(days=100 + 10 * number)
        factories.make_session(State.DRAFT, [facilitator], starts_at=starts_at)
    client = client_for(facilitator)
    with django_assert_num_queries(15):
        client.get("/desk/")
    with django_assert_num_queries(6):
        client.get("/desk/sessions/")


@pytest.mark.django_db
def test_help_lines_are_checked_by_hand(client_for: Browser, facilitator: User) -> None:
    old = factories.make_resource(verified_on=today() - timedelta(days=91))
    client = client_for(facilitator)
    assert "Not checked since" in text_of(client.get("/desk/help-lines/"))
    assert "Say this only if you called or went there today" in text_of(client.get(f"/desk/help-lines/{old.pk}/"))
    assert Resource.objects.get().verified_on != today()
    assert client.post(f"/desk/help-lines/{old.pk}/").headers["Location"] == "/desk/help-lines/"
    assert Resource.objects.get().verified_on == today()
    assert "Not checked since" not in text_of(client.get("/desk/help-lines/"))


@pytest.mark.django_db
def test_only_the_team_checks_help_lines(listener: User, operator: User) -> None:
    old = factories.make_resource(verified_on=today() - timedelta(days=91))
    with pytest.raises(NotAllowed):
        check_resource(old, by=listener)
    assert check_resource(old, by=operator).verified_on == today()
