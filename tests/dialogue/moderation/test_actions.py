"""Reading, approving, returning, undoing, releasing: works, wrong person, wrong state, twice, raced."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import (
    approve_comment,
    claim_comment,
    lay_aside,
    record_look,
    release_batch,
    return_comment,
    undo_approval,
    undo_return,
)
from dialogue.moderation.models import ModerationDecision, Reason
from dialogue.moderation.policies import LONGEST_NOTE, READY_NOTES
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, State
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.models import Comment
from dialogue.threads.periods import current_period
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

RACES = 20
Act = Callable[..., Any]


@pytest.fixture
def held(listening: Round, alias: Alias) -> Comment:
    return factories.make_comment(listening, alias, text="A story")


def fresh(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


def audited() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("verb").values_list("verb", "detail"))


def give_back(comment: Comment, **given: Any) -> Comment:
    return return_comment(comment, **({"reason": Reason.CONTEMPT} | given))


ACTS: dict[str, Act] = {
    "claim": claim_comment,
    "approve": approve_comment,
    "return": give_back,
    "undo": undo_approval,
    "undo_return": undo_return,
}
#: The whole table: which act works on a text in which state.
WORKS = {
    ("claim", "held"),
    ("claim", "approved"),
    ("claim", "proposed"),
    ("claim", "appealed"),
    ("approve", "held"),
    ("return", "held"),
    ("undo", "approved"),
    ("undo_return", "returning"),
}


@pytest.mark.parametrize("state", Comment.State.values)
@pytest.mark.parametrize("act", ACTS)
def test_state_and_act(listening: Round, alias: Alias, facilitator: User, act: str, state: str) -> None:
    comment = factories.make_comment(listening, alias, state=state)
    before = (comment.state, comment.version)
    if (act, state) in WORKS:
        ACTS[act](comment, version=1, by=facilitator)
        assert AuditEvent.objects.count() == (0 if act == "claim" else 1)  # the words are shown, and noted, afterwards
    else:
        with pytest.raises(NotAllowed):
            ACTS[act](comment, version=1, by=facilitator)
        assert ((fresh(comment).state, fresh(comment).version), AuditEvent.objects.count()) == (before, 0)


@pytest.mark.parametrize("act", ACTS)
def test_another_version(listening: Round, alias: Alias, facilitator: User, act: str) -> None:
    state = {"undo": "approved", "undo_return": "returning"}.get(act, "held")
    comment = factories.make_comment(listening, alias, state=state, version=3)
    with pytest.raises(NotAllowed):
        ACTS[act](comment, version=2, by=facilitator)


@pytest.mark.parametrize("outsider", ["other_facilitator", "operator", "listener"])
@pytest.mark.parametrize("act", ACTS)
def test_not_on_the_team(held: Comment, act: str, outsider: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        ACTS[act](held, version=1, by=request.getfixturevalue(outsider))
    with pytest.raises(PermissionDenied):
        release_batch(held.thread.round, by=request.getfixturevalue(outsider))
    assert not AuditEvent.objects.exists()


def test_claim_is_shown_and_can_be_taken_over(held: Comment, facilitator: User, peer: User) -> None:
    claim_comment(held, version=1, by=facilitator)
    claim_comment(held, version=1, by=peer)
    assert fresh(held).claimed_by == peer


@pytest.mark.promise("P12")
def test_a_look_is_noted_with_its_number_only(open_session: DialogueSession, facilitator: User) -> None:
    record_look(open_session, texts=0, by=facilitator)
    assert audited() == []
    record_look(open_session, texts=3, by=facilitator)
    assert audited() == [("read_held", "3")]


def test_lay_aside_ends_ones_own_claim_only(held: Comment, facilitator: User, peer: User) -> None:
    claim_comment(held, version=1, by=facilitator)
    lay_aside(held, by=peer)
    assert fresh(held).claimed_by == facilitator
    lay_aside(held, by=facilitator)
    assert fresh(held).claimed_by is None


def test_approve(held: Comment, facilitator: User, open_session: DialogueSession) -> None:
    approve_comment(held, version=1, by=facilitator)
    comment, decision, event = fresh(held), ModerationDecision.objects.get(), AuditEvent.objects.get()
    assert (comment.state, comment.version, comment.period) == ("approved", 2, None)
    assert (decision.outcome, decision.comment_version, decision.decided_by) == ("approved", 1, facilitator)
    assert (event.verb, event.actor, event.dialogue_session, event.detail) == (
        "approve",
        facilitator.pk,
        open_session.pk,
        "",
    )


def test_return_with_a_note_of_ones_own(held: Comment, facilitator: User, open_session: DialogueSession) -> None:
    return_comment(held, version=1, reason=Reason.IDENTIFIES_SELF, note=" Your \0dog\r\n", by=facilitator)
    decision = ModerationDecision.objects.get()
    assert decision.note is not None
    assert vault.unseal(open_session.pk, decision.pk, decision.note) == "Your dog"
    assert (fresh(held).state, decision.reason) == ("returned", "identifies_self")
    assert audited() == [("return", "identifies_self")]


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.OTHER, Reason.NOT_READ}))
def test_return_with_the_ready_note(listening: Round, seat: ListenerSeat, facilitator: User, reason: Reason) -> None:
    comment = factories.make_comment(listening, seat=seat)
    return_comment(comment, version=1, reason=reason, by=facilitator)
    decision = ModerationDecision.objects.get()
    assert decision.note is not None
    session_id = listening.dialogue_session_id
    assert vault.unseal(session_id, decision.pk, decision.note) == str(READY_NOTES[reason])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": Reason.INTERROGATION}, "reason"),  # participants don't interrogate
        ({"reason": Reason.OTHER}, "note"),
        ({"reason": Reason.SPAM, "note": "x" * (LONGEST_NOTE + 1)}, "note"),
    ],
)
def test_return_without_a_fitting_reason(held: Comment, facilitator: User, given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as error:
        return_comment(held, version=1, by=facilitator, **given)
    assert list(error.value.message_dict) == [field]
    assert fresh(held).state == "held"


def test_undo_and_decide_again(held: Comment, facilitator: User, peer: User) -> None:
    approve_comment(held, version=1, by=facilitator)
    undo_approval(held, version=2, by=peer)
    assert (fresh(held).state, fresh(held).period) == ("held", current_period())
    approve_comment(held, version=3, by=peer)
    assert set(ModerationDecision.objects.values_list("comment_version", "undone")) == {(1, True), (3, False)}


def test_no_key_no_return(held: Comment, facilitator: User, open_session: DialogueSession) -> None:
    vault.destroy_key(open_session.pk)
    with pytest.raises(NotAllowed):
        return_comment(held, version=1, reason=Reason.SPAM, by=facilitator)
    assert fresh(held).state == "held"


def test_removed_participants_text_is_not_opened(held: Comment, facilitator: User, alias: Alias) -> None:
    Alias.objects.filter(pk=alias.pk).update(removed=True)
    with pytest.raises(NotAllowed):
        claim_comment(held, version=1, by=facilitator)


@pytest.mark.django_db(transaction=True)
def test_two_moderators_one_winner(listening: Round, facilitator: User, peer: User) -> None:
    """Each time exactly one of approve and return wins, and the other is told."""
    for _ in range(RACES):
        comment = factories.make_comment(listening)
        results = at_once(
            partial(approve_comment, fresh(comment), version=1, by=facilitator),
            partial(give_back, fresh(comment), version=1, by=peer),
        )
        assert sorted(type(result).__name__ for result in results) == ["Comment", "NotAllowed"]
        outcome = ModerationDecision.objects.get(comment=comment).outcome
        assert fresh(comment).state == outcome


class TestRelease:
    @pytest.fixture
    def approved(self, listening: Round) -> list[Comment]:
        return [factories.make_comment(listening, state="approved") for _ in range(12)]

    @pytest.mark.promise("P8")
    def test_as_one_batch_in_drawn_order(
        self, listening: Round, facilitator: User, approved: list[Comment], open_session: DialogueSession
    ) -> None:
        waiting = factories.make_comment(listening)
        assert release_batch(listening, by=facilitator) == 12
        released = Comment.objects.filter(state="released").order_by("place")
        assert [text.place for text in released] == list(range(1, 13))
        assert {(text.batch, text.version, text.claimed_by) for text in released} == {(1, 2, None)}
        assert [text.pk for text in released] != sorted(text.pk for text in approved)
        assert fresh(waiting).state == "held"
        event = AuditEvent.objects.get()
        assert (event.verb, event.detail, event.dialogue_session) == ("release", "12 texts", open_session.pk)

    def test_batches_are_numbered(self, listening: Round, facilitator: User) -> None:
        for number in (1, 2):
            texts = [factories.make_comment(listening, state="approved") for _ in range(2)]
            release_batch(listening, by=facilitator)
            assert {fresh(text).batch for text in texts} == {number}

    @pytest.mark.promise("P8")
    def test_needs_two_authors(self, listening: Round, facilitator: User, alias: Alias) -> None:
        texts = [factories.make_comment(listening, alias, state="approved") for _ in range(3)]
        with pytest.raises(NotAllowed, match="two participants"):
            release_batch(listening, by=facilitator)
        assert {fresh(text).state for text in texts} == {"approved"}

    @pytest.mark.promise("P8")
    def test_a_participant_and_listeners_are_not_enough(
        self, listening: Round, facilitator: User, alias: Alias, seat: ListenerSeat
    ) -> None:
        """The listener knows which text is his own, and so would know who wrote just now."""
        factories.make_comment(listening, alias, state="approved")
        for one in (seat, factories.make_seat(listening.dialogue_session)):
            factories.make_comment(listening, seat=one, state="approved")
        with pytest.raises(NotAllowed, match="Wait until another participant’s text is approved"):
            release_batch(listening, by=facilitator)
        factories.make_comment(listening, state="approved")
        assert release_batch(listening, by=facilitator) == 4

    def test_two_listeners_are_enough_for_listeners_texts(
        self, listening: Round, facilitator: User, seat: ListenerSeat
    ) -> None:
        factories.make_comment(listening, seat=seat, state="approved")
        with pytest.raises(NotAllowed, match="two authors"):
            release_batch(listening, by=facilitator)
        other = factories.make_seat(listening.dialogue_session)
        factories.make_comment(listening, seat=other, state="approved")
        assert release_batch(listening, by=facilitator) == 2

    def test_removed_participants_texts_stay(
        self, listening: Round, facilitator: User, approved: list[Comment]
    ) -> None:
        gone = approved[0]
        Alias.objects.filter(comments=gone).update(removed=True)
        assert release_batch(listening, by=facilitator) == 11
        assert fresh(gone).state == "approved"

    def test_texts_of_a_listener_who_lost_the_seat_stay(
        self, listening: Round, facilitator: User, approved: list[Comment], seat: ListenerSeat
    ) -> None:
        heard = factories.make_comment(listening, seat=seat, state="approved")
        ListenerSeat.objects.filter(pk=seat.pk).update(state="left")
        assert release_batch(listening, by=facilitator) == len(approved)
        assert fresh(heard).state == "approved"

    def test_only_what_was_listed(self, listening: Round, facilitator: User, approved: list[Comment]) -> None:
        listed = {text.pk for text in approved[:5]}
        assert release_batch(listening, by=facilitator, comments=listed) == 5
        assert set(Comment.objects.filter(state="released").values_list("pk", flat=True)) == listed

    def test_not_what_was_taken_back_meanwhile(
        self, listening: Round, facilitator: User, approved: list[Comment]
    ) -> None:
        withdraw_comment(approved[0])
        listed = {text.pk for text in approved}
        assert release_batch(listening, by=facilitator, comments=listed) == 11
        assert (fresh(approved[0]).state, fresh(approved[0]).batch) == ("withdrawn", None)

    def test_twice(self, listening: Round, facilitator: User, approved: list[Comment]) -> None:
        release_batch(listening, by=facilitator)
        with pytest.raises(NotAllowed, match="nothing"):
            release_batch(listening, by=facilitator)

    def test_nothing_ever_written(self, listening: Round, facilitator: User) -> None:
        with pytest.raises(NotAllowed, match="nothing"):
            release_batch(listening, by=facilitator)

    def test_not_in_a_pause(
        self, listening: Round, facilitator: User, approved: list[Comment], open_session: DialogueSession
    ) -> None:
        DialogueSession.objects.filter(pk=open_session.pk).update(paused=True, pause_reason="Storm")
        with pytest.raises(NotAllowed, match="paused"):
            release_batch(listening, by=facilitator)

    @pytest.mark.parametrize(("state", "works"), [(State.FOLLOW_UP, True), (State.CANCELLED, False)])
    def test_session_state(self, facilitator: User, peer: User, state: State, works: bool) -> None:
        round = factories.make_round(factories.make_session(state, team=[facilitator, peer]), state="done")
        for _ in range(2):
            factories.make_comment(round, state="approved")
        if works:
            assert release_batch(round, by=facilitator) == 2
        else:
            with pytest.raises(NotAllowed):
                release_batch(round, by=facilitator)

    @pytest.mark.django_db(transaction=True)
    def test_raced_release_is_one_batch(
        self, listening: Round, facilitator: User, peer: User, approved: list[Comment]
    ) -> None:
        results = at_once(*[partial(release_batch, listening, by=by) for by in (facilitator, peer, facilitator)])
        assert sorted(map(str, results))[0] == "12"
        assert [type(result) for result in results].count(NotAllowed) == 2
        assert set(Comment.objects.values_list("batch", flat=True)) == {1}

    @pytest.mark.django_db(transaction=True)
    def test_raced_with_taking_back(self, listening: Round, facilitator: User) -> None:
        """Whichever comes first: the words are gone, and the rest goes out."""
        for _ in range(5):
            texts = [factories.make_comment(listening, state="approved") for _ in range(3)]
            released, taken = at_once(
                partial(release_batch, listening, by=facilitator),
                partial(withdraw_comment, fresh(texts[0])),
            )
            assert (type(taken), fresh(texts[0]).body) == (Comment, None)
            assert released in (2, 3)
            assert {fresh(text).state for text in texts[1:]} == {"released"}


@pytest.mark.promise("P12")
def test_the_log_names_no_text_and_no_author(listening: Round, alias: Alias, facilitator: User, held: Comment) -> None:
    other = factories.make_comment(listening)
    for comment in (held, other):
        claim_comment(comment, version=1, by=facilitator)
        approve_comment(comment, version=1, by=facilitator)
    release_batch(listening, by=facilitator)
    log = str(list(AuditEvent.objects.values()))
    for secret in (held.pk, other.pk, alias.pk, alias.name, held.thread_id, "story"):
        assert str(secret) not in log
