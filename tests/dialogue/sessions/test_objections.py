"""Objections: private, decided by the team before the opening, and never known to a listener."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Participant, User, today
from dialogue.audit.models import AuditEvent
from dialogue.sessions import actions
from dialogue.sessions.actions_aliases import forget_me_here
from dialogue.sessions.actions_objections import object_to, settle_objection, take_back_objection
from dialogue.sessions.actions_seats import apply_for_seat, give_seat_back, place_listener
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.sessions.models_objections import Objection
from dialogue.sessions.policies import missing
from dialogue.sessions.queries_objections import in_question, is_refused, raised_by
from seeds.transitions import NotAllowed
from seeds.vault import unseal
from tests import factories
from tests.racing import at_once

ClientFor = Callable[[User | Participant | None], Client]
MARK = "stairwell of the old mill"
SeatState = ListenerSeat.State


@pytest.fixture
def preparing(facilitator: User, peer: User) -> DialogueSession:
    """Ready to open but for objections: three names, a listener with a seat, an agenda."""
    factories.make_resource()
    dialogue_session = factories.make_session(State.PREPARING, team=[facilitator, peer])
    for kind in (RoundKind.OPENING, RoundKind.LISTENING, RoundKind.CLOSING):
        factories.make_round(dialogue_session, kind, Round.State.PLANNED)
    factories.make_alias(dialogue_session)
    factories.make_alias(dialogue_session)
    return dialogue_session


@pytest.fixture
def here(preparing: DialogueSession, participant: Participant) -> Alias:
    return factories.make_alias(preparing, participant)


@pytest.fixture
def placed(preparing: DialogueSession, listener: User) -> ListenerSeat:
    return factories.make_seat(preparing, listener)


def gaps(dialogue_session: DialogueSession) -> list[str]:
    return [str(gap.text) for gap in missing(dialogue_session, State.OPEN)]


@pytest.mark.promise("P2")
def test_a_reason_is_sealed_and_no_column_has_a_time(here: Alias, placed: ListenerSeat) -> None:
    objection = object_to(here, seat=placed, reason=MARK)
    assert objection.body is not None
    assert MARK.encode() not in bytes(objection.body)
    assert unseal(here.dialogue_session_id, objection.pk, objection.body) == MARK
    kinds = {field.get_internal_type() for field in Objection._meta.local_fields}
    assert kinds & {"DateField", "DateTimeField", "AutoField", "BigAutoField"} == set()


def test_no_reason_is_needed_and_twice_is_once(here: Alias, placed: ListenerSeat) -> None:
    first = object_to(here, seat=placed)
    assert (first.body, object_to(here, seat=placed, reason="Again")) == (None, first)
    assert Objection.objects.count() == 1


def test_a_too_long_reason_is_refused(here: Alias, placed: ListenerSeat) -> None:
    with pytest.raises(ValidationError):
        object_to(here, seat=placed, reason="x" * 1_001)


@pytest.mark.parametrize("state", State)
def test_one_objects_before_the_session_opens(state: State, participant: Participant, listener: User) -> None:
    dialogue_session = factories.make_session(state)
    alias, seat = factories.make_alias(dialogue_session, participant), factories.make_seat(dialogue_session, listener)
    if state in (State.ANNOUNCED, State.PREPARING):
        assert object_to(alias, seat=seat).state == Objection.State.OPEN
        return
    with pytest.raises(NotAllowed):
        object_to(alias, seat=seat)


def test_only_who_asks_with_a_complete_first_move_is_in_question(
    preparing: DialogueSession, placed: ListenerSeat, here: Alias
) -> None:
    unwritten = factories.make_seat(preparing, state=SeatState.APPLIED)
    complete = factories.make_seat(preparing, state=SeatState.APPLIED)
    ListenerSeat.objects.filter(pk=complete.pk).update(acknowledged_on=today())
    factories.make_seat(preparing, state=SeatState.NOT_PLACED)
    assert set(in_question(preparing)) == {placed, complete}
    with pytest.raises(NotAllowed):
        object_to(here, seat=unwritten)
    elsewhere = factories.make_seat(factories.make_session(State.PREPARING))
    with pytest.raises(NotAllowed):
        object_to(here, seat=elsewhere)


def test_who_was_removed_objects_no_more(preparing: DialogueSession, placed: ListenerSeat) -> None:
    gone = factories.make_alias(preparing, removed=True)
    with pytest.raises(NotAllowed):
        object_to(gone, seat=placed)


def test_the_session_does_not_open_while_one_waits(
    preparing: DialogueSession, placed: ListenerSeat, here: Alias, facilitator: User
) -> None:
    assert gaps(preparing) == []
    objection = object_to(here, seat=placed)
    assert gaps(preparing) == ["Objections that nobody has dealt with: 1."]
    with pytest.raises(actions.GateClosed):
        actions.open_session(preparing, by=facilitator)
    settle_objection(objection, upheld=False, by=facilitator)
    assert gaps(preparing) == []


@pytest.mark.parametrize(
    ("upheld", "state", "seat_state"), [(True, "not_placed", "not_placed"), (False, "stays", "seated")]
)
def test_the_team_decides_and_the_reason_is_destroyed(
    here: Alias, placed: ListenerSeat, facilitator: User, upheld: bool, state: str, seat_state: str
) -> None:
    objection = settle_objection(object_to(here, seat=placed, reason=MARK), upheld=upheld, by=facilitator)
    placed.refresh_from_db()
    assert (objection.state, objection.body, placed.state) == (state, None, seat_state)
    assert [(one.state["text"], one.reason) for one in raised_by(here)] == [(Objection.State(state).label, "")]
    event = AuditEvent.objects.get(verb="handle_objection")
    assert (event.actor, event.detail) == (facilitator.pk, state)
    with pytest.raises(NotAllowed):
        settle_objection(objection, upheld=not upheld, by=facilitator)


def test_an_upheld_objection_to_an_agency_holds_for_all_of_it_and_later_too(
    preparing: DialogueSession, here: Alias, placed: ListenerSeat, facilitator: User, listener: User
) -> None:
    assert listener.agency
    preparing.agencies.add(listener.agency)
    other = factories.make_seat(preparing)
    settle_objection(object_to(here, agency=listener.agency), upheld=True, by=facilitator)
    states = dict(ListenerSeat.objects.values_list("pk", "state"))
    assert states == {placed.pk: "not_placed", other.pk: "seated"}
    later = apply_for_seat(factories.make_listener(listener.agency), preparing)  # taken, so that nothing is revealed
    ListenerSeat.objects.filter(pk=later.pk).update(acknowledged_on=today(), accepted_on=today())
    with pytest.raises(NotAllowed):
        place_listener(later, by=facilitator)


def test_who_gives_the_seat_back_and_asks_again_gets_none_either(
    preparing: DialogueSession, here: Alias, placed: ListenerSeat, facilitator: User, listener: User
) -> None:
    assert listener.agency
    preparing.agencies.add(listener.agency)
    objection = object_to(here, seat=placed)
    give_seat_back(placed)
    settle_objection(objection, upheld=True, by=facilitator)
    again = apply_for_seat(listener, preparing)  # taken, so that nothing is revealed
    assert (again, again.state) == (placed, SeatState.APPLIED)
    with pytest.raises(NotAllowed, match="objection to this listener"):
        place_listener(again, by=facilitator)


@pytest.mark.parametrize("whole", [True, False])
def test_who_was_refused_stays_so_when_the_objector_is_forgotten(
    preparing: DialogueSession, here: Alias, placed: ListenerSeat, facilitator: User, listener: User, whole: bool
) -> None:
    """The yes stays without a name and without words; what was not decided, or not upheld, goes with the name."""
    other = factories.make_seat(preparing)
    objection = object_to(here, agency=listener.agency) if whole else object_to(here, seat=placed, reason=MARK)
    settle_objection(objection, upheld=True, by=facilitator)
    settle_objection(object_to(here, seat=other), upheld=False, by=facilitator)
    object_to(here, seat=other, reason=MARK)
    forget_me_here(here)
    left = Objection.objects.get()
    assert (left.pk, left.alias, left.body) == (objection.pk, None, None)
    ListenerSeat.objects.filter(pk=placed.pk).update(state=SeatState.APPLIED, decided_by=None, decided_on=None)
    placed.refresh_from_db()
    with pytest.raises(NotAllowed, match="An objection to this"):
        place_listener(placed, by=facilitator)


def test_without_a_name_only_the_yes_may_stay(here: Alias, placed: ListenerSeat, facilitator: User) -> None:
    settle_objection(object_to(here, seat=placed), upheld=False, by=facilitator)
    with pytest.raises(IntegrityError):
        Objection.objects.update(alias=None)


@pytest.mark.django_db(transaction=True)
def test_a_decision_and_being_forgotten_at_once(here: Alias, placed: ListenerSeat, facilitator: User) -> None:
    """Either the decision was made and stays, or there is nothing to decide any more."""
    objection = object_to(here, seat=placed)
    decided, _forgotten = at_once(
        lambda: settle_objection(objection, upheld=True, by=facilitator), lambda: forget_me_here(here)
    )
    placed.refresh_from_db()
    refused = placed.state == SeatState.NOT_PLACED
    assert (isinstance(decided, Objection), is_refused(placed)) == (refused, refused)


def test_only_the_team_decides(
    here: Alias, placed: ListenerSeat, other_facilitator: User, operator: User, listener: User
) -> None:
    objection = object_to(here, seat=placed)
    for stranger in (other_facilitator, operator, listener):
        with pytest.raises(NotAllowed):
            settle_objection(objection, upheld=True, by=stranger)


def test_one_takes_it_back_until_it_was_decided(here: Alias, placed: ListenerSeat, facilitator: User) -> None:
    first = take_back_objection(object_to(here, seat=placed, reason=MARK))
    assert (first.state, first.body) == ("withdrawn", None)
    second = settle_objection(object_to(here, seat=placed), upheld=False, by=facilitator)
    for one in (first, second):
        with pytest.raises(NotAllowed):
            take_back_objection(one)


@pytest.mark.django_db(transaction=True)
def test_an_objection_and_the_opening_at_once_have_one_winner(
    preparing: DialogueSession, here: Alias, placed: ListenerSeat, facilitator: User
) -> None:
    objected, opened = at_once(
        lambda: object_to(here, seat=placed), lambda: actions.open_session(preparing, by=facilitator)
    )
    preparing.refresh_from_db()
    assert isinstance(objected, Objection) != isinstance(opened, DialogueSession)
    assert (preparing.state == State.OPEN) == (Objection.objects.count() == 0)


@pytest.mark.django_db(transaction=True)
def test_two_facilitators_decide_once(here: Alias, placed: ListenerSeat, facilitator: User, peer: User) -> None:
    objection = object_to(here, seat=placed)
    results = at_once(
        lambda: settle_objection(Objection.objects.get(pk=objection.pk), upheld=True, by=facilitator),
        lambda: settle_objection(Objection.objects.get(pk=objection.pk), upheld=False, by=peer),
    )
    assert sorted(isinstance(one, NotAllowed) for one in results) == [False, True]


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_a_participant_objects_on_the_page_and_sees_what_came_of_it(
    client_for: ClientFor, here: Alias, placed: ListenerSeat, participant: Participant, facilitator: User
) -> None:
    url = reverse("sessions:objections", args=[here.dialogue_session_id])
    client = client_for(participant)
    assert "Marcus Hale" in client.get(url).content.decode()
    wrong = client.post(url, {"about": str(placed.pk), "reason": MARK + "x" * 1_000})
    assert (wrong.status_code, MARK in wrong.content.decode()) == (200, True)
    assert client.post(url, {"about": str(placed.pk), "reason": MARK}).headers["Location"] == url
    assert MARK in client.get(url).content.decode()
    team, objection = client_for(facilitator), Objection.objects.get()
    settle = reverse("sessions:objection_settle", args=[objection.pk])
    assert MARK in team.get(settle).content.decode()
    assert team.post(settle, {"outcome": "no_place"}).status_code == 302
    assert "already" in team.get(settle).content.decode()
    shown = client.get(url).content.decode()
    assert ("The listener gets no place" in shown, MARK in shown) == (True, False)


def test_a_reason_is_looked_at_once_before_it_is_sent(
    client_for: ClientFor, here: Alias, placed: ListenerSeat, participant: Participant
) -> None:
    client, url = client_for(participant), reverse("sessions:objections", args=[here.dialogue_session_id])
    typed = {"about": str(placed.pk), "reason": "Call me at 212-555-0147 about it."}
    page = unescape(client.post(url, typed).content.decode())
    assert not Objection.objects.exists()
    assert ("We don’t need them." in page, "212-555-0147" in page, "checked" in page) == (True, True, True)
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen
    assert client.post(url, typed | {"seen": seen[1], "as_is": "1"})["Location"] == url
    assert Objection.objects.count() == 1


def test_to_name_the_listener_in_a_reason_asks_nothing(
    client_for: ClientFor, here: Alias, placed: ListenerSeat, participant: Participant
) -> None:
    client, url = client_for(participant), reverse("sessions:objections", args=[here.dialogue_session_id])
    reason = f"Officer {placed.listener.name} stopped me twice."
    assert client.post(url, {"about": str(placed.pk), "reason": reason})["Location"] == url


def test_after_the_opening_the_page_leads_to_the_messages(
    client_for: ClientFor, alias: Alias, participant: Participant
) -> None:
    page = client_for(participant).get(reverse("sessions:objections", args=[alias.dialogue_session_id]))
    assert reverse("messages:mine", args=[alias.dialogue_session_id]) in page.content.decode()


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(days=9, hours=1), "still 9 days away"),
        (timedelta(days=1, hours=1), "still 1 day away"),
        (timedelta(hours=20), ""),
    ],
)
def test_who_opens_long_before_the_start_reads_what_that_ends(
    client_for: ClientFor,
    preparing: DialogueSession,
    placed: ListenerSeat,
    facilitator: User,
    ahead: timedelta,
    said: str,
) -> None:
    DialogueSession.objects.filter(pk=preparing.pk).update(starts_at=timezone.now() + ahead)
    client = client_for(facilitator)
    for url in (
        reverse("sessions:manage", args=[preparing.pk]),
        reverse("sessions:move_on", args=[preparing.pk]) + "?to=open",
    ):
        page = client.get(url).content.decode()
        assert ("Open the session" in page, "to object to a listener, would end today" in page) == (True, bool(said))
        assert said in page


@pytest.mark.promise("P10")
@pytest.mark.parametrize("upheld", [None, True, False])
def test_no_page_of_the_listener_tells_of_an_objection(
    client_for: ClientFor, here: Alias, placed: ListenerSeat, listener: User, facilitator: User, upheld: bool | None
) -> None:
    objection = object_to(here, seat=placed, reason=MARK)
    if upheld is not None:
        settle_objection(objection, upheld=upheld, by=facilitator)
    client, pk = client_for(listener), here.dialogue_session_id
    pages = [
        reverse("sessions:seats"),
        reverse("sessions:detail", args=[pk]),
        reverse("accounts:listener_home"),
        reverse("acknowledgments:write", args=[placed.pk]),
    ]
    for url in pages:
        page = client.get(url)
        text = page.content.decode()
        assert (page.status_code, MARK in text, here.name in text, "bjection" in text) == (200, False, False, False)
    assert ("Not placed" in client.get(pages[0]).content.decode()) == (upheld is True)


def test_the_team_sees_whom_it_refused_without_the_name_that_was_forgotten(
    client_for: ClientFor, here: Alias, placed: ListenerSeat, facilitator: User
) -> None:
    settle_objection(object_to(here, seat=placed), upheld=True, by=facilitator)
    forget_me_here(here)
    page = client_for(facilitator).get(reverse("sessions:objections_team", args=[here.dialogue_session_id]))
    text = page.content.decode()
    assert (placed.listener.name in text, "Raised by" in text) == (True, False)


def test_a_listener_who_stays_is_no_stop_sign(here: Alias, placed: ListenerSeat, facilitator: User) -> None:
    settle_objection(object_to(here, seat=placed), upheld=False, by=facilitator)
    assert [one.state for one in raised_by(here)] == [{"kind": "done", "text": "The listener stays"}]
