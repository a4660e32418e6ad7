"""One wrong clock, or one odd row, must not destroy what people rely on, nor keep the rest from being deleted."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Participant
from dialogue.retention import clock, tasks
from dialogue.sessions.models import DialogueSession, State
from seeds import vault
from tests import factories


@pytest.mark.parametrize("jump", [timedelta(days=4), timedelta(days=1500), -timedelta(hours=2), -timedelta(days=900)])
def test_a_clock_that_jumped_deletes_nothing_until_an_operator_vouches_for_it(
    participant: Participant, time_machine: Any, settings: Settings, tmp_path: Path, jump: timedelta
) -> None:
    settings.BACKUP_DIR = str(tmp_path)
    settings.BACKUP_RECIPIENT = ""
    session = factories.make_session(State.FOLLOW_UP)
    old_backup = tmp_path / "seeds-2020-01-01.age"
    old_backup.write_bytes(b"sealed")
    clock.run(timezone.now())
    there = timezone.now() + jump
    time_machine.move_to(there)
    for task in (tasks.delete_what_is_due, tasks.back_up_daily):
        with pytest.raises(clock.ClockJumped):
            task()
    session.refresh_from_db()
    assert (session.state, vault.key_file(session.pk).exists(), old_backup.exists()) == (State.FOLLOW_UP, True, True)
    assert Participant.objects.filter(pk=participant.pk).exists()
    with pytest.raises(CommandError, match="Nothing was deleted"):
        call_command("delete_due", "--today=2001-01-01")
    call_command("delete_due", f"--today={there:%Y-%m-%d}", stdout=io.StringIO())
    tasks.delete_what_is_due()


def test_a_pause_of_days_is_made_up_for(db: None, time_machine: Any) -> None:
    clock.run(timezone.now())
    closed_at = timezone.now() - timedelta(days=80)
    session = factories.make_session(State.FOLLOW_UP, starts_at=closed_at - timedelta(days=4), closed_at=closed_at)
    DialogueSession.objects.filter(pk=session.pk).update(purge_on=timezone.now().date())
    time_machine.move_to(timezone.now() + timedelta(days=2, hours=23))
    tasks.delete_what_is_due()
    session.refresh_from_db()
    assert (session.state, vault.key_file(session.pk).exists()) == (State.PURGED, False)


def test_a_session_that_can_not_be_read_does_not_stop_the_others(db: None) -> None:
    """Such as one in a zone that the machine's list of zones has dropped."""
    odd, other = factories.make_session(State.FOLLOW_UP), factories.make_session(State.FOLLOW_UP)
    clock.run(timezone.now())
    DialogueSession.objects.filter(pk=odd.pk).update(time_zone="Nowhere/X")
    with pytest.raises(clock.NotAllDone):
        clock.run(timezone.now() + timedelta(days=80))
    other.refresh_from_db()
    assert (other.state, vault.key_file(other.pk).exists()) == (State.PURGED, False)


def test_a_session_that_is_called_off_keeps_its_names_for_two_weeks_more(participant: Participant) -> None:
    planned = timezone.now()
    session = factories.make_session(State.OPEN, starts_at=planned - timedelta(days=3))
    alias = factories.make_alias(session, participant)
    for days, tagged in ((15, True), (29, True), (31, False)):
        clock.run(planned + timedelta(days=days))
        alias.refresh_from_db()
        assert (alias.tag is not None) is tagged
