"""A second look over HTTP: asked for in one tap, heard by somebody else of the team, told in plain words."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import free_old_claims, return_comment
from dialogue.moderation.actions_appeals import ask_again, overturn_return, uphold_return
from dialogue.moderation.models import ModerationDecision
from dialogue.retention.clock import return_unread
from dialogue.sessions.models import Alias, Booking, DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.actions import revise_comment, withdraw_comment
from dialogue.threads.models import Comment
from tests import factories
from tests.reading import grade, text_of

ClientFor = Callable[[User | Participant | None], Client]
QUEUE = "/desk/queue/"
ASK = "Ask someone else to look again"


def url(act: str, comment: Comment) -> str:
    return reverse(f"moderation:{act}", args=[comment.pk])


def mine(browser: Client, comment: Comment) -> str:
    page = browser.get(reverse("threads:mine", args=[comment.thread.round.dialogue_session_id]))
    return html.unescape(page.content.decode())


def shown(browser: Client, address: str) -> str:
    return html.unescape(browser.get(address).content.decode())


@pytest.fixture
def author(client_for: ClientFor, participant: Participant) -> Client:
    return client_for(participant)


@pytest.fixture
def rosa(client_for: ClientFor, facilitator: User) -> Client:
    return client_for(facilitator)


@pytest.fixture
def jo(client_for: ClientFor, peer: User) -> Client:
    return client_for(peer)


@pytest.fixture
def returned(listening: Round, alias: Alias, facilitator: User) -> Comment:
    comment = factories.make_comment(listening, alias, text="A story that came back")
    return return_comment(comment, version=1, reason="contempt", note="It is too sharp.", by=facilitator)


@pytest.fixture
def appealed(returned: Comment) -> Comment:
    return ask_again(returned, version=2)


def state_of(comment: Comment) -> str:
    return Comment.objects.values_list("state", flat=True).get(pk=comment.pk)


class TestTheAuthor:
    def test_asks_in_one_tap_and_reads_what_happens(self, author: Client, returned: Comment) -> None:
        page = mine(author, returned)
        form = re.search(rf'action="{url("look_again", returned)}".*?name="version" value="(\d+)"', page, re.DOTALL)
        assert form
        assert "The person who gave it back does not decide then." in page
        after = author.post(url("look_again", returned), {"version": form[1]}, follow=True)
        text = html.unescape(after.content.decode())
        assert "We will look at it again. Someone else does that." in text
        assert "The person who gave it back does not decide." in text
        assert ("It is too sharp." in text, ASK in text, "Change it" in text) == (True, False, False)
        assert state_of(returned) == "appealed"

    def test_a_second_tap_and_an_old_page_change_nothing(self, author: Client, returned: Comment) -> None:
        for _ in range(2):
            author.post(url("look_again", returned), {"version": 2})
        assert state_of(returned) == "appealed"
        page = author.post(url("look_again", returned), {"version": 1}, follow=True).content.decode()
        assert "This text has changed in the meantime. Please look again." in html.unescape(page)
        assert author.post(url("look_again", returned), {"version": "x"}).status_code == 302

    def test_reads_that_another_person_agreed_and_can_still_change_it(
        self, author: Client, appealed: Comment, peer: User
    ) -> None:
        uphold_return(appealed, version=3, note="I read it twice.", by=peer)
        page = mine(author, appealed)
        for words in ("Another person on the team read it again and agreed", "It is too sharp.", "I read it twice."):
            assert words in page
        assert (ASK in page, "Change it" in page, "Take it back" in page) == (False, True, True)
        revise = reverse("threads:revise", args=[appealed.pk])
        page = shown(author, revise)
        assert ("I read it twice." in page, "A story that came back" in page) == (True, True)
        author.post(revise, {"body": "Milder", "version": 4})
        assert state_of(appealed) == "held"

    def test_reads_that_it_was_let_through(self, author: Client, appealed: Comment, peer: User) -> None:
        overturn_return(appealed, version=3, by=peer)
        page = mine(author, appealed)
        assert ("It comes out with the next batch." in page, "It is too sharp." in page) == (True, False)

    def test_reads_that_nobody_took_it_and_can_ask_once_more(self, author: Client, appealed: Comment) -> None:
        return_unread(Comment.objects.get(pk=appealed.pk))
        page = mine(author, appealed)
        assert ("no one did so in 14 days" in page, "It is too sharp." in page, ASK in page) == (True, True, True)

    def test_reads_honestly_that_nobody_else_is_there(
        self, author: Client, returned: Comment, open_session: DialogueSession, peer: User
    ) -> None:
        Booking.objects.filter(dialogue_session=open_session, facilitator=peer).delete()
        page = mine(author, returned)
        assert ("No one else is on the team now" in page, ASK in page) == (True, False)
        page = author.post(url("look_again", returned), {"version": 2}, follow=True).content.decode()
        assert "Nobody else is on the team right now" in html.unescape(page)
        assert state_of(returned) == "returned"

    def test_reads_it_too_when_the_last_one_left_meanwhile(
        self, author: Client, appealed: Comment, open_session: DialogueSession, peer: User
    ) -> None:
        Booking.objects.filter(dialogue_session=open_session, facilitator=peer).delete()
        assert "Right now no one else is on the team who could." in mine(author, appealed)

    def test_is_not_offered_what_can_not_be_done(
        self, author: Client, returned: Comment, listening: Round, alias: Alias
    ) -> None:
        Comment.objects.filter(pk=returned.pk).update(wants_retelling=True)
        assert ASK not in mine(author, returned)
        unread = factories.make_comment(listening, alias)
        return_unread(unread)
        assert ASK not in mine(author, unread)

    @pytest.mark.parametrize("who", ["other_participant", "listener", "facilitator", "operator"])
    def test_nobody_else_asks(
        self, client_for: ClientFor, returned: Comment, who: str, request: pytest.FixtureRequest
    ) -> None:
        answer = client_for(request.getfixturevalue(who)).post(url("look_again", returned), {"version": 2})
        assert (answer.status_code, state_of(returned)) == (404, "returned")

    def test_who_was_removed_does_not_ask(self, author: Client, returned: Comment, alias: Alias) -> None:
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        assert author.post(url("look_again", returned), {"version": 2}).status_code == 404

    def test_a_listener_does(
        self,
        client_for: ClientFor,
        open_session: DialogueSession,
        listening: Round,
        seat: ListenerSeat,
        facilitator: User,
    ) -> None:
        Round.objects.filter(pk=listening.pk).update(state="done")
        dialogue = factories.make_round(open_session, RoundKind.DIALOGUE)
        comment = return_comment(
            factories.make_comment(dialogue, seat=seat), version=1, reason="interrogation", by=facilitator
        )
        browser = client_for(seat.listener)
        assert ASK in mine(browser, comment)
        browser.post(url("look_again", comment), {"version": 2})
        assert state_of(comment) == "appealed"

    @pytest.mark.parametrize("step", ["returned", "appealed", "upheld"])
    def test_plain_words(self, author: Client, returned: Comment, peer: User, step: str) -> None:
        if step != "returned":
            ask_again(returned, version=2)
        if step == "upheld":
            uphold_return(returned, version=3, by=peer)
        assert grade(text_of(mine(author, returned))) <= 6


class TestTheTeam:
    def test_a_colleague_reads_the_first_reason_and_lets_it_through(
        self, jo: Client, appealed: Comment, facilitator: User
    ) -> None:
        assert "Asked to look again" in shown(jo, QUEUE)
        assert "A story that came back" not in shown(jo, url("item", appealed))
        page = jo.post(url("claim", appealed), {"version": 3}, follow=True).content.decode()
        page = html.unescape(page)
        for words in ("A story that came back", f"{facilitator.name} returned it before:", "It is too sharp."):
            assert words in page
        assert url("approve", appealed) not in page
        assert AuditEvent.objects.filter(verb="read_held").count() == 1
        after = jo.post(url("overturn", appealed), {"version": 3}, follow=True).content.decode()
        assert ("Approved." in after, state_of(appealed)) == (True, "approved")

    def test_who_reads_the_changed_text_sees_what_was_decided_before(
        self, rosa: Client, appealed: Comment, facilitator: User, peer: User
    ) -> None:
        uphold_return(appealed, version=3, note="I read it twice.", by=peer)
        revise_comment(Comment.objects.get(pk=appealed.pk), text="Milder", version=4)
        page = rosa.post(url("claim", appealed), {"version": 5}, follow=True).content.decode()
        page = html.unescape(page)
        for words in (f"{facilitator.name} returned it before:", "It is too sharp.", "I read it twice.", "Milder"):
            assert words in page
        assert f"{peer.name} looked again then, and agreed." in page

    def test_it_is_opened_as_the_oldest_too(self, jo: Client, rosa: Client, appealed: Comment) -> None:
        assert rosa.post(reverse("moderation:start"))["Location"] == QUEUE
        assert jo.post(reverse("moderation:start"))["Location"] == url("item", appealed)

    def test_a_colleague_agrees_with_a_note_or_without(self, jo: Client, appealed: Comment) -> None:
        jo.post(url("claim", appealed), {"version": 3})
        too_long = jo.post(url("uphold", appealed), {"version": 3, "note": "Kept " + "x" * 1_000})
        assert (too_long.status_code, "Kept xxx" in too_long.content.decode()) == (200, True)
        after = jo.post(url("uphold", appealed), {"version": 3, "note": ""}, follow=True)
        assert "The author reads that somebody else agreed." in html.unescape(after.content.decode())
        assert (state_of(appealed), ModerationDecision.objects.get(outcome="upheld").note) == ("upheld", None)

    @pytest.mark.parametrize("act", ["overturn", "uphold"])
    def test_what_was_laid_aside_comes_last(self, jo: Client, appealed: Comment, listening: Round, act: str) -> None:
        assert appealed.period is not None
        aside, later = (factories.make_comment(listening, period=appealed.period + step) for step in (-1, 1))
        jo.post(reverse("moderation:start"), {"skip": str(aside.pk)})
        response = jo.post(url(act, appealed), {"version": 3, "note": ""})
        assert response["Location"].startswith(url("item", later))

    def test_a_claim_that_ended_while_one_wrote_begins_anew(self, jo: Client, appealed: Comment, peer: User) -> None:
        jo.post(url("claim", appealed), {"version": 3})
        for _ in range(2):
            free_old_claims()
        again = jo.post(url("uphold", appealed), {"version": 3, "note": "I am sorry if you feel hurt"})
        assert (again.status_code, "I am sorry if you feel hurt" in again.content.decode()) == (200, True)
        appealed.refresh_from_db()
        assert appealed.claimed_by == peer
        for _ in range(2):
            free_old_claims()
        after = jo.post(url("overturn", appealed), {"version": 3}, follow=True)
        assert after.context["done"].comment == appealed

    def test_who_returned_it_sees_that_it_waits_and_no_more(self, rosa: Client, appealed: Comment) -> None:
        assert "You returned it, so somebody else on the team looks again." in shown(rosa, QUEUE)
        page = shown(rosa, url("item", appealed))
        assert "so you can’t open it or decide about it now" in page
        assert [url(act, appealed) in page for act in ("claim", "overturn", "uphold", "return")] == [False] * 4
        assert "A story that came back" not in page

    @pytest.mark.parametrize(
        "act", ["claim", "overturn", "uphold", "approve", "return", "undo", "propose", "call_back"]
    )
    def test_who_returned_it_decides_in_no_way(self, rosa: Client, appealed: Comment, act: str) -> None:
        given = {"version": 3, "note": "Kept", "reason": "contempt", "body": "Milder", "send": "1"}
        answer = rosa.post(url(act, appealed), given)
        page = html.unescape(answer.content.decode())
        assert answer.status_code == 409
        assert "The author asks that somebody else on the team looks at it again." in page
        assert ("Kept" in page, "A story that came back" in page) == (True, False)
        assert state_of(appealed) == "appealed"

    def test_who_returned_it_does_not_undo_a_colleagues_yes(
        self, rosa: Client, jo: Client, appealed: Comment, peer: User
    ) -> None:
        overturn_return(appealed, version=3, by=peer)
        for browser, offered in ((rosa, False), (jo, True)):
            browser.post(url("claim", appealed), {"version": 4})
            page = shown(browser, url("item", appealed))
            assert ("Undo the approval" in page, "So you can’t undo that." in page) == (offered, not offered)
        assert rosa.post(url("undo", appealed), {"version": 4}).status_code == 409
        jo.post(url("undo", appealed), {"version": 4})
        assert state_of(appealed) == "appealed"

    def test_taken_back_meanwhile(self, jo: Client, appealed: Comment) -> None:
        jo.post(url("claim", appealed), {"version": 3})
        withdraw_comment(Comment.objects.get(pk=appealed.pk))
        for act in ("overturn", "uphold"):
            answer = jo.post(url(act, appealed), {"version": 3, "note": "Kept"})
            page = html.unescape(answer.content.decode())
            assert (answer.status_code, "The author took this text back." in page, "Kept" in page) == (409, True, True)

    def test_afterwards_all_read_who_did_what(self, rosa: Client, appealed: Comment, peer: User) -> None:
        uphold_return(appealed, version=3, by=peer)
        assert f"{peer.name} looked at this text again and agreed with its return." in shown(
            rosa, url("item", appealed)
        )

    @pytest.mark.parametrize("who", ["listener", "other_facilitator", "operator"])
    @pytest.mark.parametrize("act", ["overturn", "uphold"])
    def test_nobody_else_hears_it(
        self, client_for: ClientFor, appealed: Comment, act: str, who: str, request: pytest.FixtureRequest
    ) -> None:
        answer = client_for(request.getfixturevalue(who)).post(url(act, appealed), {"version": 3})
        assert (answer.status_code, state_of(appealed)) == (404, "appealed")
