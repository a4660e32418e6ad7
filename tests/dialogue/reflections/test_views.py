"""Pages on which a story is told back, answered, and answers are let out."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Participant, User
from dialogue.reflections.actions import answer_reflection, let_out_answers
from dialogue.reflections.models import Reflection
from dialogue.sessions.models import ListenerSeat, RoundKind
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.models import Comment
from tests import factories
from tests.dialogue.reflections.stage import Stage, at_reflection, close, next_round, tell_back

ClientFor = Callable[[User | Participant | None], Client]
stage = at_reflection
#: Of a participant's room: as in tests/dialogue/threads/test_views.py.
QUERIES = 7


def fields_of(client: Client, url: str) -> dict[str, str]:
    form = client.get(url).context["form"]
    return {field.name: str(field.value() or "") for field in form.hidden_fields()}


def room(stage: Stage) -> str:
    return reverse("threads:room", args=[stage.dialogue_session.pk])


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()


@pytest.fixture
def teller(client_for: ClientFor, participant: Participant) -> Client:
    return client_for(participant)


@pytest.fixture
def hearer(client_for: ClientFor, listener: User) -> Client:
    return client_for(listener)


@pytest.fixture
def lead(client_for: ClientFor, facilitator: User) -> Client:
    return client_for(facilitator)


class TestTheListener:
    def test_chooses_a_story_and_writes(self, hearer: Client, stage: Stage) -> None:
        shown = page(hearer, reverse("reflections:choose", args=[stage.dialogue_session.pk]))
        url = reverse("reflections:write", args=[stage.story.pk])
        assert ("They took my bag." in shown, url in shown) == (True, True)
        sent = hearer.post(url, fields_of(hearer, url) | {"body": "They took your bag."})
        assert sent.headers["Location"] == reverse("reflections:choose", args=[stage.dialogue_session.pk])
        one = Reflection.objects.get()
        assert (one.heard, one.comment.state) == (stage.story, "held")
        after = page(hearer, reverse("reflections:choose", args=[stage.dialogue_session.pk]))
        assert ("Waiting to be read" in after, url in after) == (True, False)

    def test_has_the_listening_guide_at_hand(self, hearer: Client, stage: Stage) -> None:
        choose = reverse("reflections:choose", args=[stage.dialogue_session.pk])
        shown = page(hearer, choose), page(hearer, reverse("reflections:write", args=[stage.story.pk]))
        assert ["<summary>How to listen</summary>" in one for one in shown] == [True, True]

    def test_typed_words_come_back(self, hearer: Client, stage: Stage) -> None:
        url = reverse("reflections:write", args=[stage.story.pk])
        form = fields_of(hearer, url)
        withdraw_comment(stage.story)
        answer = hearer.post(url, form | {"body": "They took your bag."}).content.decode()
        assert ("took it back" in answer, "They took your bag." in answer) == (True, True)

    def test_is_told_why_not(self, hearer: Client, stage: Stage) -> None:
        close(stage.round)
        shown = page(hearer, reverse("reflections:write", args=[stage.story.pk]))
        assert ("between two rounds" in shown, "<textarea" in shown) == (True, False)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(
        self, hearer: Client, stage: Stage, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(rows):
            story = factories.make_comment(stage.story.thread.round, state="released")
            tell_back(stage, story)
        with django_assert_num_queries(10):
            hearer.get(reverse("reflections:choose", args=[stage.dialogue_session.pk]))


class TestTheTeller:
    def test_one_tap_from_the_room(self, teller: Client, stage: Stage) -> None:
        one = tell_back(stage)
        shown = page(teller, room(stage))
        url = reverse("reflections:answer", args=[one.pk])
        assert (f"What I heard in {stage.alias.name}’s story" in shown, shown.count(f'action="{url}"')) == (True, 1)
        assert "A listener told back your story" in shown
        teller.post(url, {"answer": "confirmed"})
        one.refresh_from_db()
        assert (one.answer, one.is_out) == ("confirmed", False)
        assert "A listener told back your story" not in page(teller, room(stage))

    @pytest.mark.parametrize(("body", "texts"), [("", 0), ("It was my kid’s bag.", 1)])
    def test_not_quite_with_words_or_without(self, teller: Client, stage: Stage, body: str, texts: int) -> None:
        one = tell_back(stage)
        url = reverse("reflections:answer", args=[one.pk])
        sent = teller.post(url, fields_of(teller, url) | {"answer": "corrected", "body": body})
        assert sent.status_code == 302
        one.refresh_from_db()
        assert (one.answer, one.comment.replies.filter(alias=stage.alias, state="held").count()) == ("corrected", texts)

    def test_not_quite_after_the_round_takes_no_words(self, teller: Client, stage: Stage) -> None:
        one = tell_back(stage)
        close(stage.round)
        url = reverse("reflections:answer", args=[one.pk])
        assert "<textarea" not in page(teller, url)
        assert teller.post(url, {"answer": "corrected"}).status_code == 302
        one.refresh_from_db()
        assert one.answer == "corrected"

    def test_nobody_else_is_asked(self, client_for: ClientFor, hearer: Client, stage: Stage) -> None:
        one = tell_back(stage, stage.other_story)
        others = factories.make_participant()
        factories.make_alias(stage.dialogue_session, others)
        url = reverse("reflections:answer", args=[one.pk])
        for person in (client_for(others), hearer):
            assert (url in page(person, room(stage)), person.get(url).status_code) == (False, 404)

    @pytest.mark.parametrize("rows", [0, 1, 3])
    def test_the_room_costs_the_same(
        self, teller: Client, stage: Stage, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        factories.make_comment(stage.round, seat=stage.seat, state="released")
        for _ in range(rows):
            tell_back(stage, factories.make_comment(stage.story.thread.round, stage.alias, state="released"))
        with django_assert_num_queries(QUERIES):
            teller.get(room(stage))


class TestTheRoom:
    def test_answers_stand_there_once_they_are_out(self, hearer: Client, stage: Stage) -> None:
        one, two = tell_back(stage), tell_back(stage, stage.other_story)
        answer_reflection(one, answer="corrected", alias=stage.alias)
        answer_reflection(two, answer="confirmed", alias=stage.other_alias)
        said = (f"{stage.alias.name}: Not quite", f"{stage.other_alias.name}: Yes, that’s it")
        before = page(hearer, room(stage))
        assert [words in before for words in said] == [False, False]
        let_out_answers(stage.round, by=stage.facilitator)
        after = page(hearer, room(stage))
        assert [words in after for words in said] == [True, True]

    def test_nothing_tells_a_listener_who_answered(self, hearer: Client, stage: Stage) -> None:
        """Before it is let out, the page is the same whatever was said."""
        one = tell_back(stage)
        session = stage.dialogue_session.pk
        urls = [room(stage), reverse("reflections:choose", args=[session]), reverse("threads:mine", args=[session])]
        drawn = re.compile(r'(<input type="hidden"[^>]* value=)"[^"]*"')
        before = [drawn.sub(r"\1", page(hearer, url)) for url in urls]
        for said in Reflection.Answer.values:
            answer_reflection(one, answer=said, alias=stage.alias)
            assert [drawn.sub(r"\1", page(hearer, url)) for url in urls] == before

    def test_with_the_story_goes_what_was_heard_in_it(self, hearer: Client, stage: Stage) -> None:
        """From the room, and from the page of the listener's own texts."""
        tell_back(stage)
        pages = (room(stage), reverse("threads:mine", args=[stage.dialogue_session.pk]))
        assert ["I heard you." in page(hearer, one) for one in pages] == [True, True]
        withdraw_comment(stage.story)
        for shown in (page(hearer, one) for one in pages):
            assert ("I heard you." in shown, "was taken back, so it is not shown" in shown) == (False, True)

    def test_the_link_leads_to_the_story(self, hearer: Client, stage: Stage) -> None:
        tell_back(stage, stage.other_story)
        shown = page(hearer, f"{room(stage)}?round=2&after=1-1")
        assert ("Nobody called." in shown, "They took my bag." in shown) == (True, False)
        assert "?round=2&amp;after=1-1#said" in page(hearer, room(stage))

    def test_all_see_whom_the_facilitators_let_write(self, hearer: Client, stage: Stage) -> None:
        tell_back(stage)
        note = "Nobody confirmed what Marcus Hale heard."
        assert note not in page(hearer, room(stage))
        ListenerSeat.objects.filter(pk=stage.seat.pk).update(heard="released")
        assert note in page(hearer, room(stage))


