"""Notes: written, sealed, changed, deleted, gone after 14 days."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.notes import actions, queries
from dialogue.notes.models import FacilitatorNote
from dialogue.sessions.models import DialogueSession, State
from seeds import vault
from seeds.transitions import NotAllowed
from tests.factories import make_comment, make_round, make_session

CLOSED = datetime(2026, 3, 1, 17, tzinfo=UTC)


def write(session: DialogueSession, by: User, text: str = "Slow down.", **fields: object) -> FacilitatorNote:
    given: dict[str, Any] = {"session": session, "text": text, "shared": False, "by": by} | fields
    return actions.write_note(**given)


def test_a_note_is_sealed_for_its_session(open_session: DialogueSession, facilitator: User) -> None:
    note = write(open_session, facilitator, " Two\r\nlines ")
    stored = FacilitatorNote.objects.get()
    assert b"lines" not in bytes(stored.body)
    assert queries.text_of(stored) == "Two\nlines"
    assert (stored.author, stored.shared, stored.is_closing_note, stored.round, stored.comment) == (
        facilitator,
        False,
        False,
        None,
        None,
    )
    assert list(AuditEvent.objects.values_list("verb", "actor", "dialogue_session", "detail")) == [
        ("write_note", facilitator.pk, note.dialogue_session_id, "new")
    ]
    vault.destroy_key(open_session.pk)
    assert queries.text_of(stored) is None


def test_a_note_is_about_the_session_a_round_or_a_text(open_session: DialogueSession, facilitator: User) -> None:
    held = open_session.rounds.get(state="open")
    comment = make_comment(held)
    notes = [
        write(open_session, facilitator),
        write(open_session, facilitator, round=held),
        write(open_session, facilitator, comment=comment),
    ]
    assert [queries.subject(note) for note in notes] == [
        "The whole session",
        "Round 2: Listening",
        "A text in round 2",
    ]


def test_a_note_is_about_one_thing_of_its_own_session(open_session: DialogueSession, facilitator: User) -> None:
    held = open_session.rounds.get(state="open")
    foreign = make_round(make_session(State.OPEN))
    for subject in (
        {"round": foreign},
        {"comment": make_comment(foreign)},
        {"round": held, "comment": make_comment(held)},
    ):
        with pytest.raises(ValidationError):
            write(open_session, facilitator, **subject)
    assert not FacilitatorNote.objects.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  \r\n ", "Please write something."),
        ("x" * 3001, "1 character too many."),
        ("\U0001f600" * 3000, "This is too long. Please shorten it."),
    ],
)
def test_a_text_must_be_there_and_fit(
    open_session: DialogueSession, facilitator: User, text: str, message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        write(open_session, facilitator, text)
    assert refused.value.messages == [message]
    assert not FacilitatorNote.objects.exists()


def test_only_the_team_writes(
    open_session: DialogueSession, other_facilitator: User, operator: User, listener: User
) -> None:
    for stranger in (other_facilitator, operator, listener):
        with pytest.raises(NotAllowed):
            write(open_session, stranger)
    assert not FacilitatorNote.objects.exists()


def test_only_the_author_changes_and_deletes(open_session: DialogueSession, facilitator: User, peer: User) -> None:
    note = write(open_session, facilitator, shared=True)
    with pytest.raises(NotAllowed):
        actions.edit_note(note, text="Mine now.", shared=True, is_closing_note=False, by=peer)
    with pytest.raises(NotAllowed):
        actions.delete_note(note, by=peer)
    actions.edit_note(note, text="Faster.", shared=False, is_closing_note=True, by=facilitator)
    stored = FacilitatorNote.objects.get()
    assert (queries.text_of(stored), stored.shared, stored.is_closing_note) == ("Faster.", False, True)
    actions.delete_note(stored, by=facilitator)
    assert not FacilitatorNote.objects.exists()
    assert sorted(AuditEvent.objects.values_list("verb", "detail")) == [
        ("write_note", "changed"),
        ("write_note", "deleted"),
        ("write_note", "new"),
    ]


def test_notes_go_14_days_after_closing_and_not_before(facilitator: User) -> None:
    closed = make_session(State.FOLLOW_UP, [facilitator], closed_at=CLOSED, starts_at=CLOSED - timedelta(days=4))
    with time_machine.travel(CLOSED + timedelta(days=13, hours=23), tick=False):
        write(closed, facilitator)
        actions.delete_expired_notes(timezone.now())
        assert FacilitatorNote.objects.count() == 1
    with time_machine.travel(CLOSED + timedelta(days=14), tick=False):
        with pytest.raises(NotAllowed):
            write(closed, facilitator)
        actions.delete_expired_notes(timezone.now())
        assert FacilitatorNote.objects.count() == 0


def test_a_run_that_was_missed_is_made_up_for(facilitator: User, peer: User) -> None:
    now = timezone.now()
    long_closed = make_session(State.FOLLOW_UP, [facilitator], closed_at=now - timedelta(days=1))
    write(long_closed, facilitator)
    cancelled = make_session(State.CANCELLED, [peer], starts_at=now - timedelta(days=9))
    write(cancelled, peer)
    kept = [
        write(make_session(State.OPEN, [facilitator], starts_at=now - timedelta(days=90)), facilitator),
        write(make_session(State.FOLLOW_UP, [facilitator], starts_at=now - timedelta(days=50)), facilitator),
    ]
    kept[1].dialogue_session.closed_at = now + timedelta(days=20)
    kept[1].dialogue_session.save(update_fields=["closed_at"])
    assert actions.delete_expired_notes(now + timedelta(days=30)) == 2
    assert set(FacilitatorNote.objects.all()) == set(kept)


def test_sessions_without_a_closing_note_are_found(facilitator: User, peer: User) -> None:
    with_note = make_session(State.FOLLOW_UP, [facilitator])
    with_other = make_session(State.FOLLOW_UP, [peer])
    write(with_note, facilitator, is_closing_note=True)
    write(with_other, peer)
    assert list(queries.without_closing_note(DialogueSession.objects.all())) == [with_other]
