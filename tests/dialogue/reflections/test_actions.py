"""Telling back, answering, letting answers out, letting a listener write."""

from uuid import uuid4

import pytest

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import return_comment
from dialogue.reflections.actions import answer_reflection, free_listener, let_out_answers, submit_reflection
from dialogue.reflections.models import Reflection
from dialogue.sessions.actions import pause_session
from dialogue.sessions.actions_aliases import forget_me_here, remove_alias
from dialogue.sessions.models import DialogueSession, ListenerSeat, RoundKind
from dialogue.threads.actions import AlreadySent, withdraw_comment
from dialogue.threads.models import Comment
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.reflections.stage import Stage, at_reflection, close, next_round, release, tell_back

Answer = Reflection.Answer
stage = at_reflection


def answer(stage: Stage, reflection: Reflection, said: str) -> Reflection:
    """Its author answers."""
    alias = stage.alias if reflection.heard_id == stage.story.pk else stage.other_alias
    return answer_reflection(reflection, answer=said, alias=alias)


def both_answered(stage: Stage, mine: str, theirs: str) -> tuple[Reflection, Reflection]:
    one, two = tell_back(stage), tell_back(stage, stage.other_story)
    answer(stage, one, mine)
    answer(stage, two, theirs)
    return one, two


def state_of(*reflections: Reflection) -> list[tuple[str, bool]]:
    for one in reflections:
        one.refresh_from_db()
    return [(one.answer, one.is_out) for one in reflections]


def heard(stage: Stage) -> str:
    stage.seat.refresh_from_db()
    return stage.seat.heard


class TestTellingBack:
    def test_the_words_are_a_sealed_text_that_waits_to_be_read(self, stage: Stage) -> None:
        one = submit_reflection(stage.round, heard=stage.story, text="They took your bag.", seat=stage.seat)
        assert (one.heard, one.seat, one.attempt, one.answer, one.is_out) == (stage.story, stage.seat, 1, "", False)
        comment = Comment.objects.get(pk=one.comment_id)
        assert (comment.state, comment.seat, comment.alias) == ("held", stage.seat, None)
        assert vault.unseal(stage.dialogue_session.pk, comment.pk, comment.body or b"") == "They took your bag."

    def test_sent_twice_is_one(self, stage: Stage) -> None:
        pk = uuid4()
        for _ in range(2):
            submit_reflection(stage.round, heard=stage.story, text="They took it.", seat=stage.seat, pk=pk)
        assert (Reflection.objects.count(), Comment.objects.filter(seat=stage.seat).count()) == (1, 1)
        with pytest.raises(AlreadySent):
            submit_reflection(stage.round, heard=stage.other_story, text="They took it.", seat=stage.seat, pk=pk)

    def test_each_story_once(self, stage: Stage) -> None:
        tell_back(stage)
        with pytest.raises(NotAllowed, match="told this story back already"):
            submit_reflection(stage.round, heard=stage.story, text="Once more.", seat=stage.seat)
        tell_back(stage, stage.other_story)
        assert Comment.objects.filter(seat=stage.seat).count() == 2

    def test_another_listener_may_tell_it_back_too(self, stage: Stage) -> None:
        other = factories.make_seat(stage.dialogue_session)
        tell_back(stage)
        assert tell_back(stage, seat=other).attempt == 1

    def test_a_correction_asks_for_another_try_once_it_is_out(self, stage: Stage) -> None:
        both_answered(stage, Answer.CORRECTED, Answer.CONFIRMED)
        with pytest.raises(NotAllowed, match="told this story back already"):
            submit_reflection(stage.round, heard=stage.story, text="Again.", seat=stage.seat)
        let_out_answers(stage.round, by=stage.facilitator)
        assert tell_back(stage).attempt == 2
        with pytest.raises(NotAllowed, match="that’s it"):
            submit_reflection(stage.round, heard=stage.other_story, text="Again.", seat=stage.seat)

    def test_after_a_pass_the_story_is_left_alone(self, stage: Stage) -> None:
        one, _two = both_answered(stage, Answer.PASSED, Answer.CONFIRMED)
        close(stage.round)
        let_out_answers(stage.round, by=stage.facilitator)
        again = factories.make_round(stage.dialogue_session, RoundKind.REFLECTING)
        for _ in range(2):
            with pytest.raises(NotAllowed, match="Leave it at that"):
                submit_reflection(again, heard=stage.story, text="Again.", seat=stage.seat)
            if Comment.objects.filter(pk=one.comment_id, state="released"):
                withdraw_comment(one.comment)  # taking it back opens no way around that

    def test_one_taken_back_makes_room(self, stage: Stage) -> None:
        one = submit_reflection(stage.round, heard=stage.story, text="They took it.", seat=stage.seat)
        withdraw_comment(one.comment)
        assert tell_back(stage).attempt == 2

    @pytest.mark.parametrize("state", ["returned", "upheld"])
    def test_one_returned_is_changed_or_taken_back(self, stage: Stage, state: str) -> None:
        one = submit_reflection(stage.round, heard=stage.story, text="They took it.", seat=stage.seat)
        return_comment(one.comment, version=1, reason="contempt", by=stage.facilitator)
        Comment.objects.filter(pk=one.comment.pk).update(state=state)
        with pytest.raises(NotAllowed, match="came back to you"):
            submit_reflection(stage.round, heard=stage.story, text="Again.", seat=stage.seat)

    @pytest.mark.parametrize("state", ["held", "approved", "returned", "appealed", "upheld", "withdrawn"])
    def test_only_a_story_that_is_out(self, stage: Stage, state: str) -> None:
        other = factories.make_comment(stage.story.thread.round, stage.alias, state=state)
        with pytest.raises(NotAllowed, match="took it back"):
            submit_reflection(stage.round, heard=other, text="I heard", seat=stage.seat)

    def test_only_a_story_of_a_participant_here(self, stage: Stage) -> None:
        answered = factories.make_comment(stage.story.thread.round, parent=stage.story, state="released")
        of_listener = factories.make_comment(stage.round, seat=stage.seat, state="released")
        elsewhere = factories.make_comment(factories.make_round(factories.make_session()), state="released")
        for other in (answered, of_listener, elsewhere):
            with pytest.raises(NotAllowed):
                submit_reflection(stage.round, heard=other, text="I heard", seat=stage.seat)
        assert not Reflection.objects.exists()

    @pytest.mark.parametrize("kind", [kind for kind in RoundKind if kind != RoundKind.REFLECTING])
    def test_only_in_a_reflecting_round(self, stage: Stage, kind: str) -> None:
        round = next_round(stage, RoundKind(kind))
        with pytest.raises(NotAllowed):
            submit_reflection(round, heard=stage.story, text="I heard", seat=stage.seat)
        assert not Comment.objects.filter(seat=stage.seat).exists()


