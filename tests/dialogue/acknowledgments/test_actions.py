"""Writing the first move, handing it in, checking it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import User, today
from dialogue.acknowledgments import actions
from dialogue.acknowledgments.models import PARTS, Acknowledgment
from dialogue.audit.models import AuditEvent
from dialogue.sessions.models import DialogueSession, ListenerSeat, State
from seeds.transitions import NotAllowed
from tests.factories import make_seat

FIVE = {name: f"What we say about {name}." for name in PARTS}


@pytest.fixture
def seat(announced: DialogueSession, listener: User) -> ListenerSeat:
    return make_seat(announced, listener, ListenerSeat.State.APPLIED)


@pytest.fixture
def submitted(seat: ListenerSeat) -> Acknowledgment:
    return actions.submit_acknowledgment(actions.save_draft(seat, parts=FIVE))


def fields(acknowledgment: Acknowledgment) -> tuple:
    found = Acknowledgment.objects.get(pk=acknowledgment.pk)
    return found.state, found.note, found.checked_by, found.checked_on


def test_a_draft_may_have_gaps_and_be_saved_again(seat: ListenerSeat) -> None:
    actions.save_draft(seat, parts={"apology": " I am sorry.\r\nI am. "})
    actions.save_draft(seat, parts={"apology": "I am sorry.", "plan": "Stop."})
    assert list(Acknowledgment.objects.values("seat", "state", *PARTS)) == [
        {
            "seat": seat.pk,
            "state": "draft",
            "past_harm": "",
            "present_harm": "",
            "responsibility": "",
            "apology": "I am sorry.",
            "plan": "Stop.",
        }
    ]


def test_line_ends_count_once(seat: ListenerSeat) -> None:
    kept = actions.save_draft(seat, parts={"plan": "a\r\nb"})
    assert kept.plan == "a\nb"


def test_a_part_that_is_too_long_says_by_how_much_and_nothing_is_stored(seat: ListenerSeat) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.save_draft(seat, parts={"plan": "x" * 3001, "apology": "y" * 3007})
    assert refused.value.message_dict == {
        "apology": ["7 characters too many."],
        "plan": ["1 character too many."],
    }
    assert not Acknowledgment.objects.exists()


def test_handing_in_needs_all_five_parts(seat: ListenerSeat) -> None:
    acknowledgment = actions.save_draft(seat, parts=FIVE | {"plan": "  "})
    with pytest.raises(ValidationError) as refused:
        actions.submit_acknowledgment(acknowledgment)
    assert refused.value.message_dict == {"plan": ["Please write this part."]}
    assert fields(acknowledgment) == ("draft", "", None, None)


def test_handing_in_twice_is_refused(submitted: Acknowledgment) -> None:
    with pytest.raises(NotAllowed):
        actions.submit_acknowledgment(submitted)
    assert fields(submitted) == ("submitted", "", None, None)


def test_what_was_handed_in_can_not_be_changed(submitted: Acknowledgment) -> None:
    with pytest.raises(NotAllowed):
        actions.save_draft(submitted.seat, parts=FIVE | {"plan": "Another plan."})
    assert Acknowledgment.objects.get().plan == FIVE["plan"]


@pytest.mark.parametrize("state", [State.DRAFT, State.OPEN, State.FOLLOW_UP, State.CANCELLED])
def test_writing_ends_when_the_session_opens_or_ends(seat: ListenerSeat, state: State) -> None:
    acknowledgment = actions.save_draft(seat, parts=FIVE)
    seat.dialogue_session.state = state
    seat.dialogue_session.cancel_reason = "Too few people"
    seat.dialogue_session.closed_at = seat.dialogue_session.starts_at if state == State.FOLLOW_UP else None
    seat.dialogue_session.save(update_fields=["state", "cancel_reason", "closed_at"])
    with pytest.raises(NotAllowed):
        actions.save_draft(seat, parts=FIVE)
    with pytest.raises(NotAllowed):
        actions.submit_acknowledgment(acknowledgment)
    assert fields(acknowledgment) == ("draft", "", None, None)


def test_who_gave_the_place_back_writes_no_more(seat: ListenerSeat) -> None:
    seat.state = ListenerSeat.State.LEFT
    seat.save(update_fields=["state"])
    with pytest.raises(NotAllowed):
        actions.save_draft(seat, parts=FIVE)


def test_complete_opens_the_way_to_a_seat(submitted: Acknowledgment, facilitator: User) -> None:
    actions.accept_as_complete(submitted, by=facilitator)
    assert fields(submitted) == ("complete", "", facilitator, today())
    assert ListenerSeat.objects.get().acknowledged_on == today()
    assert list(AuditEvent.objects.values_list("verb", "actor", "dialogue_session", "detail")) == [
        ("decide_acknowledgment", facilitator.pk, submitted.seat.dialogue_session_id, "complete")
    ]


def test_sent_back_it_is_a_draft_again_with_a_note(submitted: Acknowledgment, peer: User) -> None:
    actions.send_back(submitted, note=" Whose doing is it? ", by=peer)
    assert fields(submitted) == ("draft", "Whose doing is it?", None, None)
    assert ListenerSeat.objects.get().acknowledged_on is None
    assert list(AuditEvent.objects.values_list("verb", "detail")) == [("decide_acknowledgment", "sent back")]
    actions.save_draft(submitted.seat, parts=FIVE | {"responsibility": "Mine."})
    actions.submit_acknowledgment(submitted)
    assert fields(submitted) == ("submitted", "Whose doing is it?", None, None)


@pytest.mark.parametrize("note", ["", "  \r\n ", "x" * 601])
def test_sending_back_needs_a_note_that_fits(submitted: Acknowledgment, facilitator: User, note: str) -> None:
    with pytest.raises(ValidationError):
        actions.send_back(submitted, note=note, by=facilitator)
    assert fields(submitted) == ("submitted", "", None, None)


def test_only_the_team_decides(
    submitted: Acknowledgment, other_facilitator: User, operator: User, listener: User
) -> None:
    for stranger in (other_facilitator, operator, listener):
        with pytest.raises(NotAllowed):
            actions.accept_as_complete(submitted, by=stranger)
        with pytest.raises(NotAllowed):
            actions.send_back(submitted, note="No.", by=stranger)
    assert fields(submitted) == ("submitted", "", None, None)
    assert not AuditEvent.objects.exists()


def test_a_draft_can_not_be_decided(seat: ListenerSeat, facilitator: User) -> None:
    acknowledgment = actions.save_draft(seat, parts=FIVE)
    with pytest.raises(NotAllowed):
        actions.accept_as_complete(acknowledgment, by=facilitator)
    with pytest.raises(NotAllowed):
        actions.send_back(acknowledgment, note="No.", by=facilitator)


@pytest.mark.django_db(transaction=True)
def test_two_facilitators_at_once_decide_once(submitted: Acknowledgment, facilitator: User, peer: User) -> None:
    def decide(number: int) -> str:
        try:
            if number % 2:
                actions.accept_as_complete(Acknowledgment.objects.get(), by=facilitator)
                return "complete"
            actions.send_back(Acknowledgment.objects.get(), note="No.", by=peer)
            return "draft"
        except NotAllowed:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(decide, range(6)))
    assert outcomes.count("refused") == 5
    assert [Acknowledgment.objects.get().state] == [outcome for outcome in outcomes if outcome != "refused"]
    assert AuditEvent.objects.count() == 1
