"""What became of texts, whether they were read in time, how promises stand, who felt heard."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User, today
from dialogue.commitments.seen import subject_of
from dialogue.feedback.actions import close_questions
from dialogue.figures import showing
from dialogue.figures.queries import Share, Texts, heard, in_time, promises, texts
from dialogue.moderation.actions import approve_comment, return_comment, undo_approval
from dialogue.moderation.actions_edits import propose_words, take_words
from dialogue.moderation.models import ModerationDecision
from dialogue.moderation.policies import reading_of
from dialogue.sessions.models import DialogueSession, Round, State
from dialogue.tallies.actions import count
from dialogue.tallies.models import Tally
from dialogue.threads.actions import revise_comment
from dialogue.threads.models import Comment
from dialogue.threads.periods import current_period
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.feedback.sheets import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(facilitator: User, peer: User) -> DialogueSession:
    return factories.make_session(State.OPEN, team=[facilitator, peer], reading_hours=8)


@pytest.fixture
def on(running: DialogueSession) -> Round:
    return factories.make_round(running)


def closed(session: DialogueSession) -> DialogueSession:
    """The same session in its follow-up."""
    DialogueSession.objects.filter(pk=session.pk).update(state="follow_up", closed_at=session.starts_at)
    return DialogueSession.objects.get(pk=session.pk)


def waited(on: Round, hours: int) -> Comment:
    return factories.make_comment(on, period=current_period() - hours // 4)


class TestTexts:
    def test_nothing_while_the_session_is_open(self, running: DialogueSession, on: Round) -> None:
        for _ in range(9):
            factories.make_comment(on, state="released")
        assert texts([running]) == {}
        assert texts([closed(running)])[running.pk].handed_in == 10

    def test_each_number_is_the_report_s(self, running: DialogueSession, on: Round, facilitator: User) -> None:
        for _ in range(7):
            approve_comment(waited(on, 0), version=1, by=facilitator)
        for _ in range(5):
            return_comment(waited(on, 0), version=1, reason="contempt", by=facilitator)
        for _ in range(4):
            return_comment(waited(on, 0), version=1, reason="open_case", by=facilitator)
        waited(on, 0)
        found = texts([closed(running)])[running.pk]
        assert found == Texts(handed_in=15, let_through=5, returned=10, reasons={"contempt": 5})
        section = showing.became_of_texts(found)
        assert section.finding == "Texts handed in: about 15. Let through: about 5. Came back: about 10"
        assert [row.text for row in section.tables[0].rows] == [
            "about 5",
            "about 10",
            "fewer than 5",
            "fewer than 5",
            "fewer than 5",
        ]
        assert [row.label for row in section.tables[1].rows] == ["It shows contempt for somebody"]

    def test_only_the_author_s_yes_takes_other_words(
        self, running: DialogueSession, on: Round, facilitator: User
    ) -> None:
        for number in range(10):
            comment = waited(on, 0)
            propose_words(comment, version=1, text="Other words", note="Why", by=facilitator)
            comment.refresh_from_db()
            if number < 5:
                take_words(comment, version=2)
            else:
                revise_comment(comment, text="My own new words", version=2)
                comment.refresh_from_db()
                approve_comment(comment, version=3, by=facilitator)
        found = texts([closed(running)])[running.pk]
        assert (found.let_through, found.words_taken) == (10, 5)

    def test_an_approval_that_was_undone_does_not_count(
        self, running: DialogueSession, on: Round, facilitator: User
    ) -> None:
        for _ in range(5):
            comment = waited(on, 0)
            approve_comment(comment, version=1, by=facilitator)
            comment.refresh_from_db()
            undo_approval(comment, version=2, by=facilitator)
        assert texts([closed(running)])[running.pk] == Texts(handed_in=5, waiting=5)

    def test_second_looks(self, running: DialogueSession, on: Round, facilitator: User) -> None:
        for number in range(5):
            comment = factories.make_comment(on, state="approved")
            ModerationDecision.objects.create(
                comment=comment,
                comment_version=number + 1,
                decided_by=facilitator,
                outcome="overturned",
            )
        found = texts([closed(running)])[running.pk]
        assert (found.second_looks, found.let_through) == (5, 5)

    def test_added_up_as_each_session_shows_them(self) -> None:
        one, other = Texts(handed_in=10, reasons={"contempt": 5}), Texts(handed_in=5)
        section = showing.texts_over_all([one, other])
        assert section.finding.startswith("Texts handed in: about 15.")
        assert [row.text for row in section.tables[1].rows] == ["about 5"]
        assert showing.texts_over_all([]).tables == []


class TestReadInTime:
    def test_it_shows_by_fives(self, running: DialogueSession, on: Round, facilitator: User) -> None:
        for hours in (0, 4, 8, 12):
            approve_comment(waited(on, hours), version=1, by=facilitator)
        assert in_time([running]) == {}
        return_comment(waited(on, 40), version=1, reason="contempt", by=facilitator)
        assert in_time([running]) == {running.pk: Share(3, 5)}
        approve_comment(waited(on, 0), version=1, by=facilitator)
        assert in_time([running]) == {running.pk: Share(3, 5)}

    @pytest.mark.promise("P2")
    def test_what_is_kept_is_a_yes_or_a_no_and_no_hours(
        self, running: DialogueSession, on: Round, facilitator: User
    ) -> None:
        for hours in (0, 4, 96):
            approve_comment(waited(on, hours), version=1, by=facilitator)
        tally = Tally.objects.get(subject=reading_of(running.pk))
        assert (tally.waiting, tally.shown) == ({"in_time": 2, "late": 1}, {})
        assert set(Comment.objects.values_list("period", flat=True)) == {None}

    def test_each_time_that_a_text_waited(self, running: DialogueSession, on: Round, facilitator: User) -> None:
        """One that is handed in again waits again; an author's own yes to other words is no reading."""
        comment = waited(on, 0)
        propose_words(comment, version=1, text="Other words", note="Why", by=facilitator)
        comment.refresh_from_db()
        take_words(comment, version=2)
        assert Tally.objects.get().waiting == {"in_time": 1}

    def test_a_decision_that_came_too_late_counts_once(
        self, running: DialogueSession, on: Round, facilitator: User, peer: User
    ) -> None:
        comment = waited(on, 0)
        stale = Comment.objects.get(pk=comment.pk)
        approve_comment(comment, version=1, by=facilitator)
        with pytest.raises(NotAllowed):
            return_comment(stale, version=1, reason="contempt", by=peer)
        assert Tally.objects.get().waiting == {"in_time": 1}

    def test_in_words(self) -> None:
        assert showing.read_in_time(Share(3, 5), 8).finding == "3 of 5 texts were read in time"
        assert "within 8 hours" in showing.read_in_time(None, 8).empty


