"""Enough to begin: the participants answer, the team has it counted, and nothing of it remains but the outcome."""

from collections.abc import Callable
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User, today
from dialogue.acknowledgments import actions
from dialogue.acknowledgments.actions_answers import answer_acknowledgment, count_answers
from dialogue.acknowledgments.models import PARTS, Acknowledgment, GateAnswer
from dialogue.acknowledgments.policies import is_enough
from dialogue.acknowledgments.queries_answers import count_of
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import GateClosed, begin_preparing
from dialogue.sessions.actions_aliases import forget_me_here, remove_alias
from dialogue.sessions.actions_seats import give_seat_back, place_listener
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, State
from dialogue.sessions.policies import missing
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]
FIVE = {name: f"What we say about {name}." for name in PARTS}
SECOND = {name: f"What we now say about {name}." for name in PARTS}


def complete(seat: ListenerSeat, by: User, parts: dict[str, str] = FIVE) -> Acknowledgment:
    return actions.accept_as_complete(actions.submit_acknowledgment(actions.save_draft(seat, parts=parts)), by=by)


@pytest.fixture
def here(announced: DialogueSession, participant: Participant) -> list[Alias]:
    """Four who joined; the first is `participant`."""
    return [factories.make_alias(announced, participant), *(factories.make_alias(announced) for _ in range(3))]


@pytest.fixture
def seat(announced: DialogueSession, listener: User) -> ListenerSeat:
    return factories.make_seat(announced, listener, ListenerSeat.State.APPLIED)


@pytest.fixture
def asked(seat: ListenerSeat, facilitator: User) -> Acknowledgment:
    return complete(seat, facilitator)


def say(asked: Acknowledgment, here: list[Alias], *answers: str) -> None:
    for alias, answer in zip(here, answers, strict=False):
        answer_acknowledgment(asked, alias=alias, answer=answer)


def fresh(asked: Acknowledgment) -> Acknowledgment:
    return Acknowledgment.objects.select_related("seat__dialogue_session").get(pk=asked.pk)


@pytest.mark.parametrize(
    ("enough", "not_yet", "share", "expected"),
    [
        (0, 0, 50, False),  # all passed
        (1, 0, 50, True),
        (1, 1, 50, False),
        (2, 1, 50, True),
        (2, 1, 66, True),
        (2, 1, 67, False),
        (0, 0, 0, False),
        (1, 9, 0, True),
        (99, 1, 99, False),
        (100, 0, 99, True),
    ],
)
def test_what_is_enough(enough: int, not_yet: int, share: int, expected: bool) -> None:
    assert is_enough(enough, not_yet, share=share) is expected


def test_enough_opens_the_way_to_a_seat_and_deletes_every_answer(
    asked: Acknowledgment, here: list[Alias], seat: ListenerSeat, facilitator: User, peer: User
) -> None:
    say(asked, here, "enough", "enough", "not_yet")
    assert count_answers(asked, by=peer).state == Acknowledgment.State.ACCEPTED
    seat.refresh_from_db()
    assert (seat.acknowledged_on, seat.accepted_on) == (today(), today())
    assert not GateAnswer.objects.exists()
    events = AuditEvent.objects.filter(verb="count_answers").values_list("actor", "dialogue_session", "detail")
    assert list(events) == [(peer.pk, seat.dialogue_session_id, "enough to begin")]
    assert place_listener(seat, by=facilitator).state == "seated"


@pytest.mark.parametrize("answers", [("enough", "not_yet", "pass"), ("pass", "pass", "pass"), ("not_yet",) * 3])
def test_below_it_the_listener_is_asked_for_more_and_gets_no_seat(
    asked: Acknowledgment, here: list[Alias], seat: ListenerSeat, facilitator: User, answers: tuple[str, ...]
) -> None:
    say(asked, here, *answers)
    assert count_answers(asked, by=facilitator).state == Acknowledgment.State.MORE_ASKED
    seat.refresh_from_db()
    assert (seat.acknowledged_on, seat.accepted_on) == (None, None)
    assert not GateAnswer.objects.exists()
    with pytest.raises(NotAllowed, match="enough"):
        place_listener(seat, by=facilitator)


def test_a_second_version_is_checked_and_answered_anew_and_the_first_is_kept(
    asked: Acknowledgment, here: list[Alias], seat: ListenerSeat, facilitator: User
) -> None:
    say(asked, here, "not_yet", "not_yet", "not_yet")
    count_answers(asked, by=facilitator)
    complete(seat, facilitator, SECOND)
    asked.refresh_from_db()
    assert asked.state == Acknowledgment.State.COMPLETE
    say(asked, here, "enough", "enough", "enough")
    assert count_answers(asked, by=facilitator).state == Acknowledgment.State.ACCEPTED
    kept = asked.versions.values_list("number", "scope", "plan", "handed_in_on")
    assert list(kept) == [(1, "personal", FIVE["plan"], today()), (2, "personal", SECOND["plan"], today())]


