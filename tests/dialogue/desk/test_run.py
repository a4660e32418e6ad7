"""The run of a session: what it shows, what can be done from it, and what happens to a page that is stale."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.desk.queries_run import Act, acts, path, run_of, turn_act
from dialogue.messages.actions import answer_message, read_by_team, send_message
from dialogue.sessions.actions_rounds import close_round
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads.actions import pass_round, submit_comment
from dialogue.threads.models import Comment
from dialogue.threads.periods import current_period
from tests import factories
from tests.dialogue.desk.test_views import text_of

pytestmark = pytest.mark.django_db
Browser = Callable[[User | Participant | None], Client]


def titles(session: DialogueSession) -> list[str]:
    session.refresh_from_db()
    return [str(act.title) for act in acts(run_of(session))]


def act(session: DialogueSession, action: str) -> Act:
    session.refresh_from_db()
    run = run_of(session)
    return next(one for one in (*acts(run), turn_act(run)) if one and action in str(one.action))


def take(client: Client, act: Act) -> Any:
    """Press the button of this act on a page that was shown earlier."""
    sent: dict[str, list[str]] = {}
    for name, value in act.fields:
        sent.setdefault(name, []).append(value)
    return client.post(act.url, sent, follow=True)


@pytest.fixture
def page(open_session: DialogueSession) -> str:
    return reverse("desk:run", args=[open_session.pk])


@pytest.fixture
def approved(listening: Round, alias: Alias, other_alias: Alias) -> list[Comment]:
    """A text of each participant, ready to go out."""
    return [factories.make_comment(listening, one, state="approved") for one in (alias, other_alias)]


@pytest.fixture
def dialogue(open_session: DialogueSession, listening: Round) -> Round:
    """The dialogue round, which goes in turns, is on."""
    Round.objects.filter(pk=listening.pk).update(state=Round.State.DONE)
    return factories.make_round(open_session, RoundKind.DIALOGUE)


class TestWhatComesNext:
    def test_what_breaks_a_promise_comes_before_what_is_ready(
        self, open_session: DialogueSession, listening: Round, approved: list[Comment]
    ) -> None:
        assert titles(open_session)[0] == "2 texts of 2 authors are ready"
        held = factories.make_comment(listening, period=current_period())
        assert titles(open_session)[:2] == ["2 texts of 2 authors are ready", "1 text waits to be read"]
        Comment.objects.filter(pk=held.pk).update(period=current_period() - 8)
        assert titles(open_session)[:2] == ["1 text waits to be read", "2 texts of 2 authors are ready"]
        assert "The oldest: Late: about 32 hours (promised: 24 h)." in str(acts(run_of(open_session))[0].text)

    def test_a_private_message_comes_first(
        self, open_session: DialogueSession, approved: list[Comment], alias: Alias
    ) -> None:
        send_message(alias, text="I am not doing well.", kind="distress")
        first = acts(run_of(open_session))[0]
        assert (first.title, first.text) == ("1 private message waits", "Somebody is not doing well.")

    def test_who_is_not_doing_well_comes_first_until_somebody_answers(
        self, open_session: DialogueSession, approved: list[Comment], alias: Alias, facilitator: User
    ) -> None:
        send_message(alias, text="I am not doing well.", kind="distress")
        read_by_team(alias, by=facilitator)
        first, *rest = titles(open_session)
        assert (first, any("private" in one for one in rest)) == (
            "Somebody is not doing well: read, not answered",
            False,
        )
        answer_message(alias, text="Can we call somebody for you?", by=facilitator)
        assert titles(open_session)[0] == "2 texts of 2 authors are ready"

    def test_with_nothing_to_do_one_waits(self, open_session: DialogueSession) -> None:
        expected = ["Round 2 is on: Listening", "Close round 2: Listening", "Hold the session"]
        assert titles(open_session) == expected
        assert acts(run_of(open_session))[0].url == ""

    def test_what_brings_itself_up_to_date_never_tells_of_a_pass(
        self,
        client_for: Browser,
        page: str,
        open_session: DialogueSession,
        dialogue: Round,
        alias: Alias,
        other_alias: Alias,
        facilitator: User,
    ) -> None:
        """Also not when the last one passes. Whoever loads the page anew is told."""
        pass_round(dialogue, seat=open_session.seats.get())
        pass_round(dialogue, alias=alias)
        browser = client_for(facilitator)

        def loaded() -> tuple[str, str]:
            answer = browser.get(page)
            live, still = [answer.context[name] for name in ("next", "also", "path")], answer.context["turn"]
            begin, rest = answer.content.decode().split('<section aria-labelledby="on">')
            part, end = rest.split("</section>", 1)
            assert [still.url in one for one in (begin, part, end)] == [False, True, False]
            assert "data-live-part" not in part
            return str(live), str(still.title)

        before, waited = loaded()
        pass_round(dialogue, alias=other_alias)
        after, over = loaded()
        assert after == before
        assert (waited, over) == ("Not everybody has spoken or passed yet", "All have spoken or passed")

    def test_between_two_rounds(self, open_session: DialogueSession, listening: Round, facilitator: User) -> None:
        factories.make_round(open_session, RoundKind.REFLECTING, Round.State.PLANNED)
        close_round(listening, by=facilitator)
        assert titles(open_session) == [
            "Open round 3: Reflecting",
            "Round 2, Listening, is closed",
            "Skip round 3: Reflecting",
            "Hold the session",
        ]

    def test_at_the_end_the_session_is_closed(self, closing: DialogueSession, facilitator: User) -> None:
        close_round(closing.rounds.get(kind="closing"), by=facilitator)
        first = acts(run_of(closing))[0]
        assert first.title == "Close the session"
        assert first.url == reverse("sessions:move_on", args=[closing.pk]) + "?to=follow_up"

    def test_who_lost_the_seat_waits_for_nobody(
        self, open_session: DialogueSession, listening: Round, seat: ListenerSeat, alias: Alias
    ) -> None:
        """What came out stays counted."""
        for state in ("held", "released"):
            factories.make_comment(listening, seat=seat, state=state)
        assert titles(open_session)[0] == "1 text waits to be read"
        ListenerSeat.objects.filter(pk=seat.pk).update(state=ListenerSeat.State.LEFT)
        assert not any("waits to be read" in one for one in titles(open_session))
        facts = next(row["facts"] for row in path(run_of(open_session)) if row["round"] == listening)
        assert facts == ["1 text is out."]

    def test_on_hold_there_is_one_way_on(
        self, open_session: DialogueSession, listening: Round, approved: list[Comment]
    ) -> None:
        DialogueSession.objects.filter(pk=open_session.pk).update(paused=True, pause_reason="A short break.")
        factories.make_comment(listening, period=current_period())
        assert titles(open_session) == ["The session is on hold", "1 text waits to be read"]

    def test_one_author_waits_for_another(
        self, client_for: Browser, page: str, open_session: DialogueSession, approved: list[Comment], facilitator: User
    ) -> None:
        approved[1].delete()
        assert all("Release" not in str(one.action) for one in acts(run_of(open_session)))
        shown = text_of(client_for(facilitator).get(page))
        assert "1 text of 1 author is ready. A batch with a participant’s text needs texts of at least two" in shown

    def test_one_participants_text_holds_up_nobody_elses(
        self, client_for: Browser, open_session: DialogueSession, dialogue: Round, alias: Alias, facilitator: User
    ) -> None:
        seats = [factories.make_seat(open_session) for _ in range(2)]
        going = [factories.make_comment(dialogue, seat=one, state="approved") for one in seats]
        waits = factories.make_comment(dialogue, alias, state="approved")
        release = act(open_session, "Release 2 texts")
        assert "1 text of one participant waits until another participant’s" in str(release.text)
        assert {value for _name, value in release.fields} == {str(text.pk) for text in going}
        take(client_for(facilitator), release)
        waits.refresh_from_db()
        assert (waits.state, Comment.objects.filter(state="released").count()) == ("approved", 2)

    def test_in_a_closed_round_one_is_not_told_to_wait(
        self, client_for: Browser, page: str, listening: Round, approved: list[Comment], facilitator: User
    ) -> None:
        approved[1].delete()
        close_round(listening, by=facilitator)
        browser = client_for(facilitator)
        shown = text_of(browser.get(page))
        assert ("only if the round is opened again" in shown, "Wait until" in shown) == (True, False)
        factories.make_comment(listening)
        assert "Wait until" in text_of(browser.get(page))


class TestWhoHasSpoken:
    def test_by_name_and_nothing_else(
        self,
        client_for: Browser,
        page: str,
        open_session: DialogueSession,
        listening: Round,
        alias: Alias,
        other_alias: Alias,
        facilitator: User,
    ) -> None:
        third = factories.make_alias(open_session, name="a first name")
        submit_comment(listening, text="Words", alias=other_alias)
        pass_round(listening, alias=third)
        shown = text_of(client_for(facilitator).get(page))
        assert f"{third.name} Has passed" in shown
        assert f"{other_alias.name} Has spoken" in shown
        assert f"{alias.name} Not yet" in shown
        assert "(listener)" not in shown, "no listener may write here"
        assert re.search(r"\bonline|last seen|minutes ago|\bpresent\b", shown) is None
        names = [one.name for one in run_of(open_session).voices]
        assert names == sorted(names), "not by who came or wrote first"

    def test_who_left_or_may_not_write_is_not_named(
        self, open_session: DialogueSession, dialogue: Round, alias: Alias, seat: ListenerSeat
    ) -> None:
        gone = factories.make_alias(open_session)
        Alias.objects.filter(pk=gone.pk).update(tag=None)
        removed = factories.make_alias(open_session, removed=True)
        voices = run_of(open_session).voices
        assert {gone.name, removed.name}.isdisjoint(one.name for one in voices)
        assert [one.name for one in voices if one.is_listener] == [seat.listener.name]
        ListenerSeat.objects.filter(pk=seat.pk).update(heard="")
        assert not any(one.is_listener for one in run_of(open_session).voices)

    def test_a_turn_counts_anew_and_a_pass_stays(
        self, open_session: DialogueSession, dialogue: Round, alias: Alias, other_alias: Alias
    ) -> None:
        submit_comment(dialogue, text="Words", alias=alias)
        pass_round(dialogue, alias=other_alias)
        Round.objects.filter(pk=dialogue.pk).update(turn=2)
        found = {one.name: one.is_waited_for for one in run_of(open_session).voices}
        assert (found[alias.name], found[other_alias.name]) == (True, False)


class TestFromThePage:
    """Each act is taken from a page that was shown before: it works once, and a second time changes nothing."""

    def test_release(
        self,
        client_for: Browser,
        page: str,
        open_session: DialogueSession,
        listening: Round,
        approved: list[Comment],
        facilitator: User,
        peer: User,
    ) -> None:
        stale = act(open_session, "Release")
        assert (stale.post, stale.final, bool(stale.asks)) == (True, True, True)
        later = factories.make_comment(listening, state="approved")  # a colleague approves a third one meanwhile
        answer = take(client_for(facilitator), stale)
        assert answer.redirect_chain == [(page, 302)]
        assert "2 texts went out as one batch." in text_of(answer)
        assert set(Comment.objects.filter(state="released")) == set(approved)
        again = take(client_for(peer), stale)
        assert "There is nothing to release" in text_of(again)
        assert again.redirect_chain == [(page, 302)]
        later.refresh_from_db()
        assert later.state == "approved", "what the page did not list does not go out"

    def test_close_and_undo(
        self,
        client_for: Browser,
        page: str,
        open_session: DialogueSession,
        listening: Round,
        facilitator: User,
        peer: User,
    ) -> None:
        close = act(open_session, "Close this round")
        assert (close.post, close.asks) == (True, ""), "one tap, because it can be undone"
        factories.make_round(open_session, RoundKind.REFLECTING, Round.State.PLANNED)
        assert "The round is closed." in text_of(take(client_for(facilitator), close))
        assert "The agenda has changed meanwhile." in text_of(take(client_for(peer), close))
        undo, forward = act(open_session, "Open it again"), act(open_session, "Open this round")
        assert "The round is on again." in text_of(take(client_for(peer), undo))
        assert "Another round is still on." in text_of(take(client_for(facilitator), forward))
        take(client_for(facilitator), close)
        assert "The round is on." in text_of(take(client_for(facilitator), forward))
        assert "A later round was opened" in text_of(take(client_for(peer), undo))
        assert list(open_session.rounds.order_by("number").values_list("state", flat=True)) == ["done", "done", "open"]

    def test_a_reflecting_round_is_asked_about_and_stays_closed(
        self, client_for: Browser, open_session: DialogueSession, listening: Round, facilitator: User
    ) -> None:
        Round.objects.filter(pk=listening.pk).update(state="done")
        reflecting = factories.make_round(open_session, RoundKind.REFLECTING)
        close = act(open_session, "Close this round")
        assert (close.final, bool(close.asks)) == (True, True)
        take(client_for(facilitator), close)
        assert "Open it again" not in [str(one.action) for one in acts(run_of(open_session))]
        answer = client_for(facilitator).post(reverse("sessions:round_reopen", args=[reflecting.pk]), follow=True)
        assert "A reflecting round stays closed" in text_of(answer)

    def test_the_next_turn(
        self,
        client_for: Browser,
        page: str,
        open_session: DialogueSession,
        dialogue: Round,
        alias: Alias,
        facilitator: User,
        peer: User,
    ) -> None:
        stale = act(open_session, "Open turn 2 without waiting")
        assert (stale.final, bool(stale.asks)) == (True, True)
        answer = take(client_for(facilitator), stale)
        assert answer.redirect_chain == [(page, 302)]
        assert "turn 2" in text_of(answer)
        assert "The next turn was opened in the meantime." in text_of(take(client_for(peer), stale))
        dialogue.refresh_from_db()
        assert dialogue.turn == 2

    def test_hold_and_go_on(
        self, client_for: Browser, page: str, open_session: DialogueSession, facilitator: User, peer: User
    ) -> None:
        hold = act(open_session, "Hold now")
        assert (hold.post, hold.asks) == (True, ""), "one tap, because it can be undone"
        answer = take(client_for(facilitator), hold)
        assert answer.redirect_chain == [(page, 302)]
        assert "The session is on hold A short break. We go on soon." in text_of(answer)
        assert f'action="{hold.url}"' not in answer.content.decode()
        twice = client_for(peer).post(hold.url, {"reason": "Mine."})
        assert (twice.status_code, "Mine." in text_of(twice)) == (200, True), "what was typed is still there"
        open_session.refresh_from_db()
        assert open_session.pause_reason == "A short break. We go on soon."
        go_on = act(open_session, "Go on")
        assert take(client_for(peer), go_on).redirect_chain == [(page, 302)]
        assert "The session is not paused." in text_of(take(client_for(facilitator), go_on))

    def test_hold_is_pressed_twice(
        self, client_for: Browser, open_session: DialogueSession, listening: Round, facilitator: User
    ) -> None:
        hold, browser = act(open_session, "Hold now"), client_for(facilitator)
        take(browser, hold)
        assert "The session is on hold already. Nothing was changed." in text_of(take(browser, hold))

    def test_an_empty_reason_is_asked_for(
        self, client_for: Browser, open_session: DialogueSession, facilitator: User
    ) -> None:
        answer = client_for(facilitator).post(reverse("sessions:pause", args=[open_session.pk]), {"reason": " "})
        assert "Pause the session" in text_of(answer)
        open_session.refresh_from_db()
        assert not open_session.paused

    def test_on_hold_a_stale_page_closes_nothing(
        self, client_for: Browser, open_session: DialogueSession, listening: Round, facilitator: User
    ) -> None:
        close = act(open_session, "Close this round")
        DialogueSession.objects.filter(pk=open_session.pk).update(paused=True, pause_reason="A break.")
        assert "The session is paused. Resume it first." in text_of(take(client_for(facilitator), close))
        listening.refresh_from_db()
        assert listening.state == "open"

    def test_strangers_can_press_nothing(
        self,
        client_for: Browser,
        page: str,
        open_session: DialogueSession,
        approved: list[Comment],
        other_facilitator: User,
        participant: Participant,
        listener: User,
    ) -> None:
        doable = [one for one in acts(run_of(open_session)) if one.post]
        assert len(doable) >= 2
        for person in (other_facilitator, participant, listener):
            client = client_for(person)
            assert client.get(page).status_code == 404
            assert {take(client, one).status_code for one in doable} == {404}

    def test_before_and_after_it_leads_to_the_page_of_the_session(
        self, client_for: Browser, announced: DialogueSession, facilitator: User
    ) -> None:
        answer = client_for(facilitator).get(reverse("desk:run", args=[announced.pk]))
        assert answer.headers["Location"] == reverse("sessions:manage", args=[announced.pk])

    def test_opening_the_session_leads_to_its_run(self, client_for: Browser, facilitator: User, peer: User) -> None:
        session = factories.make_session(State.PREPARING, [facilitator, peer])
        for kind in ("opening", "listening", "closing"):
            factories.make_round(session, RoundKind(kind), Round.State.PLANNED)
        factories.make_seat(session)
        for _number in range(2):
            factories.make_alias(session)
        page = reverse("desk:run", args=[session.pk])
        url = reverse("sessions:move_on", args=[session.pk]) + "?to=open"
        answer = client_for(facilitator).post(url, follow=True)
        assert answer.redirect_chain == [(page, 302)]
        assert "Open round 1: Opening" in text_of(answer)


def test_the_timeline_says_what_came_of_each_round(
    client_for: Browser, page: str, open_session: DialogueSession, listening: Round, alias: Alias, facilitator: User
) -> None:
    for state in ("released", "released", "proposed", "held", "approved"):
        factories.make_comment(listening, alias if state == "approved" else None, state=state)
    factories.make_comment(listening, factories.make_alias(open_session, removed=True))
    factories.make_round(open_session, RoundKind.CLOSING, Round.State.PLANNED)
    shown = text_of(client_for(facilitator).get(page))
    assert "2 texts are out. 1 text of 1 author is ready." in shown
    assert "1 waits to be read. 1 waits for its author’s yes." in shown
    assert shown.index("1. Opening") < shown.index("2. Listening") < shown.index("3. Closing")


@pytest.mark.parametrize("count", [1, 30])
def test_the_run_at_fixed_cost(
    count: int,
    client_for: Browser,
    page: str,
    open_session: DialogueSession,
    dialogue: Round,
    facilitator: User,
    django_assert_num_queries: Any,
) -> None:
    for _number in range(count):
        factories.make_comment(dialogue, period=current_period())
        factories.make_comment(dialogue, state="approved")
        factories.make_seat(open_session)
    client = client_for(facilitator)
    with django_assert_num_queries(9):
        client.get(page)
