"""Participants say if a promise is seen: once, within a year, counted by fives, and nothing else is written."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Participant, User, today
from dialogue.audit.models import AuditEvent
from dialogue.commitments.actions_seen import end_question, say_seen
from dialogue.commitments.models import Commitment
from dialogue.commitments.seen import no_longer_asked, subject_of
from dialogue.retention import clock
from dialogue.tallies.actions import AlreadyAnswered
from dialogue.tallies.models import Tally, TallyMark
from dialogue.tallies.queries import shown
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]
DAY = timedelta(days=1)


def due_today(**fields: Any) -> Commitment:
    return factories.make_commitment(**{"due_on": today()} | fields)


def answers(commitment: Commitment, *options: str) -> None:
    for option in options:
        say_seen(commitment, answer=option, by=factories.make_participant())


def numbers(commitment: Commitment) -> dict[str, int] | None:
    return shown([subject_of(commitment.pk)]).get(subject_of(commitment.pk))


class TestSaying:
    def test_the_fifth_answer_shows_all_five(self) -> None:
        one = due_today()
        answers(one, "seen", "seen", "not_seen", "not_sure")
        assert numbers(one) is None
        answers(one, "not_seen")
        assert numbers(one) == {"seen": 2, "not_seen": 2, "not_sure": 1}

    def test_each_person_is_counted_once(self, participant: Participant) -> None:
        one = due_today()
        say_seen(one, answer="seen", by=participant)
        with pytest.raises(AlreadyAnswered):
            say_seen(one, answer="not_seen", by=participant)
        say_seen(due_today(), answer="seen", by=participant)
        assert TallyMark.objects.count() == 2
        assert Tally.objects.get(subject=subject_of(one.pk)).waiting == {"seen": 1}

    @pytest.mark.parametrize(
        ("state", "days", "asked"),
        [
            ("adopted", 1, False),  # its day has not come
            ("adopted", 0, True),
            ("in_progress", -1, True),
            ("broken", -1, True),
            ("broken", 1, False),
            ("done", 1, True),  # said to be kept before its day
            ("done", -365, True),
            ("done", -366, False),
            ("adopted", -366, False),
            ("changed", -1, False),
            ("withdrawn", -1, False),
            ("held", -1, False),
            ("returned", -1, False),
            ("proposed", -1, False),
        ],
    )
    def test_when_it_is_asked(self, state: str, days: int, asked: bool, participant: Participant) -> None:
        one = factories.make_commitment(state, due_on=today() + days * DAY)
        if asked:
            say_seen(one, answer="seen", by=participant)
            return
        with pytest.raises(NotAllowed, match="Nothing was counted"):
            say_seen(one, answer="seen", by=participant)
        assert (Tally.objects.count(), TallyMark.objects.count()) == (0, 0)

    @pytest.mark.parametrize("answer", ["", "yes", "SEEN", "seen\0", "seen seen"])
    def test_no_other_answer(self, answer: str, participant: Participant) -> None:
        with pytest.raises(NotAllowed, match="one of the three"):
            say_seen(due_today(), answer=answer, by=participant)
        assert TallyMark.objects.count() == 0

    def test_an_answer_writes_to_the_tallies_and_to_nothing_else(self, participant: Participant) -> None:
        one = due_today()
        with CaptureQueriesContext(
            connection,
        ) as caught:
            say_seen(one, answer="seen", by=participant)
        statements = [query["sql"] for query in caught.captured_queries]
        written = {
            found[1] for sql in statements if (found := re.match(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', sql))
        }
        locked = [sql for sql in statements if "FOR " in sql and "dialogue_tally" not in sql]
        assert (written, locked) == ({"dialogue_tally", "dialogue_tallymark"}, [])
        assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_twice_at_once_is_once(self, participant: Participant) -> None:
        one = due_today()
        results = at_once(*[lambda: say_seen(one, answer="seen", by=participant)] * 2)
        assert sorted(map(type, results), key=str) == sorted([type(None), AlreadyAnswered], key=str)
        assert Tally.objects.get().waiting == {"seen": 1}

    def test_answers_as_the_question_ends_are_whole_or_gone(self) -> None:
        one = due_today()
        answers(one, *["seen"] * 4)
        late = factories.make_participant()
        at_once(lambda: say_seen(one, answer="seen", by=late), lambda: end_question(one))
        end_question(one)  # the next run of the clock
        assert numbers(one) in (None, {"seen": 5})
        assert (Tally.objects.get().waiting, TallyMark.objects.count()) == ({}, 0)


class TestTheClock:
    def test_after_a_year_the_marks_go_and_what_was_shown_stays(self) -> None:
        one, other = due_today(), due_today()
        answers(one, *["seen"] * 6)
        answers(other, "seen")
        clock.run(timezone.now() + 365 * DAY)
        assert TallyMark.objects.count() == 7
        Commitment.objects.filter(pk=one.pk).update(due_on=today() - 366 * DAY)
        clock.run(timezone.now())
        assert numbers(one) == {"seen": 5}
        assert Tally.objects.get(subject=subject_of(one.pk)).waiting == {}
        assert set(TallyMark.objects.values_list("subject", flat=True)) == {subject_of(other.pk)}
        assert not AuditEvent.objects.exists()

    @pytest.mark.parametrize("state", ["changed", "withdrawn"])
    def test_one_that_was_replaced_or_taken_back_is_ended_too(self, state: str) -> None:
        one = due_today()
        answers(one, "seen")
        assert list(no_longer_asked(today())) == []
        Commitment.objects.update(state=state, ended_on=today())
        assert list(no_longer_asked(today())) == [one]
        clock.run(timezone.now())
        assert (list(no_longer_asked(today())), TallyMark.objects.count()) == ([], 0)


class TestPages:
    def test_one_tap_from_my_talks_to_the_answer(self, participant: Participant, client_for: ClientFor) -> None:
        one = due_today()
        client = client_for(participant)
        there = reverse("commitments:to_check")
        assert f'href="{there}"' in client.get(reverse("sessions:mine")).content.decode()
        page = reverse("commitments:promise", args=[one.pk])
        assert f'href="{page}"' in client.get(there).content.decode()
        asked = client.get(page).content.decode()
        assert [f'value="{option}"' in asked for option in ("seen", "not_seen", "not_sure")] == [True] * 3
        after = client.post(reverse("commitments:seen", args=[one.pk]), {"answer": "seen"}, follow=True)
        told = after.content.decode()
        assert "We have counted it." in told
        assert "You have said if you see it" in told
        assert 'name="answer"' not in told
        assert f'href="{page}"' not in client.get(there).content.decode()

    def test_who_was_not_in_the_talk_can_say_it_too(
        self, other_participant: Participant, client_for: ClientFor
    ) -> None:
        one = due_today()
        client_for(other_participant).post(reverse("commitments:seen", args=[one.pk]), {"answer": "not_seen"})
        assert Tally.objects.get().waiting == {"not_seen": 1}

    def test_saying_it_twice_is_told_calmly(self, participant: Participant, client_for: ClientFor) -> None:
        url = reverse("commitments:seen", args=[due_today().pk])
        client = client_for(participant)
        client.post(url, {"answer": "seen"})
        told = client.post(url, {"answer": "not_seen"}, follow=True).content.decode()
        assert "You have said this before." in told
        assert Tally.objects.get().waiting == {"seen": 1}

    @pytest.mark.parametrize("given", [{}, {"answer": ""}, {"answer": "x\0"}, {"answer": ["seen", "x"]}])
    def test_anything_else_is_told_too(
        self, given: dict[str, Any], participant: Participant, client_for: ClientFor
    ) -> None:
        url = reverse("commitments:seen", args=[due_today().pk])
        told = client_for(participant).post(url, given, follow=True)
        assert (told.status_code, "Choose one of the three" in told.content.decode()) == (200, True)

    def test_a_page_that_was_open_too_long(self, participant: Participant, client_for: ClientFor) -> None:
        one = due_today()
        Commitment.objects.update(state="withdrawn", ended_on=today())
        told = client_for(participant).post(reverse("commitments:seen", args=[one.pk]), {"answer": "seen"}, follow=True)
        assert "Nobody is asked about this promise now." in told.content.decode()

    @pytest.mark.parametrize("state", ["held", "returned", "proposed"])
    def test_of_what_is_no_promise_nothing_is_known(
        self, state: str, participant: Participant, client_for: ClientFor
    ) -> None:
        url = reverse("commitments:seen", args=[factories.make_commitment(state, due_on=today()).pk])
        assert client_for(participant).post(url, {"answer": "seen"}).status_code == 404

    def test_nobody_else_can_say_it(self, listener: User, facilitator: User, client_for: ClientFor) -> None:
        url = reverse("commitments:seen", args=[due_today().pk])
        got = [client_for(one).post(url, {"answer": "seen"}).status_code for one in (None, listener, facilitator)]
        assert got == [302, 404, 404]
        assert not Tally.objects.exists()

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_list_costs_the_same_for_one_and_three(
        self, count: int, participant: Participant, client_for: ClientFor, django_assert_num_queries: Callable
    ) -> None:
        for _ in range(count):
            due_today()
        client = client_for(participant)
        with django_assert_num_queries(5):  # the participant; which are asked, which answered; the rows, the numbers
            client.get(reverse("commitments:to_check"))
