"""Names and seats: joining, leaving, being removed; asking for a seat, getting it, giving it back."""

import pytest

from accounts.models import AgencyAgreement, Participant, User, today
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions_aliases import NameTaken, draw_name, forget_me_here, join_session, remove_alias
from dialogue.sessions.actions_seats import (
    apply_for_seat,
    decline_listener,
    give_seat_back,
    place_listener,
)
from dialogue.sessions.barring import is_barred
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, State
from dialogue.sessions.names import FIRST, SECOND, draw
from dialogue.sessions.queries import my_alias, my_aliases, my_seat
from seeds.transitions import NotAllowed
from tests import factories


def test_names_are_two_listed_words_nobody_else_has() -> None:
    assert len(FIRST) == len(set(FIRST)) >= 45
    assert len(SECOND) == len(set(SECOND)) >= 45
    taken = {f"{first} {second}" for first in FIRST for second in SECOND} - {"Calm Brook"}
    assert draw(taken) == "Calm Brook"
    assert max(len(name) for name in taken) <= 40


@pytest.mark.django_db
def test_joining_gives_a_name_only_its_holder_finds(
    announced: DialogueSession, participant: Participant, other_participant: Participant
) -> None:
    alias = join_session(participant, announced, name="Calm Brook")
    assert (alias.name, alias.removed, alias.barred) == ("Calm Brook", False, False)
    assert my_alias(participant, announced) == alias
    assert my_alias(other_participant, announced) is None
    assert join_session(participant, announced, name="Wide River") == alias
    with pytest.raises(NameTaken):
        join_session(other_participant, announced, name="Calm Brook")
    assert draw_name(announced) != "Calm Brook"


@pytest.mark.django_db
@pytest.mark.promise("P2")
def test_one_person_has_unlike_names_and_tags_in_two_sessions(participant: Participant) -> None:
    sessions = [factories.make_session(State.ANNOUNCED) for _ in range(2)]
    first, second = (join_session(participant, one, name="Calm Brook") for one in sessions)
    assert bytes(first.tag or b"") != bytes(second.tag or b"")
    assert set(my_aliases(participant)) == {first, second}


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("paused", [True, False])
def test_people_join_before_it_opens_only(state: State, paused: bool, participant: Participant) -> None:
    session = factories.make_session(state, paused=paused, pause_reason="A storm" if paused else "")
    if state in (State.ANNOUNCED, State.PREPARING) and not paused:
        assert join_session(participant, session, name="Calm Brook").name == "Calm Brook"
    else:
        with pytest.raises(NotAllowed):
            join_session(participant, session, name="Calm Brook")
        assert session.aliases.count() == 0


@pytest.mark.django_db
def test_a_full_session_takes_nobody_until_somebody_leaves(
    participant: Participant, other_participant: Participant
) -> None:
    session = factories.make_session(State.ANNOUNCED, capacity=2)
    factories.make_alias(session)
    first = join_session(participant, session, name="Calm Brook")
    with pytest.raises(NotAllowed, match="places"):
        join_session(other_participant, session, name="Wide River")
    forget_me_here(first)
    assert join_session(other_participant, session, name="Wide River").name == "Wide River"


@pytest.mark.django_db
@pytest.mark.promise("P2")
def test_forget_me_here_cuts_the_link_for_good(open_session: DialogueSession, participant: Participant) -> None:
    alias = my_alias(participant, open_session)
    assert alias is not None
    forget_me_here(alias)
    assert my_alias(participant, open_session) is None
    assert list(Alias.objects.filter(pk=alias.pk).values_list("tag", "name")) == [(None, alias.name)]
    with pytest.raises(NotAllowed):
        join_session(participant, open_session, name="Calm Brook")  # it is open by now


@pytest.mark.django_db
def test_removed_from_one_session(announced: DialogueSession, participant: Participant, facilitator: User) -> None:
    elsewhere = factories.make_session(State.ANNOUNCED)
    alias = join_session(participant, announced, name="Calm Brook")
    remove_alias(alias, by=facilitator)
    assert my_alias(participant, announced) is None
    with pytest.raises(NotAllowed):
        join_session(participant, announced, name="Wide River")
    with pytest.raises(NotAllowed):  # else forgetting would open the door again
        forget_me_here(alias)
    with pytest.raises(NotAllowed):
        remove_alias(alias, by=facilitator)
    assert not is_barred(participant.alias_key)
    assert join_session(participant, elsewhere, name="Wide River")
    assert list(AuditEvent.objects.values_list("verb", "dialogue_session", "detail")) == [
        ("remove_alias", announced.pk, "this session")
    ]


@pytest.mark.django_db
def test_removed_from_all_sessions(announced: DialogueSession, participant: Participant, facilitator: User) -> None:
    elsewhere = factories.make_session(State.ANNOUNCED)
    join_session(participant, elsewhere, name="Wide River")
    remove_alias(join_session(participant, announced, name="Calm Brook"), by=facilitator, from_all=True)
    assert is_barred(participant.alias_key)
    assert my_alias(participant, elsewhere) is None
    assert list(my_aliases(participant)) == []
    with pytest.raises(NotAllowed):
        join_session(participant, factories.make_session(State.ANNOUNCED), name="Wide River")


