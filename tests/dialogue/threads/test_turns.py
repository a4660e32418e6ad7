"""Turns: who is waited for, opening the next one, its page, and two facilitators at once."""

import html
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Participant, Pledge, User
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions_rounds import close_round, open_round
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads.actions import pass_round, submit_comment
from dialogue.threads.actions_turns import open_next_turn
from dialogue.threads.models import Comment
from dialogue.threads.queries_turns import waited_for
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

ClientFor = Callable[[User | Participant | None], Client]


@pytest.fixture
def dialogue(open_session: DialogueSession, listening: Round) -> Round:
    Round.objects.filter(pk=listening.pk).update(state="done")
    return factories.make_round(open_session, RoundKind.DIALOGUE)


def fresh(round: Round) -> Round:
    return Round.objects.select_related("dialogue_session").get(pk=round.pk)


class TestWaitedFor:
    def test_all_who_may_write(self, dialogue: Round, alias: Alias, other_alias: Alias, seat: ListenerSeat) -> None:
        assert waited_for(dialogue) == [*sorted([alias.name, other_alias.name]), seat.listener.name]

    def test_only_listeners_ask(self, dialogue: Round, seat: ListenerSeat) -> None:
        dialogue.kind = RoundKind.CURIOSITY
        assert waited_for(dialogue) == [seat.listener.name]

    @pytest.mark.parametrize("kind", ["opening", "listening", "reflecting", "closing"])
    def test_nobody_where_it_does_not_go_in_turns(self, dialogue: Round, kind: str) -> None:
        dialogue.kind = kind
        assert waited_for(dialogue) == []

    @pytest.mark.parametrize("state", Comment.State)
    def test_not_who_has_spoken(self, dialogue: Round, alias: Alias, state: str) -> None:
        """As for the limit: what was returned or taken back is not counted."""
        factories.make_comment(dialogue, alias, state=state)
        assert (alias.name in waited_for(dialogue)) is (state in ("returned", "upheld", "withdrawn"))
        dialogue.turn = 2
        assert alias.name in waited_for(dialogue)

    def test_an_answer_is_no_turn(self, dialogue: Round, alias: Alias, other_alias: Alias) -> None:
        said = factories.make_comment(dialogue, other_alias, state="released")
        factories.make_comment(dialogue, alias, parent=said)
        assert alias.name in waited_for(dialogue)

    def test_a_pass_counts_for_all_later_turns(self, dialogue: Round, alias: Alias, seat: ListenerSeat) -> None:
        pass_round(dialogue, alias=alias)
        pass_round(dialogue, seat=seat)
        dialogue.turn = 5
        left = waited_for(dialogue)
        assert alias.name not in left
        assert seat.listener.name not in left

    def test_not_a_listener_who_can_not_write(self, dialogue: Round, seat: ListenerSeat) -> None:
        assert seat.listener.name in waited_for(dialogue)
        ListenerSeat.objects.filter(pk=seat.pk).update(heard="")
        assert seat.listener.name not in waited_for(dialogue)

    def test_not_who_is_gone(self, dialogue: Round, alias: Alias, other_alias: Alias) -> None:
        Alias.objects.filter(pk=alias.pk).update(removed=True)
        Alias.objects.filter(pk=other_alias.pk).update(tag=None)
        Pledge.objects.update(withdrawn_on=timezone.localdate())
        assert waited_for(dialogue) == []


