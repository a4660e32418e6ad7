"""Reasons and batches."""

from uuid import uuid4

import pytest

from dialogue.moderation.models import Reason
from dialogue.moderation.policies import LONGEST_NOTE, READY_NOTES, authors_of, reasons_for, release_refusal
from dialogue.sessions.models import DialogueSession, State
from dialogue.threads.models import Comment
from seeds import vault


def test_some_reasons_are_not_for_everybody() -> None:
    assert Reason.INTERROGATION not in reasons_for(Comment())
    seat_id = Comment().pk
    assert reasons_for(Comment(seat_id=seat_id)) == [reason for reason in Reason if reason != Reason.NOT_READ]


def test_every_reason_but_the_open_one_has_a_ready_note() -> None:
    assert {reason for reason in Reason if not READY_NOTES[reason]} == {Reason.OTHER}
    assert all(len(str(note)) <= LONGEST_NOTE for note in READY_NOTES.values())
    assert LONGEST_NOTE < vault.MAX_TEXT


@pytest.mark.parametrize(
    ("state", "paused", "participants", "listeners", "may"),
    [
        (State.OPEN, False, 2, 0, True),
        (State.OPEN, False, 2, 1, True),
        (State.OPEN, False, 0, 2, True),
        (State.FOLLOW_UP, False, 2, 0, True),
        (State.OPEN, False, 1, 0, False),
        (State.OPEN, False, 1, 1, False),
        (State.OPEN, False, 1, 5, False),
        (State.OPEN, False, 0, 1, False),
        (State.OPEN, False, 0, 0, False),
        (State.OPEN, True, 2, 0, False),
        *[(state, False, 2, 0, False) for state in State if state not in (State.OPEN, State.FOLLOW_UP)],
    ],
)
@pytest.mark.promise("P8")
def test_what_may_go_out(state: State, paused: bool, participants: int, listeners: int, may: bool) -> None:
    dialogue_session = DialogueSession(state=state, paused=paused)
    refused = release_refusal(dialogue_session, participants=participants, listeners=listeners)
    assert (refused is None) == may


def test_authors_are_counted_once_each() -> None:
    alias, other, seat = uuid4(), uuid4(), uuid4()
    texts = [Comment(alias_id=alias), Comment(alias_id=alias), Comment(alias_id=other), Comment(seat_id=seat)]
    assert authors_of(texts) == {"participants": 2, "listeners": 1}
    assert authors_of([]) == {"participants": 0, "listeners": 0}
