"""Every role does everything in every state of a session, through the real actions, against a table by hand."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Role, User, today
from dialogue.acknowledgments.actions import save_draft, submit_acknowledgment
from dialogue.acknowledgments.actions_answers import answer_acknowledgment, count_answers
from dialogue.acknowledgments.models import PARTS, Acknowledgment, GateAnswer
from dialogue.messages.actions import answer_message, send_message
from dialogue.moderation.actions import approve_comment, release_batch, return_comment
from dialogue.moderation.actions_appeals import ask_again, overturn_return, uphold_return
from dialogue.moderation.actions_edits import propose_words, take_words
from dialogue.moderation.models import ProposedEdit
from dialogue.sessions.actions_aliases import join_session
from dialogue.sessions.actions_objections import object_to, settle_objection
from dialogue.sessions.actions_rounds import close_round, open_round
from dialogue.sessions.actions_seats import apply_for_seat, place_listener
from dialogue.sessions.models import ListenerSeat, Round, RoundKind, State
from dialogue.sessions.models_objections import Objection
from dialogue.threads.actions import pass_round, revise_comment, submit_comment, withdraw_comment
from dialogue.threads.actions_turns import open_next_turn
from dialogue.threads.models import Comment
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories

#: In which states it can be done; `+` = during a pause.
STATES = ("draft", "announced", "announced+", "preparing", "open", "open+", "follow_up", "cancelled", "purged")
TABLE = """
#                          draft announced announced+ preparing open open+ follow_up cancelled purged
participant       write    no    no        no         no        yes  no    no        no        no
participant       reply    no    no        no         no        yes  no    no        no        no
participant       pass     no    no        no         no        yes  no    no        no        no
participant       withdraw yes   yes       yes        yes       yes  yes   yes       yes       yes
participant       revise   no    no        no         no        yes  no    no        no        no
participant       appeal   no    no        no         no        yes  no    yes       no        no
participant       take     no    no        no         no        yes  no    yes       no        no
participant       answer   no    yes       yes        yes       no   no    no        no        no
participant       object   no    yes       yes        yes       no   no    no        no        no
participant       message  no    yes       yes        yes       yes  yes   yes       no        no
participant       join     no    yes       no         yes       no   no    no        no        no
listener          write    no    no        no         no        yes  no    no        no        no
listener          reply    no    no        no         no        yes  no    no        no        no
listener          pass     no    no        no         no        yes  no    no        no        no
listener          withdraw yes   yes       yes        yes       yes  yes   yes       yes       yes
listener          revise   no    no        no         no        yes  no    no        no        no
listener          appeal   no    no        no         no        yes  no    yes       no        no
listener          first    no    yes       yes        yes       no   no    no        no        no
listener          count    no    no        no         no        no   no    no        no        no
listener          apply    no    yes       no         yes       no   no    no        no        no
listener          place    no    no        no         no        no   no    no        no        no
listener          open     no    no        no         no        no   no    no        no        no
listener          turn     no    no        no         no        no   no    no        no        no
listener          close    no    no        no         no        no   no    no        no        no
facilitator       apply    no    no        no         no        no   no    no        no        no
facilitator       place    no    yes       no         yes       no   no    no        no        no
facilitator       count    no    yes       yes        yes       no   no    no        no        no
facilitator       settle   no    yes       yes        yes       no   no    no        no        no
facilitator       reply_to no    yes       yes        yes       yes  yes   yes       no        no
facilitator       approve  yes   yes       yes        yes       yes  yes   yes       yes       yes
facilitator       return   yes   yes       yes        yes       yes  yes   yes       yes       yes
facilitator       propose  no    no        no         no        yes  yes   yes       no        no
facilitator       overturn yes   yes       yes        yes       yes  yes   yes       yes       yes
facilitator       uphold   yes   yes       yes        yes       yes  yes   yes       yes       yes
facilitator       release  no    no        no         no        yes  no    yes       no        no
facilitator       open     no    no        no         no        yes  no    no        no        no
facilitator       turn     no    no        no         no        yes  no    no        no        no
facilitator       close    no    no        no         no        yes  no    no        no        no
other_facilitator count    no    no        no         no        no   no    no        no        no
other_facilitator settle   no    no        no         no        no   no    no        no        no
other_facilitator reply_to no    no        no         no        no   no    no        no        no
other_facilitator approve  no    no        no         no        no   no    no        no        no
other_facilitator return   no    no        no         no        no   no    no        no        no
other_facilitator propose  no    no        no         no        no   no    no        no        no
other_facilitator overturn no    no        no         no        no   no    no        no        no
other_facilitator uphold   no    no        no         no        no   no    no        no        no
other_facilitator release  no    no        no         no        no   no    no        no        no
other_facilitator apply    no    no        no         no        no   no    no        no        no
other_facilitator place    no    no        no         no        no   no    no        no        no
other_facilitator open     no    no        no         no        no   no    no        no        no
other_facilitator turn     no    no        no         no        no   no    no        no        no
other_facilitator close    no    no        no         no        no   no    no        no        no
operator          apply    no    no        no         no        no   no    no        no        no
operator          place    no    no        no         no        no   no    no        no        no
operator          open     no    no        no         no        no   no    no        no        no
operator          turn     no    no        no         no        no   no    no        no        no
operator          close    no    no        no         no        no   no    no        no        no
"""
ROWS = [(role, act, cells) for role, act, *cells in map(str.split, TABLE.strip().splitlines()[1:])]


class Scene:
    """A session in one state, in which nothing but the state and the role stand in the way."""

    def __init__(self, state: str, role: str) -> None:
        paused = {"paused": True, "pause_reason": "Storm"} if state.endswith("+") else {}
        team = [factories.make_facilitator(), factories.make_facilitator(is_peer=True)]
        starts_at = timezone.now() + timedelta(days=60)
        self.session = factories.make_session(State(state.rstrip("+")), team, starts_at=starts_at, **paused)
        factories.make_round(self.session, RoundKind.OPENING, Round.State.DONE)
        factories.make_round(self.session, RoundKind.LISTENING, Round.State.DONE)
        self.round = factories.make_round(self.session, RoundKind.DIALOGUE)
        self.alias, self.seat = factories.make_alias(self.session), factories.make_seat(self.session)
        self.role, self.peer = role, team[1]
        self.by = self._somebody(team[0])

    def _somebody(self, lead: User) -> User:
        others = {"other_facilitator": Role.FACILITATOR, "operator": Role.OPERATOR}
        if self.role in others:
            return factories.make_user(others[self.role])
        return self.seat.listener if self.role == "listener" else lead

    @property
    def author(self) -> dict[str, object]:
        return {"alias": self.alias} if self.role == "participant" else {"seat": self.seat}

    def do_write(self) -> None:
        submit_comment(self.round, text="Words", **self.author)  # type: ignore[arg-type]

    def do_reply(self) -> None:
        parent = factories.make_comment(self.round, state="released")
        submit_comment(self.round, text="Words", parent=parent, **self.author)  # type: ignore[arg-type]

    def do_withdraw(self) -> None:
        withdraw_comment(factories.make_comment(self.round, state="released", **self.author))  # type: ignore[arg-type]

    def _text(self, state: str = "held", **fields: object) -> Comment:
        return factories.make_comment(self.round, state=state, **(self._written | fields))  # type: ignore[arg-type]

    @property
    def _written(self) -> dict[str, object]:
        """By whom a text is that something is done with."""
        return self.author if self.role in ("participant", "listener") else {}

    def _returned(self) -> Comment:
        """By the colleague of who acts."""
        return return_comment(self._text(), version=1, reason="contempt", by=self.peer)

    def _appealed(self) -> Comment:
        returned = self._returned()
        Comment.objects.filter(pk=returned.pk).update(state="appealed", period=1)
        return Comment.objects.get(pk=returned.pk)

    def do_revise(self) -> None:
        revise_comment(self._returned(), text="Other words", version=2)

    def do_appeal(self) -> None:
        ask_again(self._returned(), version=2)

    def do_take(self) -> None:
        comment = self._text(state="proposed", version=2)
        edit = ProposedEdit(comment=comment, comment_version=1, proposed_by=self.peer)
        edit.body = vault.seal(self.session.pk, edit.pk, "Other words")
        edit.save()
        take_words(comment, version=2)

    def do_approve(self) -> None:
        approve_comment(self._text(), version=1, by=self.by)

    def do_return(self) -> None:
        return_comment(self._text(), version=1, reason="contempt", by=self.by)

    def do_propose(self) -> None:
        propose_words(self._text(), version=1, text="Other words", note="Why", by=self.by)

    def do_overturn(self) -> None:
        overturn_return(self._appealed(), version=2, by=self.by)

    def do_uphold(self) -> None:
        uphold_return(self._appealed(), version=2, by=self.by)

    def do_release(self) -> None:
        for _ in range(2):
            self._text(state="approved")
        release_batch(self.round, by=self.by)

    def do_join(self) -> None:
        join_session(factories.make_participant(), self.session, name="Calm Brook")

    def do_apply(self) -> None:
        person = factories.make_listener() if self.role == "listener" else self.by
        if person.agency:
            self.session.agencies.add(person.agency)
        apply_for_seat(person, self.session)

    def do_place(self) -> None:
        ListenerSeat.objects.filter(pk=self.seat.pk).update(state="applied", decided_by=None, decided_on=None)
        place_listener(ListenerSeat.objects.get(pk=self.seat.pk), by=self.by)

    def _asked(self) -> Acknowledgment:
        """A complete first move of somebody who asks for a seat, answered by enough of those here."""
        seat = factories.make_seat(self.session, state=ListenerSeat.State.APPLIED)
        parts = dict.fromkeys(PARTS, "Words")
        asked = Acknowledgment.objects.create(
            seat=seat, state="complete", checked_by=self.session.created_by, checked_on=today(), **parts
        )
        for _ in range(self.session.answers_needed):
            alias = factories.make_alias(self.session)
            GateAnswer.objects.create(acknowledgment=asked, alias=alias, answer="enough")
        return asked

    def do_first(self) -> None:
        seat = factories.make_seat(self.session, state=ListenerSeat.State.APPLIED)
        submit_acknowledgment(save_draft(seat, parts=dict.fromkeys(PARTS, "Words")))

    def do_answer(self) -> None:
        answer_acknowledgment(self._asked(), alias=self.alias, answer="not_yet")

    def do_count(self) -> None:
        count_answers(self._asked(), by=self.by)

    def do_object(self) -> None:
        object_to(self.alias, seat=self.seat)

    def do_settle(self) -> None:
        room = self.alias.dialogue_session
        objection = Objection.objects.create(dialogue_session=room, alias=self.alias, seat=self.seat)
        settle_objection(objection, upheld=True, by=self.by)

    def do_message(self) -> None:
        send_message(self.alias, text="Words", kind="question")

    def do_reply_to(self) -> None:
        answer_message(self.alias, text="Words", by=self.by)

    def do_open(self) -> None:
        Round.objects.filter(pk=self.round.pk).update(state="planned")
        open_round(Round.objects.get(pk=self.round.pk), by=self.by)

    def do_turn(self) -> None:
        open_next_turn(self.round, without_waiting=True, by=self.by)

    def do_close(self) -> None:
        close_round(self.round, by=self.by)

    def act(self, name: str) -> str:
        """yes = done; no = refused."""
        try:
            getattr(self, f"do_{name}")()
        except (NotAllowed, PermissionDenied):
            return "no"
        return "yes"

    def do_pass(self) -> None:
        pass_round(self.round, **self.author)  # type: ignore[arg-type]


def test_the_table_knows_every_state() -> None:
    assert {state.rstrip("+") for state in STATES} == set(State.values)
    assert tuple(TABLE.strip().splitlines()[0].split()[1:]) == STATES


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "act", "cells"), ROWS)
def test_walk(role: str, act: str, cells: list[str]) -> None:
    assert {state: Scene(state, role).act(act) for state in STATES} == dict(zip(STATES, cells, strict=True))
