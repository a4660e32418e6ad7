"""The room, writing in it, and what became of one's texts, over HTTP."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Participant, Pledge, User
from dialogue.moderation.actions import release_batch, return_comment
from dialogue.sessions.actions import cancel_session
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads import tickets
from dialogue.threads.models import Comment, Pass, Thread
from dialogue.threads.queries_texts import PAGE, Cursor
from dialogue.threads.text import MAX_CHARACTERS
from seeds import vault
from tests import factories
from tests.reading import grade, text_of

ClientFor = Callable[[User | Participant | None], Client]
#: Of a participant's room: the participant; two for the name and the session; rounds, texts, answers.
QUERIES = 7  # one of them: whether a hold stops the deletion


def address(name: str, dialogue_session: DialogueSession, **query: str) -> str:
    return reverse(f"threads:{name}", args=[dialogue_session.pk], query=query or None)


def fields_of(client: Client, url: str) -> dict[str, str]:
    """The hidden fields of the form on the page, as a browser would send them."""
    form = client.get(url).context["form"]
    return {field.name: str(field.value() or "") for field in form.hidden_fields()}


def typed(page: str) -> str:
    """What stands in the page's text field."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def next_round(dialogue_session: DialogueSession, kind: RoundKind) -> Round:
    dialogue_session.rounds.filter(state=Round.State.OPEN).update(state=Round.State.DONE)
    return factories.make_round(dialogue_session, kind)


def many_released(round: Round, author: Alias, count: int) -> None:
    """Released texts by one author, all sealed alike but each its own row."""
    thread = Thread.objects.create(round=round, batches=1)
    rows = [
        Comment(thread=thread, alias=author, state="released", batch=1, place=place) for place in range(1, count + 1)
    ]
    for row in rows:
        row.body = vault.seal(round.dialogue_session_id, row.pk, f"Text {row.place}.")
    Comment.objects.bulk_create(rows)


@pytest.fixture
def browser(client_for: ClientFor, participant: Participant) -> Client:
    return client_for(participant)


