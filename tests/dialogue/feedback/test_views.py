"""The pages of the questions: for whom, when, what they take, and that no page shows what fewer than five said."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.feedback.actions import close_questions
from dialogue.feedback.questions import ITEMS
from dialogue.sessions.models import DialogueSession, State
from dialogue.tallies.models import Tally, TallyMark
from tests import factories, reading
from tests import test_urls as by_address
from tests.dialogue.feedback.sheets import answer, seated
from tests.url_table import ROWS, VIEWERS

Browser = Callable[[User | Participant | None], Client]
people, targets = by_address.people, by_address.targets
TOO_FEW = "Too few people answered. So no number shows."
FORM = 'name="free"'
EVERY_ITEM = {item.key: "5" for item in ITEMS}


def sheet(dialogue_session: DialogueSession) -> str:
    return reverse("feedback:sheet", args=[dialogue_session.pk])


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return str(response.content.decode())


def end(dialogue_session: DialogueSession) -> None:
    like = factories.make_session(State.FOLLOW_UP)
    DialogueSession.objects.filter(pk=dialogue_session.pk).update(state=State.FOLLOW_UP, closed_at=like.closed_at)
    DialogueSession.objects.filter(pk=like.pk).delete()


@pytest.mark.django_db
class TestTheSheet:
    @pytest.mark.parametrize("side", ["participant", "listener"])
    def test_is_found_answered_once_and_then_says_so(
        self, closing: DialogueSession, client_for: Browser, request: pytest.FixtureRequest, side: str
    ) -> None:
        client = client_for(request.getfixturevalue(side))
        assert sheet(closing) in page(client, reverse("threads:room", args=[closing.pk]))
        assert page(client, sheet(closing)).count('type="radio"') == 8 * 6
        answered = client.post(sheet(closing), {"free": "5", "equal": "1", "share": ""}, follow=True)
        html = answered.content.decode()
        assert "Thank you. We have counted your answers." in html
        assert "They can’t be changed, since no one knows which are yours." in html
        assert sheet(closing) not in page(client, reverse("threads:room", args=[closing.pk]))
        assert FORM not in html
        again = client.post(sheet(closing), {"free": "1"}, follow=True).content.decode()
        assert "We have counted your answers before. Nothing was changed." in again
        assert TallyMark.objects.count() == 1

    def test_each_side_reads_its_own_words(
        self, closing: DialogueSession, client_for: Browser, participant: Participant, listener: User
    ) -> None:
        one, other = (page(client_for(person), sheet(closing)) for person in (participant, listener))
        assert [[str(item.participants) in one, str(item.listeners) in other] for item in ITEMS] == [[True, True]] * 8

    def test_empty_it_counts_nobody_and_says_so(
        self, closing: DialogueSession, client_for: Browser, participant: Participant
    ) -> None:
        client = client_for(participant)
        html = client.post(sheet(closing), dict.fromkeys(EVERY_ITEM, ""), follow=True).content.decode()
        assert "You left everything out, so nothing was counted. You can still answer." in html
        assert (FORM in html, TallyMark.objects.count()) == (True, 0)

    def test_a_wrong_step_comes_back_with_the_rest(
        self, closing: DialogueSession, client_for: Browser, participant: Participant
    ) -> None:
        html = client_for(participant).post(sheet(closing), {"free": "9", "room": "2"}).content.decode()
        assert "Please choose one of the steps." in html
        assert re.search(r'name="room" value="2"[^>]*checked', html)
        assert Tally.objects.count() == 0

    def test_a_stale_page_is_told(
        self, closing: DialogueSession, client_for: Browser, participant: Participant
    ) -> None:
        client = client_for(participant)
        close_questions(closing)
        html = client.post(sheet(closing), EVERY_ITEM, follow=True).content.decode()
        assert "These questions are not open now. Nothing was counted." in html

    def test_before_the_closing_round_nothing_is_asked(
        self, open_session: DialogueSession, client_for: Browser, participant: Participant
    ) -> None:
        client = client_for(participant)
        assert sheet(open_session) not in page(client, reverse("threads:room", args=[open_session.pk]))
        html = page(client, sheet(open_session))
        assert ("There is nothing to do here now." in html, FORM in html) == (True, False)

    def test_the_team_is_not_asked(self, closing: DialogueSession, client_for: Browser, facilitator: User) -> None:
        client = client_for(facilitator)
        assert FORM not in page(client, sheet(closing))
        assert sheet(closing) not in page(client, reverse("threads:room", args=[closing.pk]))
        assert client.post(sheet(closing), EVERY_ITEM).status_code == 404
        assert sheet(closing) in page(client, reverse("sessions:manage", args=[closing.pk]))

    def test_in_the_follow_up_lists_lead_there_until_it_is_answered(
        self, closing: DialogueSession, client_for: Browser, participant: Participant, listener: User
    ) -> None:
        end(closing)
        for person, name in ((participant, "sessions:mine"), (listener, "sessions:seats")):
            client = client_for(person)
            assert sheet(closing) in page(client, reverse(name))
            client.post(sheet(closing), {"free": "4"})
            assert sheet(closing) not in page(client, reverse(name))
        assert sheet(closing) in page(client_for(participant), reverse("sessions:detail", args=[closing.pk]))

    def test_it_is_plain(self, closing: DialogueSession, client_for: Browser, participant: Participant) -> None:
        client = client_for(participant)
        addresses = [sheet(closing), reverse("feedback:of_all")]
        grades = {address: reading.grade(reading.text_of(page(client, address))) for address in addresses}
        client.post(sheet(closing), EVERY_ITEM)
        grades["answered"] = reading.grade(reading.text_of(page(client, sheet(closing))))
        answer(closing, 5)
        close_questions(closing)
        grades |= {f"{name} closed": reading.grade(reading.text_of(page(client, name))) for name in addresses}
        assert {name: grade for name, grade in grades.items() if grade > 6} == {}

    @pytest.mark.parametrize("sessions", [1, 3])
    def test_cost(
        self, client_for: Browser, participant: Participant, sessions: int, django_assert_num_queries: Any
    ) -> None:
        for _ in range(sessions):
            dialogue_session = factories.make_session(State.FOLLOW_UP)
            factories.make_alias(dialogue_session, participant)
        client = client_for(participant)
        with django_assert_num_queries(4):  # the participant, the sessions known, the name, the mark
            client.get(sheet(dialogue_session))


def every_page(client_for: Browser, people: dict[str, Any], targets: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Whatever any viewer gets at any address that is about sessions."""
    for number, viewer in enumerate(VIEWERS):
        client = client_for(people[viewer])
        for row in ROWS:
            if row.cells[number] == "200" and not row.name.startswith(("account", "mfa", "welcome")):
                yield f"{viewer} {row.name}", client.get(reverse(row.name, kwargs=targets[row.target])).content.decode()


