"""What an operator sees of the work that nobody sees."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from smtplib import SMTPResponseException
from typing import Any

import pytest
import redis
import time_machine
from django.conf import settings as settings_of_site
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pyrage import x25519
from pytest_django import Settings

from accounts.models import OutreachPartner, Participant, User
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.planning import plan_reminders
from dialogue.reminders.post import NoServer, NotTaken, Post
from dialogue.reminders.sending import send_due
from dialogue.retention.health import Work, parts_from_notes, upkeep_tasks, works
from dialogue.retention.key_backup import renew_keys
from dialogue.retention.models import Upkeep
from dialogue.retention.probes import Found, ask, redis_server
from dialogue.retention.scrub import scrub
from dialogue.retention.tasks import sign_of_life
from dialogue.retention.upkeep import note_done
from dialogue.sessions.models import DialogueSession, State
from seeds import vault
from tests import factories
from tests.racing import end_other_connections
from tests.reading import text_of

Browser = Callable[[User | Participant | None], Client]
PAGE = "/operator/upkeep/"
MONITOR = "/health/"
BEHIND = "Copy of the sessions’ keys\nBehind"
KIND = Upkeep.Kind
ROOT = Path(__file__).parents[3]


def noted(kind: Upkeep.Kind, ago: timedelta) -> datetime:
    """That this work was done some time ago."""
    note_done(kind, changes=-1)
    moment = timezone.now() - ago
    Upkeep.objects.filter(kind=kind).update(done_at=moment)
    return moment


def installed(ago: timedelta) -> None:
    """That the site was installed some time ago."""
    MigrationRecorder(connection).migration_qs.update(applied=timezone.now() - ago)


@pytest.mark.django_db
def test_what_never_ran_is_late_once_it_has_had_its_time(
    client_for: Browser, operator: User, settings: Settings
) -> None:
    def late() -> list[bool]:
        return [work.is_late for work in works(timezone.now())]

    installed(timedelta(hours=1))
    assert late() == [False, False, False]
    settings.BACKUP_RECIPIENT = "age1..."
    page = text_of(client_for(operator).get(PAGE).content.decode())
    assert page.count("In order its first turn is still to come") == 3
    installed(timedelta(hours=3))
    assert late() == [True, True, False]
    installed(timedelta(hours=37))
    assert late() == [True, True, True]


@pytest.mark.django_db
def test_before_anything_ran_all_is_late_but_what_nobody_wants(client_for: Browser, operator: User) -> None:
    installed(timedelta(days=2))
    assert works(timezone.now()) == [
        Work(KIND.SCRUB, None, is_late=True),
        Work(KIND.RETENTION, None, is_late=True),
        Work(KIND.BACKUP, None, is_late=False, is_wanted=False),
    ]
    page = text_of(client_for(operator).get(PAGE).content.decode())
    assert page.count("never done so far") == 3
    assert "No backups are written: BACKUP_RECIPIENT is not set." in page
    assert "The database’s settings\nIn order" in page
    assert [task.number for task in upkeep_tasks()] == [
        4,
        0,
    ]  # with beat, of which there was no sign, and the settings of tests


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


def count_now() -> None:
    """PostgreSQL adds what this connection changed to its counters a second late, unless it is told not to wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")


@pytest.mark.django_db(transaction=True)
def test_a_clean_up_is_not_late_when_nothing_changed() -> None:
    end_other_connections()
    factories.make_participant()
    count_now()
    scrub()
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert works(timezone.now())[0].is_late is False
        factories.make_participant()
        count_now()
        assert works(timezone.now())[0].is_late is True