@pytest.mark.django_db
def test_strangers_remove_nobody(announced: DialogueSession, other_facilitator: User, operator: User) -> None:
    alias = factories.make_alias(announced)
    for by in (other_facilitator, operator):
        with pytest.raises(NotAllowed):
            remove_alias(alias, by=by)
    assert not Alias.objects.get().removed


@pytest.fixture
def inviting(announced: DialogueSession, listener: User) -> DialogueSession:
    """An announced session that invites the listener's agency."""
    assert listener.agency
    announced.agencies.add(listener.agency)
    return announced


def acknowledge(seat: ListenerSeat) -> ListenerSeat:
    ListenerSeat.objects.filter(pk=seat.pk).update(acknowledged_on=today(), accepted_on=today())
    seat.refresh_from_db()
    return seat


@pytest.mark.django_db
def test_from_asking_to_listening(inviting: DialogueSession, listener: User, facilitator: User) -> None:
    seat = apply_for_seat(listener, inviting)
    assert apply_for_seat(listener, inviting) == seat
    assert my_seat(listener, inviting) is None
    with pytest.raises(NotAllowed, match="acknowledgment"):
        place_listener(seat, by=facilitator)
    ListenerSeat.objects.update(acknowledged_on=today())
    with pytest.raises(NotAllowed, match="acknowledgment"):  # complete, yet not found enough by the participants
        place_listener(seat, by=facilitator)
    acknowledge(seat)
    place_listener(seat, by=facilitator)
    assert (seat.state, seat.decided_by, seat.decided_on) == ("seated", facilitator, today())
    assert my_seat(listener, inviting) == seat
    with pytest.raises(NotAllowed):
        place_listener(seat, by=facilitator)
    assert list(AuditEvent.objects.values_list("verb", "actor")) == [("place_listener", facilitator.pk)]


@pytest.mark.django_db
def test_who_cannot_ask(
    inviting: DialogueSession, other_listener: User, new_listener: User, facilitator: User, listener: User
) -> None:
    for person in (other_listener, new_listener, facilitator):  # agency not invited; not verified; no listener
        with pytest.raises(NotAllowed):
            apply_for_seat(person, inviting)
    DialogueSession.objects.update(state=State.OPEN)
    with pytest.raises(NotAllowed):
        apply_for_seat(listener, inviting)
    assert inviting.seats.count() == 0


@pytest.mark.django_db
def test_a_lapse_locks_at_once(inviting: DialogueSession, listener: User, facilitator: User) -> None:
    seat = place_listener(acknowledge(apply_for_seat(listener, inviting)), by=facilitator)
    assert my_seat(listener, inviting) == seat
    AgencyAgreement.objects.update(withdrawn_on=today())
    assert my_seat(listener, inviting) is None


@pytest.mark.django_db
def test_a_lapsed_listener_gets_no_seat(inviting: DialogueSession, listener: User, facilitator: User) -> None:
    seat = acknowledge(apply_for_seat(listener, inviting))
    listener.pledges.update(withdrawn_on=today())
    with pytest.raises(NotAllowed, match="may not listen"):
        place_listener(seat, by=facilitator)


@pytest.mark.django_db
def test_not_placed_is_final_for_the_listener(inviting: DialogueSession, listener: User, facilitator: User) -> None:
    seat = decline_listener(apply_for_seat(listener, inviting), by=facilitator)
    assert apply_for_seat(listener, inviting).state == "not_placed"
    with pytest.raises(NotAllowed):
        decline_listener(seat, by=facilitator)
    with pytest.raises(NotAllowed):
        give_seat_back(seat)


@pytest.mark.django_db
def test_a_seat_can_be_taken_back(inviting: DialogueSession, listener: User, facilitator: User) -> None:
    seat = place_listener(acknowledge(apply_for_seat(listener, inviting)), by=facilitator)
    decline_listener(seat, by=facilitator)
    assert my_seat(listener, inviting) is None


@pytest.mark.django_db
def test_a_seat_given_back_can_be_asked_for_again(inviting: DialogueSession, listener: User, facilitator: User) -> None:
    seat = place_listener(acknowledge(apply_for_seat(listener, inviting)), by=facilitator)
    assert give_seat_back(seat).state == "left"
    with pytest.raises(NotAllowed):
        give_seat_back(seat)
    again = apply_for_seat(listener, inviting)
    assert (again, again.state, again.decided_by, again.acknowledged_on) == (seat, "applied", None, today())


@pytest.mark.django_db
def test_seats_are_given_before_it_opens(open_session: DialogueSession, facilitator: User) -> None:
    seat = acknowledge(factories.make_seat(open_session, state="applied"))
    with pytest.raises(NotAllowed, match="before the session opens"):
        place_listener(seat, by=facilitator)


@pytest.mark.django_db
def test_strangers_decide_nothing(
    inviting: DialogueSession, listener: User, other_facilitator: User, operator: User
) -> None:
    seat = acknowledge(apply_for_seat(listener, inviting))
    for by in (other_facilitator, operator, listener):
        for step in (place_listener, decline_listener):
            with pytest.raises(NotAllowed):
                step(seat, by=by)
    assert ListenerSeat.objects.get().state == "applied"
