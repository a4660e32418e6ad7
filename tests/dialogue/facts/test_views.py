"""The pages of the facts: reading, answering in one tap, writing down; and that nothing shows before five."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.facts import wording
from dialogue.facts.actions import close_facts, take_position
from dialogue.facts.models import Fact
from dialogue.sessions.models import DialogueSession, State
from tests import factories, reading
from tests.dialogue.facts.test_actions import WORDS, make_fact, say, statements

Browser = Callable[[User | Participant | None], Client]
LINK = "https://county.example/report"
NOTHING_YET = "Participants: no number shows yet. It takes five new answers."


def list_of(dialogue_session: DialogueSession) -> str:
    return reverse("facts:read", args=[dialogue_session.pk])


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


@pytest.fixture
def fact(open_session: DialogueSession) -> Fact:
    return make_fact(open_session, source_url=LINK)


@pytest.mark.django_db
class TestReading:
    def test_is_reached_from_the_room_and_the_teams_page(
        self, fact: Fact, client_for: Browser, participant: Participant, listener: User, facilitator: User
    ) -> None:
        held = fact.dialogue_session
        for person in (participant, listener, facilitator):
            assert list_of(held) in page(client_for(person), reverse("threads:room", args=[held.pk]))
        assert list_of(held) in page(client_for(facilitator), reverse("sessions:manage", args=[held.pk]))

    def test_a_link_off_the_site_is_not_for_participants(
        self, fact: Fact, client_for: Browser, participant: Participant, listener: User, facilitator: User
    ) -> None:
        seen = {
            name: page(client_for(person), list_of(fact.dialogue_session))
            for name, person in (("p", participant), ("l", listener), ("f", facilitator))
        }
        assert {name: LINK in html for name, html in seen.items()} == {"p": False, "l": True, "f": True}
        assert all(WORDS["source"] in html for html in seen.values())

    def test_what_is_written_stands_there_as_text(
        self, open_session: DialogueSession, client_for: Browser, participant: Participant
    ) -> None:
        make_fact(open_session, statement="<script>alert(1)</script> holds.", source='"><b>us</b>')
        html = page(client_for(participant), list_of(open_session))
        assert "<script>alert" not in html
        assert "<b>us" not in html

    def test_four_show_nothing_to_anybody_and_five_all(
        self, fact: Fact, client_for: Browser, participant: Participant, listener: User, facilitator: User
    ) -> None:
        clients = [client_for(person) for person in (participant, listener, facilitator)]

        def views() -> list[str]:
            texts = (page(client, list_of(fact.dialogue_session)) for client in clients)
            return [re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text) for text in texts]

        before = views()
        assert all(NOTHING_YET in html for html in before)
        say(fact, "agreed", "agreed", "disputed", "agreed")
        assert views() == before
        say(fact, "unknown")
        sentence = "Of 5 participants: 3 say it is so, 1 says it is not so, 1 does not know."
        assert [sentence in html for html in views()] == [True] * 3

    @pytest.mark.parametrize("count", [1, 8])
    def test_cost(
        self,
        open_session: DialogueSession,
        client_for: Browser,
        participant: Participant,
        listener: User,
        count: int,
        django_assert_num_queries: Any,
    ) -> None:
        for number in range(count):
            fact = make_fact(open_session, statement=f"Statement {number}.")
            take_position(fact, position="agreed", by=listener)
        theirs, ours = client_for(participant), client_for(listener)
        with django_assert_num_queries(9):  # who, known sessions, name; path, facts, counts, positions, seats, marks
            theirs.get(list_of(open_session))
        with django_assert_num_queries(12):
            ours.get(list_of(open_session))

    def test_it_is_plain(self, fact: Fact, client_for: Browser, participant: Participant) -> None:
        client = client_for(participant)
        open_page = reading.text_of(page(client, list_of(fact.dialogue_session)))
        say(fact, *["agreed"] * 5)
        close_facts(fact.dialogue_session)
        closed_page = reading.text_of(page(client, list_of(fact.dialogue_session)))
        assert [grade for grade in map(reading.grade, (open_page, closed_page)) if grade > 6] == []
        assert "The facts are closed. Here is where each side stood." in closed_page


@pytest.mark.django_db
class TestAnswering:
    def test_a_participant_in_one_tap_once(self, fact: Fact, client_for: Browser, participant: Participant) -> None:
        client, address = client_for(participant), reverse("facts:position", args=[fact.pk])
        html = client.post(address, {"position": "agreed"}, follow=True).content.decode()
        assert ("We have counted your answer." in html, "You have answered." in html) == (True, True)
        assert 'name="position"' not in html
        html = client.post(address, {"position": "disputed"}, follow=True).content.decode()
        assert "We have counted your answer before. Nothing was changed." in html

    def test_a_listener_by_name_and_again(self, fact: Fact, client_for: Browser, listener: User) -> None:
        client, address = client_for(listener), reverse("facts:position", args=[fact.pk])
        client.post(address, {"position": "agreed"})
        html = client.post(address, {"position": "unknown"}, follow=True).content.decode()
        assert "Of 1 listener: 1 does not know." in html
        assert re.search(r'value="unknown" aria-pressed="true"', html)
        assert "Marcus Hale" in html

    def test_nobody_else(
        self,
        fact: Fact,
        client_for: Browser,
        facilitator: User,
        operator: User,
        other_participant: Participant,
        other_listener: User,
    ) -> None:
        address = reverse("facts:position", args=[fact.pk])
        for person in (facilitator, operator, other_participant, other_listener):
            assert client_for(person).post(address, {"position": "agreed"}).status_code == 404

    def test_a_stale_page_is_told(self, fact: Fact, client_for: Browser, participant: Participant) -> None:
        close_facts(fact.dialogue_session)
        address = reverse("facts:position", args=[fact.pk])
        html = client_for(participant).post(address, {"position": "agreed"}, follow=True).content.decode()
        assert "This can’t be answered now. Nothing was changed." in html

    def test_before_the_talk_opens_people_read(
        self, announced: DialogueSession, client_for: Browser, participant: Participant
    ) -> None:
        make_fact(announced)
        factories.make_alias(announced, participant)
        html = page(client_for(participant), list_of(announced))
        assert (WORDS["statement"] in html, 'name="position"' in html) == (True, False)


@pytest.mark.django_db
class TestTheTeam:
    def test_writes_down_changes_moves_and_takes_out(
        self, announced: DialogueSession, client_for: Browser, facilitator: User
    ) -> None:
        client, plain = client_for(facilitator), {"statement": "most calls come at night.", "source": "a report"}
        add = reverse("facts:add", args=[announced.pk])
        html = client.post(add, plain | {"source_url": "http://x.example/"}).content.decode()
        assert ("The link must begin with https://." in html, "most calls come at night." in html) == (True, True)
        client.post(add, plain)
        client.post(add, plain | {"statement": "few of them are false alarms."})
        client.post(add, plain)
        first, second = (Fact.objects.get(number=number) for number in (1, 2))
        client.post(reverse("facts:move", args=[second.pk]), {"to": "earlier"})
        client.post(reverse("facts:edit", args=[first.pk]), plain | {"statement": "many come at night."})
        assert statements(announced) == [(1, "few of them are false alarms."), (2, "many come at night.")]
        asked = page(client, reverse("facts:remove", args=[first.pk]))
        assert "goes, and so does all that was said to it, by both sides." in asked
        client.post(reverse("facts:remove", args=[first.pk]))
        assert statements(announced) == [(1, "few of them are false alarms.")]

    def test_is_asked_to_look_where_words_could_show_who_somebody_is(
        self, announced: DialogueSession, client_for: Browser, facilitator: User
    ) -> None:
        client, add = client_for(facilitator), reverse("facts:add", args=[announced.pk])
        words = {"statement": "Calls go to Sergeant Bill Harlow.", "source": "He said so on 555-867-5309."}
        html = client.post(add, words).content.decode()
        assert "Look at it before you save it" in html
        assert ("Harlow" in html, "555-867-5309" in html) == (True, True)
        assert statements(announced) == []
        seen = re.search(r'name="seen" value="([^"]*)"', html)
        assert seen is not None
        client.post(add, words | {"seen": seen[1], "as_is": "1"})
        assert statements(announced) == [(1, words["statement"])]

    def test_is_told_that_words_are_fixed_and_keeps_what_was_typed(
        self, fact: Fact, client_for: Browser, facilitator: User
    ) -> None:
        address = reverse("facts:edit", args=[fact.pk])
        html = client_for(facilitator).post(address, {"statement": "other words.", "source": "us"}).content.decode()
        assert "Take the fact out and write a new one." in html
        assert "other words." in html

    def test_others_find_nothing(self, fact: Fact, client_for: Browser, other_facilitator: User) -> None:
        client = client_for(other_facilitator)
        for name in ("edit", "move", "remove"):
            assert client.post(reverse(f"facts:{name}", args=[fact.pk])).status_code == 404
        assert client.post(reverse("facts:add", args=[fact.dialogue_session_id]), WORDS).status_code == 404

    def test_what_is_over_is_only_read(self, fact: Fact, client_for: Browser, facilitator: User) -> None:
        DialogueSession.objects.update(state=State.CANCELLED, cancel_reason="Too few")
        client = client_for(facilitator)
        assert "Write a fact down" not in page(client, list_of(fact.dialogue_session))
        html = client.post(reverse("facts:move", args=[fact.pk]), {"to": "later"}, follow=True).content.decode()
        assert "can’t be changed now" in html


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, NOTHING_YET),
        ({"agreed": 5, "disputed": 0, "unknown": 0}, "Of 5 participants: 5 say it is so."),
        (
            {"agreed": 1, "disputed": 2, "unknown": 7},
            "Of 10 participants: 1 says it is so, 2 say it is not so, 7 do not know.",
        ),
    ],
)
def test_sentences(counts: dict[str, int], sentence: str) -> None:
    assert wording.of_participants(counts) == sentence


def test_sentences_of_listeners() -> None:
    assert wording.of_listeners({}) == "No listener has said anything yet."
    assert wording.of_listeners({"agreed": 2, "unknown": 1}) == "Of 3 listeners: 2 say it is so, 1 does not know."