class TestTheTeam:
    def test_sees_how_many_answered_and_lets_them_out(self, lead: Client, stage: Stage) -> None:
        one, two = tell_back(stage), tell_back(stage, stage.other_story)
        url = reverse("reflections:let_out", args=[stage.round.pk])
        answer_reflection(one, answer="confirmed", alias=stage.alias)
        assert "at least two participants" in page(lead, url)
        answer_reflection(two, answer="corrected", alias=stage.other_alias)
        shown = page(lead, url)
        assert ("2 of 2" in shown, stage.alias.name in shown, stage.other_alias.name in shown) == (True, False, False)
        assert url in page(lead, reverse("reflections:team", args=[stage.dialogue_session.pk]))
        assert lead.post(url).status_code == 302
        assert set(Reflection.objects.values_list("is_out", flat=True)) == {True}

    @pytest.mark.parametrize("rows", [0, 1, 4])
    def test_the_page_costs_the_same(
        self, lead: Client, stage: Stage, rows: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        again = stage
        for _ in range(rows):
            seat = factories.make_seat(stage.dialogue_session)
            ListenerSeat.objects.filter(pk=seat.pk).update(heard="")
            seat.refresh_from_db()
            tell_back(again, seat=seat)
            tell_back(again, stage.other_story, seat=seat)
            again = stage._replace(round=next_round(stage, RoundKind.REFLECTING))
        close(again.round)
        # account, second factor, session; rounds, what waits in them; is one on, is a story out, tries, listeners
        with django_assert_num_queries(9):
            shown = lead.get(reverse("reflections:team", args=[stage.dialogue_session.pk])).context
        assert [one["waiting"] for one in shown["rounds"]] == [*[2] * rows, 0]
        assert sum("not let out yet" in str(one["refused"]) for one in shown["listeners"]) == rows
        assert len(shown["listeners"]) == rows + 1

    def test_lets_a_listener_write(self, lead: Client, stage: Stage) -> None:
        tell_back(stage)
        url = reverse("reflections:free", args=[stage.seat.pk])
        assert "still on" in page(lead, url)
        close(stage.round)
        let_out_answers(stage.round, by=stage.facilitator)
        assert "This can’t be undone." in page(lead, url)
        lead.post(url)
        stage.seat.refresh_from_db()
        assert stage.seat.heard == "released"
        assert "Nobody confirmed" in page(lead, reverse("reflections:team", args=[stage.dialogue_session.pk]))

    def test_a_refusal_is_said(self, lead: Client, stage: Stage) -> None:
        for name, pk in (("let_out", stage.round.pk), ("free", stage.seat.pk)):
            url = reverse(f"reflections:{name}", args=[pk])
            assert lead.post(url, follow=True).context["messages"]
        assert not Comment.objects.filter(seat=stage.seat).exists()
