"""Nothing that fewer than five people said is ever shown, and no two views can be subtracted from each other."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Participant, User
from dialogue.tallies.actions import FEWEST, AlreadyAnswered, close, count, settle
from dialogue.tallies.models import Tally, TallyMark
from dialogue.tallies.queries import answered, has_answered, how_many, shown, tag_of
from tests.factories import make_participant
from tests.racing import at_once

Q = "promise 1"


def vote(option: str, *, by: Participant | User | None = None, subject: str = Q, by_fives: bool = True) -> None:
    count({subject: option}, by=by or make_participant(), once=subject, by_fives=by_fives)


@pytest.mark.django_db
class TestByFives:
    def test_four_show_nothing_and_the_fifth_shows_all(self) -> None:
        for option in ("seen", "seen", "not_seen", "not_sure"):
            vote(option)
            assert shown([Q]) == {}
        vote("not_seen")
        assert shown([Q]) == {Q: {"seen": 2, "not_seen": 2, "not_sure": 1}}

    def test_the_sixth_does_not_show_before_the_tenth(self) -> None:
        for _ in range(5):
            vote("seen")
        for _ in range(4):
            vote("not_seen")
            assert shown([Q]) == {Q: {"seen": 5}}
        vote("not_seen")
        assert shown([Q]) == {Q: {"seen": 5, "not_seen": 5}}

    def test_closing_throws_away_what_was_not_shown(self) -> None:
        for _ in range(9):
            vote("seen")
        close([Q], once=Q)
        assert shown([Q]) == {Q: {"seen": 5}}
        assert Tally.objects.get().waiting == {}
        assert not TallyMark.objects.exists()


@pytest.mark.django_db
class TestOnce:
    def test_nothing_shows_before_it_is_closed(self) -> None:
        for _ in range(9):
            vote("yes", by_fives=False)
            assert shown([Q]) == {}
        close([Q], once=Q)
        assert shown([Q]) == {Q: {"yes": 9}}

    def test_four_are_thrown_away(self) -> None:
        for _ in range(4):
            vote("yes", by_fives=False)
        close([Q], once=Q)
        assert shown([Q]) == {}
        assert list(Tally.objects.values_list("waiting", "shown")) == [({}, {})]

    def test_each_question_of_a_sheet_needs_five_of_its_own(self) -> None:
        """Who leaves one out lowers that one only."""
        for number in range(5):
            votes = {"sheet a": "3"} | ({"sheet b": "4"} if number else {})
            count(votes, by=make_participant(), once="sheet")
        close(["sheet a", "sheet b"], once="sheet")
        assert shown(["sheet a", "sheet b"]) == {"sheet a": {"3": 5}}

    def test_closing_twice_is_once(self) -> None:
        for _ in range(6):
            vote("yes", by_fives=False)
        close([Q], once=Q)
        close([Q], once=Q)
        assert shown([Q]) == {Q: {"yes": 6}}


@pytest.mark.django_db
class TestSettling:
    def test_tells_the_counts_and_keeps_nothing(self) -> None:
        for option in ("yes", "yes", "no"):
            vote(option, by_fives=False)
        assert settle(Q) == {"yes": 2, "no": 1}
        assert (Tally.objects.count(), TallyMark.objects.count()) == (0, 0)
        assert settle(Q) == {}


@pytest.mark.django_db
class TestWho:
    def test_nobody_is_counted_twice(self, participant: Participant) -> None:
        vote("seen", by=participant)
        with pytest.raises(AlreadyAnswered):
            vote("not_seen", by=participant)
        assert Tally.objects.get().waiting == {"seen": 1}
        assert has_answered(participant, Q)
        assert answered(participant, [Q, "other"]) == {Q}
        assert how_many(Q) == 1

    def test_one_answer_to_each_question(self, participant: Participant, listener: User) -> None:
        vote("seen", by=participant)
        vote("seen", by=participant, subject="promise 2")
        vote("seen", by=listener)
        assert TallyMark.objects.count() == 3

    def test_a_mark_leads_to_nobody(self, participant: Participant, other_participant: Participant) -> None:
        """Two marks of one person have as much in common as those of two people; the row's id is not in the mark."""
        tags = {tag_of(person, subject) for person in (participant, other_participant) for subject in ("a", "b")}
        assert len(tags) == 4
        assert all(len(tag) == 32 for tag in tags)
        without_key = Participant(id=participant.pk, lookup=participant.lookup, wrapped=participant.wrapped)
        assert tag_of(without_key, "a") not in tags

    def test_no_table_here_points_anywhere(self) -> None:
        assert [field.name for model in (Tally, TallyMark) for field in model._meta.fields if field.is_relation] == []


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_five_at_once_are_five(self) -> None:
        people = [make_participant() for _ in range(5)]
        results = at_once(*(lambda one=one: vote("seen", by=one) for one in people))
        assert results == [None] * 5
        assert shown([Q]) == {Q: {"seen": 5}}

    def test_one_person_twice_at_once_is_one(self, participant: Participant) -> None:
        results = at_once(*[lambda: vote("seen", by=participant)] * 2)
        assert sorted(map(type, results), key=str) == sorted([type(None), AlreadyAnswered], key=str)
        assert Tally.objects.get().waiting == {"seen": 1}

    def test_an_answer_as_it_closes_is_counted_or_thrown_away_whole(self, participant: Participant) -> None:
        for _ in range(5):
            vote("yes", by_fives=False)
        at_once(lambda: vote("no", by=participant, by_fives=False), lambda: close([Q], once=Q))
        assert shown([Q]) in ({Q: {"yes": 5}}, {Q: {"yes": 5, "no": 1}})


class TestNoSubtraction(TestCase):
    """Whatever comes in whatever order: two views in a row are equal, or differ by five answers at least."""

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.sampled_from(["seen", "not_seen", "not_sure"]), max_size=17))
    def test_views_differ_by_five_at_least(self, options: list[str]) -> None:
        subject = "any"
        Tally.objects.all().delete()
        TallyMark.objects.all().delete()
        views = [0]
        for option in options:
            vote(option, subject=subject)
            views.append(sum(shown([subject]).get(subject, {}).values()))
        close([subject], once=subject)
        views.append(sum(shown([subject]).get(subject, {}).values()))
        assert [after - before for before, after in pairwise(views) if 0 < after - before < FEWEST] == []
        assert views[-1] == len(options) // FEWEST * FEWEST
