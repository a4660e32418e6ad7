"""Where the demo is not loaded, and that a load which fails leaves nothing behind."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from accounts.models import Agency, Participant, User
from demo import load as loader
from demo.management.commands.load_demo import Command
from demo.participants import Participants
from dialogue.sessions.models import DialogueSession


def test_a_database_with_other_people_is_left_alone(operator: User, settings: Settings, tmp_path: Path) -> None:
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    with pytest.raises(loader.CannotLoad, match="holds accounts"):
        loader.load()
    assert (list(User.objects.all()), list(tmp_path.glob("demo*"))) == ([operator], [])


def test_it_refuses_outside_the_demo(db: None, settings: Settings, tmp_path: Path) -> None:
    settings.DEMO, settings.DATA_DIR = False, tmp_path
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command(Command())
    assert (User.objects.count(), list(tmp_path.glob("demo*"))) == (0, [])


def test_the_command_says_what_it_did(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = iter([True, False])
    monkeypatch.setattr("demo.management.commands.load_demo.load", lambda: next(outcomes))
    call_command(Command())
    call_command(Command())
    assert capsys.readouterr().out.splitlines() == [
        "The demo is loaded.",
        "The demo was loaded before; nothing was changed.",
    ]


@pytest.mark.django_db(transaction=True)
def test_what_stops_it_leaves_nothing_behind(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO, settings.DATA_DIR = True, tmp_path

    def stop(*_anything: object, **_more: object) -> Participants:
        raise KeyboardInterrupt

    monkeypatch.setattr("demo.load.bring_participants", stop)
    with pytest.raises(KeyboardInterrupt):
        loader.load()
    left = [table.objects.count() for table in (Agency, User, Participant, DialogueSession)]
    assert (left, list(tmp_path.glob("demo*"))) == ([0, 0, 0, 0], [])
