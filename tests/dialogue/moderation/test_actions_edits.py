"""Other words for a text: proposed, called back, taken, kept, changed, taken back; never out without a yes."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import approve_comment, claim_comment, release_batch, return_comment, undo_approval
from dialogue.moderation.actions_edits import call_back_proposal, propose_words, take_words
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.moderation.policies import LONGEST_NOTE
from dialogue.sessions.actions_aliases import forget_me_here
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads.actions import ask_for_retelling, revise_comment, withdraw_comment
from dialogue.threads.models import Comment
from dialogue.threads.periods import current_period
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

OWN, NEW, WHY = "I was at 12 Elm Street", "I was at home", "The street could show who you are."
RACES = 8
Propose = Callable[..., ProposedEdit]


@pytest.fixture
def held(listening: Round, alias: Alias) -> Comment:
    return factories.make_comment(listening, alias, text=OWN)


@pytest.fixture
def proposed(held: Comment, facilitator: User) -> Comment:
    """Other words wait for the author; the text is at version 2."""
    propose_words(held, version=1, text=NEW, note=WHY, by=facilitator)
    return fresh(held)


@pytest.fixture
def asked(listening: Round, alias: Alias) -> Comment:
    """A held text whose author asks for a retelling."""
    return factories.make_comment(listening, alias, text=OWN, wants_retelling=True)


def fresh(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


def words(comment: Comment) -> str:
    comment = fresh(comment)
    assert comment.body is not None
    return vault.unseal(comment.thread.round.dialogue_session_id, comment.pk, comment.body)


def where(comment: Comment) -> tuple[str, int, int]:
    """State, version, and how many proposals are left."""
    return (fresh(comment).state, fresh(comment).version, ProposedEdit.objects.count())


def audited() -> list[tuple[str, str]]:
    return sorted(AuditEvent.objects.values_list("verb", "detail"))


def change(dialogue_session: DialogueSession, **fields: Any) -> None:
    DialogueSession.objects.filter(pk=dialogue_session.pk).update(**fields)


class TestPropose:
    def test_works(self, held: Comment, facilitator: User, open_session: DialogueSession) -> None:
        edit = propose_words(held, version=1, text=f" {NEW}\r\n", note=WHY, by=facilitator)
        comment, decision = fresh(held), ModerationDecision.objects.get()
        assert (comment.state, comment.version, comment.period, comment.claimed_by) == (
            "proposed", 2, None, facilitator,
        )  # fmt: skip
        assert words(held) == OWN
        assert edit.note is not None
        assert [vault.unseal(open_session.pk, edit.pk, sealed) for sealed in (edit.body, edit.note)] == [NEW, WHY]
        assert (edit.comment_version, edit.proposed_by, edit.is_retelling) == (1, facilitator, False)
        assert (decision.outcome, decision.comment_version, decision.decided_by, decision.note) == (
            "proposed", 1, facilitator, None,
        )  # fmt: skip
        assert audited() == [("propose", "")]

    def test_a_listeners_text_too(self, listening: Round, seat: ListenerSeat, facilitator: User) -> None:
        heard = factories.make_comment(listening, seat=seat, text=OWN)
        propose_words(heard, version=1, text=NEW, note=WHY, by=facilitator)
        take_words(fresh(heard), version=2)
        assert (where(heard), words(heard)) == (("approved", 3, 0), NEW)

    @pytest.mark.parametrize("state", [state for state in Comment.State if state != "held"])
    def test_wrong_state(self, listening: Round, alias: Alias, facilitator: User, state: str) -> None:
        comment = factories.make_comment(listening, alias, state=state)
        with pytest.raises(NotAllowed):
            propose_words(comment, version=1, text=NEW, note=WHY, by=facilitator)
        assert (where(comment), audited()) == ((state, 1, 0), [])

    def test_stale_version(self, held: Comment, facilitator: User) -> None:
        with pytest.raises(NotAllowed):
            propose_words(held, version=2, text=NEW, note=WHY, by=facilitator)
        assert where(held) == ("held", 1, 0)

    def test_twice(self, proposed: Comment, peer: User) -> None:
        for version in (1, 2):
            with pytest.raises(NotAllowed):
                propose_words(proposed, version=version, text="Other", note=WHY, by=peer)
        assert where(proposed) == ("proposed", 2, 1)

    @pytest.mark.parametrize("outsider", ["other_facilitator", "operator", "listener"])
    def test_not_on_the_team(self, proposed: Comment, outsider: str, request: pytest.FixtureRequest) -> None:
        stranger = request.getfixturevalue(outsider)
        with pytest.raises(PermissionDenied):
            propose_words(proposed, version=2, text="Other", note=WHY, by=stranger)
        with pytest.raises(PermissionDenied):
            call_back_proposal(proposed, version=2, by=stranger)
        assert where(proposed) == ("proposed", 2, 1)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"text": " \n"}, "body"),
            ({"text": "x" * 4_000}, "body"),
            ({"text": f"{OWN}  "}, "body"),  # nothing changed
            ({"note": ""}, "note"),
            ({"note": "x" * (LONGEST_NOTE + 1)}, "note"),
        ],
    )
    def test_words_that_are_none(self, held: Comment, facilitator: User, given: dict[str, str], field: str) -> None:
        with pytest.raises(ValidationError) as error:
            propose_words(held, version=1, **({"text": NEW, "note": WHY, "by": facilitator} | given))  # type: ignore[arg-type]
        assert (list(error.value.message_dict), where(held)) == ([field], ("held", 1, 0))

    def test_without_the_key(self, held: Comment, facilitator: User, open_session: DialogueSession) -> None:
        vault.destroy_key(open_session.pk)
        with pytest.raises(NotAllowed, match="can no longer be read"):
            propose_words(held, version=1, text=NEW, note=WHY, by=facilitator)
        assert where(held) == ("held", 1, 0)

    def test_to_somebody_who_was_forgotten(self, held: Comment, facilitator: User, alias: Alias) -> None:
        forget_me_here(alias)
        with pytest.raises(NotAllowed, match="left this session"):
            propose_words(held, version=1, text="Other words", note="Why", by=facilitator)
        held.refresh_from_db()
        assert (held.state, ProposedEdit.objects.count()) == ("held", 0)

    def test_to_somebody_removed(self, held: Comment, facilitator: User, alias: Alias) -> None:
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        with pytest.raises(NotAllowed, match="removed"):
            propose_words(held, version=1, text=NEW, note=WHY, by=facilitator)

    @pytest.mark.parametrize("state", [State.CANCELLED, State.FOLLOW_UP])
    def test_after_the_end(self, facilitator: User, peer: User, state: State) -> None:
        """In the follow-up texts still go out; of a session that was called off nobody could say yes."""
        round = factories.make_round(factories.make_session(state, team=[facilitator, peer]), state="done")
        comment = factories.make_comment(round, text=OWN)
        if state == State.FOLLOW_UP:
            propose_words(comment, version=1, text=NEW, note=WHY, by=facilitator)
            take_words(fresh(comment), version=2)
            assert words(comment) == NEW
        else:
            with pytest.raises(NotAllowed, match="ended"):
                propose_words(comment, version=1, text=NEW, note=WHY, by=facilitator)

    def test_it_counts_against_the_limit_of_the_round(self, proposed: Comment, alias: Alias) -> None:
        assert proposed.counts
        assert list(Comment.objects.counted(alias=alias, seat=None)) == [proposed]


class TestCallBack:
    def test_the_text_waits_again_as_it_was(self, proposed: Comment, peer: User, facilitator: User) -> None:
        call_back_proposal(proposed, version=2, by=peer)
        comment = fresh(proposed)
        assert (where(comment), words(comment)) == (("held", 3, 0), OWN)
        assert (comment.period, comment.claimed_by) == (current_period(), peer)
        assert list(ModerationDecision.objects.values_list("outcome", "undone")) == [("proposed", True)]
        assert audited() == [("propose", ""), ("undo", "proposal")]
        approve_comment(comment, version=3, by=facilitator)

    def test_twice(self, proposed: Comment, facilitator: User) -> None:
        call_back_proposal(proposed, version=2, by=facilitator)
        with pytest.raises(NotAllowed):
            call_back_proposal(proposed, version=2, by=facilitator)

    def test_after_the_authors_yes(self, proposed: Comment, facilitator: User) -> None:
        take_words(fresh(proposed), version=2)
        with pytest.raises(NotAllowed):
            call_back_proposal(proposed, version=2, by=facilitator)
        assert words(proposed) == NEW


class TestTake:
    @pytest.mark.promise("P6")
    def test_the_authors_own_words_are_destroyed(
        self, proposed: Comment, facilitator: User, open_session: DialogueSession
    ) -> None:
        before = bytes(proposed.body or b"")
        take_words(proposed, version=2)
        comment = fresh(proposed)
        assert (where(comment), words(comment)) == (("approved", 3, 0), NEW)
        assert bytes(comment.body or b"") != before
        assert (comment.claimed_by, comment.is_retold, comment.period) == (facilitator, False, None)
        assert list(
            ModerationDecision.objects.order_by("comment_version").values_list(
                "outcome", "comment_version", "decided_by"
            )
        ) == [("proposed", 1, facilitator.pk), ("approved", 2, facilitator.pk)]
        assert audited() == [("propose", "")]  # what an author does is recorded nowhere

    @pytest.mark.promise("P6")
    def test_notes_that_may_quote_the_own_words_are_gone(
        self, listening: Round, alias: Alias, facilitator: User
    ) -> None:
        comment = factories.make_comment(listening, alias, text=OWN)
        return_comment(comment, version=1, reason="contempt", note=f"You wrote: {OWN}", by=facilitator)
        revise_comment(fresh(comment), text=f"{OWN}!", version=2)
        propose_words(fresh(comment), version=3, text=NEW, note=WHY, by=facilitator)
        take_words(fresh(comment), version=4)
        assert set(ModerationDecision.objects.values_list("note", flat=True)) == {None}

    def test_twice(self, proposed: Comment) -> None:
        stale = fresh(proposed)
        take_words(proposed, version=2)
        with pytest.raises(NotAllowed):
            take_words(stale, version=2)
        assert (where(proposed), words(proposed)) == (("approved", 3, 0), NEW)
        assert ModerationDecision.objects.count() == 2

    @pytest.mark.parametrize("version", [0, 1, 3])
    def test_stale_version(self, proposed: Comment, version: int) -> None:
        with pytest.raises(NotAllowed):
            take_words(proposed, version=version)
        assert where(proposed) == ("proposed", 2, 1)

    def test_words_that_were_replaced_since_can_not_be_taken_unseen(self, proposed: Comment, peer: User) -> None:
        call_back_proposal(fresh(proposed), version=2, by=peer)
        propose_words(fresh(proposed), version=3, text="Quite other words", note=WHY, by=peer)
        with pytest.raises(NotAllowed):
            take_words(fresh(proposed), version=2)
        assert words(proposed) == OWN

    @pytest.mark.parametrize(
        "fields", [{"paused": True, "pause_reason": "Storm"}, {"state": "cancelled", "cancel_reason": "Few"}]
    )
    def test_not_in_a_pause_and_not_once_called_off(
        self, proposed: Comment, open_session: DialogueSession, fields: dict[str, Any]
    ) -> None:
        change(open_session, **fields)
        with pytest.raises(NotAllowed, match=r"Storm|ended"):
            take_words(fresh(proposed), version=2)
        assert (where(proposed), words(proposed)) == (("proposed", 2, 1), OWN)

    def test_without_the_key(self, proposed: Comment, open_session: DialogueSession) -> None:
        vault.destroy_key(open_session.pk)
        with pytest.raises(NotAllowed, match="can no longer be read"):
            take_words(proposed, version=2)
        assert where(proposed) == ("proposed", 2, 1)

    @pytest.mark.parametrize("state", [state for state in Comment.State if state != "proposed"])
    def test_wrong_state(self, listening: Round, alias: Alias, state: str) -> None:
        comment = factories.make_comment(listening, alias, state=state)
        with pytest.raises(NotAllowed):
            take_words(comment, version=1)

    def test_the_approval_can_be_undone(self, proposed: Comment, peer: User) -> None:
        take_words(proposed, version=2)
        undo_approval(fresh(proposed), version=3, by=peer)
        assert (where(proposed), words(proposed)) == (("held", 4, 0), NEW)


class TestSilence:
    def test_without_a_yes_it_never_comes_out(self, proposed: Comment, listening: Round, facilitator: User) -> None:
        for _ in range(2):
            factories.make_comment(listening, state="approved")
        assert release_batch(listening, by=facilitator) == 2
        assert release_ids(listening, facilitator, proposed) == "nothing"
        with pytest.raises(NotAllowed):
            approve_comment(proposed, version=2, by=facilitator)
        assert (where(proposed), words(proposed)) == (("proposed", 2, 1), OWN)


def release_ids(round: Round, by: User, comment: Comment) -> str:
    try:
        release_batch(round, by=by, comments={comment.pk})
    except NotAllowed as refused:
        return "nothing" if "nothing to release" in str(refused) else str(refused)
    return "released"


class TestTheAuthorsOtherAnswers:
    def test_changed_by_the_author_it_is_read_anew(self, proposed: Comment) -> None:
        revise_comment(proposed, text="I was somewhere", version=2)
        assert (where(proposed), words(proposed)) == (("held", 3, 0), "I was somewhere")
        assert fresh(proposed).period == current_period()

    def test_kept_as_it_was(self, proposed: Comment, facilitator: User) -> None:
        revise_comment(proposed, text=OWN, version=2)
        assert (where(proposed), words(proposed)) == (("held", 3, 0), OWN)
        propose_words(fresh(proposed), version=3, text=NEW, note=WHY, by=facilitator)  # asked again, one proposal
        assert where(proposed) == ("proposed", 4, 1)

    @pytest.mark.promise("P6")
    def test_taken_back_both_are_destroyed(self, proposed: Comment) -> None:
        withdraw_comment(proposed)
        assert (where(proposed), fresh(proposed).body) == (("withdrawn", 3, 0), None)

    def test_a_listener_who_only_reads_now_may_say_yes_but_not_write(
        self, open_session: DialogueSession, seat: ListenerSeat, facilitator: User
    ) -> None:
        early = factories.make_round(open_session, RoundKind.DIALOGUE, "done")
        heard = factories.make_comment(early, seat=seat, text=OWN)
        propose_words(heard, version=1, text=NEW, note=WHY, by=facilitator)
        with pytest.raises(NotAllowed, match="only read"):
            revise_comment(fresh(heard), text="Mine", version=2)
        take_words(fresh(heard), version=2)
        assert words(heard) == NEW


class TestRetelling:
    def test_retold_in_the_facilitators_words(self, asked: Comment, facilitator: User) -> None:
        edit = propose_words(asked, version=1, text=NEW, by=facilitator)
        assert (edit.is_retelling, edit.note, audited()) == (True, None, [("propose", "retelling")])
        take_words(fresh(asked), version=2)
        comment = fresh(asked)
        assert (comment.is_retold, comment.wants_retelling, words(comment)) == (True, False, NEW)
        withdraw_comment(comment)
        assert fresh(asked).is_retold is False

    def test_the_own_words_are_not_let_through(self, asked: Comment, facilitator: User) -> None:
        with pytest.raises(NotAllowed, match="in other words"):
            approve_comment(asked, version=1, by=facilitator)
        return_comment(asked, version=1, reason="contempt", by=facilitator)
        assert fresh(asked).state == "returned"

    def test_the_author_changes_it_and_it_is_his_again(self, asked: Comment, facilitator: User) -> None:
        propose_words(asked, version=1, text=NEW, by=facilitator)
        take_words(fresh(asked), version=2)
        undo_approval(fresh(asked), version=3, by=facilitator)
        return_comment(fresh(asked), version=4, reason="contempt", by=facilitator)
        revise_comment(fresh(asked), text="My own", version=5)
        assert (fresh(asked).is_retold, fresh(asked).wants_retelling) == (False, False)

    def test_asked_for_while_a_facilitator_reads(self, held: Comment, facilitator: User) -> None:
        """Who reads the page before decides about a text that the author has since asked not to be shown."""
        claim_comment(held, version=1, by=facilitator)
        ask_for_retelling(fresh(held), wanted=True, version=1)
        with pytest.raises(NotAllowed):
            approve_comment(held, version=1, by=facilitator)
        assert (fresh(held).wants_retelling, fresh(held).claimed_by) == (True, facilitator)

    def test_a_note_or_own_words_meanwhile(self, asked: Comment, facilitator: User) -> None:
        ask_for_retelling(fresh(asked), wanted=False, version=1)
        with pytest.raises(NotAllowed):
            propose_words(asked, version=1, text=NEW, note=WHY, by=facilitator)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_facilitators(self, listening: Round, facilitator: User, peer: User) -> None:
        for _ in range(RACES):
            comment = factories.make_comment(listening, text=OWN)
            results = at_once(
                partial(propose_words, fresh(comment), version=1, text=NEW, note=WHY, by=facilitator),
                partial(approve_comment, fresh(comment), version=1, by=peer),
            )
            assert [type(result) for result in results].count(NotAllowed) == 1
            outcome = ModerationDecision.objects.get(comment=comment).outcome
            assert fresh(comment).state == outcome
            assert ProposedEdit.objects.filter(comment=comment).exists() == (outcome == "proposed")

    def test_two_proposals(self, listening: Round, facilitator: User, peer: User) -> None:
        for _ in range(RACES):
            comment = factories.make_comment(listening, text=OWN)
            results = at_once(
                *[
                    partial(propose_words, fresh(comment), version=1, text=NEW, note=WHY, by=by)
                    for by in (facilitator, peer)
                ]
            )
            assert sorted(type(result).__name__ for result in results) == ["NotAllowed", "ProposedEdit"]

    def test_the_author_takes_it_back_while_a_facilitator_proposes(self, listening: Round, facilitator: User) -> None:
        """Whoever is first: no word of either text is left."""
        for _ in range(RACES):
            comment = factories.make_comment(listening, text=OWN)
            proposal, taken = at_once(
                partial(propose_words, fresh(comment), version=1, text=NEW, note=WHY, by=facilitator),
                partial(withdraw_comment, fresh(comment)),
            )
            assert type(taken) is Comment
            assert type(proposal) in (ProposedEdit, NotAllowed)
            assert (fresh(comment).state, fresh(comment).body) == ("withdrawn", None)
            assert not ProposedEdit.objects.filter(comment=comment).exists()

    def test_yes_and_called_back(self, listening: Round, facilitator: User, peer: User) -> None:
        for _ in range(RACES):
            comment = factories.make_comment(listening, text=OWN)
            propose_words(comment, version=1, text=NEW, note=WHY, by=facilitator)
            results = at_once(
                partial(take_words, fresh(comment), version=2),
                partial(call_back_proposal, fresh(comment), version=2, by=peer),
            )
            assert sorted(type(result).__name__ for result in results) == ["Comment", "NotAllowed"]
            assert (fresh(comment).state, words(comment)) in [("approved", NEW), ("held", OWN)]
            assert not ProposedEdit.objects.filter(comment=comment).exists()

    def test_yes_twice_and_taken_back(self, listening: Round, facilitator: User) -> None:
        for _ in range(RACES):
            comment = factories.make_comment(listening, text=OWN)
            propose_words(comment, version=1, text=NEW, note=WHY, by=facilitator)
            first, second, taken = at_once(
                partial(take_words, fresh(comment), version=2),
                partial(take_words, fresh(comment), version=2),
                partial(withdraw_comment, fresh(comment)),
            )
            assert [type(first), type(second)].count(NotAllowed) >= 1
            assert type(taken) is Comment
            assert (fresh(comment).state, fresh(comment).body) == ("withdrawn", None)
            assert not ProposedEdit.objects.filter(comment=comment).exists()