def test_too_few_answers_are_not_counted(asked: Acknowledgment, here: list[Alias], facilitator: User) -> None:
    say(asked, here, "enough", "enough")
    with pytest.raises(NotAllowed, match="Not enough participants"):
        count_answers(asked, by=facilitator)
    assert (fresh(asked).state, GateAnswer.objects.count()) == ("complete", 2)


def test_who_left_or_was_removed_does_not_count(
    asked: Acknowledgment, here: list[Alias], facilitator: User, announced: DialogueSession
) -> None:
    say(asked, here, "enough", "enough", "enough", "enough")
    forget_me_here(here[1])
    remove_alias(here[2], by=facilitator)
    count = count_of(fresh(asked))
    assert (count.answered, count.present, count.needed, count.may_count) == (2, 2, 3, False)
    with pytest.raises(NotAllowed):
        count_answers(asked, by=facilitator)


def test_an_answer_can_be_changed_and_counts_once(asked: Acknowledgment, here: list[Alias]) -> None:
    say(asked, here[:1], "enough")
    say(asked, here[:1], "not_yet")
    assert list(GateAnswer.objects.values_list("alias", "answer")) == [(here[0].pk, "not_yet")]


def test_who_can_not_answer(
    asked: Acknowledgment, here: list[Alias], facilitator: User, announced: DialogueSession
) -> None:
    elsewhere = factories.make_alias(factories.make_session(State.ANNOUNCED))
    removed = factories.make_alias(announced, removed=True)
    Alias.objects.filter(pk=here[3].pk).update(tag=None)
    for alias in (elsewhere, removed, here[3]):
        with pytest.raises(NotAllowed):
            answer_acknowledgment(asked, alias=alias, answer="enough")
    with pytest.raises(NotAllowed):
        answer_acknowledgment(asked, alias=here[0], answer="forgiven")
    assert not GateAnswer.objects.exists()


@pytest.mark.parametrize("state", ["draft", "submitted", "more_asked", "accepted"])
def test_only_a_complete_one_is_answered_and_counted(
    asked: Acknowledgment, here: list[Alias], facilitator: User, state: str
) -> None:
    say(asked, here, "enough", "enough", "enough")
    Acknowledgment.objects.update(state=state)
    with pytest.raises(NotAllowed):
        answer_acknowledgment(asked, alias=here[0], answer="enough")
    with pytest.raises(NotAllowed):
        count_answers(asked, by=facilitator)
    assert fresh(asked).state == state


@pytest.mark.parametrize("state", [State.OPEN, State.FOLLOW_UP, State.CANCELLED, State.PURGED])
def test_nothing_is_answered_or_counted_once_it_began(
    asked: Acknowledgment, here: list[Alias], facilitator: User, announced: DialogueSession, state: State
) -> None:
    say(asked, here, "enough", "enough", "enough")
    ended = announced.starts_at if state in (State.FOLLOW_UP, State.PURGED) else None
    DialogueSession.objects.update(state=state, cancel_reason="Too few people", closed_at=ended)
    with pytest.raises(NotAllowed):
        answer_acknowledgment(asked, alias=here[0], answer="enough")
    with pytest.raises(NotAllowed):
        count_answers(asked, by=facilitator)


def test_nothing_is_answered_for_who_gave_the_place_back(
    asked: Acknowledgment, here: list[Alias], facilitator: User, seat: ListenerSeat
) -> None:
    give_seat_back(seat)
    with pytest.raises(NotAllowed):
        answer_acknowledgment(asked, alias=here[0], answer="enough")


def test_only_the_team_counts(
    asked: Acknowledgment, here: list[Alias], other_facilitator: User, operator: User, listener: User
) -> None:
    say(asked, here, "enough", "enough", "enough")
    for stranger in (other_facilitator, operator, listener):
        with pytest.raises(NotAllowed):
            count_answers(asked, by=stranger)
    assert (fresh(asked).state, GateAnswer.objects.count()) == ("complete", 3)


def test_the_database_gives_no_seat_without_acceptance(seat: ListenerSeat, facilitator: User) -> None:
    given = {"state": "seated", "decided_by": facilitator, "decided_on": today()}
    for missing_ in ({"acknowledged_on": today()}, {"accepted_on": today()}, {}):
        with pytest.raises(IntegrityError, match="seat_needs_accepted_acknowledgment"), transaction.atomic():
            ListenerSeat.objects.filter(pk=seat.pk).update(**given | missing_)