class TestOpening:
    def test_when_all_have_spoken_or_passed(
        self, dialogue: Round, alias: Alias, other_alias: Alias, seat: ListenerSeat, facilitator: User
    ) -> None:
        submit_comment(dialogue, text="Mine", alias=alias)
        submit_comment(dialogue, text="Ours", seat=seat)
        pass_round(dialogue, alias=other_alias)
        with pytest.raises(NotAllowed, match="You have spoken"):
            submit_comment(dialogue, text="More", alias=alias)
        open_next_turn(dialogue, without_waiting=False, by=facilitator)
        assert dialogue.turn == 2
        events = list(AuditEvent.objects.values_list("verb", "actor", "detail"))
        assert events == [("move_round", facilitator.pk, f"{dialogue.number} turn 2")]
        submit_comment(dialogue, text="More", alias=alias)
        submit_comment(dialogue, text="After all", alias=other_alias)

    def test_not_while_somebody_is_waited_for(
        self, dialogue: Round, alias: Alias, seat: ListenerSeat, facilitator: User
    ) -> None:
        submit_comment(dialogue, text="Mine", alias=alias)
        with pytest.raises(NotAllowed, match=r"^2 people have not spoken or passed yet"):
            open_next_turn(dialogue, without_waiting=False, by=facilitator)
        pass_round(dialogue, seat=seat)
        with pytest.raises(NotAllowed, match=r"^1 person has not spoken or passed yet"):
            open_next_turn(dialogue, without_waiting=False, by=facilitator)
        assert (fresh(dialogue).turn, AuditEvent.objects.count()) == (1, 0)

    def test_without_waiting(self, dialogue: Round, facilitator: User) -> None:
        assert open_next_turn(dialogue, without_waiting=True, by=facilitator).turn == 2

    def test_twice_from_one_page(self, dialogue: Round, facilitator: User, peer: User) -> None:
        stale = fresh(dialogue)
        open_next_turn(dialogue, without_waiting=True, by=facilitator)
        with pytest.raises(NotAllowed, match="in the meantime"):
            open_next_turn(stale, without_waiting=True, by=peer)
        assert fresh(dialogue).turn == 2

    @pytest.mark.parametrize("kind", ["opening", "listening", "reflecting", "closing"])
    def test_only_where_it_goes_in_turns(self, dialogue: Round, facilitator: User, kind: str) -> None:
        Round.objects.filter(pk=dialogue.pk).update(kind=kind)
        with pytest.raises(NotAllowed, match="does not go in turns"):
            open_next_turn(fresh(dialogue), without_waiting=True, by=facilitator)

    @pytest.mark.parametrize("state", ["planned", "done", "skipped"])
    def test_only_in_the_open_round(self, dialogue: Round, facilitator: User, state: str) -> None:
        Round.objects.filter(pk=dialogue.pk).update(state=state)
        with pytest.raises(NotAllowed, match="not on"):
            open_next_turn(dialogue, without_waiting=True, by=facilitator)

    def test_not_in_a_pause_nor_afterwards(self, dialogue: Round, facilitator: User) -> None:
        sessions = DialogueSession.objects.filter(pk=dialogue.dialogue_session_id)
        sessions.update(paused=True, pause_reason="Storm")
        with pytest.raises(NotAllowed):
            open_next_turn(fresh(dialogue), without_waiting=True, by=facilitator)
        sessions.update(paused=False, pause_reason="", state=State.FOLLOW_UP, closed_at=timezone.now())
        with pytest.raises(NotAllowed):
            open_next_turn(fresh(dialogue), without_waiting=True, by=facilitator)

    def test_only_by_the_team(self, dialogue: Round, other_facilitator: User, listener: User, operator: User) -> None:
        for by in (other_facilitator, listener, operator):
            with pytest.raises(NotAllowed):
                open_next_turn(dialogue, without_waiting=True, by=by)
        assert fresh(dialogue).turn == 1


