"""The gates, one by one, and the life of a session as a table of state and step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Agency, AgencyAgreement, Pledge, Role, User, today
from accounts.policies import may_listen
from dialogue.audit.models import AuditEvent
from dialogue.resources.models import Resource
from dialogue.sessions import actions
from dialogue.sessions.actions_plan import postpone_session
from dialogue.sessions.models import (
    ALLOWED,
    Booking,
    DialogueSession,
    ListenerSeat,
    RecordLabel,
    Round,
    RoundKind,
    State,
)
from dialogue.sessions.policies import EDITABLE, missing, next_state
from dialogue.sessions.snapshot import with_standing
from seeds.transitions import NotAllowed
from tests import factories

Spoil = Callable[[DialogueSession], object]


def plan_rounds(session: DialogueSession, kinds: str = "opening listening reflecting closing") -> None:
    for kind in kinds.split():
        factories.make_round(session, RoundKind(kind), Round.State.PLANNED)


def replan(session: DialogueSession, kinds: str) -> None:
    session.rounds.all().delete()
    plan_rounds(session, kinds)


def ready(state: State, lead: User, peer: User, agency: Agency) -> DialogueSession:
    """A session in `state` from which the next step is open."""
    factories.make_resource()
    session = factories.make_session(state, team=[lead, peer])
    session.agencies.add(agency)
    plan_rounds(session)
    factories.make_seat(session, factories.make_listener(agency)) if state != State.DRAFT else None
    for _ in range(2):
        factories.make_alias(session)
    if state == State.OPEN:
        session.rounds.update(state=Round.State.DONE)
    return session


def change(session: DialogueSession, **fields: object) -> None:
    DialogueSession.objects.filter(pk=session.pk).update(**fields)
    session.refresh_from_db()


def lapse(session: DialogueSession) -> int:
    return Pledge.objects.filter(user=session.seats.get().listener).update(withdrawn_on=today())


NO_FIRST_MOVE = "No listener’s first move is complete yet."
GAPS: list[tuple[State, str, Spoil, list[str]]] = [
    (
        State.DRAFT,
        "one facilitator",
        lambda s: s.bookings.filter(facilitator__is_peer=False).delete(),
        ["A session needs at least two facilitators."],
    ),
    (
        State.DRAFT,
        "no peer",
        lambda s: User.objects.update(is_peer=False),
        ["At least one facilitator must be a peer."],
    ),
    (
        State.DRAFT,
        "a facilitator whose account is closed",
        lambda s: User.objects.filter(is_peer=True).update(is_active=False),
        ["A session needs at least two facilitators.", "At least one facilitator must be a peer."],
    ),
    (State.DRAFT, "no legal basis", lambda s: change(s, legal_basis=" "), ["The legal basis is not written yet."]),
    (
        State.DRAFT,
        "no record label",
        lambda s: change(s, record_label=""),
        ["Choose what may be repeated outside (the record label)."],
    ),
    (State.DRAFT, "no agency", lambda s: s.agencies.clear(), ["No agency is invited yet."]),
    (
        State.DRAFT,
        "a start in the past",
        lambda s: change(s, starts_at=timezone.now() - timedelta(minutes=1)),
        ["The start must lie in the future."],
    ),
    (
        State.DRAFT,
        "no help line",
        lambda s: Resource.objects.all().delete(),
        ["No help line is listed yet. An operator adds the first one."],
    ),
    (
        State.DRAFT,
        "a stale help line beside a fresh one",
        lambda s: factories.make_resource(verified_on=today() - timedelta(days=91)),
        ["A help line was last checked more than 90 days ago."],
    ),
    (
        State.DRAFT,
        "no opening",
        lambda s: replan(s, "listening reflecting closing"),
        ["The agenda must begin with an opening, in which the listeners’ first move is read."],
    ),
    (
        State.DRAFT,
        "listeners write first",
        lambda s: replan(s, "opening reflecting listening closing"),
        ["A listening round must come before any round in which listeners may write."],
    ),
    (State.DRAFT, "no closing", lambda s: replan(s, "opening listening"), ["The agenda must end with a closing."]),
    (State.ANNOUNCED, "nobody asks", lambda s: s.seats.all().delete(), [NO_FIRST_MOVE]),
    (
        State.ANNOUNCED,
        "the one who asks has handed in nothing complete",
        lambda s: s.seats.update(
            state="applied", decided_by=None, decided_on=None, acknowledged_on=None, accepted_on=None
        ),
        [NO_FIRST_MOVE],
    ),
    (
        State.ANNOUNCED,
        "the one who was complete gave the place back",
        lambda s: s.seats.update(state="left", decided_by=None, decided_on=None),
        [NO_FIRST_MOVE],
    ),
    (State.ANNOUNCED, "the one seated lapsed", lapse, [NO_FIRST_MOVE]),
    (State.PREPARING, "nobody seated", lambda s: s.seats.all().delete(), ["No listener has a seat yet."]),
    (
        State.PREPARING,
        "somebody has only asked",
        lambda s: s.seats.update(state="applied", decided_by=None, decided_on=None),
        ["No listener has a seat yet."],
    ),
    (
        State.PREPARING,
        "one of two lapsed",
        lambda s: [lapse(s), factories.make_seat(s)],
        ["{lapsed} may not listen at the moment: a promise or the check has run out."],
    ),
    (
        State.PREPARING,
        "too few names",
        lambda s: s.aliases.all()[0].delete(),
        ["Joined so far: 1. The session needs 2."],
    ),
    (
        State.PREPARING,
        "one was removed",
        lambda s: s.aliases.filter(pk=s.aliases.all()[0].pk).update(removed=True),
        ["Joined so far: 1. The session needs 2."],
    ),
    (
        State.PREPARING,
        "one pressed forget me here",
        lambda s: s.aliases.filter(pk=s.aliases.all()[0].pk).update(tag=None),
        ["Joined so far: 1. The session needs 2."],
    ),
    (
        State.PREPARING,
        "more listeners than participants",
        lambda s: [factories.make_seat(s) for _ in range(2)],
        ["There are more listeners than participants."],
    ),
    (
        State.PREPARING,
        "the opening is gone",
        lambda s: s.rounds.filter(kind="opening").update(state="done"),
        ["The next round must be an opening."],
    ),
    (
        State.OPEN,
        "the closing is still on",
        lambda s: s.rounds.filter(kind="closing").update(state="open"),
        ["A round is still on. Close it first.", "The closing round is not done yet."],
    ),
    (
        State.OPEN,
        "the closing was skipped",
        lambda s: s.rounds.filter(kind="closing").update(state="skipped"),
        ["The closing round is not done yet."],
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "spoil", "texts"), [pytest.param(s, f, t, id=name) for s, name, f, t in GAPS])
def test_gap(state: State, spoil: Spoil, texts: list[str], facilitator: User, peer: User, agency: Agency) -> None:
    session = ready(state, facilitator, peer, agency)
    to = next_state(session)
    assert to is not None
    lapsed = session.seats.first()
    assert missing(session, to) == []

    spoil(session)

    found = missing(session, to)
    assert [str(gap.text) for gap in found] == [
        text.format(lapsed=lapsed.listener.name if lapsed else "") for text in texts
    ]
    assert all(gap.url.startswith("/desk/") for gap in found)
    leader = session.bookings.all()[0].facilitator
    with pytest.raises(actions.GateClosed) as refused:
        MOVES[to](session, by=leader)
    assert [str(gap.text) for gap in refused.value.gaps] == [str(gap.text) for gap in found]
    session.refresh_from_db()
    assert session.state == state


MOVES: dict[str, Callable[..., object]] = {
    State.ANNOUNCED: actions.announce_session,
    State.PREPARING: actions.begin_preparing,
    State.OPEN: actions.open_session,
    State.FOLLOW_UP: actions.close_session,
}
STEPS: dict[str, Callable[..., object]] = {
    "announce": actions.announce_session,
    "prepare": actions.begin_preparing,
    "open": actions.open_session,
    "close": actions.close_session,
    "pause": lambda s, by: actions.pause_session(s, reason="A storm", by=by),
    "resume": actions.resume_session,
    "postpone": lambda s, by: postpone_session(
        s, starts_at=timezone.now() + timedelta(days=50), ends_at=timezone.now() + timedelta(days=51), by=by
    ),
    "cancel": lambda s, by: actions.cancel_session(s, reason="Too few people", by=by),
}
#: Which steps are open in which state, when every gate is.
LIFE = {
    State.DRAFT: "announce cancel",
    State.ANNOUNCED: "prepare pause postpone cancel",
    State.PREPARING: "open pause postpone cancel",
    State.OPEN: "close pause postpone cancel",
    State.FOLLOW_UP: "",
    State.PURGED: "",
    State.CANCELLED: "",
}


@contextmanager
def undone() -> Iterator[None]:
    """Everything inside is taken back at the end: the next try starts from the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("paused", [False, True])
