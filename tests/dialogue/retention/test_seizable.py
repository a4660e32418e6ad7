"""What a search would yield: the figures are right, and no word, name or key is among them."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts import pickup
from accounts.models import OutreachPartner, Participant, User, today
from accounts.team.actions import make_cards
from dialogue.moderation.actions import return_comment
from dialogue.moderation.models import ProposedEdit, Reason
from dialogue.notes.actions import write_note
from dialogue.retention.seizable import Line, Part, report
from dialogue.sessions.models import Alias, DialogueSession, Round, State
from dialogue.threads.actions import withdraw_comment
from seeds import vault
from tests import factories
from tests.racing import end_other_connections

ClientFor = Callable[[User | Participant | None], Client]
MARKER = "Zanzibar"


def figures(title: str) -> dict[str, int | str]:
    """The lines of one part, without their remarks."""
    part = next(part for part in report() if part.title == title)
    return {line.what: line.number for line in part.lines}


@pytest.fixture
def talk(open_session: DialogueSession, listening: Round, alias: Alias, facilitator: User) -> DialogueSession:
    """One session with words of every kind, and another one whose key is gone. Every word is a marker."""
    for _ in range(3):
        factories.make_comment(listening, alias, state="released", text=MARKER)
    returned = factories.make_comment(listening, alias, text=MARKER)
    return_comment(returned, version=1, reason=Reason.CONTEMPT, note=MARKER, by=facilitator)
    withdraw_comment(factories.make_comment(listening, alias, text=MARKER))
    write_note(session=open_session, text=MARKER, shared=False, by=facilitator)
    proposed = factories.make_comment(listening, alias, state="proposed", text=MARKER)
    edit = ProposedEdit(comment=proposed, comment_version=1, proposed_by=facilitator)
    edit.body = vault.seal(open_session.pk, edit.pk, MARKER)
    edit.save()
    over = factories.make_session(State.FOLLOW_UP)
    last = factories.make_round(over, state="done")
    for _ in range(2):
        factories.make_comment(last, text=MARKER, state="released")
    Alias.objects.filter(dialogue_session=over).update(tag=None)
    vault.destroy_key(over.pk)
    return open_session


@pytest.mark.django_db
def test_words_are_counted_by_whether_anybody_can_read_them(talk: DialogueSession) -> None:
    readable, lost = "readable with the keys on this disk", "readable by nobody any more"
    assert figures("Sealed words") == {
        f"texts, {readable}": 5,
        f"texts, {lost}": 2,
        f"notes to authors, {readable}": 1,
        f"notes to authors, {lost}": 0,
        f"words proposed, {readable}": 1,
        f"words proposed, {lost}": 0,
        f"reasons for them, {readable}": 0,
        f"reasons for them, {lost}": 0,
        f"facilitators' notes, {readable}": 1,
        f"facilitators' notes, {lost}": 0,
        "texts taken back": 1,
    }


@pytest.mark.django_db
def test_people_and_cards(talk: DialogueSession, partner: OutreachPartner, operator: User) -> None:
    make_cards(partner=partner, count=8, by=operator)
    found = figures("Participants")
    assert {what: found[what] for what in found if what != "people with a name"} == {
        "accounts": 4,
        "drawn names with a tag": 2,
        "drawn names without a tag": 2,
        "unused cards": 8,
    }
    assert found["people with a name"] == User.objects.count()


@pytest.mark.django_db
def test_keys_of_sessions_and_those_left_over(talk: DialogueSession) -> None:
    vault.create_key(factories.make_agency().pk)  # of no session
    assert figures("Keys of sessions") == {
        "key files on this disk": 2,
        "of them for no session that is known": 1,
        "sessions without a key": 1,
        "keys in the sealed copy": 0,
    }


@pytest.mark.django_db
def test_rows_by_table_with_who_may_read_them(talk: DialogueSession) -> None:
    said = next(part for part in report() if part.title == "Rows: What is said")
    assert said == Part(
        "Rows: What is said",
        [
            Line("dialogue_comment", 8, "session, staff"),
            Line("dialogue_pass", 0, "staff"),
            Line("dialogue_reflection", 0, "session"),
            Line("dialogue_moderationdecision", 1, "session, staff"),
            Line("dialogue_proposededit", 1, "session, staff"),
            Line("dialogue_facilitatornote", 1, "staff"),
            Line("dialogue_quote", 0, "session"),
        ],
    )


@pytest.mark.django_db
def test_what_is_in_memory(client_for: ClientFor, participant: Participant, facilitator: User) -> None:
    client_for(participant)
    client_for(facilitator)
    pickup.leave(uuid4(), b"cards", lock=pickup.lock_of({}), seconds=60)  # type: ignore[arg-type]
    assert figures("In Redis' memory") == {"web sessions": 2, "files and new cards that wait for one person": 1}


@pytest.mark.django_db
def test_logs_and_backups(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.BACKUP_DIR = tmp_path, tmp_path
    (tmp_path / "postgres.log").write_text("x" * 30)
    (tmp_path / "redis.log").write_text("x" * 12)
    for days in (0, 3):
        (tmp_path / f"seeds-{today() - timedelta(days=days)}.age").write_bytes(b"sealed")
    assert figures("Logs") == {"files in the data folder": 2, "bytes in them": 42}
    assert figures("Backups") == {"backups on this disk": 2, "age of the oldest in days": 3}


@pytest.mark.django_db(transaction=True)
def test_whether_rows_changed_since_the_last_clean_up(participant: Participant) -> None:
    end_other_connections()
    call_command("scrub", "--force", stdout=io.StringIO())
    assert figures("What PostgreSQL remembers") == {
        "files of the write-ahead log": "?",  # the application's role may not look, and the report goes on
        "rows changed since the last clean-up": "no",
    }
    factories.make_participant()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    assert figures("What PostgreSQL remembers")["rows changed since the last clean-up"] == "yes"


@pytest.mark.django_db
def test_the_command_prints_numbers_and_no_content(talk: DialogueSession, alias: Alias, facilitator: User) -> None:
    out = io.StringIO()
    call_command("seizable", stdout=out)
    words = out.getvalue()
    assert words.startswith("What a search of this server would find today. In numbers only.\n")
    assert "       5  texts, readable with the keys on this disk\n" in words
    never = (MARKER, alias.name, facilitator.name, facilitator.email, str(talk.pk), talk.title)
    assert [secret for secret in never if secret in words] == []
