"""Writing, revising, taking back, passing: works, wrong state, twice, raced."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import return_comment
from dialogue.notes.models import FacilitatorNote
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads.actions import (
    AlreadySent,
    ask_for_retelling,
    pass_round,
    revise_comment,
    submit_comment,
    withdraw_comment,
)
from dialogue.threads.models import Comment, Pass
from dialogue.threads.periods import current_period
from dialogue.threads.text import MAX_CHARACTERS
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

STATES = [state.value for state in Comment.State]


def words_of(comment: Comment) -> str:
    comment.refresh_from_db()
    assert comment.body is not None
    return vault.unseal(comment.thread.round.dialogue_session_id, comment.pk, comment.body)


class TestSubmit:
    def test_a_participants_text_is_held_and_sealed(self, listening: Round, alias: Alias) -> None:
        comment = submit_comment(listening, text="  What happened to me \0 \r\n", alias=alias)
        comment.refresh_from_db()
        assert words_of(comment) == "What happened to me"
        assert b"What happened" not in bytes(comment.body or b"")
        row = (comment.state, comment.version, comment.period, comment.batch, comment.place, comment.claimed_by)
        assert row == ("held", 1, current_period(), None, None, None)
        assert comment.pk.version == 4

    def test_nothing_of_it_goes_to_the_audit_log(self, listening: Round, alias: Alias) -> None:
        submit_comment(listening, text="Words", alias=alias)
        assert not AuditEvent.objects.exists()

    def test_a_listener_never_writes_in_a_listening_round(self, listening: Round, seat: ListenerSeat) -> None:
        released = factories.make_comment(listening, state="released")
        for parent in (None, released):
            with pytest.raises(NotAllowed):
                submit_comment(listening, text="I want to explain", seat=seat, parent=parent)
        assert not Comment.objects.filter(seat=seat).exists()

    def test_a_listeners_text_is_held_too(self, open_session: DialogueSession, seat: ListenerSeat) -> None:
        open_session.rounds.update(state=Round.State.DONE)
        reflecting = factories.make_round(open_session, RoundKind.REFLECTING)
        with pytest.raises(NotAllowed, match="only tell back"):
            submit_comment(reflecting, text="I want to explain", seat=seat)
        assert submit_comment(reflecting, text="I heard", seat=seat, tells_back=True).state == Comment.State.HELD

    @pytest.mark.parametrize("text", ["", "  \n ", "\u200b", "\u3164"])
    def test_blank(self, listening: Round, alias: Alias, text: str) -> None:
        with pytest.raises(ValidationError) as error:
            submit_comment(listening, text=text, alias=alias)
        assert error.value.code == "blank"

    def test_too_long_says_by_how_much(self, listening: Round, alias: Alias) -> None:
        with pytest.raises(ValidationError) as error:
            submit_comment(listening, text="x" * (MAX_CHARACTERS + 12), alias=alias)
        assert error.value.messages == ["12 characters too many."]
        assert not Comment.objects.exists()

    def test_the_longest_text_of_the_longest_letters_fits(self, listening: Round, alias: Alias) -> None:
        text = "ש" * (vault.MAX_TEXT // 2)
        assert words_of(submit_comment(listening, text=text, alias=alias)) == text

    @pytest.mark.parametrize("state", ["planned", "done", "skipped"])
    def test_round_not_open(self, listening: Round, alias: Alias, state: str) -> None:
        Round.objects.filter(pk=listening.pk).update(state=state)
        with pytest.raises(NotAllowed):
            submit_comment(listening, text="Words", alias=alias)  # the stale instance still says "open"

    @pytest.mark.parametrize("change", [{"state": State.FOLLOW_UP}, {"paused": True, "pause_reason": "Storm"}])
    def test_session_closed_or_paused(
        self, open_session: DialogueSession, listening: Round, alias: Alias, change: dict[str, Any]
    ) -> None:
        closed = {"closed_at": open_session.starts_at} if "state" in change else {}
        DialogueSession.objects.filter(pk=open_session.pk).update(**change, **closed)
        with pytest.raises(NotAllowed):
            submit_comment(listening, text="Words", alias=alias)

    def test_round_gone(self, listening: Round, alias: Alias) -> None:
        with pytest.raises(NotAllowed):
            submit_comment(Round(pk=uuid4(), dialogue_session=listening.dialogue_session), text="Words", alias=alias)

    def test_key_gone(self, open_session: DialogueSession, listening: Round, alias: Alias) -> None:
        vault.destroy_key(open_session.pk)
        with pytest.raises(NotAllowed):
            submit_comment(listening, text="Words", alias=alias)
        assert not Comment.objects.exists()

    @pytest.mark.parametrize(
        ("state", "free"), [(state, state in ("returned", "upheld", "withdrawn")) for state in STATES]
    )
    def test_one_story_each(self, listening: Round, alias: Alias, state: str, free: bool) -> None:
        """What was returned or taken back does not count."""
        factories.make_comment(listening, alias, state=state)
        if free:
            submit_comment(listening, text="Another", alias=alias)
        else:
            with pytest.raises(NotAllowed):
                submit_comment(listening, text="Another", alias=alias)

    def test_the_limit_is_each_ones_own(self, listening: Round, alias: Alias, other_alias: Alias) -> None:
        factories.make_comment(listening, other_alias)
        assert submit_comment(listening, text="Mine", alias=alias).alias == alias

    def test_sent_twice_is_one_row(self, listening: Round, alias: Alias) -> None:
        pk = uuid4()
        first = submit_comment(listening, text="Words ", alias=alias, pk=pk)
        again = submit_comment(listening, text=" Words", alias=alias, pk=pk)
        assert (first.pk, again.pk, Comment.objects.count()) == (pk, pk, 1)

    def test_sent_again_after_the_round_closed_is_still_done(self, listening: Round, alias: Alias) -> None:
        pk = uuid4()
        submit_comment(listening, text="Words", alias=alias, pk=pk)
        Round.objects.filter(pk=listening.pk).update(state="done")
        assert submit_comment(listening, text="Words", alias=alias, pk=pk).pk == pk

    def test_another_text_under_the_same_id_is_not_lost_silently(self, listening: Round, alias: Alias) -> None:
        pk = uuid4()
        submit_comment(listening, text="Words", alias=alias, pk=pk)
        with pytest.raises(AlreadySent):
            submit_comment(listening, text="Other words", alias=alias, pk=pk)

    def test_somebody_elses_id_tells_nothing(self, listening: Round, alias: Alias, other_alias: Alias) -> None:
        theirs = factories.make_comment(listening, other_alias, text="Words")
        with pytest.raises(AlreadySent):
            submit_comment(listening, text="Words", alias=alias, pk=theirs.pk)

    def test_queries(self, listening: Round, alias: Alias, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        factories.make_comment(listening)  # the thread exists
        with django_assert_num_queries(5):  # savepoint, round, own texts, the row, release of the savepoint
            submit_comment(listening, text="Words", alias=alias)

    @pytest.mark.django_db(transaction=True)
    def test_two_forms_at_once_keep_to_the_limit(self, listening: Round, alias: Alias) -> None:
        results = at_once(*[lambda: submit_comment(listening, text="Words", alias=alias)] * 4)
        assert sorted(type(result).__name__ for result in results) == ["Comment"] + ["NotAllowed"] * 3

    @pytest.mark.django_db(transaction=True)
    def test_one_form_four_times_at_once_is_one_row(self, listening: Round, alias: Alias) -> None:
        pk = uuid4()
        results = at_once(*[lambda: submit_comment(listening, text="Words", alias=alias, pk=pk)] * 4)
        assert [result.pk for result in results] == [pk] * 4
        assert Comment.objects.count() == 1


class TestAnswers:
    @pytest.fixture
    def reflecting(self, open_session: DialogueSession) -> Round:
        open_session.rounds.update(state=Round.State.DONE)
        return factories.make_round(open_session, RoundKind.REFLECTING)

    def test_below_a_released_text(self, reflecting: Round, alias: Alias, seat: ListenerSeat) -> None:
        heard = factories.make_comment(reflecting, seat=seat, state="released")
        assert submit_comment(reflecting, text="Yes", alias=alias, parent=heard).parent == heard

    def test_without_limit(self, reflecting: Round, alias: Alias, seat: ListenerSeat) -> None:
        heard = factories.make_comment(reflecting, seat=seat, state="released")
        for number in range(3):
            submit_comment(reflecting, text=f"Answer {number}", alias=alias, parent=heard)
        assert Comment.objects.filter(parent=heard).count() == 3

    @pytest.mark.parametrize("state", [state for state in STATES if state != "released"])
    def test_not_below_an_unreleased_text(
        self, reflecting: Round, alias: Alias, seat: ListenerSeat, state: str
    ) -> None:
        heard = factories.make_comment(reflecting, seat=seat, state=state)
        with pytest.raises(NotAllowed):
            submit_comment(reflecting, text="Yes", alias=alias, parent=heard)

    def test_one_level_deep(self, reflecting: Round, alias: Alias, seat: ListenerSeat) -> None:
        heard = factories.make_comment(reflecting, seat=seat, state="released")
        answer = factories.make_comment(reflecting, state="released", parent=heard)
        with pytest.raises(NotAllowed):
            submit_comment(reflecting, text="Yes", alias=alias, parent=answer)

    def test_not_across_rounds(self, reflecting: Round, open_session: DialogueSession, alias: Alias) -> None:
        elsewhere = factories.make_comment(open_session.rounds.get(number=2), state="released")
        with pytest.raises(NotAllowed):
            submit_comment(reflecting, text="Yes", alias=alias, parent=elsewhere)


class TestRevise:
    def test_goes_back_to_be_read(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias, state="returned", version=2)
        revise_comment(comment, text="Without the name", version=2)
        assert words_of(comment) == "Without the name"
        assert (comment.state, comment.version, comment.period) == ("held", 3, current_period())

    @pytest.mark.parametrize("state", [state for state in STATES if state not in ("returned", "upheld", "proposed")])
    def test_only_a_text_that_came_back(self, listening: Round, alias: Alias, state: str) -> None:
        comment = factories.make_comment(listening, alias, state=state)
        with pytest.raises(NotAllowed):
            revise_comment(comment, text="Other", version=1)

    def test_stale_page(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias, state="returned", version=4, text="Newer")
        with pytest.raises(NotAllowed):
            revise_comment(comment, text="Older", version=2)
        assert words_of(comment) == "Newer"

    def test_twice_is_once(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias, state="returned")
        for _ in range(2):
            revise_comment(comment, text="Changed", version=1)
        assert (comment.state, comment.version) == ("held", 2)

    def test_the_round_may_be_over_but_not_the_talk(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias, state="returned")
        Round.objects.filter(pk=listening.pk).update(state="done")
        assert revise_comment(comment, text="Changed", version=1).state == "held"

    def test_not_in_a_pause(self, open_session: DialogueSession, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias, state="returned")
        DialogueSession.objects.filter(pk=open_session.pk).update(paused=True, pause_reason="Storm")
        with pytest.raises(NotAllowed, match="Storm"):
            revise_comment(comment, text="Changed", version=1)

    def test_not_beside_another_story(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias, state="returned")
        factories.make_comment(listening, alias)
        with pytest.raises(NotAllowed):
            revise_comment(comment, text="Changed", version=1)

    def test_blank(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias, state="returned")
        with pytest.raises(ValidationError):
            revise_comment(comment, text=" ", version=1)


class TestAskForRetelling:
    def test_asked_and_asked_no_longer(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias)
        ask_for_retelling(comment, wanted=True, version=1)
        assert (comment.wants_retelling, comment.version, comment.state) == (True, 2, "held")
        ask_for_retelling(comment, wanted=False, version=2)
        assert (comment.wants_retelling, comment.version) == (False, 3)

    def test_twice_is_once(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias)
        for _ in range(2):
            ask_for_retelling(comment, wanted=True, version=1)
        assert (comment.wants_retelling, comment.version) == (True, 2)

    @pytest.mark.parametrize("state", [state for state in STATES if state != "held"])
    def test_only_while_it_waits(self, listening: Round, alias: Alias, state: str) -> None:
        comment = factories.make_comment(listening, alias, state=state)
        with pytest.raises(NotAllowed):
            ask_for_retelling(comment, wanted=True, version=1)

    def test_stale_version(self, listening: Round, alias: Alias) -> None:
        with pytest.raises(NotAllowed):
            ask_for_retelling(factories.make_comment(listening, alias, version=4), wanted=True, version=2)

    def test_a_listener_speaks_in_own_words(self, listening: Round, seat: ListenerSeat) -> None:
        with pytest.raises(NotAllowed):
            ask_for_retelling(factories.make_comment(listening, seat=seat), wanted=True, version=1)

    def test_asked_when_handing_in(self, listening: Round, alias: Alias) -> None:
        assert submit_comment(listening, text="Mine", alias=alias, wants_retelling=True).wants_retelling


class TestWithdraw:
    @pytest.mark.parametrize("state", [state for state in STATES if state != "withdrawn"])
    @pytest.mark.promise("P6")
    def test_destroys_the_words_whatever_the_state(self, listening: Round, alias: Alias, state: str) -> None:
        comment = factories.make_comment(listening, alias, state=state, version=3)
        withdraw_comment(comment)
        comment.refresh_from_db()
        assert (comment.state, comment.body, comment.period, comment.version) == ("withdrawn", None, None, 4)
        assert (comment.batch is not None) == (state == "released")  # its place says "taken back"

    def test_twice(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias)
        withdraw_comment(comment)
        with pytest.raises(NotAllowed):
            withdraw_comment(comment)

    @pytest.mark.promise("P6")
    def test_what_was_written_about_it_goes_or_is_cut_loose(
        self, listening: Round, alias: Alias, facilitator: User, open_session: DialogueSession
    ) -> None:
        comment = factories.make_comment(listening, alias)
        note = FacilitatorNote.objects.create(
            dialogue_session=open_session, comment=comment, author=facilitator, body=b"sealed"
        )
        return_comment(comment, version=1, reason="identifies_other", note="You name somebody", by=facilitator)
        withdraw_comment(comment)
        note.refresh_from_db()
        decision = comment.decisions.get()
        assert (decision.note, decision.reason, note.comment) == (None, "identifies_other", None)

    def test_after_the_key_is_gone_and_the_session_closed(
        self, listening: Round, alias: Alias, open_session: DialogueSession
    ) -> None:
        comment = factories.make_comment(listening, alias, state="released")
        DialogueSession.objects.filter(pk=open_session.pk).update(
            state=State.FOLLOW_UP, closed_at=open_session.starts_at
        )
        vault.destroy_key(open_session.pk)
        assert withdraw_comment(comment).state == "withdrawn"


class TestPass:
    def test_once_and_twice(self, listening: Round, alias: Alias) -> None:
        assert pass_round(listening, alias=alias) == pass_round(listening, alias=alias)
        assert Pass.objects.count() == 1

    def test_one_may_still_write(self, listening: Round, alias: Alias) -> None:
        pass_round(listening, alias=alias)
        assert submit_comment(listening, text="After all", alias=alias).state == "held"

    def test_not_by_who_only_reads(self, listening: Round, seat: ListenerSeat) -> None:
        with pytest.raises(NotAllowed):
            pass_round(listening, seat=seat)

    def test_not_in_a_round_that_is_over(self, listening: Round, alias: Alias) -> None:
        Round.objects.filter(pk=listening.pk).update(state="done")
        with pytest.raises(NotAllowed):
            pass_round(listening, alias=alias)


@pytest.mark.parametrize(
    ("kind", "comes_in"), [("listening", False), ("opening", False), ("reflecting", True), ("dialogue", True)]
)
def test_a_listener_sends_nothing_again_while_listeners_only_read(
    open_session: DialogueSession, listening: Round, seat: ListenerSeat, facilitator: User, kind: str, comes_in: bool
) -> None:
    Round.objects.filter(pk=listening.pk).update(state="done")
    heard = factories.make_round(open_session, RoundKind.REFLECTING, "done")
    comment = factories.make_comment(heard, seat=seat)
    return_comment(comment, version=1, reason="contempt", note="", by=facilitator)
    factories.make_round(open_session, RoundKind(kind))
    if comes_in:
        assert revise_comment(comment, text="Again", version=2).state == "held"
    else:
        with pytest.raises(NotAllowed, match="listeners only read"):
            revise_comment(comment, text="Again", version=2)