class TestRoom:
    def test_a_participant_reads_and_knows_what_to_do(
        self, browser: Client, open_session: DialogueSession, listening: Round, alias: Alias
    ) -> None:
        factories.make_comment(listening, text="Released words", state="released")
        page = browser.get(address("room", open_session)).content.decode()
        assert "Released words" in page
        assert "Now you can write one story of your own. Or you can pass." in page
        assert alias.name in page
        assert "<title>Welcome</title>" in page
        assert "Chatham House" in page

    def test_a_listener_reads_and_is_told_why_not_to_write(
        self, client_for: ClientFor, open_session: DialogueSession, listener: User
    ) -> None:
        page = client_for(listener).get(address("room", open_session)).content.decode()
        assert "The site takes no text from listeners now." in page
        assert address("write", open_session) not in page

    @pytest.mark.parametrize("rows", [0, 1, 50, 1_000])
    def test_same_queries_for_any_number_of_texts(
        self,
        browser: Client,
        open_session: DialogueSession,
        listening: Round,
        alias: Alias,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        many_released(listening, alias, rows)
        with django_assert_num_queries(QUERIES):
            response = browser.get(address("room", open_session))
        assert len(response.context["texts"].rows) == min(rows, PAGE)

    def test_answers_cost_nothing_more(
        self,
        browser: Client,
        open_session: DialogueSession,
        listening: Round,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        text = factories.make_comment(listening, state="released")
        for number in range(3):
            factories.make_comment(listening, state="released", parent=text, batch=2, place=number)
        with django_assert_num_queries(QUERIES):
            response = browser.get(address("room", open_session))
        assert len(response.context["texts"].rows[0]["answers"]) == 3

    def test_listeners_query_count(
        self,
        client_for: ClientFor,
        open_session: DialogueSession,
        listener: User,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        factories.make_comment(open_session.rounds.get(number=2), state="released")
        client = client_for(listener)
        with django_assert_num_queries(
            11
        ):  # account, second factor, session, seat, three promises, the three of the room, a hold
            client.get(address("room", open_session))

    def test_pages_by_place(
        self, browser: Client, open_session: DialogueSession, listening: Round, alias: Alias
    ) -> None:
        many_released(listening, alias, 120)

        def numbers(url: str) -> tuple[list[int], Any]:
            response = browser.get(url)
            words = re.findall(r"Text (\d+)\.", response.content.decode())
            return [int(word) for word in words], response.context["texts"]

        first, texts = numbers(address("room", open_session))
        assert (first, texts.before, texts.after) == (list(range(1, 51)), "", "1-50")
        second, texts = numbers(address("room", open_session, after="1-50"))
        assert (second, texts.before, texts.after) == (list(range(51, 101)), "1-51", "1-100")
        third, texts = numbers(address("room", open_session, after="1-100"))
        assert (third, texts.after, texts.is_last) == (list(range(101, 121)), "", True)
        back, texts = numbers(address("room", open_session, before="1-101"))
        assert (back, texts.before) == (list(range(51, 101)), "1-51")
        last, texts = numbers(address("room", open_session, end="1"))
        assert (last, texts.after) == (list(range(71, 121)), "")

    @pytest.mark.parametrize(
        "query",
        [
            "after=x",
            "after=99999999999999999999-1",
            "before=1",
            "end=%00",
            "round=-1",
            "round=%F0%9F%91%8D",
            "after=9999-999999999",
        ],
    )
    def test_nonsense_in_the_address(
        self, browser: Client, open_session: DialogueSession, listening: Round, query: str
    ) -> None:
        factories.make_comment(listening, state="released")
        assert browser.get(f"{address('room', open_session)}?{query}").status_code == 200

    def test_an_earlier_round_can_be_read_again(
        self, browser: Client, open_session: DialogueSession, listening: Round, seat: ListenerSeat
    ) -> None:
        factories.make_comment(listening, text="Early words", state="released")
        reflecting = next_round(open_session, RoundKind.REFLECTING)
        factories.make_comment(reflecting, seat=seat, text="Late words", state="released")
        now, then = (
            browser.get(address("room", open_session, **query)).content.decode() for query in ({}, {"round": "2"})
        )
        assert ("Late words" in now, "Early words" in now, "Answer" in now) == (True, False, True)
        assert ("Late words" in then, "Early words" in then, "?reply=" in then) == (False, True, False)

    def test_a_text_taken_back_leaves_its_place(
        self, browser: Client, open_session: DialogueSession, listening: Round
    ) -> None:
        text = factories.make_comment(listening, state="withdrawn", batch=1, place=1)
        answer = factories.make_comment(listening, text="Still here", state="released", parent=text)
        page = browser.get(address("room", open_session)).content.decode()
        assert "Taken back by the person who wrote it." in page
        assert text.alias is not None
        assert text.alias.name in page
        assert "Still here" in page
        assert answer.parent == text

    def test_without_its_key_nothing_can_be_read(
        self, browser: Client, open_session: DialogueSession, listening: Round
    ) -> None:
        factories.make_comment(listening, text="Sealed", state="released")
        vault.destroy_key(open_session.pk)
        page = browser.get(address("room", open_session)).content.decode()
        assert "These words can no longer be read." in page

    def test_what_people_write_is_only_text(
        self, browser: Client, open_session: DialogueSession, listening: Round
    ) -> None:
        body = "<script>alert(1)</script> https://example.org/x javascript:x\nsecond line\n\n<b>third</b> {{ 7 }}"
        factories.make_comment(listening, text=body, state="released")
        page = browser.get(address("room", open_session)).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; https://example.org/x javascript:x<br>second line</p>" in page
        assert '<p dir="auto">&lt;b&gt;third&lt;/b&gt; {{ 7 }}</p>' in page
        assert 'href="https://example.org' not in page

    @pytest.mark.promise("P8")
    def test_nothing_on_the_page_tells_a_time(
        self, browser: Client, open_session: DialogueSession, listening: Round, facilitator: User
    ) -> None:
        for _ in range(3):
            factories.make_comment(listening, text="Words", state="approved")
        release_batch(listening, by=facilitator)
        page = browser.get(address("room", open_session)).content.decode()
        assert page.count("Words") == 3
        assert not re.search(r"<time|datetime=|\b20\d\d\b|\d{1,2}:\d\d|\bago\b|minute|yesterday|today", page)

    @pytest.mark.parametrize("state", [State.ANNOUNCED, State.PREPARING, State.FOLLOW_UP, State.CANCELLED])
    def test_in_every_state_of_the_session(self, client_for: ClientFor, participant: Participant, state: State) -> None:
        dialogue_session = factories.make_session(state)
        factories.make_alias(dialogue_session, participant)
        factories.make_round(dialogue_session, state="planned")
        response = client_for(participant).get(address("room", dialogue_session))
        assert response.status_code == 200
        assert not response.context["now"].may_write

    def test_removed_participant(self, browser: Client, open_session: DialogueSession, alias: Alias) -> None:
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        assert browser.get(address("room", open_session)).status_code == 404

    def test_a_lapsed_pledge_locks_the_room_at_once(
        self, client_for: ClientFor, open_session: DialogueSession, listener: User
    ) -> None:
        client = client_for(listener)
        assert client.get(address("room", open_session)).status_code == 200
        Pledge.objects.filter(user=listener).delete()
        assert client.get(address("room", open_session)).status_code == 404


MARKER = "Zanzibar-marker"


@pytest.mark.parametrize("state", ["held", "approved", "returned", "appealed", "upheld"])
@pytest.mark.parametrize(
    "viewer", ["other_alias", "listener", "other_listener", "other_participant", "operator", "other_facilitator"]
)
@pytest.mark.promise("P11")
def test_unreleased_text_reaches_its_author_and_the_team_only(
    client_for: ClientFor,
    open_session: DialogueSession,
    listening: Round,
    alias: Alias,
    state: str,
    viewer: str,
    request: pytest.FixtureRequest,
) -> None:
    text = factories.make_comment(listening, alias, text=MARKER, state=state)
    released = factories.make_comment(listening, state="released")
    factories.make_comment(listening, alias, text=MARKER, state=state, parent=released)
    if viewer == "other_alias":  # somebody else with a name in the same session
        person: Any = factories.make_participant()
        factories.make_alias(open_session, person)
    else:
        person = request.getfixturevalue(viewer)
    client = client_for(person)
    pages = [address(name, open_session) for name in ("room", "write", "mine")]
    pages += [reverse(f"threads:{name}", args=[text.pk]) for name in ("revise", "withdraw")]
    pages += [reverse("moderation:queue"), reverse("moderation:item", args=[text.pk])]
    pages += [reverse("moderation:release", args=[listening.pk]), f"{address('write', open_session)}?reply={text.pk}"]
    for page in pages:
        assert MARKER not in client.get(page).content.decode()
    for act in ("claim", "approve", "return", "undo"):
        response = client.post(reverse(f"moderation:{act}", args=[text.pk]), {"version": 1, "reason": "spam"})
        assert (response.status_code, MARKER in response.content.decode()) == (404, False)
    text.refresh_from_db()
    assert (text.state, text.version) == (state, 1)


class TestWrite:
    def test_send_and_see_it_waiting(self, browser: Client, open_session: DialogueSession) -> None:
        url = address("write", open_session)
        response = browser.post(url, fields_of(browser, url) | {"body": "My story"}, follow=True)
        assert response.redirect_chain == [(address("mine", open_session), 302)]
        page = response.content.decode()
        assert "Waiting to be read" in page
        assert "My story" in page
        assert "within 24 hours" in page

    def test_the_page_stays_open_longer(self, browser: Client, open_session: DialogueSession) -> None:
        assert browser.get(address("write", open_session)).headers["Refresh"].startswith("3600;")
        assert browser.get(address("room", open_session)).headers["Refresh"].startswith("1200;")

    def test_a_double_click_makes_one_row(self, browser: Client, open_session: DialogueSession) -> None:
        url = address("write", open_session)
        form = fields_of(browser, url) | {"body": "My story"}
        codes = [browser.post(url, form).status_code for _ in range(2)]
        assert (codes, Comment.objects.count()) == ([302, 302], 1)

    def test_back_and_another_text_is_not_lost(self, browser: Client, open_session: DialogueSession) -> None:
        next_round(open_session, RoundKind.DIALOGUE)
        url = address("write", open_session)
        form = fields_of(browser, url)
        browser.post(url, form | {"body": "One"})
        page = browser.post(url, form | {"body": "Two"})
        assert "You have already sent a text from this page." in page.content.decode()
        assert typed(page.content.decode()) == "Two"
        Round.objects.filter(kind=RoundKind.DIALOGUE).update(turn=2)
        again = {field.name: str(field.value()) for field in page.context["form"].hidden_fields()}
        assert browser.post(url, again | {"body": "Two", "reply": ""}).status_code == 302
        assert Comment.objects.count() == 2

    def test_too_long_comes_back_whole(self, browser: Client, open_session: DialogueSession) -> None:
        url, text = address("write", open_session), "x" * (MAX_CHARACTERS + 250)
        page = browser.post(url, fields_of(browser, url) | {"body": text}).content.decode()
        assert "250 characters too many." in page
        assert typed(page) == text
        assert not Comment.objects.exists()

    def test_blank(self, browser: Client, open_session: DialogueSession) -> None:
        url = address("write", open_session)
        page = browser.post(url, fields_of(browser, url) | {"body": " \u200b "}).content.decode()
        assert "Write something first, or pass." in page

    def test_a_page_of_a_round_that_is_over(self, browser: Client, open_session: DialogueSession) -> None:
        url = address("write", open_session)
        form = fields_of(browser, url)
        dialogue = next_round(open_session, RoundKind.DIALOGUE)
        page = browser.post(url, form | {"body": "My story"})
        assert "a new round has begun" in page.content.decode()
        assert dialogue.prompt in page.content.decode()
        assert typed(page.content.decode()) == "My story"
        assert not Comment.objects.exists()
        again = {field.name: str(field.value()) for field in page.context["form"].hidden_fields()}
        assert browser.post(url, again | {"body": "My story", "reply": ""}).status_code == 302

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"paused": True, "pause_reason": "Storm"}, "There is a pause: Storm"),
            ({"state": "cancelled", "cancel_reason": "Too few"}, "called off"),
        ],
    )
    def test_paused_or_over_gives_the_text_back(
        self, browser: Client, open_session: DialogueSession, change: dict[str, Any], words: str
    ) -> None:
        url = address("write", open_session)
        form = fields_of(browser, url)
        DialogueSession.objects.filter(pk=open_session.pk).update(**change)
        page = browser.post(url, form | {"body": "My story"}).content.decode()
        assert words in page
        assert typed(page) == "My story"
        assert words in browser.get(url).content.decode()
        assert not Comment.objects.exists()

    def test_no_round_is_open(self, browser: Client, open_session: DialogueSession) -> None:
        url = address("write", open_session)
        form = fields_of(browser, url)
        open_session.rounds.update(state=Round.State.DONE)
        page = browser.post(url, form | {"body": "My story"}).content.decode()
        assert "This round is over" in page
        assert typed(page) == "My story"

    def test_the_limit(self, browser: Client, open_session: DialogueSession, listening: Round, alias: Alias) -> None:
        url = address("write", open_session)
        form = fields_of(browser, url)
        factories.make_comment(listening, alias)
        page = browser.post(url, form | {"body": "Another"}).content.decode()
        assert "You have already written in this round." in page
        assert typed(page) == "Another"

    def test_a_text_that_came_back_through_the_sign_in_form(
        self, browser: Client, open_session: DialogueSession
    ) -> None:
        page = browser.post(address("write", open_session), {"body": "Carried"})
        assert "was not sent yet" in page.content.decode()
        assert typed(page.content.decode()) == "Carried"
        assert not Comment.objects.exists()

    def test_a_forged_ticket(self, browser: Client, open_session: DialogueSession, listening: Round) -> None:
        form = {"body": "Words", "round": str(listening.pk), "ticket": "A" * 38}
        assert "was not sent yet" in browser.post(address("write", open_session), form).content.decode()

    def test_the_ticket_of_somebody_else(
        self, client_for: ClientFor, browser: Client, open_session: DialogueSession
    ) -> None:
        person = factories.make_participant()
        factories.make_alias(open_session, person)
        url = address("write", open_session)
        form = fields_of(browser, url)
        assert client_for(person).post(url, form | {"body": "Words"}).status_code == 200
        assert not Comment.objects.exists()

    @pytest.mark.parametrize("lost", ["pledge", "seat"])
    def test_a_listener_who_lost_the_seat_gets_the_text_back(
        self, client_for: ClientFor, open_session: DialogueSession, listener: User, seat: ListenerSeat, lost: str
    ) -> None:
        next_round(open_session, RoundKind.CURIOSITY)
        client, url = client_for(listener), address("write", open_session)
        form = fields_of(client, url)
        if lost == "pledge":
            Pledge.objects.filter(user=listener).delete()
        else:
            ListenerSeat.objects.filter(pk=seat.pk).update(state="left")
        response = client.post(url, form | {"body": "I heard\0 you"})
        assert response.status_code == 403
        assert typed(response.content.decode()).strip() == "I heard you"
        assert client.get(url).status_code == 404
        assert not Comment.objects.exists()

    def test_in_a_reflecting_round_a_listener_chooses_a_story(
        self, client_for: ClientFor, open_session: DialogueSession, listener: User, seat: ListenerSeat
    ) -> None:
        """And no form goes past that: what is sent all the same is refused, and given back."""
        client, url = client_for(listener), address("write", open_session)
        next_round(open_session, RoundKind.CURIOSITY)
        form = fields_of(client, url)
        reflecting = next_round(open_session, RoundKind.REFLECTING)
        assert client.get(url).headers["Location"] == reverse("reflections:choose", args=[open_session.pk])
        ticket = tickets.issue(reflecting.pk, seat.pk)
        sent = client.post(url, form | {"round": str(reflecting.pk), "ticket": ticket, "body": "I explain"})
        page = sent.content.decode()
        assert ("only tell back what you heard" in page, typed(page)) == (True, "I explain")
        assert not Comment.objects.exists()

    def test_a_listener_whom_nobody_confirmed_reads_and_is_told_why(
        self, client_for: ClientFor, open_session: DialogueSession, listener: User, seat: ListenerSeat
    ) -> None:
        next_round(open_session, RoundKind.DIALOGUE)
        ListenerSeat.objects.filter(pk=seat.pk).update(heard="")
        client = client_for(listener)
        for name in ("room", "write"):
            page = client.get(address(name, open_session)).content.decode()
            assert ("yes, that’s it. Until then you read." in page, "<textarea" in page) == (True, False)

    def test_a_removed_participant_gets_the_text_back(
        self, browser: Client, open_session: DialogueSession, alias: Alias
    ) -> None:
        url = address("write", open_session)
        form = fields_of(browser, url)
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        response = browser.post(url, form | {"body": "My story"})
        assert (response.status_code, typed(response.content.decode()).strip()) == (403, "My story")

    def test_strangers_posting(
        self, client_for: ClientFor, open_session: DialogueSession, other_participant: Participant
    ) -> None:
        assert client_for(other_participant).post(address("write", open_session), {"body": "x"}).status_code == 404

    def test_a_listener_can_not_write_in_a_listening_round_by_hand(
        self, client_for: ClientFor, open_session: DialogueSession, listening: Round, listener: User
    ) -> None:
        client, url = client_for(listener), address("write", open_session)
        page = client.get(url)
        assert "you only read" in page.content.decode()
        form = {field.name: str(field.value() or "") for field in page.context["form"].hidden_fields()}
        response = client.post(url, form | {"body": "I must explain"})
        assert "you read. You can’t write" in html.unescape(response.content.decode())
        assert not Comment.objects.exists()

    @pytest.mark.parametrize(
        "body", ["a\0b", "\u202eevil", "x" * 200_000, "\ud800".encode("utf-16", "surrogatepass").decode("latin-1")]
    )
    def test_odd_input(self, browser: Client, open_session: DialogueSession, body: str) -> None:
        url = address("write", open_session)
        assert browser.post(url, fields_of(browser, url) | {"body": body}).status_code in (200, 302)

    def test_queries_of_sending(
        self,
        browser: Client,
        open_session: DialogueSession,
        listening: Round,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        factories.make_comment(listening)  # the thread exists
        url = address("write", open_session)
        form = fields_of(browser, url) | {"body": "My story"}
        with django_assert_num_queries(QUERIES - 4 + 5):  # as the room without its texts; five of the action
            browser.post(url, form)


class TestAnswer:
    @pytest.fixture
    def heard(self, open_session: DialogueSession, seat: ListenerSeat) -> Comment:
        reflecting = next_round(open_session, RoundKind.REFLECTING)
        return factories.make_comment(reflecting, seat=seat, text="What I heard", state="released")

    def test_answer(self, browser: Client, open_session: DialogueSession, heard: Comment) -> None:
        url = address("write", open_session, reply=str(heard.pk))
        assert "What I heard" in browser.get(url).content.decode()
        browser.post(address("write", open_session), fields_of(browser, url) | {"body": "Yes"})
        assert Comment.objects.get(parent=heard).state == "held"
        assert "Your answer to Marcus Hale" in browser.get(address("mine", open_session)).content.decode()

    @pytest.mark.parametrize("reply", ["x", "00000000-0000-0000-0000-000000000000"])
    def test_nothing_there(self, browser: Client, open_session: DialogueSession, heard: Comment, reply: str) -> None:
        page = browser.get(address("write", open_session, reply=reply)).content.decode()
        assert "is not there any more" in page

    def test_taken_back_meanwhile(self, browser: Client, open_session: DialogueSession, heard: Comment) -> None:
        form = fields_of(browser, address("write", open_session, reply=str(heard.pk)))
        Comment.objects.filter(pk=heard.pk).update(state="withdrawn", body=None)
        page = browser.post(address("write", open_session), form | {"body": "Yes"}).content.decode()
        assert "is not there any more" in page
        assert typed(page) == "Yes"


class TestPass:
    def test_in_one_tap(self, browser: Client, open_session: DialogueSession, listening: Round) -> None:
        for _ in range(2):
            page = browser.post(address("pass", open_session), {"round": str(listening.pk)}, follow=True)
        assert "You can still write if you want to." in page.content.decode()
        assert Pass.objects.count() == 1

    @pytest.mark.parametrize("round", ["", "x", "7d4fb0a8-5f0a-4c1e-9a30-0d6f4c9e8b11"])
    def test_stale_page(self, browser: Client, open_session: DialogueSession, round: str) -> None:
        page = browser.post(address("pass", open_session), {"round": round}, follow=True)
        assert "The round has changed." in page.content.decode()
        assert not Pass.objects.exists()

    def test_who_only_reads(
        self, client_for: ClientFor, listener: User, open_session: DialogueSession, listening: Round
    ) -> None:
        page = client_for(listener).post(address("pass", open_session), {"round": str(listening.pk)}, follow=True)
        assert "There is nothing to pass" in page.content.decode()

    def test_team_and_strangers(
        self, client_for: ClientFor, facilitator: User, other_participant: Participant, open_session: DialogueSession
    ) -> None:
        for person in (facilitator, other_participant):
            assert client_for(person).post(address("pass", open_session)).status_code == 404


class TestMine:
    def test_each_state_in_words(
        self, browser: Client, open_session: DialogueSession, listening: Round, alias: Alias, facilitator: User
    ) -> None:
        for state in ("held", "approved", "released", "withdrawn"):
            factories.make_comment(listening, alias, state=state, text=f"My {state} text")
        returned = factories.make_comment(listening, alias, text="My returned text")
        return_comment(returned, version=1, reason="identifies_other", note="Who is Bo?", by=facilitator)
        page = html.unescape(browser.get(address("mine", open_session)).content.decode())
        for words in ("Waiting to be read", "Read and approved", "Released", "You took it back", "Returned to you"):
            assert words in page
        assert "It could show who somebody else is" in page
        assert "Who is Bo?" in page
        assert "My returned text" in page

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(
        self,
        browser: Client,
        open_session: DialogueSession,
        listening: Round,
        alias: Alias,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(rows):
            factories.make_comment(listening, alias)
        # As the room: counted, texts, decisions, team instead of the last three; and if a report asks, or is out.
        with django_assert_num_queries(QUERIES + 3):
            browser.get(address("mine", open_session))

    def test_only_ones_own(
        self, browser: Client, open_session: DialogueSession, listening: Round, other_alias: Alias
    ) -> None:
        factories.make_comment(listening, other_alias, text="Not mine", state="released")
        page = browser.get(address("mine", open_session)).content.decode()
        assert "Not mine" not in page
        assert "You have not written here yet." in page

    @pytest.mark.parametrize("state", ["held", "returning", "approved", "appealed", "proposed"])
    def test_who_was_taken_out_reads_that_nothing_comes_out(
        self, browser: Client, open_session: DialogueSession, listening: Round, alias: Alias, state: str
    ) -> None:
        comment = factories.make_comment(listening, alias, state=state)
        before = html.unescape(browser.get(address("mine", open_session)).content.decode())
        assert "does not come out" not in before
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        page = html.unescape(browser.get(address("mine", open_session)).content.decode())
        assert "You are no longer in this talk, so this text does not come out." in page
        assert reverse("threads:withdraw", args=[comment.pk]) in page
        untrue = ("Waiting to be read", "A facilitator reads it", "with the next batch", "You asked us", "Look at them")
        assert [words for words in untrue if words in page] == []
        assert grade(text_of(page)) <= 6

    @pytest.mark.parametrize("state", ["returned", "upheld"])
    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"state": "follow_up", "closed_at": timezone.now()}, "This talk is over."),
            ({"paused": True, "pause_reason": "A storm."}, "There is a pause: A storm."),
        ],
    )
    def test_a_change_is_offered_only_while_it_is_taken(
        self,
        browser: Client,
        open_session: DialogueSession,
        listening: Round,
        alias: Alias,
        state: str,
        change: dict[str, object],
        why: str,
    ) -> None:
        comment = factories.make_comment(listening, alias, state=state)
        offer = ("You can change it and send it again", reverse("threads:revise", args=[comment.pk]))
        page = html.unescape(browser.get(address("mine", open_session)).content.decode())
        assert all(words in page for words in offer)
        DialogueSession.objects.filter(pk=open_session.pk).update(**change)
        page = html.unescape(browser.get(address("mine", open_session)).content.decode())
        assert [words for words in offer if words in page] == []
        assert f"Nobody else sees it. You can’t change it now. You can take it back. {why}" in page
        assert grade(text_of(page)) <= 6

    def test_after_a_talk_was_called_off(
        self, browser: Client, open_session: DialogueSession, listening: Round, alias: Alias, facilitator: User
    ) -> None:
        factories.make_comment(listening, alias)
        cancel_session(open_session, reason="Storm", by=facilitator)
        page = browser.get(address("mine", open_session)).content.decode()
        assert "This talk was called off, so this text does not come out. You can take it back." in page
        assert ("A facilitator reads it" in page, "in other words" in page) == (False, False)
        assert grade(text_of(page)) <= 6

    def test_a_listener_without_a_seat_reads_it_too(
        self, client_for: ClientFor, open_session: DialogueSession, listening: Round, seat: ListenerSeat
    ) -> None:
        factories.make_comment(listening, seat=seat)
        client = client_for(seat.listener)
        assert "does not come out" not in client.get(address("mine", open_session)).content.decode()
        ListenerSeat.objects.filter(pk=seat.pk).update(state="left")
        assert "so this text does not come out." in client.get(address("mine", open_session)).content.decode()


