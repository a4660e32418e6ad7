"""A return can be undone until its author is told of it; a text that somebody opened and left is free again."""

from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import (
    claim_comment,
    free_old_claims,
    give_back_returned,
    return_comment,
    undo_return,
)
from dialogue.moderation.models import ModerationDecision
from dialogue.moderation.tasks import free_claims, give_back
from dialogue.ownwords.queries import own_words
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.models import Comment
from dialogue.threads.periods import current_period
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

ClientFor = Callable[[User | Participant | None], Client]
NOTE = "Please say it without putting anybody down."


def fresh(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


@pytest.fixture
def held(listening: Round, alias: Alias) -> Comment:
    return factories.make_comment(listening, alias, text="A story to read")


@pytest.fixture
def returning(held: Comment, facilitator: User) -> Comment:
    return return_comment(held, version=1, reason="contempt", note=NOTE, by=facilitator, undoable=True)


class TestUndoingAReturn:
    def test_undone_as_if_nothing_was(self, returning: Comment, facilitator: User) -> None:
        undo_return(returning, version=2, by=facilitator)
        text, decision = fresh(returning), ModerationDecision.objects.get()
        assert (text.state, text.version, text.period, text.claimed_by) == ("held", 3, current_period(), facilitator)
        assert (decision.undone, decision.note) == (True, None)
        assert list(AuditEvent.objects.values_list("verb", "detail").order_by("verb")) == [
            ("return", "contempt"),
            ("undo", "return"),
        ]

    def test_not_once_the_author_was_told(self, returning: Comment, facilitator: User) -> None:
        assert give_back_returned() == 1
        assert (fresh(returning).state, fresh(returning).claimed_by) == ("returned", None)
        with pytest.raises(NotAllowed):
            undo_return(returning, version=2, by=facilitator)
        assert give_back_returned() == 0

    def test_raced_with_the_clock(self, listening: Round, facilitator: User, transactional_db: None) -> None:
        for _ in range(10):
            text = factories.make_comment(listening)
            return_comment(text, version=1, reason="spam", by=facilitator, undoable=True)
            undone, told = at_once(partial(undo_return, fresh(text), version=2, by=facilitator), give_back_returned)
            state = fresh(text).state
            assert (state, type(undone), told) in (("held", Comment, 0), ("returned", NotAllowed, 1))

    def test_returned_anew_after_an_undo(self, returning: Comment, facilitator: User, peer: User) -> None:
        undo_return(returning, version=2, by=facilitator)
        return_comment(fresh(returning), version=3, reason="off_topic", by=peer)
        assert ModerationDecision.objects.filter(undone=False).get().decided_by == peer


class TestWhatTheAuthorIsTold:
    def test_nothing_before_it_counts(
        self, client_for: ClientFor, participant: Participant, returning: Comment, open_session: DialogueSession
    ) -> None:
        author = client_for(participant)
        mine = reverse("threads:mine", args=[open_session.pk])
        page = author.get(mine).content.decode()
        assert ("Waiting to be read" in page, "Returned to you" in page, NOTE in page) == (True, False, False)
        assert "data-" not in page.split("Waiting to be read")[1].split("</article>")[0]
        assert author.get(reverse("threads:revise", args=[returning.pk])).status_code != 200
        give_back()
        page = author.get(mine).content.decode()
        assert ("Returned to you" in page, NOTE in page) == (True, True)

    def test_an_undone_return_is_told_nowhere(
        self,
        client_for: ClientFor,
        participant: Participant,
        returning: Comment,
        open_session: DialogueSession,
        facilitator: User,
    ) -> None:
        undo_return(returning, version=2, by=facilitator)
        return_comment(fresh(returning), version=3, reason="off_topic", by=facilitator)
        page = client_for(participant).get(reverse("threads:mine", args=[open_session.pk])).content.decode()
        assert ("It is about something else" in page, "It shows contempt" in page, NOTE in page) == (True, False, False)

    def test_it_can_be_taken_back_meanwhile(self, returning: Comment, facilitator: User) -> None:
        withdraw_comment(fresh(returning))
        assert (fresh(returning).body, ModerationDecision.objects.get().note) == (None, None)
        with pytest.raises(NotAllowed):
            undo_return(returning, version=2, by=facilitator)

    def test_it_counts_as_written_until_then(self, returning: Comment) -> None:
        assert fresh(returning).counts
        give_back()
        assert not fresh(returning).counts

    def test_a_listener_does_not_take_it_along_before(
        self, listening: Round, seat: ListenerSeat, listener: User, facilitator: User
    ) -> None:
        text = factories.make_comment(listening, seat=seat)
        return_comment(text, version=1, reason="interrogation", by=facilitator, undoable=True)
        told = str(own_words(listener))
        assert ("interrogation" in told, "returning" in told) == (False, False)
        give_back()
        assert "interrogation" in str(own_words(listener))


class TestPages:
    @pytest.fixture
    def rosa(self, client_for: ClientFor, facilitator: User) -> Client:
        return client_for(facilitator)

    def test_one_press_on_the_next_page(self, rosa: Client, held: Comment, listening: Round) -> None:
        other = factories.make_comment(listening, period=5)
        rosa.post(reverse("moderation:claim", args=[held.pk]), {"version": 1})
        sent = {"version": 1, "reason": "contempt", "note": ""}
        response = rosa.post(reverse("moderation:return", args=[held.pk]), sent)
        assert response.headers["Location"] == f"{reverse('moderation:item', args=[other.pk])}?done={held.pk}"
        page = rosa.get(response.headers["Location"]).content.decode()
        undo = reverse("moderation:undo_return", args=[held.pk])
        assert undo in page
        page = rosa.post(undo, {"version": 2, "skip": str(other.pk)}, follow=True).content.decode()
        assert ("The return is undone." in page, "A story to read" in page) == (True, True)
        assert fresh(other).claimed_by is None

    def test_its_own_page_until_then(self, rosa: Client, client_for: ClientFor, returning: Comment, peer: User) -> None:
        page = rosa.get(reverse("moderation:item", args=[returning.pk])).content.decode()
        assert ("Undo the return" in page, "A story to read" in page) == (True, True)
        page = client_for(peer).get(reverse("moderation:item", args=[returning.pk])).content.decode()
        assert ("Rosa Lindqvist returned this text." in page, "A story to read" in page) == (True, False)

    def test_too_late_says_why(self, rosa: Client, returning: Comment) -> None:
        give_back()
        response = rosa.post(reverse("moderation:undo_return", args=[returning.pk]), {"version": 2})
        page = response.content.decode()
        assert (response.status_code, "Its author may have read that by now" in page) == (409, True)
        item = reverse("moderation:item", args=[returning.pk])
        assert "Undo" not in rosa.get(f"{item}?done={returning.pk}").content.decode()


class TestClaimsThatWereLeft:
    def test_free_after_one_to_two_rounds_of_the_clock(self, held: Comment, facilitator: User) -> None:
        claim_comment(held, version=1, by=facilitator)
        free_claims()
        assert fresh(held).claimed_by == facilitator
        free_claims()
        assert fresh(held).claimed_by is None

    def test_opened_again_holds_again(self, held: Comment, facilitator: User, peer: User) -> None:
        claim_comment(held, version=1, by=facilitator)
        assert free_old_claims() == 0
        claim_comment(held, version=1, by=peer)
        assert free_old_claims() == 0
        assert free_old_claims() == 1

    def test_what_was_decided_stays_with_who_decided(self, listening: Round, facilitator: User) -> None:
        text = factories.make_comment(listening, state="approved", claimed_by=facilitator)
        free_claims()
        assert fresh(text).claimed_by == facilitator
