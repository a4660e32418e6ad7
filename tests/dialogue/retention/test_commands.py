"""What `manage.py scrub` says."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from dialogue.management.commands import scrub as command
from dialogue.retention.postgres import Finding
from dialogue.retention.scrub import Report, ScrubError
from dialogue.sessions.models import DialogueSession

pytestmark = pytest.mark.django_db(transaction=True)


def said(**options: bool) -> str:
    out = StringIO()
    call_command("scrub", stdout=out, **options)
    return out.getvalue()


def test_it_says_what_was_done_and_does_nothing_twice(open_session: DialogueSession) -> None:
    assert said().startswith("Cleaned up: 4 rows in ")
    assert said() == "Nothing changed since the last clean-up.\n"
    assert said(force=True).startswith("Cleaned up: 4 rows in ")


def test_it_says_what_is_left_for_the_next_time() -> None:
    words = command.told(Report(rows=7, rounds=3, seconds=1.26, closed_seconds=0.04, complete=False))
    assert words == (
        "Cleaned up: 7 rows in 1.3 s, of which pages had to wait 0.0 s.\n"
        "People were writing: their last rows are treated by the next clean-up."
    )


def test_a_server_that_remembers_more_makes_it_fail_after_the_work(
    monkeypatch: pytest.MonkeyPatch, open_session: DialogueSession
) -> None:
    found = [Finding("wal_recycle is on.", "The log would keep it.", "wal_recycle = off")]
    monkeypatch.setattr(command, "findings", lambda _connection: found)
    with pytest.raises(CommandError) as failure:
        said()
    assert str(failure.value) == (
        "This server remembers more than it should:\nwal_recycle is on. The log would keep it.\n  wal_recycle = off"
    )
    monkeypatch.undo()
    assert said() == "Nothing changed since the last clean-up.\n"


def test_what_can_t_be_done_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise ScrubError("seeds may not CHECKPOINT.")

    monkeypatch.setattr(command, "scrub_if_due", refuse)
    with pytest.raises(CommandError, match="seeds may not CHECKPOINT"):
        said()