def test_preparing_needs_a_complete_first_move(
    announced: DialogueSession, seat: ListenerSeat, facilitator: User
) -> None:
    for _ in range(3):
        factories.make_round(announced, state="planned")
    wanted = "No listener’s first move is complete yet."
    assert wanted in [gap.text for gap in missing(announced, State.PREPARING)]
    with pytest.raises(GateClosed):
        begin_preparing(announced, by=facilitator)
    complete(seat, facilitator)
    assert wanted not in [gap.text for gap in missing(announced, State.PREPARING)]
    seat.listener.pledges.update(withdrawn_on=today())
    assert wanted in [gap.text for gap in missing(announced, State.PREPARING)]


@pytest.mark.django_db(transaction=True)
def test_answers_race_the_count(announced: DialogueSession, seat: ListenerSeat, facilitator: User, peer: User) -> None:
    here = [factories.make_alias(announced) for _ in range(6)]
    asked = complete(seat, facilitator)
    say(asked, here[:3], "enough", "enough", "enough")

    def count(by: User) -> Callable[[], object]:
        return lambda: count_answers(fresh(asked), by=by)

    def late(alias: Alias) -> Callable[[], object]:
        return lambda: answer_acknowledgment(fresh(asked), alias=alias, answer="not_yet")

    acts = [count(facilitator), count(peer), *map(late, here[3:])]
    refused = [isinstance(result, NotAllowed) for result in at_once(*acts)]
    assert sorted(refused[:2]) == [False, True]  # one count wins
    assert not GateAnswer.objects.exists()  # who came after it was refused, who came before was counted
    expected = "more_asked" if refused[2:].count(False) == 3 else "accepted"
    assert fresh(asked).state == expected


# --- Pages


def read_url(asked: Acknowledgment) -> str:
    return reverse("acknowledgments:read", args=[asked.seat.dialogue_session_id])


def test_a_participant_answers_in_one_tap_and_may_change_it(
    client_for: ClientFor, asked: Acknowledgment, here: list[Alias], participant: Participant
) -> None:
    client = client_for(participant)
    page = unescape(client.get(read_url(asked)).content.decode())
    assert "You only choose if it is enough to begin." in page
    assert "What we say about apology." in page
    assert [f'value="{answer}"' in page for answer in ("enough", "not_yet", "pass")] == [True] * 3
    assert "forgiven" not in page
    url = reverse("acknowledgments:answer", args=[asked.pk])
    assert client.post(url, {"answer": "not_yet"})["Location"] == read_url(asked)
    assert "You chose: Not yet." in client.get(read_url(asked)).content.decode()
    client.post(url, {"answer": "pass"})
    assert list(GateAnswer.objects.values_list("answer", flat=True)) == ["pass"]
    assert "Please choose one of the three." in client.post(url, {}, follow=True).content.decode()


def test_a_stale_page_says_that_it_was_counted(
    client_for: ClientFor, asked: Acknowledgment, here: list[Alias], participant: Participant, facilitator: User
) -> None:
    say(asked, here, "enough", "enough", "enough")
    count_answers(asked, by=facilitator)
    url = reverse("acknowledgments:answer", args=[asked.pk])
    page = client_for(participant).post(url, {"answer": "not_yet"}, follow=True).content.decode()
    assert "This can’t be answered any more." in page
    assert "Enough of you said: it is enough to begin." in page


def test_nobody_else_answers(
    client_for: ClientFor,
    asked: Acknowledgment,
    other_participant: Participant,
    listener: User,
    facilitator: User,
    operator: User,
) -> None:
    url = reverse("acknowledgments:answer", args=[asked.pk])
    for person in (other_participant, listener, facilitator, operator):
        assert client_for(person).post(url, {"answer": "enough"}).status_code == 404
    assert not GateAnswer.objects.exists()


def test_the_team_sees_how_many_and_never_what(
    client_for: ClientFor, asked: Acknowledgment, here: list[Alias], facilitator: User
) -> None:
    say(asked, here, "enough", "not_yet")
    client = client_for(facilitator)
    check, count = (reverse(f"acknowledgments:{name}", args=[asked.pk]) for name in ("check", "count"))
    assert "Answered so far: 2 of 4. Needed: 3." in client.get(check).content.decode()
    assert "At least 3 answers are needed." in client.get(count).content.decode()
    assert "Not enough participants have answered yet." in client.post(count, follow=True).content.decode()
    say(asked, here, "enough", "not_yet", "enough")
    pages = client.get(check).content.decode(), client.get(count).content.decode()
    for answers in (("not_yet",) * 3, ("enough",) * 3):
        say(asked, here, *answers)
        again = client.get(check).content.decode(), client.get(count).content.decode()
        assert [_without_tokens(page) for page in again] == [_without_tokens(page) for page in pages]
    assert "It is enough to begin." in client.post(count, follow=True).content.decode()
    assert "This can’t be answered any more." in client.post(count, follow=True).content.decode()