class TestAnswering:
    @pytest.mark.parametrize("said", Answer.values)
    def test_the_answer_waits_and_can_be_changed(self, stage: Stage, said: str) -> None:
        one = tell_back(stage)
        answer(stage, one, Answer.CONFIRMED)
        answer(stage, one, said)
        assert (state_of(one), heard(stage)) == ([(said, False)], "")
        assert not AuditEvent.objects.exists()

    def test_nobody_else_answers(self, stage: Stage) -> None:
        one = tell_back(stage)
        with pytest.raises(NotAllowed, match="Only the person"):
            answer_reflection(one, answer=Answer.CONFIRMED, alias=stage.other_alias)
        assert state_of(one) == [("", False)]

    @pytest.mark.parametrize("state", ["held", "approved", "returned", "appealed", "upheld", "withdrawn"])
    def test_only_what_is_out(self, stage: Stage, state: str) -> None:
        comment = factories.make_comment(stage.round, seat=stage.seat, state=state)
        one = Reflection.objects.create(comment=comment, heard=stage.story, seat=stage.seat)
        with pytest.raises(NotAllowed, match="nothing to answer"):
            answer(stage, one, Answer.CONFIRMED)

    def test_what_was_meant_is_a_text_that_waits(self, stage: Stage) -> None:
        one = tell_back(stage)
        meant = "It was my kid’s bag."
        answer_reflection(one, answer=Answer.CORRECTED, alias=stage.alias, meant=meant)
        text = Comment.objects.get(parent=one.comment)
        assert (text.state, text.alias, state_of(one)) == ("held", stage.alias, [("corrected", False)])

    def test_words_go_with_not_quite_only(self, stage: Stage) -> None:
        one = tell_back(stage)
        answer_reflection(one, answer=Answer.CONFIRMED, alias=stage.alias, meant="Thank you.")
        assert not one.comment.replies.exists()

    def test_words_that_can_not_come_in_leave_the_answer_unsaid(self, stage: Stage) -> None:
        one = tell_back(stage)
        close(stage.round)
        with pytest.raises(NotAllowed):
            answer_reflection(one, answer=Answer.CORRECTED, alias=stage.alias, meant="It was his bag.")
        assert state_of(one) == [("", False)]
        assert answer(stage, one, Answer.CORRECTED).answer == "corrected"  # also after the round

    def test_not_once_it_is_out(self, stage: Stage) -> None:
        one, two = both_answered(stage, Answer.CORRECTED, Answer.CONFIRMED)
        let_out_answers(stage.round, by=stage.facilitator)
        with pytest.raises(NotAllowed, match="are out by now"):
            answer(stage, one, Answer.CONFIRMED)
        assert state_of(one, two) == [("corrected", True), ("confirmed", True)]

    def test_not_in_a_pause(self, stage: Stage) -> None:
        one = tell_back(stage)
        pause_session(stage.dialogue_session, reason="Storm", by=stage.facilitator)
        with pytest.raises(NotAllowed, match="pause"):
            answer(stage, one, Answer.CONFIRMED)

    def test_not_of_a_story_that_was_taken_back(self, stage: Stage) -> None:
        one = tell_back(stage)
        withdraw_comment(stage.story)
        with pytest.raises(NotAllowed, match="nothing to answer"):
            answer(stage, one, Answer.CONFIRMED)


