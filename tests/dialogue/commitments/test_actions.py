"""Proposing, reading, adopting and declining commitments."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import ListenerProfile, Pledge, User, today
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.audit.models import AuditEvent
from dialogue.commitments import actions
from dialogue.commitments.models import Commitment
from dialogue.commitments.policies import fingerprint, is_public
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round
from dialogue.sessions.models import State as SessionState
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.commitments import helpers
from tests.dialogue.commitments.helpers import every_session_is, make_head, terms
from tests.racing import at_once

head, promising = helpers.head, helpers.promising
State = Commitment.State


def audited() -> list[tuple[str, object, str]]:
    return list(AuditEvent.objects.order_by("verb", "detail").values_list("verb", "actor", "detail"))


def held(promising: DialogueSession, listener: User, **fields: Any) -> Commitment:
    return actions.propose_commitment(promising, terms=terms(**fields), by=listener)


def read(commitment: Commitment, by: User) -> Commitment:
    return actions.record_commitment(commitment, seen=fingerprint(commitment), by=by)


# --- Proposing ----------------------------------------------------------------------------------------------------


def test_a_listener_proposes_and_it_waits(promising: DialogueSession, listener: User) -> None:
    made = held(promising, listener, text="  We stop it.\r\n", unit="ignored")
    made.refresh_from_db()
    assert (made.state, made.text, made.owner, made.agency, made.level, made.unit, made.recorded_by) == (
        State.HELD,
        "We stop it.",
        listener,
        listener.agency,
        "personal",
        "",
        None,
    )
    assert audited() == []


def test_above_his_own_authority_too(promising: DialogueSession, listener: User) -> None:
    assert held(promising, listener, level="unit", unit="Night shift").unit == "Night shift"
    assert held(promising, listener, level="agency").level == "agency"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"text": " \u2800 "}, ["text"]),
        ({"text": "x" * 601}, ["text"]),
        ({"measure": ""}, ["measure"]),
        ({"measure": "x" * 301}, ["measure"]),
        ({"level": "unit"}, ["unit"]),
        ({"level": "unit", "unit": "x" * 121}, ["unit"]),
        ({"level": "world"}, ["level"]),
        ({"due_on": today()}, ["due_on"]),
        ({"due_on": today() + timedelta(days=1096)}, ["due_on"]),
        ({"text": "", "measure": ""}, ["text", "measure"]),
    ],
)
def test_what_can_not_stand(
    fields: dict[str, Any], wrong: list[str], promising: DialogueSession, listener: User
) -> None:
    with pytest.raises(ValidationError) as refused:
        held(promising, listener, **fields)
    assert sorted(refused.value.message_dict) == sorted(wrong)
    assert not Commitment.objects.exists()


def test_in_no_other_round(open_session: DialogueSession, listener: User) -> None:
    with pytest.raises(NotAllowed, match="in a round about commitments, and after"):
        held(open_session, listener)


def test_in_the_follow_up_and_not_after(promising: DialogueSession, listener: User) -> None:
    every_session_is(SessionState.FOLLOW_UP)
    assert held(promising, listener).state == State.HELD
    every_session_is(SessionState.PURGED)
    with pytest.raises(NotAllowed, match="in a round about commitments, and after"):
        held(promising, listener)


@pytest.mark.parametrize("state", [SessionState.OPEN, SessionState.FOLLOW_UP])
def test_only_who_was_heard_right(state: str, promising: DialogueSession, listener: User) -> None:
    every_session_is(state)
    ListenerSeat.objects.update(heard="")
    with pytest.raises(NotAllowed, match="one of your reflections"):
        held(promising, listener)


def test_not_in_a_pause_nor_before_the_time_to_think(promising: DialogueSession, listener: User) -> None:
    DialogueSession.objects.update(paused=True, pause_reason="A storm.")
    with pytest.raises(NotAllowed, match=r"There is a pause: A storm\."):
        held(promising, listener)
    DialogueSession.objects.update(paused=False)
    Round.objects.filter(state="open").update(think_minutes=60, opened_at=timezone.now())
    with pytest.raises(NotAllowed, match="Take some time to think first"):
        held(promising, listener)


def test_nobody_without_a_seat_in_force(
    promising: DialogueSession, listener: User, other_listener: User, facilitator: User
) -> None:
    Pledge.objects.filter(user=listener).update(withdrawn_on=today())
    for person in (listener, other_listener, facilitator):
        with pytest.raises(NotAllowed, match="no place in this session"):
            held(promising, person)
    assert not Commitment.objects.exists()


def test_the_same_form_twice_is_one_row(promising: DialogueSession, listener: User) -> None:
    pk = uuid4()
    first = actions.propose_commitment(promising, terms=terms(), by=listener, pk=pk)
    assert actions.propose_commitment(promising, terms=terms(), by=listener, pk=pk) == first
    with pytest.raises(NotAllowed, match="This one is different"):
        actions.propose_commitment(promising, terms=terms(text="Something else."), by=listener, pk=pk)
    assert Commitment.objects.get() == first


@pytest.mark.django_db(transaction=True)
def test_the_same_form_at_once_is_one_row(promising: DialogueSession, listener: User) -> None:
    pk = uuid4()
    acts: list[Callable[[], Any]] = [
        lambda: actions.propose_commitment(promising, terms=terms(), by=listener, pk=pk)
    ] * 3
    assert [made.pk for made in at_once(*acts)] == [pk] * 3
    assert Commitment.objects.count() == 1


# --- Reading ------------------------------------------------------------------------------------------------------


def test_a_facilitator_records_it(promising: DialogueSession, listener: User, facilitator: User) -> None:
    made = read(held(promising, listener), facilitator)
    made.refresh_from_db()
    assert (made.state, made.recorded_by, made.recorded_on, is_public(made)) == (
        State.PROPOSED,
        facilitator,
        today(),
        False,
    )
    assert audited() == [("record_commitment", facilitator.pk, "")]
    with pytest.raises(NotAllowed, match="dealt with this already"):
        read(made, facilitator)


def test_or_returns_it_and_it_comes_in_again(promising: DialogueSession, listener: User, peer: User) -> None:
    made = held(promising, listener)
    with pytest.raises(ValidationError):
        actions.return_commitment(made, note=" ", seen=fingerprint(made), by=peer)
    actions.return_commitment(made, note="By when exactly?", seen=fingerprint(made), by=peer)
    made.refresh_from_db()
    assert (made.state, made.note) == (State.RETURNED, "By when exactly?")
    assert audited() == [("return_commitment", peer.pk, "")]
    actions.revise_commitment(made, terms=terms(text="By May.", level="unit", unit="Nights"), by=listener)
    made.refresh_from_db()
    assert (made.state, made.note, made.text, made.unit) == (State.HELD, "", "By May.", "Nights")
    with pytest.raises(NotAllowed, match="does not wait for a change"):
        actions.revise_commitment(made, terms=terms(), by=listener)


def test_nobody_revises_for_another(listener: User, head: User) -> None:
    made = factories.make_commitment(State.RETURNED, owner=listener, level="agency")
    with pytest.raises(NotAllowed):
        actions.revise_commitment(made, terms=terms(), by=head)


def test_words_that_nobody_read_are_not_recorded(promising: DialogueSession, listener: User, facilitator: User) -> None:
    made = held(promising, listener)
    old = fingerprint(made)
    actions.return_commitment(made, note="By when?", seen=old, by=facilitator)
    actions.revise_commitment(made, terms=terms(text="Something else."), by=listener)
    for act in (
        lambda: actions.record_commitment(made, seen=old, by=facilitator),
        lambda: actions.return_commitment(made, note="x", seen=old, by=facilitator),
    ):
        with pytest.raises(NotAllowed, match="changed in the meantime"):
            act()
    made.refresh_from_db()
    assert made.state == State.HELD


def test_only_the_team_reads(
    promising: DialogueSession, listener: User, other_facilitator: User, operator: User, head: User
) -> None:
    made = held(promising, listener)
    for person in (listener, other_facilitator, operator, head):
        with pytest.raises(NotAllowed, match="Only the facilitators of this session"):
            read(made, person)
        with pytest.raises(NotAllowed, match="Only the facilitators of this session"):
            actions.return_commitment(made, note="x", seen=fingerprint(made), by=person)
    every_session_is(SessionState.PURGED)
    assert read(made, other_facilitator).state == State.PROPOSED


@pytest.mark.django_db(transaction=True)
def test_two_facilitators_at_once(promising: DialogueSession, listener: User, facilitator: User, peer: User) -> None:
    made = held(promising, listener)
    results = at_once(
        lambda: read(Commitment.objects.get(pk=made.pk), facilitator),
        lambda: actions.return_commitment(
            Commitment.objects.get(pk=made.pk), note="By when?", seen=fingerprint(made), by=peer
        ),
    )
    assert sum(isinstance(one, NotAllowed) for one in results) == 1
    made.refresh_from_db()
    won = results[0] if isinstance(results[1], NotAllowed) else results[1]
    assert (made.state, made.note) == (won.state, won.note)
    assert AuditEvent.objects.count() == 1


# --- Recorded by the team -----------------------------------------------------------------------------------------


def test_the_team_records_what_was_asked_for(promising: DialogueSession, listener: User, facilitator: User) -> None:
    pk = uuid4()
    made = actions.enter_commitment(promising, terms=terms(level="agency"), owner=listener, by=facilitator, pk=pk)
    again = actions.enter_commitment(promising, terms=terms(level="agency"), owner=listener, by=facilitator, pk=pk)
    assert made == again == Commitment.objects.get()
    assert (made.state, made.owner, made.agency, made.recorded_by, made.acknowledgment) == (
        State.PROPOSED,
        listener,
        listener.agency,
        facilitator,
        None,
    )
    assert audited()[0] == ("record_commitment", facilitator.pk, "entered")


def test_the_team_repeats_nobody_but_who_promises(
    promising: DialogueSession, listener: User, seat: ListenerSeat, alias: Alias, facilitator: User
) -> None:
    """A promise is public for good."""
    asked = "Give back the tent and the papers that you took from us on Ferry Street."
    promised = "I bring back every tent that my unit took on Ferry Street last winter."
    current = promising.rounds.get(state="open")
    factories.make_comment(current, alias, text=asked, state="released")
    factories.make_comment(current, seat=seat, text=promised, state="released")
    for wrong in ({"text": asked}, {"measure": f"{alias.name} can tell."}):
        with pytest.raises(ValidationError, match="Say it in your own words") as refused:
            actions.enter_commitment(promising, terms=terms(**wrong), owner=listener, by=facilitator)
        assert list(refused.value.message_dict) == list(wrong)
    made = actions.enter_commitment(promising, terms=terms(text=promised), owner=listener, by=facilitator)
    assert made.text == promised


def test_from_a_plan(
    promising: DialogueSession, listener: User, seat: ListenerSeat, facilitator: User, other_listener: User
) -> None:
    plan = seat.acknowledgment
    made = actions.enter_commitment(promising, terms=terms(), owner=listener, acknowledgment=plan, by=facilitator)
    assert made.acknowledgment == plan
    another = factories.make_seat(promising, other_listener).acknowledgment
    with pytest.raises(NotAllowed, match="does not belong to that listener"):
        actions.enter_commitment(promising, terms=terms(), owner=listener, acknowledgment=another, by=facilitator)
    Acknowledgment.objects.filter(pk=plan.pk).update(state="more_asked")
    plan.refresh_from_db()
    with pytest.raises(NotAllowed, match="not found enough"):
        actions.enter_commitment(promising, terms=terms(), owner=listener, acknowledgment=plan, by=facilitator)


def test_only_for_a_seated_listener(promising: DialogueSession, other_listener: User, facilitator: User) -> None:
    for state in ("applied", "left"):
        ListenerSeat.objects.filter(listener=other_listener).delete()
        factories.make_seat(promising, other_listener, state=state)
        with pytest.raises(NotAllowed, match="Only a listener who has a seat"):
            actions.enter_commitment(promising, terms=terms(), owner=other_listener, by=facilitator)


def test_only_by_the_team_and_in_time(
    promising: DialogueSession, listener: User, facilitator: User, other_facilitator: User
) -> None:
    with pytest.raises(NotAllowed, match="Only the facilitators"):
        actions.enter_commitment(promising, terms=terms(), owner=listener, by=other_facilitator)
    DialogueSession.objects.update(paused=True, pause_reason="A storm.")
    with pytest.raises(NotAllowed, match="A storm"):
        actions.enter_commitment(promising, terms=terms(), owner=listener, by=facilitator)
    for state in (SessionState.PREPARING, SessionState.PURGED, SessionState.CANCELLED):
        every_session_is(state)
        with pytest.raises(NotAllowed, match="while a session is open, and in its follow-up"):
            actions.enter_commitment(promising, terms=terms(), owner=listener, by=facilitator)


# --- Adopting -----------------------------------------------------------------------------------------------------


def proposed(owner: User, level: str = "personal", **fields: Any) -> Commitment:
    return factories.make_commitment(State.PROPOSED, owner=owner, level=level, **fields)


def test_the_owner_adopts_what_is_personal(listener: User, head: User) -> None:
    made = proposed(listener)
    with pytest.raises(NotAllowed, match="does not wait for your word"):
        actions.adopt_commitment(made, by=head)
    actions.adopt_commitment(made, by=listener)
    made.refresh_from_db()
    assert (made.state, made.adopted_by, made.adopted_on, is_public(made)) == (State.ADOPTED, listener, today(), True)
    assert audited() == [("adopt_commitment", listener.pk, "personal")]
    with pytest.raises(NotAllowed):
        actions.adopt_commitment(made, by=listener)


def test_a_unit_is_bound_by_an_owner_who_leads_one_or_by_the_head(listener: User, head: User) -> None:
    made = proposed(listener, "unit")
    with pytest.raises(NotAllowed):
        actions.adopt_commitment(made, by=listener)
    leader = factories.make_listener(listener.agency)
    ListenerProfile.objects.filter(user__in=[leader, listener]).update(leads_unit=True)
    with pytest.raises(NotAllowed):  # of another unit, for all we know
        actions.adopt_commitment(made, by=User.objects.get(pk=leader.pk))
    assert actions.adopt_commitment(made, by=User.objects.get(pk=listener.pk)).state == State.ADOPTED
    assert actions.adopt_commitment(proposed(leader, "unit"), by=head).adopted_by == head


def test_the_office_is_bound_by_its_head(listener: User, head: User, other_listener: User) -> None:
    ListenerProfile.objects.filter(user=listener).update(leads_unit=True)
    made = proposed(listener, "agency")
    elsewhere = make_head(other_listener.agency)  # type: ignore[arg-type]
    for person in (User.objects.get(pk=listener.pk), elsewhere, made.recorded_by):
        with pytest.raises(NotAllowed):
            actions.adopt_commitment(made, by=person)  # type: ignore[arg-type]
    assert actions.adopt_commitment(made, by=head).adopted_by == head


@pytest.mark.parametrize("level", ["personal", "unit", "agency"])
def test_who_is_not_checked_binds_nobody(level: str, head: User) -> None:
    made = proposed(head, level)
    ListenerProfile.objects.filter(user=head).update(verified_until=today())
    assert actions.adopt_commitment(made, by=User.objects.get(pk=head.pk)).state == State.ADOPTED
    another = proposed(head, level)
    ListenerProfile.objects.filter(user=head).update(
        verified_on=today() - timedelta(days=9), verified_until=today() - timedelta(days=1)
    )
    with pytest.raises(NotAllowed):
        actions.adopt_commitment(another, by=User.objects.get(pk=head.pk))


@pytest.mark.parametrize("state", [State.HELD, State.RETURNED, State.DONE, State.WITHDRAWN])
def test_what_does_not_wait_is_not_adopted(state: str, listener: User) -> None:
    made = factories.make_commitment(state, owner=listener)
    with pytest.raises(NotAllowed):
        actions.adopt_commitment(made, by=listener)


def test_not_after_its_day(listener: User) -> None:
    made = proposed(listener, due_on=today())
    with pytest.raises(NotAllowed, match="Its day is past"):
        actions.adopt_commitment(made, by=listener)


@pytest.mark.django_db(transaction=True)
def test_two_heads_at_once(listener: User) -> None:
    made = proposed(listener, "agency")
    heads = [make_head(listener.agency, name=name) for name in ("Ann", "Bea")]  # type: ignore[arg-type]
    results = at_once(
        *[lambda by=by: actions.adopt_commitment(Commitment.objects.get(pk=made.pk), by=by) for by in heads]
    )
    assert sum(isinstance(one, NotAllowed) for one in results) == 1
    made.refresh_from_db()
    assert made.adopted_by == heads[isinstance(results[0], NotAllowed)]
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_adopting_and_declining_at_once(listener: User, head: User) -> None:
    made = proposed(listener, "agency")
    results = at_once(
        lambda: actions.adopt_commitment(Commitment.objects.get(pk=made.pk), by=head),
        lambda: actions.decline_commitment(Commitment.objects.get(pk=made.pk), by=listener),
    )
    assert sum(isinstance(one, NotAllowed) for one in results) == 1
    made.refresh_from_db()
    assert (made.state, made.adopted_on) == (
        (State.WITHDRAWN, None) if isinstance(results[0], NotAllowed) else (State.ADOPTED, today())
    )


# --- Declining ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.HELD, State.RETURNED, State.PROPOSED])
def test_the_owner_takes_back_what_is_no_promise_yet(state: str, listener: User) -> None:
    made = factories.make_commitment(state, owner=listener)
    actions.decline_commitment(made, by=listener)
    made.refresh_from_db()
    assert (made.state, made.ended_on, made.adopted_on, is_public(made)) == (State.WITHDRAWN, today(), None, False)
    assert audited() == [("return_commitment", listener.pk, "declined")]


def test_the_head_declines_what_waits_for_him(listener: User, head: User, other_listener: User) -> None:
    made, unread = proposed(listener, "agency"), factories.make_commitment(State.HELD, owner=listener, level="agency")
    for one, person in ((made, other_listener), (unread, head), (proposed(listener), head)):
        with pytest.raises(NotAllowed):
            actions.decline_commitment(one, by=person)
    assert actions.decline_commitment(made, by=head).state == State.WITHDRAWN


def test_a_promise_is_not_declined(listener: User) -> None:
    made = factories.make_commitment(owner=listener)
    with pytest.raises(NotAllowed):
        actions.decline_commitment(made, by=listener)


# --- Changing -----------------------------------------------------------------------------------------------------


def change(old: Commitment, by: User, **fields: Any) -> Commitment:
    return actions.propose_change(old, terms=terms(text="By June instead.", **fields), by=by)


def test_a_change_takes_the_old_ones_place_when_it_is_adopted(listener: User, facilitator: User) -> None:
    old = factories.make_commitment(owner=listener)
    new = change(old, listener)
    assert (new.state, new.replaces, new.dialogue_session) == (State.HELD, old, old.dialogue_session)
    read(new, old.dialogue_session.created_by)
    old.refresh_from_db()
    assert old.state == State.ADOPTED
    actions.adopt_commitment(new, by=listener)
    old.refresh_from_db()
    assert (old.state, old.ended_on, new.state) == (State.CHANGED, today(), State.ADOPTED)


def test_a_change_binds_the_same_people(listener: User, head: User) -> None:
    old = factories.make_commitment(owner=listener, level="agency", adopted_by=head)
    new = change(old, listener, level="personal")
    assert new.level == "agency"
    actions.return_commitment(new, note="x", seen=fingerprint(new), by=old.dialogue_session.created_by)
    assert actions.revise_commitment(new, terms=terms(level="personal"), by=listener).level == "agency"
    read(new, old.dialogue_session.created_by)
    with pytest.raises(NotAllowed):
        actions.adopt_commitment(new, by=listener)
    actions.adopt_commitment(new, by=head)
    old.refresh_from_db()
    assert old.state == State.CHANGED


def test_one_change_waits_at_a_time(listener: User) -> None:
    old = factories.make_commitment(owner=listener)
    pk = uuid4()
    first = actions.propose_change(old, terms=terms(), by=listener, pk=pk)
    assert actions.propose_change(old, terms=terms(), by=listener, pk=pk) == first
    with pytest.raises(NotAllowed, match="Only one can wait"):
        change(old, listener)
    actions.decline_commitment(first, by=listener)
    assert change(old, listener).state == State.HELD


def test_no_lapse_and_no_purge_stops_a_change(listener: User) -> None:
    old = factories.make_commitment(owner=listener)
    every_session_is(SessionState.PURGED)
    Pledge.objects.update(withdrawn_on=today())
    assert change(old, listener).state == State.HELD


def test_nobody_else_changes_it(listener: User, head: User, other_listener: User) -> None:
    personal = factories.make_commitment(owner=listener)
    for person in (head, other_listener):
        with pytest.raises(NotAllowed):
            change(personal, person)
    office = factories.make_commitment(owner=listener, level="agency")
    assert change(office, head).owner == head


@pytest.mark.parametrize("state", [State.PROPOSED, State.DONE, State.BROKEN, State.CHANGED, State.WITHDRAWN])
def test_only_a_running_promise_is_changed(state: str, listener: User) -> None:
    with pytest.raises(NotAllowed):
        change(factories.make_commitment(state, owner=listener), listener)


def test_a_change_of_what_has_ended_is_not_adopted(listener: User) -> None:
    old = factories.make_commitment(owner=listener)
    new = factories.make_commitment(State.PROPOSED, owner=listener, replaces=old, dialogue_session=old.dialogue_session)
    Commitment.objects.filter(pk=old.pk).update(state=State.BROKEN, ended_on=today())
    with pytest.raises(NotAllowed, match="has ended by now"):
        actions.adopt_commitment(new, by=listener)
    new.refresh_from_db()
    old.refresh_from_db()
    assert (new.state, old.state) == (State.PROPOSED, State.BROKEN)


def test_terms_are_kept_as_they_were_put_in_order() -> None:
    typed = terms(text=" a\r\n\r\n\r\nb ", level="agency", unit="x")
    assert typed.in_order() == replace(typed, text="a\n\nb", unit="")