class TestRevise:
    @pytest.fixture
    def returned(self, listening: Round, alias: Alias, facilitator: User) -> Comment:
        comment = factories.make_comment(listening, alias, text="First\n\nversion")
        return return_comment(comment, version=1, reason="contempt", note="Say it calmly", by=facilitator)

    def url(self, comment: Comment) -> str:
        return reverse("threads:revise", args=[comment.pk])

    def test_the_text_and_the_reason_stand_there(self, browser: Client, returned: Comment) -> None:
        page = browser.get(self.url(returned)).content.decode()
        assert typed(page) == "First\n\nversion"
        assert "Say it calmly" in page

    def test_send_again_twice(self, browser: Client, returned: Comment) -> None:
        form = fields_of(browser, self.url(returned)) | {"body": "Second version"}
        codes = [browser.post(self.url(returned), form).status_code for _ in range(2)]
        returned.refresh_from_db()
        assert (codes, returned.state, returned.version) == ([302, 302], "held", 3)

    def test_taken_out_meanwhile_the_text_comes_back(self, browser: Client, returned: Comment, alias: Alias) -> None:
        form = fields_of(browser, self.url(returned)) | {"body": "Second version"}
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        response = browser.post(self.url(returned), form)
        assert (response.status_code, typed(response.content.decode()).strip()) == (403, "Second version")

    def test_in_a_pause_the_text_comes_back(
        self, browser: Client, returned: Comment, open_session: DialogueSession
    ) -> None:
        form = fields_of(browser, self.url(returned)) | {"body": "Second version"}
        DialogueSession.objects.filter(pk=open_session.pk).update(paused=True, pause_reason="Storm")
        page = browser.post(self.url(returned), form).content.decode()
        assert "Storm" in page
        assert typed(page) == "Second version"

    def test_too_long(self, browser: Client, returned: Comment) -> None:
        form = fields_of(browser, self.url(returned)) | {"body": "x" * (MAX_CHARACTERS + 1)}
        page = browser.post(self.url(returned), form).content.decode()
        assert "1 character too many." in page

    def test_nothing_to_change(
        self, browser: Client, listening: Round, alias: Alias, open_session: DialogueSession
    ) -> None:
        held = factories.make_comment(listening, alias)
        response = browser.get(self.url(held))
        assert (response.status_code, response.headers["Location"]) == (302, address("mine", open_session))

    @pytest.mark.parametrize("who", ["other_participant", "listener", "facilitator"])
    def test_not_somebody_elses(
        self, client_for: ClientFor, returned: Comment, who: str, request: pytest.FixtureRequest
    ) -> None:
        client = client_for(request.getfixturevalue(who))
        form = {"body": "Hijacked", "version": 2}
        assert (client.get(self.url(returned)).status_code, client.post(self.url(returned), form).status_code) == (
            404,
            404,
        )

    def test_a_listener_who_lost_the_seat(
        self, client_for: ClientFor, listener: User, seat: ListenerSeat, open_session: DialogueSession
    ) -> None:
        reflecting = next_round(open_session, RoundKind.REFLECTING)
        mine = factories.make_comment(reflecting, seat=seat, state="returned")
        Pledge.objects.filter(user=listener).delete()
        response = client_for(listener).post(self.url(mine), {"body": "Better", "version": 1})
        assert (response.status_code, typed(response.content.decode()).strip()) == (403, "Better")


