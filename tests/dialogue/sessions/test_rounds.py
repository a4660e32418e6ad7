"""Running the agenda, and changing it while it runs."""

import pytest

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions_rounds import (
    add_round,
    close_round,
    edit_round,
    open_round,
    remove_round,
    reopen_round,
    shift_round,
    skip_round,
)
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from dialogue.sessions.queries import current_round, next_round
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

WHOLE = "opening listening reflecting dialogue closing"


@pytest.fixture
def running(facilitator: User, peer: User) -> DialogueSession:
    """An open session whose rounds are all still to come."""
    return with_rounds(factories.make_session(State.OPEN, team=[facilitator, peer]))


def with_rounds(session: DialogueSession, kinds: str = WHOLE) -> DialogueSession:
    for kind in kinds.split():
        factories.make_round(session, RoundKind(kind), Round.State.PLANNED)
    return session


def of(session: DialogueSession, kind: str) -> Round:
    return session.rounds.filter(kind=kind).order_by("number")[0]


def states(session: DialogueSession) -> str:
    return " ".join(session.rounds.order_by("number").values_list("state", flat=True))


def kinds(session: DialogueSession) -> str:
    rows = session.rounds.order_by("number").values_list("number", "kind")
    assert [number for number, _kind in rows] == list(range(1, len(rows) + 1))
    return " ".join(kind for _number, kind in rows)


@pytest.mark.django_db
def test_rounds_go_one_after_the_other(running: DialogueSession, facilitator: User) -> None:
    seen = []
    while upcoming := next_round(running):
        open_round(upcoming, by=facilitator)
        assert current_round(running) == upcoming
        close_round(upcoming, by=facilitator)
        seen.append(states(running))
    assert seen[-1] == "done done done done done"
    assert current_round(running) is None
    assert AuditEvent.objects.filter(verb="move_round").count() == 10


@pytest.mark.django_db
def test_only_the_next_round_and_only_one_at_a_time(running: DialogueSession, facilitator: User) -> None:
    with pytest.raises(NotAllowed, match="not the next"):
        open_round(of(running, "listening"), by=facilitator)
    open_round(of(running, "opening"), by=facilitator)
    with pytest.raises(NotAllowed, match="still on"):
        open_round(of(running, "listening"), by=facilitator)
    with pytest.raises(NotAllowed):
        close_round(of(running, "listening"), by=facilitator)
    with pytest.raises(NotAllowed):
        open_round(of(running, "opening"), by=facilitator)
    assert states(running) == "open planned planned planned planned"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["opening", "listening", "closing"])
def test_three_rounds_cannot_be_skipped(kind: str, running: DialogueSession, facilitator: User) -> None:
    with pytest.raises(NotAllowed):
        skip_round(of(running, kind), by=facilitator)
    with pytest.raises(NotAllowed):
        remove_round(of(running, kind), by=facilitator)
    with pytest.raises(NotAllowed):
        edit_round(of(running, kind), kind="dialogue", prompt="Something else", by=facilitator)
    assert (states(running), kinds(running)) == ("planned planned planned planned planned", WHOLE)
    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
def test_the_closing_of_a_round_is_undone_until_the_next_begins(
    running: DialogueSession, facilitator: User, peer: User, other_facilitator: User
) -> None:
    opening = of(running, "opening")
    with pytest.raises(NotAllowed, match="changed meanwhile"):
        reopen_round(opening, by=facilitator)
    open_round(opening, by=facilitator)
    close_round(opening, by=facilitator)
    with pytest.raises(NotAllowed, match="Only the facilitators"):
        reopen_round(opening, by=other_facilitator)
    since = Round.objects.get(pk=opening.pk).opened_at
    reopen_round(opening, by=peer)
    assert AuditEvent.objects.filter(detail="1 open again").count() == 1
    with pytest.raises(NotAllowed, match="changed meanwhile"):
        reopen_round(opening, by=facilitator)
    assert Round.objects.get(pk=opening.pk).opened_at == since, "the minutes to think don't start anew"
    close_round(opening, by=facilitator)
    open_round(of(running, "listening"), by=facilitator)
    with pytest.raises(NotAllowed, match="later round"):
        reopen_round(opening, by=facilitator)
    close_round(of(running, "listening"), by=facilitator)
    with pytest.raises(NotAllowed, match="later round"):
        reopen_round(opening, by=facilitator)
    assert states(running) == "done done planned planned planned"


