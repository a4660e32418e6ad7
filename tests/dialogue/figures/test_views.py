"""The two pages of figures: what they show to whom, empty and full, with the same few queries."""

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Participant, User
from dialogue.feedback.actions import close_questions
from dialogue.sessions.models import DialogueSession, State
from tests import factories
from tests.dialogue.feedback.sheets import answer
from tests.dialogue.figures.test_nobody import session_of, took_part

Browser = Callable[[User | Participant | None], Client]
pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str) -> str:
    return html.unescape(client.get(path).content.decode())


def page(session: DialogueSession) -> str:
    return f"/desk/sessions/{session.pk}/figures/"


def whole(team: list[User], weeks: int = 0) -> DialogueSession:
    """A session in its follow-up of which there is everything to see."""
    session = session_of(0, team, State.FOLLOW_UP)
    answer(session, 6)
    took_part(session, factories.make_round(session, state="done"), wrote=5, passed=1)
    close_questions(session)
    factories.make_commitment(dialogue_session=session)
    later = timedelta(weeks=weeks)
    DialogueSession.objects.filter(pk=session.pk).update(
        starts_at=session.starts_at + later, ends_at=session.ends_at + later
    )
    session.bookings.update(starts_at=session.starts_at + later, ends_at=session.ends_at + later)
    return session


def test_all_of_one_session(client_for: Browser, facilitator: User, peer: User) -> None:
    session = whole([facilitator, peer])
    client = client_for(facilitator)
    text = text_of(client, page(session))
    for finding in (
        "Participants: 6 of 6 say so of each question.",
        "In each round that is over, 5 to 6 of 6 took part",
        "Texts handed in: about 5. Let through: fewer than 5. Came back: fewer than 5",
        "Were texts read in time?",
        "Promises kept 0, running 1, late 0, broken 0",
    ):
        assert f"<h2>{finding}</h2>" in text, finding
    assert page(session) in text_of(client, f"/desk/sessions/{session.pk}/")


@pytest.mark.parametrize("state", [State.DRAFT, State.ANNOUNCED, State.PREPARING, State.CANCELLED])
def test_before_it_opens_the_page_says_when_figures_come(state: State, client_for: Browser, facilitator: User) -> None:
    session = factories.make_session(state, team=[facilitator])
    text = text_of(client_for(facilitator), page(session))
    assert "Nothing can be counted yet." in text
    assert "<table" not in text


def test_each_part_says_when_its_figures_come(client_for: Browser, facilitator: User) -> None:
    session = factories.make_session(State.OPEN, team=[facilitator])
    text = text_of(client_for(facilitator), page(session))
    for words in (
        "The numbers come once the questions are closed",
        "A round shows here once it is over",
        "These numbers come once the session is closed",
        "The first number comes once five texts have been read.",
        "Promises show here once",
    ):
        assert words in text


def test_once_purged_it_says_what_is_gone(client_for: Browser, facilitator: User) -> None:
    session = factories.make_session(State.PURGED, team=[facilitator])
    assert "The words of this session are gone" in text_of(client_for(facilitator), page(session))


def test_over_all_of_one_s_own_sessions(
    client_for: Browser, facilitator: User, peer: User, other_facilitator: User
) -> None:
    mine = [whole([facilitator, peer], weeks) for weeks in (0, 2)]
    other = whole([other_facilitator])
    text = text_of(client_for(facilitator), "/desk/figures/")
    assert all(page(session) in text for session in mine)
    assert page(other) not in text
    assert "<h2>96 of 96 answers of participants say “mostly” or “very much”</h2>" in text
    assert "<h2>Of 12 times that people were asked, they wrote or passed at least 10 times</h2>" in text
    assert "<h2>Promises kept 0, running 2, late 0, broken 0</h2>" in text
    assert "None of your sessions has begun" in text_of(client_for(factories.make_facilitator()), "/desk/figures/")


@pytest.mark.parametrize("many", [1, 5])
def test_queries_over_all(many: int, client_for: Browser, facilitator: User, django_assert_num_queries: Any) -> None:
    for number in range(many):
        whole([facilitator], number)
    client = client_for(facilitator)
    with django_assert_num_queries(14):
        client.get("/desk/figures/")


@pytest.mark.parametrize("rounds", [1, 7])
def test_queries_of_one(rounds: int, client_for: Browser, facilitator: User, django_assert_num_queries: Any) -> None:
    session = whole([facilitator])
    for _ in range(rounds):
        took_part(session, factories.make_round(session, state="done"), wrote=3, passed=3)
        factories.make_commitment(dialogue_session=session)
    client = client_for(facilitator)
    with django_assert_num_queries(14):
        client.get(page(session))