def test_state_and_step(state: State, paused: bool, facilitator: User, peer: User, agency: Agency) -> None:
    session = ready(state, facilitator, peer, agency)
    change(session, paused=paused, pause_reason="A storm" if paused else "")
    before = DialogueSession.objects.filter(pk=session.pk).values().get()
    allowed = LIFE[state].split()
    if paused:
        live = state in (State.ANNOUNCED, State.PREPARING, State.OPEN)
        allowed = [step for step in allowed if step in ("postpone", "cancel")] + ["resume"] * live
    for step, action in STEPS.items():
        with undone():
            if step in allowed:
                action(session, by=facilitator)
                assert DialogueSession.objects.filter(pk=session.pk).values().get() != before, step
            else:
                with pytest.raises(NotAllowed):
                    action(session, by=facilitator)
                assert DialogueSession.objects.filter(pk=session.pk).values().get() == before, step
            audited = AuditEvent.objects.filter(verb="move_session", actor=facilitator.pk).count()
            assert audited == (step in allowed), step
        session.refresh_from_db()


@pytest.mark.django_db
@pytest.mark.parametrize("step", STEPS)
def test_only_the_team_moves_a_session(
    step: str, facilitator: User, peer: User, agency: Agency, other_facilitator: User, operator: User
) -> None:
    state = next(one for one, steps in LIFE.items() if step in (*steps.split(), "resume"))
    session = ready(state, facilitator, peer, agency)
    for stranger in (other_facilitator, operator, *User.objects.filter(role=Role.LISTENER)):
        with pytest.raises(NotAllowed):
            STEPS[step](session, by=stranger)
    assert AuditEvent.objects.count() == 0


