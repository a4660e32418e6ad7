"""The list of listeners: when it stands, who reads which name, and who is locked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.listeners.actions import show_name
from accounts.models import ListenerProfile, Participant, Pledge, User, today
from dialogue.sessions import actions
from dialogue.sessions.actions_objections import object_to, settle_objection
from dialogue.sessions.actions_plan import postpone_session
from dialogue.sessions.actions_seats import apply_for_seat, decline_listener, give_seat_back, place_listener
from dialogue.sessions.models import DialogueSession, ListenerSeat, RoundKind, State
from dialogue.sessions.policies import list_stands, list_stands_from, missing
from dialogue.sessions.queries_public import list_note, roster
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]
START = datetime(2026, 12, 10, 18, 0, tzinfo=UTC)
EARLY, LATE = START - timedelta(days=3, minutes=1), START - timedelta(days=3)


@pytest.fixture
def inviting(facilitator: User, peer: User, listener: User) -> DialogueSession:
    """A session in preparation that invites the listener's agency; its list stands three days before the start."""
    with time_machine.travel(EARLY - timedelta(days=9)):
        made = factories.make_session(State.PREPARING, team=[facilitator, peer], starts_at=START)
    assert listener.agency
    made.agencies.add(listener.agency)
    return made


@pytest.fixture
def asking(inviting: DialogueSession, listener: User) -> ListenerSeat:
    """Has all that it takes to be given the seat."""
    seat = factories.make_seat(inviting, listener, ListenerSeat.State.APPLIED)
    ListenerSeat.objects.update(acknowledged_on=today(), accepted_on=today())
    seat.refresh_from_db()
    return seat


@pytest.mark.parametrize(
    ("state", "days", "before", "expected"),
    [
        (State.DRAFT, 3, timedelta(days=3, seconds=1), False),
        (State.ANNOUNCED, 3, timedelta(days=3, seconds=1), False),
        (State.ANNOUNCED, 3, timedelta(days=3), True),
        (State.PREPARING, 3, timedelta(days=2), True),
        (State.PREPARING, 0, timedelta(seconds=1), False),
        (State.PREPARING, 0, timedelta(0), True),
        (State.PREPARING, 60, timedelta(days=59), True),
        (State.OPEN, 3, timedelta(days=30), True),
        (State.FOLLOW_UP, 3, timedelta(days=30), True),
        (State.CANCELLED, 3, timedelta(days=30), True),
        (State.PURGED, 3, timedelta(days=30), True),
    ],
)
def test_from_when_it_stands(state: State, days: int, before: timedelta, expected: bool) -> None:
    planned = DialogueSession(state=state, roster_days=days, starts_at=START)
    with time_machine.travel(START - before, tick=False):
        assert list_stands(planned) is expected


def test_nobody_asks_for_a_seat_or_gets_one_once_it_stands(
    inviting: DialogueSession, asking: ListenerSeat, facilitator: User
) -> None:
    late = factories.make_listener(asking.listener.agency)
    with time_machine.travel(LATE):
        with pytest.raises(NotAllowed, match="The list of listeners is closed"):
            apply_for_seat(late, inviting)
        with pytest.raises(NotAllowed, match="The list of listeners is closed"):
            place_listener(asking, by=facilitator)
    assert list(inviting.seats.values_list("listener", "state")) == [(asking.listener_id, "applied")]
    with time_machine.travel(EARLY):
        apply_for_seat(late, inviting)
        assert place_listener(asking, by=facilitator).state == "seated"


def test_who_gave_the_seat_back_does_not_come_back_once_it_stands(
    inviting: DialogueSession, asking: ListenerSeat, facilitator: User
) -> None:
    with time_machine.travel(EARLY):
        place_listener(asking, by=facilitator)
    with time_machine.travel(LATE):
        give_seat_back(asking)
        with pytest.raises(NotAllowed):
            apply_for_seat(asking.listener, inviting)
    asking.refresh_from_db()
    assert asking.state == "left"


@pytest.mark.parametrize(("days", "said"), [(30, True), (1, False)])
def test_who_gives_the_seat_back_reads_if_one_can_ask_again(
    client_for: ClientFor, asking: ListenerSeat, days: int, *, said: bool
) -> None:
    starts_at = timezone.now() + timedelta(days=days)
    DialogueSession.objects.update(starts_at=starts_at, ends_at=starts_at + timedelta(days=3))
    page = client_for(asking.listener).get(reverse("sessions:give_back", args=[asking.pk])).content.decode()
    assert ("you can ask for a seat again" in page, "can’t ask for a seat again" in page) == (said, not said)