@pytest.mark.django_db
def test_a_reflecting_round_stays_closed(running: DialogueSession, facilitator: User) -> None:
    """Closed, it may have let out the answer of a single participant; open again, the next would be alone as well."""
    running.rounds.filter(number__lte=3).update(state="done")
    with pytest.raises(NotAllowed, match="stays closed"):
        reopen_round(of(running, "reflecting"), by=facilitator)
    assert states(running) == "done done done planned planned"


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"paused": True, "pause_reason": "A break."}, {"state": State.CANCELLED}])
def test_no_round_is_opened_again_on_hold_or_after_the_end(
    change: dict[str, object], running: DialogueSession, facilitator: User
) -> None:
    running.rounds.filter(number=1).update(state="done")
    DialogueSession.objects.filter(pk=running.pk).update(**{"cancel_reason": "Too few."} | change)
    with pytest.raises(NotAllowed):
        reopen_round(of(running, "opening"), by=facilitator)
    assert states(running) == "done planned planned planned planned"


@pytest.mark.django_db
def test_a_second_listening_round_can_be_skipped(running: DialogueSession, facilitator: User) -> None:
    add_round(running, kind="listening", prompt="Once more?", before=of(running, "reflecting"), by=facilitator)
    assert kinds(running) == "opening listening listening reflecting dialogue closing"
    second = running.rounds.filter(kind="listening").order_by("number")[1]
    skip_round(second, by=facilitator)
    with pytest.raises(NotAllowed):
        skip_round(of(running, "listening"), by=facilitator)
    assert states(running) == "planned planned skipped planned planned planned"


@pytest.mark.django_db
def test_listeners_never_write_before_a_listening_round_is_done(facilitator: User, peer: User) -> None:
    """Even if the agenda in the database were wrong, the round would not open."""
    session = factories.make_session(State.OPEN, team=[facilitator, peer])
    with_rounds(session, "opening dialogue listening closing")
    session.rounds.filter(kind="opening").update(state="done")
    with pytest.raises(NotAllowed, match="listen first"):
        open_round(of(session, "dialogue"), by=facilitator)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state for state in State if state != State.OPEN])
def test_rounds_run_in_open_sessions_only(state: State, facilitator: User, peer: User) -> None:
    session = with_rounds(factories.make_session(state, team=[facilitator, peer]))
    for step in (open_round, skip_round):
        with pytest.raises(NotAllowed, match="not open"):
            step(of(session, "opening"), by=facilitator)
    assert states(session) == "planned planned planned planned planned"


@pytest.mark.django_db
def test_a_pause_stops_the_rounds(running: DialogueSession, facilitator: User) -> None:
    open_round(of(running, "opening"), by=facilitator)
    DialogueSession.objects.update(paused=True, pause_reason="A storm")
    with pytest.raises(NotAllowed, match="paused"):
        close_round(of(running, "opening"), by=facilitator)


@pytest.mark.django_db
def test_strangers_run_nothing(running: DialogueSession, other_facilitator: User, operator: User) -> None:
    for by in (other_facilitator, operator):
        for step in (open_round, skip_round, remove_round):
            with pytest.raises(NotAllowed):
                step(of(running, "opening"), by=by)
        with pytest.raises(NotAllowed):
            add_round(running, kind="listening", prompt="Mine", by=by)
        with pytest.raises(NotAllowed):
            shift_round(of(running, "dialogue"), earlier=True, by=by)
    assert kinds(running) == WHOLE