class TestPromises:
    def test_as_the_register_has_them(self, running: DialogueSession) -> None:
        for state, due in (("done", 0), ("adopted", 30), ("in_progress", -3), ("broken", -90), ("proposed", 30)):
            factories.make_commitment(state, dialogue_session=running, due_on=today() + timedelta(days=due))
        section = showing.what_was_promised(promises([running]).values())
        assert section.finding == "Promises kept 1, running 1, late 1, broken 1"
        assert section.note.startswith("4 promises.")
        assert len(section.tables) == 1

    def test_what_people_see_from_five_on(self, running: DialogueSession) -> None:
        asked = [factories.make_commitment(dialogue_session=running, due_on=today()) for _ in range(2)]
        for number in range(4):
            for one in asked:
                self.say(one.pk, "seen" if number else "not_seen")
        assert len(showing.what_was_promised(promises([running]).values()).tables) == 1
        self.say(asked[0].pk, "not_sure")
        (_standing, seen) = showing.what_was_promised(promises([running]).values()).tables
        assert [row.text for row in seen.rows] == ["3 of 5", "1 of 5", "1 of 5"]

    def say(self, pk: Any, option: str) -> None:
        subject = subject_of(pk)
        count({subject: option}, by=factories.make_participant(), once=subject, by_fives=True)

    def test_none(self, running: DialogueSession) -> None:
        assert showing.what_was_promised(promises([running]).values()).tables == []


class TestHeard:
    def test_what_each_session_shows_and_nothing_else(self, facilitator: User) -> None:
        many, few, still = (factories.make_session(State.FOLLOW_UP) for _ in range(3))
        answer(many, 6, answers={"free": "5", "room": "1"})
        answer(few, 4, answers={"free": "5"})
        answer(still, 6, answers={"free": "5"})
        for one in (many, few):
            close_questions(one)
        assert heard([many, few, still]) == {many.pk: Share(6, 12)}
        section = showing.heard_over_time([(many, Share(6, 12))])
        assert section.finding == "6 of 12 answers of participants say “mostly” or “very much”"
