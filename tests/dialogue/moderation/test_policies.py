"""Reasons and batches."""

import pytest

from dialogue.moderation.models import Reason
from dialogue.moderation.policies import LONGEST_NOTE, READY_NOTES, reasons_for, release_refusal
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
    ("state", "paused", "texts", "authors", "may"),
    [
        (State.OPEN, False, 2, 2, True),
        (State.FOLLOW_UP, False, 2, 2, True),
        (State.OPEN, False, 5, 1, False),
        (State.OPEN, False, 0, 0, False),
        (State.OPEN, True, 2, 2, False),
        *[(state, False, 2, 2, False) for state in State if state not in (State.OPEN, State.FOLLOW_UP)],
    ],
)
def test_what_may_go_out(state: State, paused: bool, texts: int, authors: int, may: bool) -> None:
    refused = release_refusal(DialogueSession(state=state, paused=paused), texts=texts, authors=authors)
    assert (refused is None) == may
