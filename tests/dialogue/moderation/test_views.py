"""Reviewing over HTTP."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.desk.counts import waits_for
from dialogue.moderation.actions import approve_comment, claim_comment, free_old_claims, return_comment
from dialogue.moderation.models import ModerationDecision
from dialogue.moderation.policies import READY_NOTES
from dialogue.moderation.queries import oldest_wait_hours
from dialogue.sessions.actions import cancel_session
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, State
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.models import Comment
from seeds import vault
from tests import factories

ClientFor = Callable[[User | Participant | None], Client]
QUEUE = "/desk/queue/"


def url(act: str, comment: Comment) -> str:
    return reverse(f"moderation:{act}", args=[comment.pk])


@pytest.fixture
def rosa(client_for: ClientFor, facilitator: User) -> Client:
    return client_for(facilitator)


@pytest.fixture
def jo(client_for: ClientFor, peer: User) -> Client:
    return client_for(peer)


@pytest.fixture
def held(listening: Round, alias: Alias) -> Comment:
    return factories.make_comment(listening, alias, text="A story to read")


def looks() -> int:
    return AuditEvent.objects.filter(verb=AuditEvent.Verb.READ_HELD).count()


class TestQueue:
    @pytest.mark.parametrize("rows", [0, 1, 50, 1000])
    def test_same_queries_for_any_number(
        self, rosa: Client, listening: Round, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        factories.make_held_comments(listening, rows)
        with django_assert_num_queries(6):  # account, second factor, sessions, waiting, ready, proposed
            response = rosa.get(QUEUE)
        assert len(response.context["queue"].rows) == min(rows, 50)

    def test_who_reads_what(self, rosa: Client, held: Comment, peer: User) -> None:
        assert "is reading this" not in rosa.get(QUEUE).content.decode()
        claim_comment(held, version=1, by=peer)
        page = rosa.get(QUEUE).content.decode()
        assert "Jo Amari is reading this" in page
        assert "A story to read" not in page

    def test_narrowed_to_one_session(
        self, rosa: Client, held: Comment, facilitator: User, open_session: DialogueSession
    ) -> None:
        later = open_session.ends_at + timedelta(days=1)
        other = factories.make_round(factories.make_session(State.OPEN, team=[facilitator], starts_at=later))
        factories.make_comment(other)
        assert len(rosa.get(QUEUE).context["queue"].rows) == 2
        rows = rosa.get(f"{QUEUE}?session={open_session.pk}").context["queue"].rows
        assert [row["pk"] for row in rows] == [held.pk]
        assert rosa.get(f"{QUEUE}?session=x").status_code == 200

    def test_empty(self, rosa: Client, open_session: DialogueSession) -> None:
        assert "Nothing waits." in rosa.get(QUEUE).content.decode()

    def test_nothing_waits_in_a_session_that_was_called_off(
        self, rosa: Client, listening: Round, open_session: DialogueSession, facilitator: User
    ) -> None:
        for state in ("held", "appealed", "approved", "proposed"):
            factories.make_comment(listening, state=state)
        for state in (State.FOLLOW_UP, State.OPEN):
            DialogueSession.objects.filter(pk=open_session.pk).update(
                state=state, closed_at=timezone.now() if state == State.FOLLOW_UP else None
            )
            found = rosa.get(QUEUE).context
            assert (len(found["queue"].rows), len(found["ready"]), len(found["proposed"])) == (2, 1, 1)
        cancel_session(open_session, reason="Storm", by=facilitator)
        found = rosa.get(QUEUE).context
        assert (found["queue"].rows, found["ready"], found["proposed"]) == ([], [], [])
        assert rosa.post("/desk/queue/start/").headers["Location"] == QUEUE
        assert (oldest_wait_hours(open_session), waits_for(facilitator)) == (None, {})

    def test_more_pages(self, rosa: Client, listening: Round, alias: Alias) -> None:
        for number in range(51):
            factories.make_comment(listening, alias, period=number)
        more = re.search(r'href="([^"]*after=[^"]*)"', rosa.get(QUEUE).content.decode())
        assert more
        assert len(rosa.get(more[1].replace("&amp;", "&")).context["queue"].rows) == 1


class TestReading:
    def test_looking_at_the_page_opens_nothing(self, rosa: Client, held: Comment) -> None:
        page = rosa.get(url("item", held)).content.decode()
        assert ("A story to read" in page, "Open and read" in page, looks()) == (False, True, 0)

    @pytest.mark.promise("P12")
    def test_every_look_is_recorded(self, rosa: Client, held: Comment) -> None:
        page = rosa.post(url("claim", held), {"version": 1}, follow=True).content.decode()
        again = rosa.get(url("item", held)).content.decode()
        assert ("A story to read" in page, "A story to read" in again, looks()) == (True, True, 2)

    def test_a_half_typed_note_does_not_leave_early(self, rosa: Client, held: Comment) -> None:
        assert rosa.get(url("item", held)).headers["Refresh"].startswith("3600;")

    def test_a_colleague_takes_over(self, rosa: Client, jo: Client, held: Comment) -> None:
        rosa.post(url("claim", held), {"version": 1})
        page = jo.get(url("item", held)).content.decode()
        assert ("Rosa Lindqvist is reading this" in page, "A story to read" in page) == (True, False)
        assert "A story to read" in jo.post(url("claim", held), {"version": 1}, follow=True).content.decode()
        assert "Jo Amari is reading this" in rosa.get(url("item", held)).content.decode()
        assert looks() == 1  # Rosa opened it, but did not get to see it before Jo took over

    def test_the_oldest_that_nobody_reads(self, rosa: Client, jo: Client, listening: Round) -> None:
        first, second = (factories.make_comment(listening, period=period) for period in (1, 2))
        assert jo.post("/desk/queue/start/").headers["Location"] == url("item", first)
        assert rosa.post("/desk/queue/start/").headers["Location"] == url("item", second)

    def test_laid_aside(self, rosa: Client, listening: Round) -> None:
        first, second = (factories.make_comment(listening, period=period) for period in (1, 2))
        rosa.post(url("claim", first), {"version": 1})
        response = rosa.post("/desk/queue/start/", {"skip": str(first.pk)})
        assert response.headers["Location"] == url("item", second)
        first.refresh_from_db()
        assert first.claimed_by is None

    def test_the_one_before(self, rosa: Client, listening: Round) -> None:
        first, second, third = factories.make_held_comments(listening, 3)
        for skipped, next_one in ((third, second), (second, first), (first, third)):
            response = rosa.post("/desk/queue/start/", {"skip": str(skipped.pk), "back": "1"})
            assert response.headers["Location"] == url("item", next_one)

    def test_neighbors_are_listed_without_their_words(
        self, rosa: Client, listening: Round, facilitator: User, peer: User
    ) -> None:
        texts = factories.make_held_comments(listening, 20)
        claim_comment(texts[5], version=1, by=facilitator)
        claim_comment(texts[6], version=1, by=peer)
        response = rosa.get(url("item", texts[5]))
        near, page = response.context["near"], response.content.decode()
        assert [row["pk"] for row in near.rows] == [text.pk for text in texts[2:14]]
        assert (near.at, near.of, near.more) == (6, 20, True)
        assert ("Text number 6." in page, "Text number 7." in page) == (True, False)
        assert "Jo Amari is reading this" in page

    def test_nothing_left(self, rosa: Client, open_session: DialogueSession) -> None:
        assert rosa.post("/desk/queue/start/", {"skip": "x"}).headers["Location"] == QUEUE

    def test_the_filter_stays(self, rosa: Client, held: Comment, open_session: DialogueSession) -> None:
        response = rosa.post("/desk/queue/start/", {"session": str(open_session.pk)})
        assert response.headers["Location"] == f"{url('item', held)}?session={open_session.pk}"

    def test_an_answer_shows_what_it_answers(
        self, rosa: Client, listening: Round, seat: ListenerSeat, facilitator: User
    ) -> None:
        heard = factories.make_comment(listening, seat=seat, text="What was heard", state="released")
        answer = factories.make_comment(listening, parent=heard)
        claim_comment(answer, version=1, by=facilitator)
        page = rosa.get(url("item", answer)).content.decode()
        assert "An answer to Marcus Hale, who wrote:" in page
        assert "What was heard" in page

    def test_a_text_of_somebody_removed(self, rosa: Client, held: Comment, alias: Alias) -> None:
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        assert rosa.get(url("item", held)).status_code == 404

    def test_without_its_key(
        self, rosa: Client, held: Comment, facilitator: User, open_session: DialogueSession
    ) -> None:
        claim_comment(held, version=1, by=facilitator)
        vault.destroy_key(open_session.pk)
        assert "These words can no longer be read." in rosa.get(url("item", held)).content.decode()

    def test_released_and_returned_texts_say_so(self, rosa: Client, listening: Round) -> None:
        for state in ("released", "returned", "upheld", "withdrawn"):
            comment = factories.make_comment(listening, text="Not here", state=state)
            response = rosa.get(url("item", comment))
            assert (response.status_code, "Not here" in response.content.decode()) == (200, False)

    @pytest.mark.parametrize("rows", [1, 50, 1000])
    def test_same_queries_for_one_text_of_any_number(
        self,
        rosa: Client,
        listening: Round,
        facilitator: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        first = factories.make_held_comments(listening, rows)[0]
        claim_comment(first, version=1, by=facilitator)
        with django_assert_num_queries(6):  # account, second factor, the text, its decisions, its neighbors, the look
            page = rosa.get(url("item", first)).content.decode()
        assert f"1 of {min(rows, 50)} on this page" in page

    def test_a_text_behind_the_first_page(
        self, rosa: Client, listening: Round, facilitator: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        far = factories.make_held_comments(listening, 120)[60]
        claim_comment(far, version=1, by=facilitator)
        with django_assert_num_queries(7):  # the page of the queue that begins with it as well
            near = rosa.get(url("item", far)).context["near"]
        assert (near.at, near.of, len(near.rows), near.more) == (1, 50, 12, True)


class TestDeciding:
    def test_approve_and_on_to_the_next(self, rosa: Client, held: Comment, listening: Round) -> None:
        other = factories.make_comment(listening, text="The next one", period=5)
        rosa.post(url("claim", held), {"version": 1}, follow=True)
        response = rosa.post(url("approve", held), {"version": 1}, follow=True)
        page = response.content.decode()
        assert response.redirect_chain[0][0] == f"{url('item', other)}?done={held.pk}"
        assert ("The next one" in page, "Undo" in page, looks()) == (True, True, 2)

    @pytest.mark.parametrize(
        ("act", "given"),
        [
            ("approve", {}),
            ("return", {"reason": "spam", "note": ""}),
            ("propose", {"body": "Other words", "note": "Why", "send": "1"}),
        ],
    )
    def test_what_was_laid_aside_comes_last(
        self, rosa: Client, listening: Round, act: str, given: dict[str, str]
    ) -> None:
        first, second, third = factories.make_held_comments(listening, 3)
        aside = rosa.post("/desk/queue/start/", {"skip": str(first.pk)})
        assert aside.headers["Location"] == url("item", second)
        for decided, following in ((second, third), (third, first)):
            response = rosa.post(url(act, decided), {"version": 1} | given)
            assert response.headers["Location"] == f"{url('item', following)}?done={decided.pk}"

    def test_undo_the_last_approval(self, rosa: Client, held: Comment) -> None:
        rosa.post(url("claim", held), {"version": 1})
        page = rosa.post(url("approve", held), {"version": 1}, follow=True)
        done = page.context["done"].comment
        assert done.pk == held.pk
        page = rosa.post(url("undo", held), {"version": done.version}, follow=True)
        assert "The approval is undone." in page.content.decode()
        assert "A story to read" in page.content.decode()

    def test_an_undo_lays_aside_what_was_opened_next(self, rosa: Client, listening: Round) -> None:
        first, second = factories.make_held_comments(listening, 2)
        rosa.post("/desk/queue/start/")
        rosa.post(url("approve", first), {"version": 1})
        second.refresh_from_db()
        assert second.claimed_by is not None
        rosa.post(url("undo", first), {"version": 2, "skip": str(second.pk)})
        second.refresh_from_db()
        assert second.claimed_by is None

    def test_return_with_the_ready_note(self, rosa: Client, held: Comment, open_session: DialogueSession) -> None:
        response = rosa.post(url("return", held), {"version": 1, "reason": "open_case", "note": ""}, follow=True)
        page = response.content.decode()
        assert ("Returned." in page, "Its author is told within five minutes." in page, "Undo" in page) == (True,) * 3
        decision = ModerationDecision.objects.get()
        assert decision.note is not None
        assert vault.unseal(open_session.pk, decision.pk, decision.note) == str(READY_NOTES[decision.reason])  # type: ignore[index]

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"reason": ""}, "This field is required."),
            ({"reason": "other", "note": ""}, "Say in a note"),
            ({"reason": "spam", "note": "x" * 1200}, "too long"),
        ],
    )
    def test_return_without_reason_keeps_the_note(
        self, rosa: Client, held: Comment, facilitator: User, given: dict[str, str], words: str
    ) -> None:
        claim_comment(held, version=1, by=facilitator)
        page = rosa.post(url("return", held), {"version": 1, "note": "My note"} | given).content.decode()
        assert words in page
        assert given.get("note", "My note") in page
        assert "Error:" in page

    def test_interrogation_is_offered_for_listeners_only(
        self, rosa: Client, held: Comment, listening: Round, seat: ListenerSeat, facilitator: User
    ) -> None:
        of_listener = factories.make_comment(listening, seat=seat)
        offered = []
        for comment in (held, of_listener):
            claim_comment(comment, version=1, by=facilitator)
            offered.append('value="interrogation"' in rosa.get(url("item", comment)).content.decode())
        assert offered == [False, True]
        assert rosa.post(url("return", held), {"version": 1, "reason": "interrogation"}).status_code == 200

    def test_the_second_moderator_is_told_who_decided_what(self, rosa: Client, held: Comment, peer: User) -> None:
        approve_comment(held, version=1, by=peer)
        response = rosa.post(url("return", held), {"version": 1, "reason": "contempt", "note": "My long note"})
        page = response.content.decode()
        assert response.status_code == 409
        assert "Jo Amari approved this text." in page
        assert "My long note" in page
        response = rosa.post(url("approve", held), {"version": 1})
        assert (response.status_code, "Jo Amari approved this text." in response.content.decode()) == (409, True)

    def test_returned_by_a_colleague(self, rosa: Client, held: Comment, peer: User) -> None:
        return_comment(held, version=1, reason="spam", by=peer)
        page = rosa.post(url("approve", held), {"version": 1}).content.decode()
        assert "Jo Amari returned this text." in page

    def test_taken_back_meanwhile(self, rosa: Client, held: Comment) -> None:
        rosa.post(url("claim", held), {"version": 1})
        withdraw_comment(held)
        for act in ("approve", "claim", "undo"):
            page = rosa.post(url(act, held), {"version": 1}).content.decode()
            assert ("The author took this text back." in page, "A story to read" in page) == (True, False)

    @pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "2"])
    def test_an_odd_version_decides_nothing(self, rosa: Client, held: Comment, version: str) -> None:
        for act in ("approve", "claim", "undo", "return"):
            rosa.post(url(act, held), {"version": version, "reason": "spam"})
        held.refresh_from_db()
        assert (held.state, held.version, held.claimed_by) == ("held", 1, None)

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"reason": ""}, "This field is required."),
            ({"reason": "other", "note": "I am sorry if you feel hurt"}, "Return it as it is"),
        ],
    )
    def test_a_claim_that_ended_while_one_wrote_begins_anew(
        self, rosa: Client, held: Comment, facilitator: User, given: dict[str, str], words: str
    ) -> None:
        rosa.post(url("claim", held), {"version": 1})
        free_old_claims()
        free_old_claims()
        page = rosa.post(url("return", held), {"version": 1, "note": "My note"} | given).content.decode()
        assert (words in page, given.get("note", "My note") in page, "A story to read" in page) == (True, True, True)
        held.refresh_from_db()
        assert held.claimed_by == facilitator
        assert looks() == 1

    def test_who_has_it_is_said_and_the_note_is_kept(self, rosa: Client, jo: Client, held: Comment) -> None:
        rosa.post(url("claim", held), {"version": 1})
        jo.post(url("claim", held), {"version": 1})
        response = rosa.post(url("return", held), {"version": 1, "reason": "", "note": "My note"})
        page = response.content.decode()
        assert response.status_code == 409
        assert ("Jo Amari is reading this text now." in page, "My note" in page) == (True, True)
        assert ("It was changed" in page, "A story to read" in page) == (False, False)

    @pytest.mark.parametrize("taken_over", [False, True])
    def test_an_approval_can_be_undone_without_the_claim(
        self, rosa: Client, jo: Client, held: Comment, *, taken_over: bool
    ) -> None:
        rosa.post(url("claim", held), {"version": 1})
        if taken_over:
            jo.post(url("claim", held), {"version": 1})
        else:
            free_old_claims()
            free_old_claims()
        response = rosa.post(url("approve", held), {"version": 1}, follow=True)
        assert response.context["done"].comment == held

    def test_an_earlier_return_is_told(self, rosa: Client, held: Comment, facilitator: User, peer: User) -> None:
        return_comment(held, version=1, reason="contempt", note="Calmer please", by=peer)
        Comment.objects.filter(pk=held.pk).update(state="held", period=1, claimed_by=facilitator)
        page = rosa.get(url("item", held)).content.decode()
        assert "Jo Amari returned it before:" in page
        assert "Calmer please" in page


class TestRelease:
    @pytest.fixture
    def texts(self, listening: Round) -> list[Comment]:
        return [factories.make_comment(listening, text=f"Goes out {number}", state="approved") for number in range(3)]

    def url(self, round: Round) -> str:
        return reverse("moderation:release", args=[round.pk])

    def test_lists_and_sends_out_what_was_listed(
        self, rosa: Client, listening: Round, texts: list[Comment], facilitator: User, open_session: DialogueSession
    ) -> None:
        claim_comment(texts[0], version=1, by=facilitator)
        page = rosa.get(self.url(listening)).content.decode()
        assert [f"Goes out {number}" in page for number in range(3)] == [True, False, False]  # opened by her, or not
        assert page.count("open it to read it") == 2
        assert list(AuditEvent.objects.values_list("verb", "detail")) == [("read_held", "1")]
        late = factories.make_comment(listening, state="approved")
        listed = re.findall(r'name="text" value="([^"]+)"', page)
        response = rosa.post(self.url(listening), {"text": listed}, follow=True)
        assert response.redirect_chain[-1][0] == reverse("desk:run", args=[open_session.pk])
        assert "3 texts went out as one batch." in response.content.decode()
        late.refresh_from_db()
        assert late.state == "approved"

    def test_looking_changes_and_records_nothing(self, rosa: Client, listening: Round, texts: list[Comment]) -> None:
        rosa.get(self.url(listening))
        assert (AuditEvent.objects.count(), Comment.objects.filter(state="released").count()) == (0, 0)

    def test_one_author_is_refused_with_the_reason(self, rosa: Client, listening: Round, alias: Alias) -> None:
        text = factories.make_comment(listening, alias, state="approved")
        page = rosa.get(self.url(listening)).content.decode()
        assert ("at least two participants" in page, "Release this batch" in page) == (True, False)
        response = rosa.post(self.url(listening), {"text": [str(text.pk)]}, follow=True)
        assert "at least two participants" in response.content.decode()

    def test_one_participants_text_holds_up_nobody_elses(
        self, rosa: Client, open_session: DialogueSession, listening: Round, alias: Alias, seat: ListenerSeat
    ) -> None:
        waits = factories.make_comment(listening, alias, state="approved")
        seats = (seat, factories.make_seat(open_session))
        going = {factories.make_comment(listening, seat=one, state="approved") for one in seats}
        page = rosa.get(self.url(listening)).content.decode()
        listed = set(re.findall(r'name="text" value="([^"]+)"', page))
        assert listed == {str(text.pk) for text in going}
        assert "1 text of one participant waits until another participant’s text is approved." in page
        assert reverse("moderation:item", args=[waits.pk]) in page, "it can still be undone"
        assert (
            "2 texts went out" in rosa.post(self.url(listening), {"text": list(listed)}, follow=True).content.decode()
        )
        waits.refresh_from_db()
        assert waits.state == "approved"

    def test_in_a_closed_round_it_is_not_said_to_wait(self, rosa: Client, listening: Round, alias: Alias) -> None:
        factories.make_comment(listening, alias, state="approved")
        Round.objects.filter(pk=listening.pk).update(state=Round.State.DONE)
        page = rosa.get(self.url(listening)).content.decode()
        assert ("only if the round is opened again" in page, "Wait until" in page) == (True, False)

    @pytest.mark.parametrize("listed", [[], ["x"], ["7d4fb0a8-5f0a-4c1e-9a30-0d6f4c9e8b11"]])
    def test_nothing_listed_nothing_released(
        self, rosa: Client, listening: Round, texts: list[Comment], listed: list[str]
    ) -> None:
        response = rosa.post(self.url(listening), {"text": listed}, follow=True)
        assert "There is nothing to release" in response.content.decode()
        assert not Comment.objects.filter(state="released").exists()

    def test_one_was_taken_back_meanwhile(self, rosa: Client, listening: Round, texts: list[Comment]) -> None:
        withdraw_comment(texts[0])
        response = rosa.post(self.url(listening), {"text": [str(text.pk) for text in texts]}, follow=True)
        assert "2 texts went out as one batch." in response.content.decode()
        assert "Some that were listed did not go out" in response.content.decode()

    def test_twice(self, rosa: Client, listening: Round, texts: list[Comment]) -> None:
        listed: dict[str, Any] = {"text": [str(text.pk) for text in texts]}
        rosa.post(self.url(listening), listed)
        page = rosa.post(self.url(listening), listed, follow=True).content.decode()
        assert "There is nothing to release" in page
        assert set(Comment.objects.values_list("batch", flat=True)) == {1}

    def test_strangers(
        self, client_for: ClientFor, listening: Round, texts: list[Comment], other_facilitator: User, listener: User
    ) -> None:
        listed: dict[str, Any] = {"text": [str(text.pk) for text in texts]}
        for person in (other_facilitator, listener):
            assert client_for(person).post(self.url(listening), listed).status_code == 404