class TestLettingOut:
    def test_all_at_once_and_the_listener_may_write(self, stage: Stage) -> None:
        one, two = both_answered(stage, Answer.CORRECTED, Answer.CONFIRMED)
        assert let_out_answers(stage.round, by=stage.facilitator) == 2
        assert state_of(one, two) == [("corrected", True), ("confirmed", True)]
        assert heard(stage) == "confirmed"
        event = AuditEvent.objects.get()
        assert (event.verb, event.detail, event.actor) == (
            "let_out_answers",
            f"{stage.round.number}: 2 answers",
            stage.facilitator.pk,
        )

    def test_only_whose_reflection_was_confirmed(self, stage: Stage) -> None:
        other = factories.make_seat(stage.dialogue_session)
        ListenerSeat.objects.filter(pk=other.pk).update(heard="")
        answer(stage, tell_back(stage, seat=other), Answer.CONFIRMED)
        answer(stage, tell_back(stage, stage.other_story), Answer.CORRECTED)
        let_out_answers(stage.round, by=stage.facilitator)
        other.refresh_from_db()
        assert (heard(stage), other.heard) == ("", "confirmed")

    def test_answers_of_one_participant_wait(self, stage: Stage) -> None:
        one = tell_back(stage)
        tell_back(stage, stage.other_story)
        answer(stage, one, Answer.CONFIRMED)
        with pytest.raises(NotAllowed, match="at least two participants"):
            let_out_answers(stage.round, by=stage.facilitator)
        assert (state_of(one), heard(stage)) == ([("confirmed", False)], "")

    def test_a_pass_is_no_second_answer_and_waits_with_the_silent(self, stage: Stage) -> None:
        third = factories.make_alias(stage.dialogue_session)
        story = factories.make_comment(stage.story.thread.round, third, state="released")
        both_answered(stage, Answer.CONFIRMED, Answer.PASSED)
        with pytest.raises(NotAllowed, match="at least two participants"):
            let_out_answers(stage.round, by=stage.facilitator)
        answer_reflection(tell_back(stage, story), answer=Answer.CORRECTED, alias=third)
        assert let_out_answers(stage.round, by=stage.facilitator) == 2
        assert list(Reflection.objects.filter(is_out=False).values_list("answer", flat=True)) == ["passed"]

    def test_a_closed_round_is_settled(self, stage: Stage) -> None:
        """A pass and silence look the same; a single answer may come out now."""
        third = factories.make_alias(stage.dialogue_session)
        story = factories.make_comment(stage.story.thread.round, third, state="released")
        one, two = both_answered(stage, Answer.CONFIRMED, Answer.PASSED)
        silent = tell_back(stage, story)
        close(stage.round)
        assert let_out_answers(stage.round, by=stage.facilitator) == 3
        assert state_of(one, two, silent) == [("confirmed", True), ("passed", True), ("passed", True)]
        with pytest.raises(NotAllowed, match="are out by now"):
            answer_reflection(silent, answer=Answer.CONFIRMED, alias=third)

    def test_silence_is_no_consent(self, stage: Stage) -> None:
        one = tell_back(stage)
        close(stage.round)
        let_out_answers(stage.round, by=stage.facilitator)
        assert (state_of(one), heard(stage)) == ([("passed", True)], "")

    @pytest.mark.parametrize("gone", ["removed", "forgotten", "withdrawn"])
    def test_whoever_is_gone_has_not_answered(self, stage: Stage, gone: str) -> None:
        one, two = both_answered(stage, Answer.CONFIRMED, Answer.CORRECTED)
        if gone == "removed":
            remove_alias(stage.alias, by=stage.facilitator)
        elif gone == "forgotten":
            forget_me_here(stage.alias)
        else:
            withdraw_comment(stage.story)
        with pytest.raises(NotAllowed, match="at least two participants"):
            let_out_answers(stage.round, by=stage.facilitator)
        close(stage.round)
        let_out_answers(stage.round, by=stage.facilitator)
        assert (state_of(one, two), heard(stage)) == ([("passed", True), ("corrected", True)], "")

    def test_a_reflection_taken_back_gets_no_answer(self, stage: Stage) -> None:
        one, two = both_answered(stage, Answer.CONFIRMED, Answer.CORRECTED)
        withdraw_comment(one.comment)
        close(stage.round)
        let_out_answers(stage.round, by=stage.facilitator)
        assert (state_of(one, two), heard(stage)) == ([("confirmed", False), ("corrected", True)], "")

    def test_twice_finds_nothing(self, stage: Stage) -> None:
        both_answered(stage, Answer.CORRECTED, Answer.CONFIRMED)
        let_out_answers(stage.round, by=stage.facilitator)
        with pytest.raises(NotAllowed, match="nothing to let out"):
            let_out_answers(stage.round, by=stage.facilitator)

    def test_only_the_team(self, stage: Stage, other_facilitator: User, listener: User) -> None:
        both_answered(stage, Answer.CORRECTED, Answer.CONFIRMED)
        for person in (other_facilitator, listener):
            with pytest.raises(NotAllowed):
                let_out_answers(stage.round, by=person)
        assert not Reflection.objects.filter(is_out=True).exists()

    def test_not_in_a_pause_but_in_the_follow_up(self, stage: Stage) -> None:
        both_answered(stage, Answer.CORRECTED, Answer.CONFIRMED)
        session = DialogueSession.objects.filter(pk=stage.dialogue_session.pk)
        session.update(paused=True, pause_reason="Storm")
        with pytest.raises(NotAllowed, match="paused"):
            let_out_answers(stage.round, by=stage.facilitator)
        session.update(paused=False, pause_reason="", state="cancelled", cancel_reason="Storm")
        with pytest.raises(NotAllowed, match="only while"):
            let_out_answers(stage.round, by=stage.facilitator)
        session.update(state="follow_up", cancel_reason="", closed_at="2026-01-01T00:00Z")
        assert let_out_answers(stage.round, by=stage.facilitator) == 2

    def test_what_was_said_stays_with_the_listener(self, stage: Stage) -> None:
        """Taking the story, or the reflection, back afterwards leaves nothing but that he may write."""
        one, _two = both_answered(stage, Answer.CONFIRMED, Answer.CORRECTED)
        let_out_answers(stage.round, by=stage.facilitator)
        withdraw_comment(stage.story)
        withdraw_comment(one.comment)
        assert heard(stage) == "confirmed"