class TestPage:
    def test_it_says_who_is_waited_for(
        self, client_for: ClientFor, dialogue: Round, alias: Alias, other_alias: Alias, facilitator: User
    ) -> None:
        pass_round(dialogue, alias=other_alias)
        address = reverse("threads:next_turn", args=[dialogue.pk])
        browser = client_for(facilitator)
        for url in ("threads:room", "sessions:manage"):
            assert address in browser.get(reverse(url, args=[dialogue.dialogue_session_id])).content.decode()
        page = browser.get(address).content.decode()
        assert alias.name in page
        assert "Marcus Hale" in page
        assert other_alias.name not in page
        assert "Open it without waiting" in page
        sent = {"turn": "1", "without_waiting": "True"}
        assert browser.post(address, sent, follow=True).redirect_chain == [
            (reverse("desk:run", args=[dialogue.dialogue_session_id]), 302)
        ]
        assert fresh(dialogue).turn == 2
        again = browser.post(address, sent, follow=True).content.decode()
        assert "The next turn was opened in the meantime." in again
        assert fresh(dialogue).turn == 2

    def test_when_nobody_is(
        self,
        client_for: ClientFor,
        dialogue: Round,
        alias: Alias,
        other_alias: Alias,
        seat: ListenerSeat,
        facilitator: User,
    ) -> None:
        for author in ({"alias": alias}, {"alias": other_alias}, {"seat": seat}):
            submit_comment(dialogue, text="Words", **author)
        browser, address = client_for(facilitator), reverse("threads:next_turn", args=[dialogue.pk])
        response = browser.get(address)
        assert "All who may write have spoken or passed." in response.content.decode()
        assert response.context["form"].initial == {"turn": 1, "without_waiting": False}
        factories.make_alias(dialogue.dialogue_session)  # somebody joined since the page was shown
        refused = browser.post(address, {"turn": "1", "without_waiting": "False"}, follow=True).content.decode()
        assert "1 person has not spoken or passed yet." in refused
        assert fresh(dialogue).turn == 1

    @pytest.mark.parametrize("sent", [{}, {"turn": "0"}, {"turn": "x"}, {"turn": "99999999"}])
    def test_what_no_page_sends(
        self, client_for: ClientFor, dialogue: Round, facilitator: User, sent: dict[str, str]
    ) -> None:
        address = reverse("threads:next_turn", args=[dialogue.pk])
        page = client_for(facilitator).post(address, sent | {"without_waiting": "True"}, follow=True).content.decode()
        assert "Nothing was changed. Please look again." in page
        assert fresh(dialogue).turn == 1

    def test_a_round_without_turns(self, client_for: ClientFor, listening: Round, facilitator: User) -> None:
        browser, address = client_for(facilitator), reverse("threads:next_turn", args=[listening.pk])
        page = browser.get(address).content.decode()
        assert "There is no turn to open." in page
        assert "without_waiting" not in page
        room = reverse("threads:room", args=[listening.dialogue_session_id])
        assert address not in browser.get(room).content.decode()

    def test_others_do_not_post(
        self, client_for: ClientFor, dialogue: Round, participant: Participant, listener: User, other_facilitator: User
    ) -> None:
        address = reverse("threads:next_turn", args=[dialogue.pk])
        for person in (participant, listener, other_facilitator):
            answer = client_for(person).post(address, {"turn": "1", "without_waiting": "True"})
            assert answer.status_code == 404
        assert fresh(dialogue).turn == 1