def test_every_state_says_what_may_be_changed_and_where_it_leads() -> None:
    assert set(EDITABLE) == set(ALLOWED) == set(State)
    assert [(state.value, next_state(DialogueSession(state=state))) for state in State] == [
        ("draft", State.ANNOUNCED),
        ("announced", State.PREPARING),
        ("preparing", State.OPEN),
        ("open", State.FOLLOW_UP),
        ("follow_up", None),
        ("purged", None),
        ("cancelled", None),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("pledged", [True, False])
@pytest.mark.parametrize("agreed", [True, False])
@pytest.mark.parametrize("active", [True, False])
def test_the_database_and_the_policy_agree_on_who_may_listen(
    verified: bool, pledged: bool, agreed: bool, active: bool, announced: DialogueSession, listener: User
) -> None:
    seat = factories.make_seat(announced, listener)
    if not verified:
        day = today() - timedelta(days=1)
        profile = listener.listener_profile
        type(profile).objects.update(verified_on=day - timedelta(days=3), verified_until=day)
    if not pledged:
        Pledge.objects.update(signed_on=today() - timedelta(days=400), expires_on=today() - timedelta(days=1))
    if not agreed:
        AgencyAgreement.objects.update(withdrawn_on=today())
    User.objects.filter(pk=listener.pk).update(is_active=active)
    fresh = User.objects.get(pk=listener.pk)
    row = with_standing(ListenerSeat.objects.filter(pk=seat.pk)).get()
    assert bool(row.in_force) is may_listen(fresh) is (verified and pledged and agreed and active)


@pytest.mark.django_db
def test_a_listener_nobody_verified_may_not_listen(announced: DialogueSession, new_listener: User) -> None:
    seat = factories.make_seat(announced, new_listener)
    assert not with_standing(ListenerSeat.objects.filter(pk=seat.pk)).get().in_force
    assert new_listener.role == Role.LISTENER


@pytest.mark.django_db
def test_closing_and_cancelling_free_the_team(facilitator: User, peer: User, agency: Agency) -> None:
    first = ready(State.OPEN, facilitator, peer, agency)
    assert Booking.objects.filter(active=True).count() == 2
    actions.close_session(first, by=facilitator)
    assert Booking.objects.filter(active=True).count() == 0
    second = factories.make_session(State.DRAFT, team=[facilitator, peer])  # at the same hours
    assert Booking.objects.filter(active=True).count() == 2
    actions.cancel_session(second, reason="Too few people", by=peer)
    assert Booking.objects.filter(active=True).count() == 0
    assert second.cancel_reason == "Too few people"


@pytest.mark.django_db
def test_rounds_never_opened_count_as_skipped(facilitator: User, peer: User, agency: Agency) -> None:
    session = ready(State.OPEN, facilitator, peer, agency)
    factories.make_round(session, RoundKind.DIALOGUE, Round.State.PLANNED)
    actions.close_session(session, by=facilitator)
    assert list(session.rounds.order_by("number").values_list("state", flat=True)) == ["done"] * 4 + ["skipped"]
    assert session.closed_at is not None


@pytest.mark.django_db
def test_a_reason_is_asked(facilitator: User, peer: User, agency: Agency) -> None:
    session = ready(State.ANNOUNCED, facilitator, peer, agency)
    for step in (actions.pause_session, actions.cancel_session):
        with pytest.raises(NotAllowed):
            step(session, reason="  ", by=facilitator)
    assert AuditEvent.objects.count() == 0
    assert session.record_label == RecordLabel.CHATHAM