class TestFreeing:
    def settled(self, stage: Stage, *answers: str) -> None:
        for story, said in zip((stage.story, stage.other_story), answers, strict=False):
            one = tell_back(stage, story)
            if said:
                answer(stage, one, said)
        close(stage.round)
        let_out_answers(stage.round, by=stage.facilitator)

    @pytest.mark.parametrize("answers", [("passed",), ("",), ("passed", "")])
    def test_if_nobody_said_anything(self, stage: Stage, answers: tuple[str, ...]) -> None:
        self.settled(stage, *answers)
        free_listener(stage.seat, by=stage.facilitator)
        assert heard(stage) == "released"
        event = AuditEvent.objects.get(verb="free_listener")
        assert (event.actor, event.detail) == (stage.facilitator.pk, "")

    def test_a_confirmation_later_counts_more(self, stage: Stage) -> None:
        self.settled(stage, "")
        free_listener(stage.seat, by=stage.facilitator)
        again = factories.make_round(stage.dialogue_session, RoundKind.REFLECTING)
        one = submit_reflection(again, heard=stage.other_story, text="I heard", seat=stage.seat)
        release(one.comment)
        answer(stage, one, Answer.CONFIRMED)
        close(again)
        let_out_answers(again, by=stage.facilitator)
        assert heard(stage) == "confirmed"

    @pytest.mark.parametrize(("answers", "why"), [(("corrected",), "not quite"), (("", "corrected"), "not quite")])
    def test_not_after_a_correction(self, stage: Stage, answers: tuple[str, ...], why: str) -> None:
        self.settled(stage, *answers)
        with pytest.raises(NotAllowed, match=why):
            free_listener(stage.seat, by=stage.facilitator)
        assert heard(stage) == ""

    def test_a_correction_about_a_story_that_was_taken_back_shuts_nobody_out(self, stage: Stage) -> None:
        self.settled(stage, "corrected", "passed")
        withdraw_comment(stage.story)
        free_listener(stage.seat, by=stage.facilitator)
        assert heard(stage) == "released"

    def test_without_a_story_no_reflecting_round_is_advised(self, stage: Stage) -> None:
        withdraw_comment(stage.story)
        withdraw_comment(stage.other_story)
        close(stage.round)
        with pytest.raises(NotAllowed, match="Another listening round"):
            free_listener(stage.seat, by=stage.facilitator)

    def test_not_without_a_try(self, stage: Stage) -> None:
        close(stage.round)
        with pytest.raises(NotAllowed, match="not told back any story"):
            free_listener(stage.seat, by=stage.facilitator)

    def test_not_while_the_round_is_on(self, stage: Stage) -> None:
        tell_back(stage)
        with pytest.raises(NotAllowed, match="still on"):
            free_listener(stage.seat, by=stage.facilitator)

    def test_not_before_the_answers_are_out(self, stage: Stage) -> None:
        answer(stage, tell_back(stage), Answer.CONFIRMED)
        close(stage.round)
        with pytest.raises(NotAllowed, match="not let out yet"):
            free_listener(stage.seat, by=stage.facilitator)

    @pytest.mark.parametrize("state", ["held", "appealed"])
    def test_not_while_a_try_waits(self, stage: Stage, state: str) -> None:
        submit_reflection(stage.round, heard=stage.other_story, text="I heard", seat=stage.seat)
        Comment.objects.filter(state="held").update(state=state)
        self.settled(stage, "")
        with pytest.raises(NotAllowed, match="still waits"):
            free_listener(stage.seat, by=stage.facilitator)

    def test_twice_and_by_others(self, stage: Stage, other_facilitator: User) -> None:
        self.settled(stage, "")
        with pytest.raises(NotAllowed):
            free_listener(stage.seat, by=other_facilitator)
        free_listener(stage.seat, by=stage.facilitator)
        with pytest.raises(NotAllowed, match="already"):
            free_listener(stage.seat, by=stage.facilitator)
        assert AuditEvent.objects.filter(verb="free_listener").count() == 1

    def test_not_once_the_seat_or_the_session_is_gone(self, stage: Stage) -> None:
        self.settled(stage, "")
        ListenerSeat.objects.filter(pk=stage.seat.pk).update(state="not_placed")
        with pytest.raises(NotAllowed, match="no seat"):
            free_listener(stage.seat, by=stage.facilitator)
        DialogueSession.objects.filter(pk=stage.dialogue_session.pk).update(paused=True, pause_reason="Storm")
        with pytest.raises(NotAllowed, match="not paused"):
            free_listener(stage.seat, by=stage.facilitator)


def test_the_purge_takes_them_along(stage: Stage) -> None:
    """With the rounds; what stays is that the listener may have written."""
    both_answered(stage, Answer.CORRECTED, Answer.CONFIRMED)
    stage.dialogue_session.rounds.all().delete()
    assert not Reflection.objects.exists()