class TestWithdraw:
    def url(self, comment: Comment) -> str:
        return reverse("threads:withdraw", args=[comment.pk])

    @pytest.mark.parametrize("state", ["held", "approved", "returned", "appealed", "upheld", "released"])
    @pytest.mark.promise("P6")
    def test_asks_once_then_destroys(
        self, browser: Client, listening: Round, alias: Alias, open_session: DialogueSession, state: str
    ) -> None:
        comment = factories.make_comment(listening, alias, text="Regretted", state=state)
        assert "Regretted" in browser.get(self.url(comment)).content.decode()
        comment.refresh_from_db()
        assert comment.state == state
        for _ in range(2):
            assert browser.post(self.url(comment)).headers["Location"] == address("mine", open_session)
        comment.refresh_from_db()
        assert (comment.state, comment.body) == ("withdrawn", None)

    @pytest.mark.parametrize("who", ["other_participant", "listener", "facilitator"])
    def test_not_somebody_elses(
        self, client_for: ClientFor, listening: Round, alias: Alias, who: str, request: pytest.FixtureRequest
    ) -> None:
        comment = factories.make_comment(listening, alias)
        assert client_for(request.getfixturevalue(who)).post(self.url(comment)).status_code == 404

    def test_a_listener_whose_pledge_ran_out_may_still_take_back(
        self, client_for: ClientFor, listener: User, listening: Round, seat: ListenerSeat
    ) -> None:
        comment = factories.make_comment(listening, seat=seat)
        Pledge.objects.filter(user=listener).delete()
        response = client_for(listener).post(self.url(comment))
        comment.refresh_from_db()
        mine = address("mine", listening.dialogue_session)
        assert (response.headers["Location"], comment.body) == (mine, None)
        assert client_for(listener).get(mine).status_code == 200
        assert client_for(listener).get(address("room", listening.dialogue_session)).status_code == 404

    @pytest.mark.parametrize("change", [{"removed": True}, {"removed": True, "barred": True}])
    def test_somebody_who_was_taken_out_still_takes_back(
        self, client_for: ClientFor, participant: Participant, listening: Round, alias: Alias, change: dict[str, bool]
    ) -> None:
        client = client_for(participant)
        comment = factories.make_comment(listening, alias, text="Mine alone", state="released")
        Alias.objects.filter(pk=alias.pk).update(**change)
        mine = address("mine", listening.dialogue_session)
        assert f'href="{mine}"' in client.get(reverse("sessions:mine")).content.decode()
        page = client.get(mine).content.decode()
        assert ("Mine alone" in page, f'href="{address("room", listening.dialogue_session)}"' in page) == (True, False)
        assert client.post(self.url(comment)).headers["Location"] == mine
        comment.refresh_from_db()
        assert comment.body is None


@pytest.mark.parametrize(
    ("asked", "cursor"),
    [
        ({}, Cursor()),
        ({"after": "3-12"}, Cursor(3, 12)),
        ({"before": "3-12"}, Cursor(3, 12, backwards=True)),
        ({"after": "-1-2"}, Cursor()),
        ({"after": "1-" + "9" * 30}, Cursor()),
    ],
)
def test_cursor(asked: dict[str, str], cursor: Cursor) -> None:
    assert Cursor.read(**asked) == cursor


def test_the_listening_guide_stands_in_the_room_of_listeners_only(
    client_for: ClientFor, participant: Participant, listener: User, facilitator: User, open_session: DialogueSession
) -> None:
    guide = "<summary>How to listen</summary>"
    rooms = [client_for(one).get(address("room", open_session)) for one in (participant, listener, facilitator)]
    assert [guide in room.content.decode() for room in rooms] == [False, True, False]
