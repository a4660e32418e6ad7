"""A second look: works, wrong person, wrong state, twice, raced. Who returned a text never hears its author out."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import (
    approve_comment,
    claim_comment,
    lay_aside,
    release_batch,
    return_comment,
    undo_approval,
)
from dialogue.moderation.actions_appeals import ask_again, overturn_return, uphold_return
from dialogue.moderation.actions_edits import propose_words
from dialogue.moderation.models import ModerationDecision
from dialogue.moderation.policies import LONGEST_NOTE
from dialogue.moderation.queries import next_waiting, read_queue, waiting_in
from dialogue.retention.clock import return_unread
from dialogue.sessions.models import Alias, Booking, DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.actions import revise_comment, submit_comment, withdraw_comment
from dialogue.threads.models import Comment
from dialogue.threads.periods import current_period
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

RACES = 10
WORDS = "A story that came back"


@pytest.fixture
def returned(listening: Round, alias: Alias, facilitator: User) -> Comment:
    comment = factories.make_comment(listening, alias, text=WORDS)
    return return_comment(comment, version=1, reason="contempt", note="Too sharp.", by=facilitator)


@pytest.fixture
def appealed(returned: Comment) -> Comment:
    return ask_again(fresh(returned), version=2)


def fresh(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


def stands(comment: Comment) -> tuple[str, int, bool]:
    one = fresh(comment)
    return one.state, one.version, one.period is not None


def words_of(comment: Comment) -> str:
    one = fresh(comment)
    return vault.unseal(one.thread.round.dialogue_session_id, one.pk, one.body or b"")


def second_looks() -> list[tuple[str, Any]]:
    return list(AuditEvent.objects.filter(detail="second look").values_list("verb", "actor"))


class TestAsking:
    def test_it_waits_again_unchanged_and_nothing_is_added(self, returned: Comment, facilitator: User) -> None:
        before = fresh(returned).body, ModerationDecision.objects.count(), AuditEvent.objects.count()
        ask_again(returned, version=2)
        asked = fresh(returned)
        assert (asked.state, asked.version, asked.period, asked.claimed_by) == ("appealed", 3, current_period(), None)
        assert (asked.body, ModerationDecision.objects.count(), AuditEvent.objects.count()) == before

    def test_twice_is_once(self, returned: Comment) -> None:
        ask_again(fresh(returned), version=2)
        ask_again(fresh(returned), version=2)
        assert stands(returned) == ("appealed", 3, True)

    @pytest.mark.parametrize("state", [state for state in Comment.State.values if state != "returned"])
    def test_only_what_came_back(self, listening: Round, alias: Alias, state: str) -> None:
        comment = factories.make_comment(listening, alias, state=state)
        with pytest.raises(NotAllowed):
            ask_again(comment, version=1)
        assert stands(comment)[:2] == (state, 1)

    def test_not_against_an_older_page(self, returned: Comment, peer: User) -> None:
        revise_comment(fresh(returned), text="Milder", version=2)
        return_comment(fresh(returned), version=3, reason="contempt", by=peer)
        with pytest.raises(NotAllowed):
            ask_again(fresh(returned), version=2)
        assert stands(returned) == ("returned", 4, False)

    def test_what_the_clock_gave_back_is_simply_sent_again(self, listening: Round, alias: Alias) -> None:
        comment = factories.make_comment(listening, alias)
        assert return_unread(comment)
        with pytest.raises(NotAllowed, match="send it again"):
            ask_again(fresh(comment), version=2)
        assert revise_comment(fresh(comment), text=words_of(comment), version=2).state == "held"

    def test_nobody_else_is_on_the_team(self, returned: Comment, open_session: DialogueSession, peer: User) -> None:
        User.objects.filter(pk=peer.pk).update(is_active=False)
        with pytest.raises(NotAllowed, match="Nobody else is on the team"):
            ask_again(fresh(returned), version=2)
        User.objects.filter(pk=peer.pk).update(is_active=True)
        Booking.objects.filter(dialogue_session=open_session, facilitator=peer).delete()
        with pytest.raises(NotAllowed, match="Nobody else is on the team"):
            ask_again(fresh(returned), version=2)

    def test_not_for_words_that_should_be_told_otherwise(self, returned: Comment) -> None:
        Comment.objects.filter(pk=returned.pk).update(wants_retelling=True)
        with pytest.raises(NotAllowed):
            ask_again(fresh(returned), version=2)

    def test_not_beside_another_text_written_since(self, returned: Comment, listening: Round, alias: Alias) -> None:
        submit_comment(listening, text="Another", alias=alias)
        with pytest.raises(NotAllowed, match="another text in this round"):
            ask_again(fresh(returned), version=2)

    def test_while_it_waits_it_counts_against_the_limit(
        self, appealed: Comment, listening: Round, alias: Alias, peer: User
    ) -> None:
        with pytest.raises(NotAllowed):
            submit_comment(listening, text="Another", alias=alias)
        uphold_return(fresh(appealed), version=3, by=peer)
        assert submit_comment(listening, text="Another", alias=alias).state == "held"

    @pytest.mark.parametrize(
        ("change", "works"),
        [
            ({"paused": True, "pause_reason": "Storm"}, False),
            ({"state": "follow_up"}, True),  # a text that came back after the end could be changed no more
            ({"state": "cancelled", "cancel_reason": "Storm"}, False),
        ],
    )
    def test_by_state_of_the_session(
        self, returned: Comment, open_session: DialogueSession, change: dict[str, Any], works: bool
    ) -> None:
        ended = {"closed_at": open_session.starts_at} if change.get("state") == "follow_up" else {}
        DialogueSession.objects.filter(pk=open_session.pk).update(**change, **ended)
        if works:
            assert ask_again(fresh(returned), version=2).state == "appealed"
        else:
            with pytest.raises(NotAllowed):
                ask_again(fresh(returned), version=2)

    def test_a_listener_asks_too_but_not_while_listeners_only_read(
        self, open_session: DialogueSession, listening: Round, seat: ListenerSeat, facilitator: User, peer: User
    ) -> None:
        dialogue = factories.make_round(open_session, RoundKind.DIALOGUE, "done")
        comment = factories.make_comment(dialogue, seat=seat)
        return_comment(comment, version=1, reason="interrogation", by=facilitator)
        with pytest.raises(NotAllowed, match="listeners only read"):
            ask_again(fresh(comment), version=2)
        Round.objects.filter(pk=listening.pk).update(state="done")
        ask_again(fresh(comment), version=2)
        assert overturn_return(fresh(comment), version=3, by=peer).state == "approved"


class TestHearing:
    def test_somebody_else_lets_it_through(self, appealed: Comment, peer: User, open_session: DialogueSession) -> None:
        claim_comment(appealed, version=3, by=peer)
        overturn_return(fresh(appealed), version=3, by=peer)
        decision = ModerationDecision.objects.get(comment_version=3)
        assert stands(appealed) == ("approved", 4, False)
        assert (decision.outcome, decision.decided_by, decision.reason, decision.note) == ("overturned", peer, "", None)
        assert second_looks() == [("approve", peer.pk)]

    def test_it_goes_out_as_any_approved_text(self, appealed: Comment, listening: Round, peer: User) -> None:
        overturn_return(appealed, version=3, by=peer)
        factories.make_comment(listening, state="approved")
        assert release_batch(listening, by=peer) == 2
        assert words_of(appealed) == WORDS

    def test_somebody_else_agrees_with_the_return(self, appealed: Comment, peer: User) -> None:
        uphold_return(appealed, version=3, note=" I read it\r\ntwice. ", by=peer)
        decision = ModerationDecision.objects.get(comment_version=3)
        assert stands(appealed) == ("upheld", 4, False)
        assert (decision.outcome, decision.decided_by, decision.reason) == ("upheld", peer, "")
        note = vault.unseal(appealed.thread.round.dialogue_session_id, decision.pk, decision.note or b"")
        assert note == "I read it\ntwice."
        assert second_looks() == [("return", peer.pk)]

    def test_a_note_is_left_to_whoever_agrees(self, appealed: Comment, peer: User) -> None:
        with pytest.raises(ValidationError):
            uphold_return(fresh(appealed), version=3, note="x" * (LONGEST_NOTE + 1), by=peer)
        uphold_return(fresh(appealed), version=3, note=" \n", by=peer)
        assert ModerationDecision.objects.get(comment_version=3).note is None

    def test_it_is_final_for_these_words(self, appealed: Comment, peer: User) -> None:
        uphold_return(appealed, version=3, by=peer)
        with pytest.raises(NotAllowed):
            ask_again(fresh(appealed), version=4)
        assert revise_comment(fresh(appealed), text="Milder", version=4).state == "held"
        return_comment(fresh(appealed), version=5, reason="contempt", by=peer)
        assert ask_again(fresh(appealed), version=6).state == "appealed"  # other words, another decision

    def test_taken_back_everything_about_it_goes(self, appealed: Comment, peer: User) -> None:
        uphold_return(appealed, version=3, note="Twice", by=peer)
        withdraw_comment(fresh(appealed))
        assert fresh(appealed).body is None
        assert set(ModerationDecision.objects.values_list("note", flat=True)) == {None}

    @pytest.mark.parametrize("outcome", ["approved", "overturned", "upheld", "returned"])
    def test_the_database_knows_what_a_decision_says(self, returned: Comment, peer: User, outcome: str) -> None:
        decision = ModerationDecision(comment=returned, comment_version=7, decided_by=peer, outcome=outcome)
        decision.reason = "" if outcome == "returned" else "contempt"
        with pytest.raises(IntegrityError), transaction.atomic():
            decision.save()


HEARS: dict[str, Callable[..., Any]] = {
    "claim": claim_comment,
    "overturn": overturn_return,
    "uphold": uphold_return,
}


class TestWhoDecidedDoesNotHear:
    @pytest.mark.parametrize("act", HEARS)
    def test_neither_opens_nor_decides(self, appealed: Comment, facilitator: User, act: str) -> None:
        looked = AuditEvent.objects.count()
        with pytest.raises(NotAllowed, match="somebody else"):
            HEARS[act](fresh(appealed), version=3, by=facilitator)
        assert (stands(appealed), fresh(appealed).claimed_by) == (("appealed", 3, True), None)
        assert AuditEvent.objects.count() == looked

    @pytest.mark.parametrize("who", ["facilitator", "peer"])
    def test_the_other_ways_to_decide_are_shut_to_all(
        self, appealed: Comment, who: str, request: pytest.FixtureRequest
    ) -> None:
        by = request.getfixturevalue(who)
        acts: list[Callable[..., Any]] = [
            approve_comment,
            undo_approval,
            partial(return_comment, reason="contempt"),
            partial(propose_words, text="Milder", note="Why not"),
        ]
        for act in acts:
            with pytest.raises(NotAllowed):
                act(fresh(appealed), version=3, by=by)
        with pytest.raises(NotAllowed):
            release_batch(appealed.thread.round, by=by, comments=[appealed.pk])
        assert stands(appealed) == ("appealed", 3, True)

    @pytest.mark.parametrize("outsider", ["other_facilitator", "operator", "listener"])
    @pytest.mark.parametrize("act", HEARS)
    def test_not_on_the_team(self, appealed: Comment, act: str, outsider: str, request: pytest.FixtureRequest) -> None:
        with pytest.raises(PermissionDenied):
            HEARS[act](fresh(appealed), version=3, by=request.getfixturevalue(outsider))

    @pytest.mark.parametrize("act", ["overturn", "uphold"])
    @pytest.mark.parametrize("state", [state for state in Comment.State.values if state != "appealed"])
    def test_only_what_waits_for_it(self, listening: Round, alias: Alias, peer: User, act: str, state: str) -> None:
        comment = factories.make_comment(listening, alias, state=state)
        with pytest.raises(NotAllowed):
            HEARS[act](comment, version=1, by=peer)
        assert stands(comment)[:2] == (state, 1)

    def test_an_approval_after_a_second_look_is_undone_by_others_only(
        self, appealed: Comment, facilitator: User, peer: User
    ) -> None:
        overturn_return(appealed, version=3, by=peer)
        with pytest.raises(NotAllowed, match="somebody else"):
            undo_approval(fresh(appealed), version=4, by=facilitator)
        undo_approval(fresh(appealed), version=4, by=peer)
        assert stands(appealed) == ("appealed", 5, True)  # it still waits for somebody else
        with pytest.raises(NotAllowed, match="somebody else"):
            overturn_return(fresh(appealed), version=5, by=facilitator)
        assert uphold_return(fresh(appealed), version=5, by=peer).state == "upheld"

    def test_an_approval_of_changed_words_is_undone_by_everybody(
        self, returned: Comment, facilitator: User, peer: User
    ) -> None:
        revise_comment(returned, text="Milder", version=2)
        approve_comment(fresh(returned), version=3, by=peer)
        undo_approval(fresh(returned), version=4, by=facilitator)
        assert stands(returned) == ("held", 5, True)

    def test_it_is_about_the_last_return(self, returned: Comment, facilitator: User, peer: User) -> None:
        revise_comment(returned, text="Milder", version=2)
        return_comment(fresh(returned), version=3, reason="contempt", by=peer)
        ask_again(fresh(returned), version=4)
        with pytest.raises(NotAllowed):
            overturn_return(fresh(returned), version=5, by=peer)
        assert overturn_return(fresh(returned), version=5, by=facilitator).state == "approved"


class TestTheQueue:
    def test_all_of_the_team_see_it_and_who_returned_it_is_not_led_to_it(
        self, appealed: Comment, open_session: DialogueSession, facilitator: User, peer: User
    ) -> None:
        for by, led_to in ((facilitator, []), (peer, [appealed])):
            (row,) = read_queue(by, only=None, after="").rows
            assert (row["pk"], row["is_appealed"], row["returned_by"]) == (appealed.pk, True, facilitator.pk)
            assert next_waiting(by, only=None, after=None) == led_to
        assert waiting_in(open_session).count() == 1

    def test_a_new_text_of_somebody_returned_once_is_read_by_all(self, returned: Comment, facilitator: User) -> None:
        revise_comment(returned, text="Milder", version=2)
        assert next_waiting(facilitator, only=None, after=None) == [returned]

    def test_laid_aside_nobody_reads_it(self, appealed: Comment, peer: User) -> None:
        claim_comment(appealed, version=3, by=peer)
        lay_aside(appealed, by=peer)
        assert fresh(appealed).claimed_by is None

    def test_of_somebody_who_was_removed_it_is_left_alone(
        self, appealed: Comment, open_session: DialogueSession, alias: Alias
    ) -> None:
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        assert waiting_in(open_session).count() == 0

    def test_nobody_heard_it_in_two_weeks(self, appealed: Comment, facilitator: User, peer: User) -> None:
        """It goes back as it was returned, without a word of the clock, and can be asked for once more."""
        decisions = ModerationDecision.objects.count()
        with time_machine.travel(timezone.now() + timedelta(days=15)):
            assert return_unread(fresh(appealed))
            assert stands(appealed) == ("returned", 4, False)
            assert ModerationDecision.objects.count() == decisions
            ask_again(fresh(appealed), version=4)
        with pytest.raises(NotAllowed):
            overturn_return(fresh(appealed), version=5, by=facilitator)
        assert overturn_return(fresh(appealed), version=5, by=peer).state == "approved"


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def third(self, open_session: DialogueSession) -> User:
        one = factories.make_facilitator()
        times = {"starts_at": open_session.starts_at, "ends_at": open_session.ends_at}
        Booking.objects.create(dialogue_session=open_session, facilitator=one, **times)
        return one

    def test_of_two_who_look_again_one_decides(
        self, open_session: DialogueSession, listening: Round, facilitator: User, peer: User
    ) -> None:
        third = self.third(open_session)
        for _ in range(RACES):
            comment = factories.make_comment(listening)
            return_comment(comment, version=1, reason="contempt", by=facilitator)
            ask_again(fresh(comment), version=2)
            results = at_once(
                partial(overturn_return, fresh(comment), version=3, by=peer),
                partial(uphold_return, fresh(comment), version=3, by=third),
                partial(overturn_return, fresh(comment), version=3, by=facilitator),
            )
            assert isinstance(results[2], NotAllowed)
            assert [type(one) for one in results[:2]].count(NotAllowed) == 1
            (decision,) = comment.decisions.exclude(outcome="returned")
            assert stands(comment)[:2] == ("approved" if decision.outcome == "overturned" else "upheld", 4)

    def test_taken_back_while_it_is_heard(self, listening: Round, facilitator: User, peer: User) -> None:
        for _ in range(RACES):
            comment = factories.make_comment(listening)
            return_comment(comment, version=1, reason="contempt", by=facilitator)
            ask_again(fresh(comment), version=2)
            _heard, taken = at_once(
                partial(uphold_return, fresh(comment), version=3, note="It quotes the text", by=peer),
                partial(withdraw_comment, fresh(comment)),
            )
            assert isinstance(taken, Comment)
            assert (fresh(comment).state, fresh(comment).body) == ("withdrawn", None)
            assert set(comment.decisions.values_list("note", flat=True)) == {None}

    def test_asked_again_and_changed_at_once_is_one_of_them(self, listening: Round, facilitator: User) -> None:
        for _ in range(RACES):
            comment = factories.make_comment(listening)
            return_comment(comment, version=1, reason="contempt", by=facilitator)
            results = at_once(
                partial(ask_again, fresh(comment), version=2),
                partial(revise_comment, fresh(comment), text="Milder", version=2),
            )
            assert [type(one) for one in results].count(NotAllowed) == 1
            assert stands(comment) == ("held" if isinstance(results[0], NotAllowed) else "appealed", 3, True)
