"""What an operator sees of the work that nobody sees."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from pyrage import x25519
from pytest_django import Settings

from accounts.models import Participant, User
from dialogue.retention.health import Work, upkeep_tasks, works
from dialogue.retention.key_backup import renew_keys
from dialogue.retention.models import Upkeep
from dialogue.retention.scrub import scrub
from dialogue.retention.upkeep import note_done
from dialogue.sessions.models import DialogueSession
from seeds import vault
from tests import factories
from tests.racing import end_other_connections
from tests.reading import text_of

Browser = Callable[[User | Participant | None], Client]
PAGE = "/operator/upkeep/"
KIND = Upkeep.Kind


def noted(kind: Upkeep.Kind, ago: timedelta) -> datetime:
    """That this work was done some time ago."""
    note_done(kind, changes=-1)
    moment = timezone.now() - ago
    Upkeep.objects.filter(kind=kind).update(done_at=moment)
    return moment


@pytest.mark.django_db
def test_before_anything_ran_all_is_late_but_what_nobody_wants(client_for: Browser, operator: User) -> None:
    assert works(timezone.now()) == [
        Work(KIND.SCRUB, None, is_late=True),
        Work(KIND.RETENTION, None, is_late=True),
        Work(KIND.BACKUP, None, is_late=False, is_wanted=False),
    ]
    page = text_of(client_for(operator).get(PAGE).content.decode())
    assert page.count("never done so far") == 3
    assert "No backups are written: BACKUP_RECIPIENT is not set." in page
    assert "Nothing is wrong with them." in page
    assert [task.number for task in upkeep_tasks()] == [2, 0, 0]


@pytest.mark.django_db
def test_each_kind_has_its_own_patience(settings: Settings) -> None:
    settings.BACKUP_RECIPIENT = "age1..."
    fresh = {
        KIND.SCRUB: noted(KIND.SCRUB, timedelta(minutes=110)),
        KIND.RETENTION: noted(KIND.RETENTION, timedelta(minutes=110)),
        KIND.BACKUP: noted(KIND.BACKUP, timedelta(hours=35)),
    }
    assert works(timezone.now()) == [Work(kind, fresh[kind], is_late=False) for kind in fresh]
    assert [work.is_late for work in works(timezone.now() + timedelta(hours=2))] == [True, True, True]


@pytest.mark.django_db(transaction=True)
def test_a_clean_up_is_not_late_when_nothing_changed() -> None:
    end_other_connections()
    factories.make_participant()
    scrub()
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert works(timezone.now())[0].is_late is False
        factories.make_participant()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
        assert works(timezone.now())[0].is_late is True


@pytest.mark.django_db
def test_what_the_database_lacks_is_on_the_page_and_among_the_tasks(client_for: Browser, operator: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE dialogue_comment ALTER COLUMN body SET STORAGE EXTENDED")
    page = text_of(client_for(operator).get(PAGE).content.decode())
    assert "dialogue_comment.body is not stored plain." in page
    assert "ALTER TABLE dialogue_comment ALTER COLUMN body SET STORAGE PLAIN" in page
    assert [task.number for task in upkeep_tasks()] == [2, 0, 1]
    assert 'href="/operator/upkeep/"' in client_for(operator).get("/operator/").content.decode()


@pytest.mark.django_db
def test_the_copy_of_the_keys_in_its_three_states(
    client_for: Browser, operator: User, draft: DialogueSession, settings: Settings, tmp_path: Path
) -> None:
    client = client_for(operator)
    assert "KEY_BACKUP_RECIPIENT is not set." in text_of(client.get(PAGE).content.decode())
    settings.KEY_BACKUP_RECIPIENT = str(x25519.Identity.generate().to_public())
    settings.KEY_BACKUP_DIR = tmp_path / "key-backup"
    assert "Behind It holds other keys than the site." in text_of(client.get(PAGE).content.decode())
    renew_keys()
    assert "Copy of the sessions’ keys\nIn order" in text_of(client.get(PAGE).content.decode())
    vault.key_file(draft.pk).unlink()
    assert "Behind It holds other keys than the site." in text_of(client.get(PAGE).content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_at_a_fixed_cost(
    count: int, client_for: Browser, operator: User, django_assert_num_queries: Any, settings: Settings
) -> None:
    settings.BACKUP_RECIPIENT = "age1..."
    for kind in list(KIND)[:count]:
        noted(kind, timedelta(0))
    client = client_for(operator)
    with django_assert_num_queries(12):
        client.get(PAGE)