@pytest.mark.django_db
class TestNothingLeaks:
    def test_with_four_no_page_shows_a_number_and_with_five_each_that_should(
        self,
        closing: DialogueSession,
        people: dict[str, Any],
        targets: dict[str, dict[str, Any]],
        client_for: Browser,
    ) -> None:
        """A bar or a table of answers would be the only thing on any page with these words."""
        end(closing)
        answer(closing, 4)
        answer(closing, 4, bring=seated)
        seen = {}
        for moment in ("open", "closed with four"):
            seen[moment] = [
                name for name, html in every_page(client_for, people, targets) if "Mostly or very much" in html
            ]
            close_questions(closing)
        assert seen == {"open": [], "closed with four": []}
        assert TOO_FEW in page(client_for(None), reverse("sessions:detail", args=[closing.pk]))

        other = factories.make_session(State.FOLLOW_UP)
        answer(other, 5)
        targets["session"]["pk"] = other.pk
        close_questions(other)
        shown = [name for name, html in every_page(client_for, people, targets) if "5 of 5" in html]
        assert shown == [f"{viewer} {name}" for viewer in VIEWERS for name in ("sessions:detail", "feedback:of_all")]

    def test_nobody_sees_how_many_have_answered(
        self, closing: DialogueSession, client_for: Browser, facilitator: User, participant: Participant
    ) -> None:
        """The page before and after four answers is the same, for the team and for who was counted."""

        def views() -> list[str]:
            return [
                re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page(client_for(person), sheet(closing)))
                for person in (facilitator, participant)
            ]

        before = views()
        answer(closing, 4)
        answer(closing, 4, bring=seated)
        assert views() == before

    def test_what_shows_says_what_was_found_with_n(
        self, closing: DialogueSession, client_for: Browser, facilitator: User
    ) -> None:
        answer(closing, 2, answers={"free": "5", "share": "2"})
        answer(closing, 3, answers={"free": "4", "share": "4"})
        answer(closing, 1, answers={"free": "1"})
        close_questions(closing)
        text = reading.text_of(page(client_for(facilitator), sheet(closing)))
        assert (
            "Participants: most say “I could say what I wanted to say” (5 of 6),"
            " fewest “We found things that we share” (3 of 5)."
        ) in text
        assert "Listeners:" not in text
