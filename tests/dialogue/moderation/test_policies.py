"""Reasons and batches."""

from uuid import uuid4

import pytest

from dialogue.moderation.models import Reason
from dialogue.moderation.policies import (
    LONGEST_NOTE,
    READY_NOTES,
    authors_of,
    reasons_for,
    release_refusal,
    split_ready,
    too_few,
    waits_behind,
)
from dialogue.sessions.models import DialogueSession, RoundKind, State
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


@pytest.mark.parametrize(
    ("kind", "participants", "listeners", "going", "left"),
    [
        (RoundKind.DIALOGUE, 1, 2, 2, 2),
        (RoundKind.REFLECTING, 1, 1, 1, 2),
        (RoundKind.DIALOGUE, 1, 1, 3, 0),
        (RoundKind.DIALOGUE, 2, 1, 5, 0),
        (RoundKind.DIALOGUE, 0, 2, 2, 0),
        (RoundKind.LISTENING, 1, 0, 2, 0),
    ],
)
@pytest.mark.promise("P8")
def test_a_lone_participant_holds_up_nobody_and_is_never_in_the_batch(
    kind: RoundKind, participants: int, listeners: int, going: int, left: int
) -> None:
    aliases = [uuid4() for _ in range(participants)]
    texts = [Comment(alias_id=alias) for alias in aliases * 2] + [Comment(seat_id=uuid4()) for _ in range(listeners)]
    goes, waits = split_ready(texts, kind)
    assert (len(goes), len(waits)) == (going, left)
    assert {text.pk for text in goes} | {text.pk for text in waits} == {text.pk for text in texts}
    alone = authors_of(goes)["participants"] == 1
    refused = release_refusal(DialogueSession(state=State.OPEN), kind=kind, over=False, **authors_of(goes))
    assert (refused is not None) == alone


def test_nobody_is_told_to_wait_where_nothing_follows() -> None:
    for participants, listeners in ((1, 0), (0, 1)):
        assert "Wait until" in str(too_few(participants=participants, listeners=listeners))
        over = str(too_few(participants=participants, listeners=listeners, over=True))
        assert ("Wait until" in over, "only if the round is opened again" in over) == (False, True)
    assert "waits until another" in waits_behind(1, over=False)
    assert "only if the round is opened again" in waits_behind(2, over=True)
    assert too_few(participants=2, listeners=0, over=True) is None