@pytest.mark.django_db
def test_what_the_database_lacks_is_on_the_page_and_among_the_tasks(client_for: Browser, operator: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE dialogue_comment ALTER COLUMN body SET STORAGE EXTENDED")
    page = text_of(client_for(operator).get(PAGE).content.decode())
    assert "dialogue_comment.body is not stored plain." in page
    assert "ALTER TABLE dialogue_comment ALTER COLUMN body SET STORAGE PLAIN" in page
    assert page.index("The database’s settings\n1 wrong") < page.index("Database\nAnswers")  # what is wrong comes first
    assert [task.number for task in upkeep_tasks()] == [3, 0]
    assert 'href="/operator/upkeep/"' in client_for(operator).get("/operator/").content.decode()


@pytest.mark.django_db
def test_the_copy_of_the_keys_in_its_three_states(
    client_for: Browser, operator: User, draft: DialogueSession, settings: Settings, tmp_path: Path
) -> None:
    client = client_for(operator)
    assert "KEY_BACKUP_RECIPIENT is not set." in text_of(client.get(PAGE).content.decode())
    settings.KEY_BACKUP_RECIPIENT = str(x25519.Identity.generate().to_public())
    settings.KEY_BACKUP_DIR = tmp_path / "key-backup"
    assert BEHIND in text_of(client.get(PAGE).content.decode())
    renew_keys()
    assert "Copy of the sessions’ keys\nIn order" in text_of(client.get(PAGE).content.decode())
    vault.key_file(draft.pk).unlink()
    assert BEHIND in text_of(client.get(PAGE).content.decode())


@pytest.mark.django_db
def test_no_stranger_learns_when_a_session_was_made(client_for: Browser, settings: Settings, tmp_path: Path) -> None:
    settings.KEY_BACKUP_RECIPIENT = str(x25519.Identity.generate().to_public())
    settings.KEY_BACKUP_DIR = tmp_path / "key-backup"
    factories.make_session()
    renew_keys()
    all_in_order()
    stranger = client_for(None)
    for made, later, told in (
        (False, timedelta(minutes=0), "done"),
        (True, timedelta(minutes=0), "warn"),
        (False, timedelta(minutes=29), "warn"),
        (False, timedelta(minutes=32), "stop"),
    ):
        if made:
            factories.make_session()
        with time_machine.travel(timezone.now() + later):
            all_in_order()
            assert part("keys")[0] == told
            assert stranger.get(MONITOR).status_code == 200


def all_in_order() -> None:
    """Everything was done just now, and both programs left a sign of life."""
    for kind in KIND:
        noted(kind, timedelta(0))
    call_command("delete_due", today=timezone.now().date())


def part(key: str) -> tuple[str, str]:
    """How this part is, as told by the notes: kind and word."""
    (found,) = [one for one in parts_from_notes(timezone.now()) if one.key == key]
    return found.kind, found.word


@pytest.mark.django_db
def test_signs_of_life_tell_worker_and_beat_apart(client_for: Browser, operator: User) -> None:
    fresh, old = timedelta(0), timedelta(minutes=5)
    for beat, worker, told in (
        (fresh, fresh, ("Runs", "Runs")),
        (fresh, old, ("Runs", "Stopped")),
        (old, fresh, ("Stopped", "Runs")),
        (old, old, ("Stopped", "Not known")),
    ):
        noted(KIND.BEAT, beat)
        noted(KIND.WORKER, worker)
        assert (part("beat")[1], part("worker")[1]) == told
    page = text_of(client_for(operator).get(PAGE).content.decode())
    assert "Worker\nStopped last sign of life on" in page  # the page asks it, and no worker answers


@pytest.mark.django_db
def test_the_tasks_leave_the_signs() -> None:
    assert not Upkeep.objects.exists()
    sign_of_life()
    assert part("worker") == ("done", "Runs")
    assert settings_of_site.CELERY_BEAT_SCHEDULE["sign-of-life"]["task"] == sign_of_life.name


@pytest.mark.django_db
def test_mail_that_failed_is_red_until_one_went_out_after_it(partner: OutreachPartner) -> None:
    rule = ReminderRule.objects.create(kind=ReminderRule.Kind.STALE_RESOURCES)
    now = timezone.now()
    ledger = {"rule": rule, "schedule_version": 0, "partner": partner}
    failed = Reminder.objects.create(**ledger, occasion="1", state="failed", due_at=now - timedelta(hours=2))
    assert part("mail") == ("stop", "Refused")
    sent = Reminder.objects.create(**ledger, occasion="2", state="sent", due_at=now, sent_at=now)
    assert part("mail") == ("warn", "Some failed")
    sent.delete()
    Reminder.objects.filter(pk=failed.pk).update(due_at=now - timedelta(hours=25))
    assert part("mail") == ("done", "Takes mail")


@pytest.mark.django_db
@pytest.mark.parametrize(("answer", "alone"), [("550", "warn"), ("450", "stop")])
def test_mail_refused_for_one_of_two_is_not_the_servers_fault(
    partner: OutreachPartner, monkeypatch: pytest.MonkeyPatch, answer: str, alone: str
) -> None:
    start, take = timezone.now(), Post.send
    factories.make_partner()
    factories.make_session(State.ANNOUNCED, starts_at=start + timedelta(days=7, minutes=1))

    def choosy(post: Post, one: EmailMessage) -> None:
        if one.to == [partner.email]:
            raise NotTaken(answer)
        take(post, one)

    monkeypatch.setattr(Post, "send", choosy)
    plan_reminders(start)
    for minute in range(1, 100):
        send_due(start + timedelta(minutes=minute))
    with time_machine.travel(start + timedelta(minutes=100)):
        assert Reminder.objects.filter(state="failed").count() == 1
        Reminder.objects.filter(state="sent").update(sent_at=start + timedelta(minutes=15))
        assert part("mail") == ("warn", "Some failed")
        Reminder.objects.filter(state="sent").delete()
        assert part("mail")[0] == alone


@pytest.mark.django_db
def test_mail_that_waits_for_a_server_for_long_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_post: Post, _mail: EmailMessage) -> None:
        raise NoServer

    all_in_order()
    start, session = timezone.now(), factories.make_session(State.ANNOUNCED)
    starts_at = start + timedelta(days=7, minutes=1)
    DialogueSession.objects.filter(pk=session.pk).update(starts_at=starts_at)
    factories.make_partner()
    plan_reminders(start)
    with monkeypatch.context() as patch:
        patch.setattr(Post, "send", away)
        send_due(start + timedelta(minutes=2))
    for minutes, told in ((25, "Takes mail"), (32, "Does not answer")):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert part("mail")[1] == told
    with time_machine.travel(start + timedelta(minutes=32)):
        assert "no mail server could be reached" in str(
            [one.mend for one in parts_from_notes(timezone.now()) if one.key == "mail"]
        )
        DialogueSession.objects.update(paused=True, pause_reason="Storm")
        assert part("mail")[1] == "Takes mail", "a paused session's mail waits for something else"
        DialogueSession.objects.update(paused=False, pause_reason="")
        assert send_due(timezone.now()) > 0
        assert part("mail")[1] == "Takes mail"