def _without_tokens(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]


def test_the_listener_is_told_without_numbers_and_writes_again(
    client_for: ClientFor, asked: Acknowledgment, here: list[Alias], listener: User, facilitator: User
) -> None:
    write = reverse("acknowledgments:write", args=[asked.seat_id])
    client = client_for(listener)
    say(asked, here, "enough", "not_yet", "not_yet", "pass")
    page = client.get(write).content.decode()
    assert "The participants read it now" in page
    count_answers(asked, by=facilitator)
    page = unescape(client.get(write).content.decode())
    assert "The participants ask for more" in page
    assert "How many said so is told to nobody." in page
    assert "Write more: the participants ask for it" in client.get(reverse("accounts:listener_home")).content.decode()
    client.post(write, SECOND | {"scope": "agency", "check": ""})
    client.post(reverse("acknowledgments:hand_in", args=[asked.seat_id]))
    page = client.get(write).content.decode()
    assert "Version 1, handed in on" in page
    assert FIVE["plan"] in page
    asked.refresh_from_db()
    assert (asked.state, asked.scope) == ("submitted", "agency")


def test_an_unknown_scope_is_refused_with_the_words_kept(
    client_for: ClientFor, seat: ListenerSeat, listener: User
) -> None:
    write = reverse("acknowledgments:write", args=[seat.pk])
    page = client_for(listener).post(write, FIVE | {"scope": "country", "save": ""}).content.decode()
    assert "What we say about plan." in page
    assert not Acknowledgment.objects.exists()


def test_the_print_for_counsel_has_all_that_counsel_asks_for(
    client_for: ClientFor, seat: ListenerSeat, listener: User, facilitator: User, other_listener: User
) -> None:
    actions.save_draft(seat, parts=FIVE, scope="agency")
    url = reverse("acknowledgments:printout", args=[seat.pk])
    page = unescape(client_for(listener).get(url).content.decode())
    for words in (*FIVE.values(), "For my agency", "Draft", "Chatham House rule", "Nothing here is privileged."):
        assert words in page
    assert "This is not immunity." in page
    for stranger in (facilitator, other_listener):
        assert client_for(stranger).get(url).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_reading_and_checking_cost_the_same_for_one_and_three(
    client_for: ClientFor,
    announced: DialogueSession,
    participant: Participant,
    facilitator: User,
    here: list[Alias],
    django_assert_num_queries: Callable,
    count: int,
) -> None:
    for _ in range(count):
        asked = complete(factories.make_seat(announced, state=ListenerSeat.State.APPLIED), facilitator)
        say(asked, here, "enough", "not_yet", "pass")
    reader, team = client_for(participant), client_for(facilitator)
    with django_assert_num_queries(6):
        reader.get(reverse("acknowledgments:read", args=[announced.pk]))
    with django_assert_num_queries(4):
        team.get(reverse("acknowledgments:to_check"))
    with django_assert_num_queries(7):
        team.get(reverse("acknowledgments:check", args=[asked.pk]))


@pytest.mark.parametrize(
    ("state", "answered", "words", "step"),
    [
        (State.ANNOUNCED, False, "You can say if it is enough to begin, or pass.", "acknowledgments:read"),
        (State.PREPARING, False, "You can say if it is enough to begin, or pass.", "acknowledgments:read"),
        (State.PREPARING, True, "There is nothing you need to do now.", "acknowledgments:read"),
        (State.OPEN, False, "It is on. Go in to see what you can do now.", "threads:room"),
        (
            State.FOLLOW_UP,
            False,
            "It is over. You can say if you felt heard, read, and take your texts back.",
            "threads:room",
        ),
    ],
)
def test_my_talks_says_what_can_be_done_now(
    client_for: ClientFor,
    asked: Acknowledgment,
    here: list[Alias],
    participant: Participant,
    announced: DialogueSession,
    state: State,
    answered: bool,
    words: str,
    step: str,
) -> None:
    if answered:
        say(asked, here[:1], "pass")
    say(asked, here[2:3], "enough")  # somebody else's answer changes nothing
    closed_at = announced.starts_at if state == State.FOLLOW_UP else None
    DialogueSession.objects.update(state=state, closed_at=closed_at)
    page = unescape(client_for(participant).get(reverse("sessions:mine")).content.decode())
    assert words in page
    assert f'href="{reverse(step, args=[announced.pk])}"' in page.partition("<details")[0]
    DialogueSession.objects.update(paused=True, pause_reason="Storm")
    page = unescape(client_for(participant).get(reverse("sessions:mine")).content.decode())
    assert "There is a pause." in page