def test_names_can_still_be_taken_off_it(
    inviting: DialogueSession, asking: ListenerSeat, facilitator: User, participant: Participant
) -> None:
    here = factories.make_alias(inviting, participant)
    with time_machine.travel(EARLY):
        place_listener(asking, by=facilitator)
    other = factories.make_seat(inviting)
    with time_machine.travel(LATE):
        objection = object_to(here, seat=asking)
        assert "Objections that nobody has dealt with: 1." in [gap.text for gap in missing(inviting, State.OPEN)]
        settle_objection(objection, upheld=True, by=facilitator)
        decline_listener(other, by=facilitator)
    assert set(inviting.seats.values_list("state", flat=True)) == {"not_placed"}


@pytest.mark.django_db(transaction=True)
def test_an_objection_after_it_stands_and_the_opening_at_once_have_one_winner(
    inviting: DialogueSession, facilitator: User
) -> None:
    for kind in (RoundKind.OPENING, RoundKind.LISTENING, RoundKind.CLOSING):
        factories.make_round(inviting, kind, "planned")
    factories.make_resource()
    here = [factories.make_alias(inviting) for _ in range(2)]
    placed = factories.make_seat(inviting)
    with time_machine.travel(LATE):
        objected, opened = at_once(
            lambda: object_to(here[0], seat=placed), lambda: actions.open_session(inviting, by=facilitator)
        )
    assert isinstance(objected, NotAllowed) != isinstance(opened, NotAllowed)
    inviting.refresh_from_db()
    assert (inviting.state == State.OPEN) == (here[0].objections.count() == 0)


@pytest.mark.django_db(transaction=True)
def test_two_facilitators_give_one_seat_as_the_list_closes(asking: ListenerSeat, facilitator: User, peer: User) -> None:
    with time_machine.travel(EARLY):
        results = at_once(
            lambda: place_listener(ListenerSeat.objects.get(pk=asking.pk), by=facilitator),
            lambda: place_listener(ListenerSeat.objects.get(pk=asking.pk), by=peer),
        )
    assert sorted(isinstance(one, NotAllowed) for one in results) == [False, True]


def test_another_start_opens_the_list_again_until_its_own_day(
    inviting: DialogueSession, asking: ListenerSeat, facilitator: User
) -> None:
    with time_machine.travel(LATE):
        later = START + timedelta(days=7)
        postpone_session(inviting, starts_at=later, ends_at=later + timedelta(days=3), by=facilitator)
        inviting.refresh_from_db()
        assert list_stands_from(inviting) == later - timedelta(days=3)
        assert place_listener(asking, by=facilitator).state == "seated"
    with time_machine.travel(later - timedelta(days=3)):
        assert list_stands(inviting)


def test_a_session_whose_list_would_stand_already_is_not_announced(draft: DialogueSession, facilitator: User) -> None:
    wanted = "The list of listeners would be closed already. Choose a later start, or fewer days for the list."
    with time_machine.travel(draft.starts_at - timedelta(days=2)):
        assert wanted in [gap.text for gap in missing(draft, State.ANNOUNCED)]
        DialogueSession.objects.update(roster_days=1)
        draft.refresh_from_db()
        assert wanted not in [gap.text for gap in missing(draft, State.ANNOUNCED)]


# --- What the pages say


def test_the_sentence_names_the_day_in_the_zone_of_the_session(inviting: DialogueSession) -> None:
    with time_machine.travel(EARLY):
        assert list_note(inviting) == (
            "The list of listeners closes on Monday, December 7, 2026, 1:00 PM (New York time). Then nobody is added."
        )
    with time_machine.travel(LATE):
        assert list_note(inviting).startswith("The list of listeners has been closed since Monday, December 7, 2026")
    inviting.state = State.OPEN
    assert list_note(inviting) == "The list of listeners is closed. Nobody is added."
    inviting.state = State.FOLLOW_UP
    assert list_note(inviting) == ""


def test_everybody_reads_it_where_it_matters(
    client_for: ClientFor, inviting: DialogueSession, asking: ListenerSeat, facilitator: User, participant: Participant
) -> None:
    elsewhere = factories.make_listener(asking.listener.agency)
    pages = [
        (None, reverse("sessions:detail", args=[inviting.pk])),
        (participant, reverse("sessions:join", args=[inviting.pk])),
        (participant, reverse("sessions:mine")),
        (asking.listener, reverse("sessions:seats")),
        (elsewhere, reverse("sessions:seats")),
        (elsewhere, reverse("sessions:apply", args=[inviting.pk])),
        (facilitator, reverse("sessions:manage", args=[inviting.pk])),
    ]
    with time_machine.travel(EARLY):
        found = [(url, list_note(inviting) in client_for(person).get(url).content.decode()) for person, url in pages]
    assert found == [(url, True) for _person, url in pages]