class TestThinkFirst:
    def test_opening_a_round_starts_the_minutes(
        self, open_session: DialogueSession, dialogue: Round, facilitator: User
    ) -> None:
        Round.objects.filter(pk=dialogue.pk).update(state="planned", turn=4, think_minutes=20)
        round = open_round(fresh(dialogue), by=facilitator)
        assert round.opened_at is not None
        assert timezone.now() - round.opened_at < timedelta(minutes=1)
        assert fresh(dialogue).turn == 1

    def test_a_text_sent_too_early_comes_back(
        self, client_for: ClientFor, dialogue: Round, participant: Participant, alias: Alias
    ) -> None:
        browser = client_for(participant)
        room, write = (reverse(f"threads:{name}", args=[dialogue.dialogue_session_id]) for name in ("room", "write"))
        fields = {field.name: str(field.value() or "") for field in browser.get(write).context["form"].hidden_fields()}
        Round.objects.filter(pk=dialogue.pk).update(think_minutes=20, opened_at=timezone.now())
        page = html.unescape(browser.post(write, fields | {"body": "Too early"}).content.decode())
        assert "Take some time to think first. You can write from " in page
        assert "Too early</textarea>" in page
        assert not Comment.objects.exists()
        shown = browser.get(room).content.decode()
        assert "Take some time to think first." in shown
        assert (f'href="{write}"' in shown, "Pass</button>" in shown) == (False, True)
        assert "Take some time to think first." in browser.get(write).content.decode()
        assert pass_round(dialogue, alias=alias).alias == alias
        Round.objects.filter(pk=dialogue.pk).update(opened_at=timezone.now() - timedelta(minutes=20))
        assert f'href="{write}"' in browser.get(room).content.decode()
        assert browser.post(write, fields | {"body": "In time"}).status_code == 302

    @pytest.mark.parametrize(
        ("typed", "kept"), [("45", 45), ("0", 0), ("", 0), ("240", 240), ("241", None), ("-1", None)]
    )
    def test_the_minutes_are_set_in_the_agenda(
        self, client_for: ClientFor, open_session: DialogueSession, facilitator: User, typed: str, kept: int | None
    ) -> None:
        planned = factories.make_round(open_session, RoundKind.LISTENING, "planned")
        factories.make_round(open_session, RoundKind.CLOSING, "planned")
        browser = client_for(facilitator)
        address = reverse("sessions:round_edit", args=[planned.pk])
        assert "Minutes to think first" in browser.get(address).content.decode()
        sent = {"kind": "listening", "prompt": "What happened?", "think_minutes": typed}
        assert browser.post(address, sent).status_code == (200 if kept is None else 302)
        assert fresh(planned).think_minutes == (kept or 0)
        add = reverse("sessions:round_add", args=[open_session.pk])
        assert browser.post(add, sent | {"before": str(planned.pk)}).status_code == (200 if kept is None else 302)
        added = open_session.rounds.filter(prompt="What happened?").exclude(pk=planned.pk)
        assert [round.think_minutes for round in added] == ([] if kept is None else [kept])


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_facilitators_open_one_turn(self, dialogue: Round, facilitator: User, peer: User) -> None:
        seen = [fresh(dialogue) for _ in range(4)]
        people = (facilitator, peer, facilitator, peer)
        results = at_once(
            *(partial(open_next_turn, one, without_waiting=True, by=by) for one, by in zip(seen, people, strict=True))
        )
        assert sorted(type(result).__name__ for result in results) == ["NotAllowed"] * 3 + ["Round"]
        assert (fresh(dialogue).turn, AuditEvent.objects.count()) == (2, 1)

    def test_two_facilitators_close_one_round(self, dialogue: Round, facilitator: User, peer: User) -> None:
        seen = [fresh(dialogue), fresh(dialogue)]
        results = at_once(partial(close_round, seen[0], by=facilitator), partial(close_round, seen[1], by=peer))
        assert sorted(type(result).__name__ for result in results) == ["NotAllowed", "Round"]
        assert (fresh(dialogue).state, AuditEvent.objects.count()) == ("done", 1)

    @pytest.mark.parametrize("attempt", range(4))
    def test_a_text_is_in_before_the_round_closes_or_not_at_all(
        self, dialogue: Round, alias: Alias, other_alias: Alias, facilitator: User, attempt: int
    ) -> None:
        closing = fresh(dialogue)
        one, two, closed = at_once(
            partial(submit_comment, dialogue, text="Mine", alias=alias),
            partial(submit_comment, dialogue, text="Ours", alias=other_alias),
            partial(close_round, closing, by=facilitator),
        )
        assert isinstance(closed, Round)
        assert fresh(dialogue).state == "done"
        for text in (one, two):
            assert type(text) in (Comment, NotAllowed)
        kept = {text.pk for text in (one, two) if isinstance(text, Comment)}
        assert set(Comment.objects.values_list("pk", flat=True)) == kept
        with pytest.raises(NotAllowed):
            submit_comment(dialogue, text="Late", alias=alias)

    def test_nobody_speaks_twice_in_a_turn(self, dialogue: Round, alias: Alias) -> None:
        results = at_once(*[partial(submit_comment, dialogue, text="Words", alias=alias)] * 4)
        assert sorted(type(result).__name__ for result in results) == ["Comment"] + ["NotAllowed"] * 3
        assert Comment.objects.count() == 1
