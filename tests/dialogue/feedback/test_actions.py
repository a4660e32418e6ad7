"""Who answers, when, how often; what is kept of it; and what closing leaves."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Participant, User, today
from dialogue.feedback.actions import answer_questions, close_questions
from dialogue.feedback.queries import figures
from dialogue.feedback.questions import ITEMS
from dialogue.sessions.actions_aliases import forget_me_here
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, State
from dialogue.tallies.models import Tally, TallyMark
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.feedback.sheets import ALL_FOURS, answer, newcomer, seated
from tests.racing import at_once

EMPTY: dict[str, list[Any]] = {"participants": [], "listeners": []}
NO_PLACE = "You have no place in this talk any more. Nothing was counted."
NOT_OPEN = "These questions are not open now. Nothing was counted."


def row(key: str, n: int, **counts: int) -> dict[str, Any]:
    steps = {f"step{step}": 0 for step in range(1, 6)} | counts
    return {"item": key, "n": n, "counts": {step.removeprefix("step"): number for step, number in steps.items()}}


def waiting() -> dict[str, dict[str, int]]:
    return {tally.subject.split(" ", 2)[2]: tally.waiting for tally in Tally.objects.all()}


@pytest.mark.django_db
class TestAnswering:
    def test_each_side_is_counted_by_itself(
        self, closing: DialogueSession, participant: Participant, listener: User
    ) -> None:
        assert answer_questions(closing, answers={"free": "5", "equal": ""}, by=participant) == {"free": "5"}
        answer_questions(closing, answers={"free": "2"}, by=listener)
        assert waiting() == {"participants free": {"5": 1}, "listeners free": {"2": 1}}

    def test_only_two_tables_are_written_to(self, closing: DialogueSession, participant: Participant) -> None:
        with CaptureQueriesContext(
            connection,
        ) as sent:
            answer_questions(closing, answers=ALL_FOURS, by=participant)
        writes = [one["sql"] for one in sent if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        assert {sql.split('"')[1] for sql in writes} == {"dialogue_tally", "dialogue_tallymark"}

    def test_an_empty_sheet_counts_nobody_and_says_so(self, closing: DialogueSession, participant: Participant) -> None:
        with pytest.raises(NotAllowed, match="You left everything out, so nothing was counted"):
            answer_questions(closing, answers=dict.fromkeys(ALL_FOURS, ""), by=participant)
        assert (Tally.objects.count(), TallyMark.objects.count()) == (0, 0)
        answer_questions(closing, answers={"free": "1"}, by=participant)

    def test_once(self, closing: DialogueSession, participant: Participant) -> None:
        answer_questions(closing, answers={"free": "1"}, by=participant)
        with pytest.raises(NotAllowed, match="We have counted your answers before"):
            answer_questions(closing, answers={"share": "5"}, by=participant)
        assert waiting() == {"participants free": {"1": 1}}

    @pytest.mark.parametrize("answers", [{"free": "6"}, {"free": "0"}, {"free": "yes"}, {"other": "1"}])
    def test_what_is_no_answer(
        self, closing: DialogueSession, participant: Participant, answers: dict[str, str]
    ) -> None:
        with pytest.raises(NotAllowed, match="Please choose one of the steps"):
            answer_questions(closing, answers=answers, by=participant)
        assert (Tally.objects.count(), TallyMark.objects.count()) == (0, 0)

    def test_nobody_else(
        self,
        closing: DialogueSession,
        facilitator: User,
        operator: User,
        other_participant: Participant,
        other_listener: User,
    ) -> None:
        for person in (facilitator, operator, other_participant, other_listener):
            with pytest.raises(NotAllowed, match=NO_PLACE):
                answer_questions(closing, answers=ALL_FOURS, by=person)
        assert Tally.objects.count() == 0

    def test_not_once_the_place_is_lost(
        self, closing: DialogueSession, participant: Participant, alias: Alias, seat: ListenerSeat, listener: User
    ) -> None:
        listener.pledges.update(withdrawn_on=today())
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        forgotten = newcomer(closing)
        forget_me_here(Alias.objects.get(tag=factories.tag_of(forgotten, closing)))
        for person in (participant, listener, forgotten):
            with pytest.raises(NotAllowed, match=NO_PLACE):
                answer_questions(closing, answers=ALL_FOURS, by=person)

    def test_when(self, closing: DialogueSession) -> None:
        """From the closing round to the closing of the questions."""

        def is_taken() -> bool:
            before = TallyMark.objects.count()
            with contextlib.suppress(NotAllowed):
                answer(closing, 1)
            return TallyMark.objects.count() > before

        last = closing.rounds.get(state=Round.State.OPEN)
        seen = {}
        for of_round in Round.State.values:
            Round.objects.filter(pk=last.pk).update(state=of_round)
            seen[f"closing round {of_round}"] = is_taken()
        Round.objects.filter(pk=last.pk).update(state=Round.State.OPEN)
        DialogueSession.objects.filter(pk=closing.pk).update(paused=True, pause_reason="A break")
        seen["paused"] = is_taken()
        DialogueSession.objects.filter(pk=closing.pk).update(paused=False)
        for state in State:
            factory = factories.make_session(state)
            fields = {name: getattr(factory, name) for name in ("announced_at", "closed_at", "cancel_reason")}
            DialogueSession.objects.filter(pk=closing.pk).update(state=state, **fields)
            seen[state.value] = is_taken()
        assert [moment for moment, taken in seen.items() if taken] == [
            "closing round open",
            "closing round done",
            "open",
            "follow_up",
        ]

    def test_not_once_the_questions_are_closed(self, closing: DialogueSession) -> None:
        close_questions(closing)
        with pytest.raises(NotAllowed, match=NOT_OPEN):
            answer(closing, 1)
        assert not TallyMark.objects.exists()


@pytest.mark.django_db
class TestClosing:
    def test_with_four_nothing_shows_with_five_it_does(self, closing: DialogueSession) -> None:
        answer(closing, 4)
        answer(closing, 1, answers={"free": "1"})
        answer(closing, 4, bring=seated)
        assert figures(closing) == EMPTY
        close_questions(closing)
        assert figures(closing) == {"participants": [row("free", 5, step1=1, step4=4)], "listeners": []}

    def test_five_listeners(self, closing: DialogueSession) -> None:
        answer(closing, 5, bring=seated)
        close_questions(closing)
        assert figures(closing) == {
            "participants": [],
            "listeners": [row(item.key, 5, step4=5) for item in ITEMS],
        }

    def test_the_rest_and_every_mark_are_deleted(self, closing: DialogueSession) -> None:
        answer(closing, 5, answers={"free": "3"})
        answer(closing, 4, bring=seated)
        close_questions(closing)
        assert not TallyMark.objects.exists()
        assert [tally.waiting for tally in Tally.objects.all()] == [{}] * 16
        assert [tally.shown for tally in Tally.objects.exclude(shown={})] == [{"3": 5}]
        closing.refresh_from_db()
        assert closing.questions_closed_on == today()

    def test_twice_is_once(self, closing: DialogueSession) -> None:
        answer(closing, 5)
        close_questions(closing)
        DialogueSession.objects.update(questions_closed_on=today() - timedelta(days=3))
        before = figures(closing)
        close_questions(closing)
        closing.refresh_from_db()
        assert (figures(closing), closing.questions_closed_on) == (before, today() - timedelta(days=3))

    def test_other_sessions_go_on(self, closing: DialogueSession) -> None:
        answer(closing, 1)
        close_questions(factories.make_session(State.FOLLOW_UP))
        assert TallyMark.objects.count() == 1

    def test_nothing_is_kept_of_a_session_that_was_called_off(self, closing: DialogueSession) -> None:
        answer(closing, 5)
        DialogueSession.objects.update(state=State.CANCELLED, cancel_reason="Too few people")
        close_questions(closing)
        assert (Tally.objects.count(), TallyMark.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_one_person_twice(self, closing: DialogueSession, participant: Participant) -> None:
        act: Callable[[], object] = lambda: answer_questions(closing, answers={"free": "4"}, by=participant)  # noqa: E731
        results = at_once(act, act)
        assert [type(one) for one in results if isinstance(one, Exception)] == [NotAllowed]
        assert waiting() == {"participants free": {"4": 1}}

    def test_the_fifth_answer_as_it_closes(self, closing: DialogueSession) -> None:
        """Counted whole and shown, or refused; never counted after the closing."""
        answer(closing, 4)
        fifth = newcomer(closing)
        refused, _ = at_once(
            lambda: answer_questions(closing, answers=ALL_FOURS, by=fifth), lambda: close_questions(closing)
        )
        shown = len(figures(closing)["participants"])
        assert (isinstance(refused, NotAllowed), shown) in [(True, 0), (False, 8)]
        assert not TallyMark.objects.exists()
        assert {str(tally.waiting) for tally in Tally.objects.all()} == {"{}"}