@pytest.mark.django_db
def test_a_round_that_was_taken_out_meanwhile(running: DialogueSession, facilitator: User) -> None:
    added = add_round(running, kind="listening", prompt="Once more?", before=of(running, "closing"), by=facilitator)
    shown = Round.objects.get(pk=added.pk)
    remove_round(added, by=facilitator)
    for step in (
        lambda: remove_round(shown, by=facilitator),
        lambda: edit_round(shown, kind="listening", prompt="Other words?", by=facilitator),
        lambda: shift_round(shown, earlier=True, by=facilitator),
        lambda: add_round(running, kind="listening", prompt="Mine?", before=shown, by=facilitator),
    ):
        with pytest.raises(NotAllowed, match="changed meanwhile"):
            step()
    assert kinds(running) == WHOLE


@pytest.mark.django_db(transaction=True)
def test_take_it_out_is_pressed_twice(running: DialogueSession, facilitator: User) -> None:
    added = add_round(running, kind="listening", prompt="Once more?", before=of(running, "closing"), by=facilitator)
    one, two = Round.objects.get(pk=added.pk), Round.objects.get(pk=added.pk)
    results = at_once(lambda: remove_round(one, by=facilitator), lambda: remove_round(two, by=facilitator))
    assert sorted(isinstance(result, NotAllowed) for result in results) == [False, True]


@pytest.mark.django_db
def test_a_draft_may_be_unfinished(draft: DialogueSession, facilitator: User) -> None:
    with_rounds(draft)
    remove_round(of(draft, "opening"), by=facilitator)
    edit_round(of(draft, "closing"), kind="dialogue", prompt="  Talk.  ", by=facilitator)
    assert kinds(draft) == "listening reflecting dialogue dialogue"
    assert draft.rounds.get(number=4).prompt == "Talk."


@pytest.mark.django_db
def test_rounds_change_places(running: DialogueSession, facilitator: User) -> None:
    add_round(running, kind="reflecting", prompt="Again?", before=of(running, "dialogue"), by=facilitator)
    shift_round(of(running, "dialogue"), earlier=True, by=facilitator)
    assert kinds(running) == "opening listening reflecting dialogue reflecting closing"
    shift_round(of(running, "dialogue"), earlier=False, by=facilitator)
    remove_round(running.rounds.get(number=4), by=facilitator)
    assert kinds(running) == WHOLE
    shift_round(of(running, "opening"), earlier=True, by=facilitator)  # at the end already
    assert kinds(running) == WHOLE
    for kind, earlier in (("dialogue", False), ("dialogue", True), ("listening", True), ("reflecting", True)):
        with pytest.raises(NotAllowed):
            shift_round(of(running, kind), earlier=earlier, by=facilitator)
    assert kinds(running) == WHOLE


@pytest.mark.django_db
def test_what_has_begun_stands_fast(running: DialogueSession, facilitator: User) -> None:
    opening = of(running, "opening")
    open_round(opening, by=facilitator)
    for step in (
        lambda: edit_round(opening, kind="opening", prompt="Other words", by=facilitator),
        lambda: remove_round(opening, by=facilitator),
        lambda: shift_round(opening, earlier=False, by=facilitator),
        lambda: add_round(running, kind="listening", prompt="Before it", before=opening, by=facilitator),
    ):
        with pytest.raises(NotAllowed):
            step()
    shift_round(of(running, "listening"), earlier=True, by=facilitator)  # does not pass the round that is on
    assert kinds(running) == WHOLE


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.FOLLOW_UP, State.PURGED, State.CANCELLED])
def test_afterwards_the_agenda_stands_fast(state: State, facilitator: User, peer: User) -> None:
    session = with_rounds(factories.make_session(state, team=[facilitator, peer]))
    with pytest.raises(NotAllowed):
        add_round(session, kind="dialogue", prompt="Late", by=facilitator)
    assert kinds(session) == WHOLE
