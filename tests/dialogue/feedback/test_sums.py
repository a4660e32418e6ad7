"""Over all sessions: nobody learns from two views what fewer than five people said."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dialogue.feedback.actions import close_questions
from dialogue.feedback.queries import figures, figures_of_all
from dialogue.sessions.models import DialogueSession, State
from dialogue.tallies.actions import FEWEST
from dialogue.tallies.actions import count as count_answer
from tests import factories
from tests.dialogue.feedback.sheets import answer, seated
from tests.dialogue.feedback.test_actions import EMPTY, row


def over(people: int, step: str, **fields: Any) -> DialogueSession:
    """A session in follow-up in which so many participants answered one question alike."""
    dialogue_session = factories.make_session(State.FOLLOW_UP, **fields)
    answer(dialogue_session, people, answers={"free": step})
    return dialogue_session


@pytest.mark.django_db
class TestSums:
    def test_nothing_before_it_is_closed(self) -> None:
        over(9, "4")
        assert figures_of_all() == EMPTY

    def test_two_sessions_closed_one_after_the_other(self) -> None:
        """The one with four answers changes nothing, so nobody can subtract."""
        first, second, third = over(6, "5"), over(4, "1"), over(5, "2")
        close_questions(first)
        before = figures_of_all()
        assert before == {"participants": [row("free", 6, step5=6)], "listeners": []}
        close_questions(second)
        assert figures_of_all() == before
        close_questions(third)
        assert figures_of_all() == {"participants": [row("free", 11, step2=5, step5=6)], "listeners": []}

    def test_sides_and_questions_are_added_up_by_themselves(self) -> None:
        first, second = over(5, "3"), over(5, "3")
        answer(second, 5, answers={"free": "1", "share": "2"}, bring=seated)
        answer(first, 4, answers={"share": "2"}, bring=seated)
        close_questions(first)
        close_questions(second)
        assert figures_of_all() == {
            "participants": [row("free", 10, step3=10)],
            "listeners": [row("free", 5, step1=5), row("share", 5, step2=5)],
        }

    def test_other_counts_are_left_out(self) -> None:
        count_answer({"promise felt": "seen"}, by=factories.make_participant(), once="promise felt")
        assert figures_of_all() == EMPTY

    @pytest.mark.parametrize("sessions", [1, 4])
    def test_one_query(self, sessions: int, django_assert_num_queries: Any) -> None:
        for _ in range(sessions):
            close_questions(over(5, "4"))
        with django_assert_num_queries(1):
            assert figures_of_all()["participants"] == [row("free", 5 * sessions, step4=5 * sessions)]


SHEETS = st.dictionaries(st.sampled_from(["free", "share"]), st.sampled_from(["1", "5"]), min_size=1)
#: For each of three sessions, how many answer alike, once or twice.
GROUPS = st.lists(st.tuples(st.integers(1, 5), SHEETS), min_size=1, max_size=2)


def numbers(view: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, str, str], int]:
    """Each count of a view by side, question and step; the number of answers under the step ""."""
    return {
        (side, one["item"], step): number
        for side, rows in view.items()
        for one in rows
        for step, number in {**one["counts"], "": one["n"]}.items()
        if number
    }


class TestNoSubtraction(TestCase):
    """Whoever answers and whatever closes, in whatever order: two views of a question, of one session or of all, are
    equal or differ by five answers at least."""

    @settings(max_examples=25, deadline=None, phases=[Phase.generate])  # shrinking would take minutes
    @given(st.tuples(GROUPS, GROUPS, GROUPS), st.permutations(range(3)), st.booleans())
    def test_views_differ_by_five_answers_at_least(
        self, groups: tuple[list[tuple[int, dict[str, str]]], ...], order: list[int], at_the_end: bool
    ) -> None:
        sessions = [factories.make_session(State.FOLLOW_UP) for _ in groups]

        def look() -> list[dict[tuple[str, str, str], int]]:
            return [numbers(figures(one)) for one in sessions] + [numbers(figures_of_all())]

        def ending(places: list[int]) -> None:
            for place in places:
                close_questions(sessions[place])
                views.append(look())

        views = [look()]
        for place in order:
            for people, sheet in groups[place]:
                answer(sessions[place], people, answers=sheet)
                views.append(look())
            ending([] if at_the_end else [place])
        ending(order)
        for before, after in pairwise(views):
            for old, new in zip(before, after, strict=True):
                changed = {key[:2] for key in old.keys() | new.keys() if old.get(key, 0) != new.get(key, 0)}
                grown = {key: new.get((*key, ""), 0) - old.get((*key, ""), 0) for key in changed}
                assert {key: more for key, more in grown.items() if more < FEWEST} == {}
        each = [Counter(view) for view in views[-1]]
        assert each.pop() == sum(each, Counter())
