"""Since you were here: told within a visit, from numbers of batches, and kept nowhere but in the web session."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.sessions.models import Alias, DialogueSession, Round, RoundKind
from dialogue.threads.models import Comment
from tests import factories

ClientFor = Callable[[User | Participant | None], Client]
HEADING = "Since you were here"
BADGE = '<span class="badge">New</span>'


@pytest.fixture
def room(open_session: DialogueSession) -> str:
    return reverse("threads:room", args=[open_session.pk])


def come_out(round: Round, batch: int, text: str, **more: Any) -> Comment:
    """A batch of one text."""
    return factories.make_comment(round, state="released", batch=batch, text=text, **more)


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


class TestSinceYouWereHere:
    def test_the_first_look_of_a_visit_tells_nothing(
        self, client_for: ClientFor, participant: Participant, room: str, listening: Round
    ) -> None:
        come_out(listening, 1, "First words")
        page = read(client_for(participant), room)
        assert (HEADING in page, BADGE in page) == (False, False)

    def test_a_later_batch_is_told_once_and_marked(
        self, client_for: ClientFor, participant: Participant, room: str, listening: Round
    ) -> None:
        come_out(listening, 1, "First words")
        client = client_for(participant)
        read(client, room)
        come_out(listening, 2, "Second words")
        page = read(client, room)
        assert HEADING in page
        assert page.count(BADGE) == 1
        marked = page.partition('id="new"')[2]
        assert "Second words" in marked
        assert "First words" not in marked
        assert 'href="#new"' in page
        again = read(client, room)
        assert (HEADING in again, BADGE in again) == (False, False)

    def test_an_answer_to_an_old_text_is_marked_where_it_stands(
        self, client_for: ClientFor, participant: Participant, room: str, listening: Round
    ) -> None:
        old = come_out(listening, 1, "First words")
        client = client_for(participant)
        read(client, room)
        come_out(listening, 2, "An answer to it", parent=old)
        page = read(client, room)
        assert page.count(BADGE) == 1
        assert "First words" not in page.partition('id="new"')[2]

    def test_one_s_own_text_is_not_news(
        self, client_for: ClientFor, participant: Participant, alias: Alias, room: str, listening: Round
    ) -> None:
        client = client_for(participant)
        read(client, room)
        come_out(listening, 1, "My own words", alias=alias)
        assert BADGE not in read(client, room)

    def test_another_round_stays_news_until_it_is_read(
        self, client_for: ClientFor, listener: User, room: str, open_session: DialogueSession, listening: Round
    ) -> None:
        client = client_for(listener)
        read(client, room)
        come_out(listening, 1, "Words of the round before")
        listening.state = Round.State.DONE
        listening.save(update_fields=["state"])
        factories.make_round(open_session, RoundKind.REFLECTING)
        for _ in range(2):
            page = read(client, room)
            assert "New texts in round 2: Listening" in page
        way = f"{room}?round=2&amp;after=0-999999999#said"
        assert f'href="{way}"' in page
        there = read(client, way.partition("#")[0].replace("&amp;", "&"))
        assert "Words of the round before" in there
        assert BADGE in there
        assert HEADING not in read(client, room)

    def test_a_new_visit_knows_nothing_of_the_last_one(
        self, client_for: ClientFor, participant: Participant, room: str, listening: Round
    ) -> None:
        """What somebody has read would tell when they were here; so it goes with the visit."""
        read(client_for(participant), room)
        come_out(listening, 1, "First words")
        assert HEADING not in read(client_for(participant), room)

    def test_looking_again_writes_nothing(
        self, client_for: ClientFor, participant: Participant, room: str, listening: Round
    ) -> None:
        come_out(listening, 1, "First words")
        client = client_for(participant)
        read(client, room)
        response = client.get(room)
        assert response.wsgi_request.session.modified is False