def test_no_page_offers_a_step_that_the_list_forbids(
    client_for: ClientFor, inviting: DialogueSession, asking: ListenerSeat, facilitator: User
) -> None:
    elsewhere = factories.make_listener(asking.listener.agency)
    apply, place = reverse("sessions:apply", args=[inviting.pk]), reverse("sessions:place", args=[asking.pk])
    pages = [
        (elsewhere, reverse("sessions:seats"), apply),
        (elsewhere, reverse("sessions:detail", args=[inviting.pk]), apply),
        (facilitator, reverse("sessions:manage", args=[inviting.pk]), place),
    ]
    for moment, expected in ((EARLY, True), (LATE, False)):
        with time_machine.travel(moment):
            shown = [f'href="{step}"' in client_for(who).get(url).content.decode() for who, url, step in pages]
        assert shown == [expected] * 3
    with time_machine.travel(LATE):
        page = unescape(client_for(elsewhere).post(apply, follow=True).content.decode())
    assert "The list of listeners is closed. Nobody is added to it any more." in page


@pytest.fixture
def three(announced: DialogueSession, listener: User) -> dict[str, User]:
    """Three seated listeners: one who keeps the name back, one who consented, one head of office."""
    people = {
        "private": listener,
        "open": factories.make_listener(name="Ines Calder"),
        "head": factories.make_listener(name="Dana Whitfield"),
    }
    for person in people.values():
        factories.make_seat(announced, person)
    show_name(people["open"].listener_profile, shown=True)
    ListenerProfile.objects.filter(user=people["head"]).update(is_head=True)
    return people


def test_strangers_read_names_by_consent_and_of_heads_only(announced: DialogueSession, three: dict[str, User]) -> None:
    detail = reverse("sessions:detail", args=[announced.pk])
    public = [detail, reverse("sessions:list"), reverse("sessions:times"), reverse("welcome:home")]
    public += [reverse("sessions:calendar", args=[announced.pk])]
    pages = [Client().get(url).content.decode() for url in public]
    assert [three["private"].name in page for page in pages] == [False] * len(pages)
    assert "Ines Calder" in pages[0]
    assert "Dana Whitfield" in pages[0]
    assert "Name not public" in pages[0]
    assert str(three["private"].agency) in pages[0]


def test_all_who_are_signed_in_read_every_name(
    client_for: ClientFor,
    announced: DialogueSession,
    three: dict[str, User],
    other_participant: Participant,
    other_listener: User,
    other_facilitator: User,
    operator: User,
) -> None:
    url = reverse("sessions:detail", args=[announced.pk])
    for viewer in (other_participant, other_listener, other_facilitator, operator):
        page = client_for(viewer).get(url).content.decode()
        assert [person.name in page for person in three.values()] == [True] * 3
    mine = client_for(other_participant).get(reverse("sessions:mine")).content.decode()
    assert [person.name in mine for person in three.values()] == [True] * 3


def test_who_is_locked_stays_in_the_list_and_it_says_so(
    announced: DialogueSession, three: dict[str, User], participant: Participant
) -> None:
    Pledge.objects.filter(user=three["head"]).update(withdrawn_on=today())
    found = {one["name"]: one["locked"] for one in roster(announced, participant)}
    assert found == {"Marcus Hale": False, "Ines Calder": False, "Dana Whitfield": True}


@pytest.mark.parametrize("count", [1, 3])
def test_the_public_page_costs_the_same_for_one_and_three(
    announced: DialogueSession, django_assert_num_queries: Callable, count: int
) -> None:
    for _ in range(count):
        factories.make_seat(announced)
    with django_assert_num_queries(6):
        Client().get(reverse("sessions:detail", args=[announced.pk]))


def test_a_listener_chooses_on_a_page_of_his_own(client_for: ClientFor, listener: User) -> None:
    client, url = client_for(listener), reverse("accounts:public_name")
    assert "Your name is not public." in client.get(url).content.decode()
    assert client.post(url, {"show": "1"})["Location"] == url
    assert "The public reads your name, your rank and your agency." in client.get(url).content.decode()
    assert "The public reads your name." in client.get(reverse("accounts:listener_home")).content.decode()
    client.post(url, {"show": "0"})
    assert ListenerProfile.objects.get(user=listener).shows_name is False


def test_the_name_of_a_head_can_not_be_hidden(client_for: ClientFor, listener: User) -> None:
    ListenerProfile.objects.filter(user=listener).update(is_head=True, shows_name=True)
    client, url = client_for(listener), reverse("accounts:public_name")
    assert "so your name is always public" in client.get(url).content.decode()
    page = client.post(url, {"show": "0"}, follow=True).content.decode()
    assert "The name of a head of office is always public." in page
    assert ListenerProfile.objects.get(user=listener).shows_name is True