@pytest.mark.django_db
def test_a_monitor_learns_one_word_and_never_of_the_clean_up(client_for: Browser) -> None:
    stranger = client_for(None)
    assert (stranger.get(MONITOR).status_code, stranger.get(MONITOR).content) == (503, b"not ok\n")
    all_in_order()
    noted(KIND.SCRUB, timedelta(days=3))
    assert part(KIND.SCRUB)[0] == "stop"
    answer = stranger.get(MONITOR)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"ok\n", "text/plain")
    noted(KIND.BEAT, timedelta(hours=1))
    assert stranger.get(MONITOR).status_code == 503


def test_whoever_does_not_answer_in_time_counts_as_stopped() -> None:
    def sleep() -> Found:
        time.sleep(5)
        return Found()

    def fail() -> Found:
        raise SMTPResponseException(550, b"no mail from marker@police.example")

    started = time.monotonic()
    found = ask({"slow": sleep, "also slow": sleep, "failing": fail, "well": Found}, 0.2)
    assert time.monotonic() - started < 4  # each would sleep for longer
    assert found == {
        "slow": Found("stop", wrong="time-out"),
        "also slow": Found("stop", wrong="time-out"),
        "failing": Found("stop", wrong="550"),
        "well": Found(),
    }


@pytest.mark.django_db
def test_a_redis_that_keeps_something_is_red(settings: Settings) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.config_set("slowlog-max-len", 10)
        try:
            assert redis_server().kind == "stop"
            assert redis_server().wrong == "slowlog-max-len 10"
        finally:
            client.config_set("slowlog-max-len", 0)
    assert redis_server().kind == "done"


@pytest.mark.slow
def test_a_disk_that_is_nearly_full_is_red(tmp_path: Path) -> None:
    """A real small disk, in a name space of its own where the system allows that; and a database without tables."""
    script = f"mount -t tmpfs -o size=4m tmpfs {tmp_path} && exec {sys.executable} manage.py health"
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    if not shutil.which("unshare") or subprocess.run([*command[:4], "true"], check=False).returncode:
        pytest.skip("no name spaces here")
    environment = {**os.environ, "BACKUP_DIR": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    assert "RED   Disk: Nearly full, 100% free" in done.stdout, done.stderr
    assert "RED   Database: Lacks tables" in done.stdout
    assert done.returncode == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("count", "queries"), [(1, 14), (3, 13), (5, 13)])
def test_at_a_fixed_cost(
    count: int, queries: int, client_for: Browser, operator: User, django_assert_num_queries: Any, settings: Settings
) -> None:
    settings.BACKUP_RECIPIENT = "age1..."
    for kind in list(KIND)[:count]:
        noted(kind, timedelta(0))
    client = client_for(operator)
    with django_assert_num_queries(queries):  # one more until everything was done once
        client.get(PAGE)
