"""Planning: drafts, changes, other times, and nobody booked twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Agency, User
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions_plan import change_dialogue_session, create_dialogue_session, postpone_session
from dialogue.sessions.models import Booking, DialogueSession, State
from dialogue.sessions.policies import EDITABLE
from seeds.transitions import NotAllowed
from seeds.vault import key_file
from tests import factories

START = timezone.now().replace(microsecond=0) + timedelta(days=10)


def facts(**fields: Any) -> dict[str, Any]:
    return {
        "title": "Who comes when you call",
        "topic": "Calling for help",
        "about": "What people weigh before they call.",
        "starts_at": START,
        "ends_at": START + timedelta(hours=3),
    } | fields


@pytest.mark.django_db
def test_a_draft_has_all_it_needs(facilitator: User, peer: User, agency: Agency) -> None:
    session = create_dialogue_session(by=facilitator, facilitators=[peer], agencies=[agency], **facts())
    assert session.state == State.DRAFT
    assert set(session.facilitators.all()) == {facilitator, peer}
    assert list(session.agencies.all()) == [agency]
    assert list(session.rounds.order_by("number").values_list("number", "kind")) == [
        (1, "opening"),
        (2, "listening"),
        (3, "reflecting"),
        (4, "curiosity"),
        (5, "dialogue"),
        (6, "commitments"),
        (7, "closing"),
    ]
    assert "We listen to the end before we answer." in session.agreements
    assert key_file(session.pk).exists()
    assert list(AuditEvent.objects.values_list("verb", "actor", "dialogue_session", "detail")) == [
        ("change_session", facilitator.pk, session.pk, "created")
    ]


@pytest.mark.django_db
def test_only_facilitators_plan(operator: User, listener: User, facilitator: User) -> None:
    for by in (operator, listener):
        with pytest.raises(NotAllowed):
            create_dialogue_session(by=by, **facts())
    with pytest.raises(ValidationError) as wrong:
        create_dialogue_session(by=facilitator, facilitators=[listener], **facts())
    assert list(wrong.value.message_dict) == ["facilitators"]
    assert DialogueSession.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": ""}, "title"),
        ({"capacity": 1}, "capacity"),
        ({"capacity": 61}, "capacity"),
        ({"ends_at": START}, "__all__"),
        ({"minimum": 13}, "__all__"),
        ({"reading_hours": 0}, "reading_hours"),
    ],
)
def test_wrong_facts_make_no_draft(fields: dict[str, Any], wrong: str, facilitator: User) -> None:
    with pytest.raises(ValidationError) as error:
        create_dialogue_session(by=facilitator, **facts(**fields))
    assert list(error.value.message_dict) == [wrong]
    assert (DialogueSession.objects.count(), Booking.objects.count()) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts", "ends", "free"),
    [(0, 3, False), (-1, 1, False), (2, 4, False), (1, 2, False), (-2, 6, False), (3, 5, True), (-3, 0, True)],
)
def test_nobody_leads_two_at_once(starts: int, ends: int, free: bool, facilitator: User, peer: User) -> None:
    create_dialogue_session(by=facilitator, facilitators=[peer], **facts())
    other = facts(starts_at=START + timedelta(hours=starts), ends_at=START + timedelta(hours=ends))
    if free:
        create_dialogue_session(by=peer, **other)
    else:
        with pytest.raises(ValidationError) as error:
            create_dialogue_session(by=peer, **other)
        assert error.value.message_dict == {
            "facilitators": [f"Already leads another session at that time: {peer.name}."]
        }
    assert DialogueSession.objects.count() == 1 + free


@pytest.mark.django_db
def test_a_draft_can_be_changed_altogether(facilitator: User, peer: User, other_facilitator: User) -> None:
    session = create_dialogue_session(by=facilitator, facilitators=[peer], **facts())
    change_dialogue_session(
        session,
        by=facilitator,
        title="Another title",
        starts_at=START + timedelta(days=1),
        ends_at=START + timedelta(days=2),
        facilitators=[other_facilitator],
        record_label="private",
    )
    assert (session.title, session.record_label) == ("Another title", "private")
    bookings = Booking.objects.values_list("facilitator", "starts_at", "ends_at")
    assert set(bookings) == {
        (one.pk, START + timedelta(days=1), START + timedelta(days=2)) for one in (facilitator, other_facilitator)
    }
    assert AuditEvent.objects.get(detail__startswith="ends_at").detail == (
        "ends_at,facilitators,record_label,starts_at,title"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
def test_what_stands_fast_stands_fast(state: State, facilitator: User, peer: User) -> None:
    session = factories.make_session(state, team=[facilitator, peer])
    values = {field: getattr(session, field) for field in sorted(EDITABLE[State.DRAFT])}
    values |= {"facilitators": [peer, facilitator], "agencies": []}
    changed = []
    for field, value in values.items():
        try:
            change_dialogue_session(session, by=facilitator, **{field: value})
            changed.append(field)
        except NotAllowed:
            pass
    assert changed == sorted(EDITABLE[state])
    assert sorted(AuditEvent.objects.values_list("detail", flat=True)) == changed


@pytest.mark.django_db
def test_after_the_announcement_promises_are_kept(
    announced: DialogueSession, facilitator: User, peer: User, other_facilitator: User, agency: Agency, listener: User
) -> None:
    announced.agencies.add(agency)
    factories.make_seat(announced, listener)
    for _ in range(3):
        factories.make_alias(announced)
    broken: dict[str, Any] = {
        "facilitators": [facilitator, other_facilitator],  # no peer
        "agencies": [],  # a listener of the agency has a seat
        "capacity": 2,  # three have joined
    }
    for field, value in broken.items():
        with pytest.raises(ValidationError) as error:
            change_dialogue_session(announced, by=facilitator, **{field: value})
        assert list(error.value.message_dict) == [field]
    assert set(announced.facilitators.all()) == {facilitator, peer}


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.FOLLOW_UP, State.PURGED, State.CANCELLED])
def test_afterwards_not_even_nothing_is_changed(state: State, facilitator: User, peer: User) -> None:
    session = factories.make_session(state, team=[facilitator, peer])
    with pytest.raises(NotAllowed):
        change_dialogue_session(session, by=facilitator)
    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
def test_strangers_change_nothing(draft: DialogueSession, other_facilitator: User, operator: User) -> None:
    for by in (other_facilitator, operator):
        with pytest.raises(NotAllowed):
            change_dialogue_session(draft, by=by, title="Mine")
    draft.refresh_from_db()
    assert draft.title != "Mine"


@pytest.mark.django_db
def test_other_times_arm_reminders_again_and_move_the_bookings(announced: DialogueSession, facilitator: User) -> None:
    postpone_session(announced, starts_at=START, ends_at=START + timedelta(hours=2), by=facilitator)
    assert (announced.starts_at, announced.ends_at, announced.schedule_version) == (
        START,
        START + timedelta(hours=2),
        2,
    )
    assert set(Booking.objects.values_list("starts_at", "ends_at")) == {(START, START + timedelta(hours=2))}


@pytest.mark.django_db
def test_other_times_must_make_sense(announced: DialogueSession, facilitator: User, peer: User) -> None:
    busy = factories.make_session(team=[peer], starts_at=START + timedelta(days=40))
    past = timezone.now() - timedelta(minutes=1)
    for starts_at, ends_at, wrong in (
        (past, START, "starts_at"),
        (START, START, "ends_at"),
        (busy.starts_at, busy.ends_at, "facilitators"),
    ):
        with pytest.raises(ValidationError) as error:
            postpone_session(announced, starts_at=starts_at, ends_at=ends_at, by=facilitator)
        assert list(error.value.message_dict) == [wrong]
    announced.refresh_from_db()
    assert announced.schedule_version == 1
