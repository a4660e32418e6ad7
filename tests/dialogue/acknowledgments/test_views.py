"""The pages of the first move, and who sees what of it."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Participant, User, today
from dialogue.acknowledgments import actions
from dialogue.acknowledgments.models import PARTS, Acknowledgment
from dialogue.acknowledgments.next_steps import session_steps
from dialogue.desk.queries import home
from dialogue.sessions.models import DialogueSession, ListenerSeat
from tests.factories import make_alias, make_listener, make_seat

ClientFor = Callable[[User | Participant | None], Client]
FIVE = {name: f"What I say about {name}.\nIn two lines." for name in PARTS}


@pytest.fixture
def seat(announced: DialogueSession, listener: User) -> ListenerSeat:
    return make_seat(announced, listener, ListenerSeat.State.APPLIED)


@pytest.fixture
def submitted(seat: ListenerSeat) -> Acknowledgment:
    return actions.submit_acknowledgment(actions.save_draft(seat, parts=FIVE))


def write_url(seat: ListenerSeat) -> str:
    return reverse("acknowledgments:write", args=[seat.pk])


def test_a_listener_saves_goes_on_checks_and_hands_in(
    client_for: ClientFor, listener: User, seat: ListenerSeat
) -> None:
    client = client_for(listener)
    page = client.get(write_url(seat))
    assert page.status_code == 200
    assert "Don’t write about a pending incident" in page.content.decode()
    assert page["Refresh"].startswith("3600")

    saved = client.post(write_url(seat), {"past_harm": FIVE["past_harm"], "save": ""})
    assert (saved.status_code, saved["Location"]) == (302, write_url(seat))
    assert FIVE["past_harm"] in unescape(client.get(write_url(seat)).content.decode())

    checked = client.post(write_url(seat), {"past_harm": FIVE["past_harm"], "check": ""})
    hand_in = reverse("acknowledgments:hand_in", args=[seat.pk])
    assert checked["Location"] == hand_in
    assert "Still to write:" in client.get(hand_in).content.decode()
    assert client.post(hand_in)["Location"] == hand_in
    assert Acknowledgment.objects.get().state == "draft"

    client.post(write_url(seat), FIVE | {"check": ""})
    assert "Hand it in" in client.get(hand_in).content.decode()
    assert client.post(hand_in)["Location"] == write_url(seat)
    assert Acknowledgment.objects.get().state == "submitted"
    assert "A facilitator reads it next" in client.get(write_url(seat)).content.decode()
    assert client.get(hand_in).status_code == 302


def test_a_text_that_is_too_long_comes_back_whole(client_for: ClientFor, listener: User, seat: ListenerSeat) -> None:
    text = "é" * 3005
    page = client_for(listener).post(write_url(seat), {"plan": text, "save": ""})
    assert page.status_code == 200
    assert text in unescape(page.content.decode())
    assert "5 characters too many." in page.content.decode()
    assert not Acknowledgment.objects.exists()


def test_a_stale_page_gives_the_words_back(client_for: ClientFor, listener: User, submitted: Acknowledgment) -> None:
    page = client_for(listener).post(write_url(submitted.seat), {"plan": "A later thought", "save": ""})
    assert page.status_code == 200
    assert "A later thought" in page.content.decode()
    assert "You handed this in already" in page.content.decode()


def test_the_writers_pages_are_nobody_elses(
    client_for: ClientFor,
    seat: ListenerSeat,
    other_listener: User,
    facilitator: User,
    operator: User,
    participant: Participant,
) -> None:
    for person in (other_listener, facilitator, operator, participant):
        for name in ("write", "hand_in"):
            url = reverse(f"acknowledgments:{name}", args=[seat.pk])
            assert client_for(person).get(url).status_code == 404
            assert client_for(person).post(url, FIVE).status_code == 404
    assert not Acknowledgment.objects.exists()


def test_a_facilitator_completes(client_for: ClientFor, facilitator: User, submitted: Acknowledgment) -> None:
    client = client_for(facilitator)
    listed = client.get(reverse("acknowledgments:to_check")).content.decode()
    assert submitted.seat.listener.name in listed
    url = reverse("acknowledgments:check", args=[submitted.pk])
    assert "What I say about apology." in client.get(url).content.decode()
    assert client.post(url, {"complete": ""})["Location"] == reverse("acknowledgments:to_check")
    assert Acknowledgment.objects.get().state == "complete"
    assert "Nothing waits for a check" in client.get(reverse("acknowledgments:to_check")).content.decode()
    assert "checked by Rosa Lindqvist" in client.get(url).content.decode()


def test_a_facilitator_sends_back_with_a_note_the_listener_reads(
    client_for: ClientFor, facilitator: User, listener: User, submitted: Acknowledgment
) -> None:
    client = client_for(facilitator)
    url = reverse("acknowledgments:check", args=[submitted.pk])
    assert "Please write what is missing." in client.post(url, {"back": "", "note": " "}).content.decode()
    too_long = client.post(url, {"back": "", "note": "n" * 601}).content.decode()
    assert "1 character too many." in too_long
    assert "n" * 601 in too_long
    client.post(url, {"back": "", "note": "Say whose doing it is."})
    assert "Say whose doing it is." in client_for(listener).get(write_url(submitted.seat)).content.decode()
    assert client.get(url).status_code == 404  # a draft again: the writer's own


def test_the_second_decision_is_told_so(
    client_for: ClientFor, facilitator: User, peer: User, submitted: Acknowledgment
) -> None:
    actions.accept_as_complete(submitted, by=peer)
    url = reverse("acknowledgments:check", args=[submitted.pk])
    answer = client_for(facilitator).post(url, {"complete": ""}, follow=True)
    assert "A colleague has dealt with this already." in answer.content.decode()


@pytest.mark.parametrize("note", ["A long note", "n" * 601])
@pytest.mark.parametrize("first", ["complete", "back"])
def test_a_colleague_was_first_and_the_note_is_kept(
    client_for: ClientFor, facilitator: User, peer: User, submitted: Acknowledgment, first: str, note: str
) -> None:
    if first == "complete":
        actions.accept_as_complete(submitted, by=peer)
    else:
        actions.send_back(submitted, note="By Jo", by=peer)
    url = reverse("acknowledgments:check", args=[submitted.pk])
    answer = client_for(facilitator).post(url, {"back": "", "note": note})
    page = answer.content.decode()
    assert (answer.status_code, "A colleague has dealt with this already." in page, note in page) == (409, True, True)
    assert "What I say about apology." not in page
    assert Acknowledgment.objects.get().note == ("" if first == "complete" else "By Jo")


@pytest.mark.parametrize(
    ("seat_state", "session_state", "waits"),
    [
        ("applied", "announced", True),
        ("applied", "preparing", True),
        ("applied", "open", False),
        ("applied", "cancelled", False),
        ("left", "preparing", False),
        ("not_placed", "preparing", False),
    ],
)
def test_only_what_leads_to_a_seat_waits_for_a_check(
    client_for: ClientFor,
    facilitator: User,
    submitted: Acknowledgment,
    seat_state: str,
    session_state: str,
    *,
    waits: bool,
) -> None:
    decided = {"decided_by": facilitator, "decided_on": today()} if seat_state == "not_placed" else {}
    ListenerSeat.objects.update(state=seat_state, **decided)
    why = "Storm" if session_state == "cancelled" else ""
    DialogueSession.objects.update(state=session_state, cancel_reason=why)
    listed = client_for(facilitator).get(reverse("acknowledgments:to_check")).content.decode()
    assert (submitted.seat.listener.name in listed) == waits
    assert [tile["to"] for tile in home(facilitator)["tiles"]] == ["acknowledgments:to_check"] * waits


@pytest.mark.parametrize("session_state", ["open", "follow_up"])
def test_nobody_waits_for_a_place_that_is_not_given_any_more(submitted: Acknowledgment, session_state: str) -> None:
    listener = submitted.seat.listener
    assert [step.done for step in session_steps(listener)] == [True, True, False, False]
    closed = timezone.now() if session_state == "follow_up" else None
    DialogueSession.objects.update(state=session_state, closed_at=closed)
    assert [step.done for step in session_steps(listener)] == [False] * 4


def test_checking_is_for_the_team(
    client_for: ClientFor,
    submitted: Acknowledgment,
    other_facilitator: User,
    operator: User,
    listener: User,
    participant: Participant,
) -> None:
    url = reverse("acknowledgments:check", args=[submitted.pk])
    for person in (other_facilitator, operator, listener, participant):
        assert client_for(person).get(url).status_code == 404
        assert client_for(person).post(url, {"complete": ""}).status_code == 404
    assert "Marcus" not in client_for(other_facilitator).get(reverse("acknowledgments:to_check")).content.decode()
    assert Acknowledgment.objects.get().state == "submitted"


def test_everybody_in_the_session_reads_the_complete_ones_and_nobody_else(
    client_for: ClientFor,
    announced: DialogueSession,
    facilitator: User,
    listener: User,
    other_listener: User,
    other_facilitator: User,
    operator: User,
    participant: Participant,
    other_participant: Participant,
) -> None:
    make_alias(announced, participant)
    make_seat(announced, listener)
    applied = make_seat(announced, make_listener(name="Not Placed Yet"), ListenerSeat.State.APPLIED)
    actions.submit_acknowledgment(actions.save_draft(applied, parts=dict.fromkeys(PARTS, "UNCHECKED")))
    url = reverse("acknowledgments:read", args=[announced.pk])
    for person in (participant, facilitator, listener):
        page = client_for(person).get(url)
        assert page.status_code == 200
        assert "We concede: past_harm." in page.content.decode()
        assert "Marcus Hale" in page.content.decode()
        assert "UNCHECKED" not in page.content.decode()
        assert "Not Placed Yet" not in page.content.decode()
    for stranger in (other_participant, other_listener, applied.listener, other_facilitator, operator):
        assert client_for(stranger).get(url).status_code == 404


def test_participants_read_it_under_the_constant_title(
    client_for: ClientFor, announced: DialogueSession, participant: Participant
) -> None:
    make_alias(announced, participant)
    page = client_for(participant).get(reverse("acknowledgments:read", args=[announced.pk])).content.decode()
    assert "<title>Welcome</title>" in page
    assert "There is nothing to read yet." in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_cost_the_same_for_one_and_three(
    client_for: ClientFor,
    announced: DialogueSession,
    facilitator: User,
    participant: Participant,
    django_assert_num_queries: Callable,
    count: int,
) -> None:
    make_alias(announced, participant)
    for _ in range(count):
        make_seat(announced)
        waiting = make_seat(announced, None, ListenerSeat.State.APPLIED)
        actions.submit_acknowledgment(actions.save_draft(waiting, parts=FIVE))
    team, reader = client_for(facilitator), client_for(participant)
    with django_assert_num_queries(TO_CHECK_QUERIES):
        team.get(reverse("acknowledgments:to_check"))
    with django_assert_num_queries(READ_QUERIES):
        reader.get(reverse("acknowledgments:read", args=[announced.pk]))


TO_CHECK_QUERIES = 5
READ_QUERIES = 5


def test_other_methods_are_refused(
    client_for: ClientFor, facilitator: User, listener: User, announced: DialogueSession, seat: ListenerSeat
) -> None:
    assert client_for(facilitator).post(reverse("acknowledgments:to_check")).status_code == 405
    assert client_for(facilitator).post(reverse("acknowledgments:read", args=[announced.pk])).status_code == 405
    assert client_for(listener).put(write_url(seat)).status_code == 405
