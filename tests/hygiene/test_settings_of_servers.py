"""Redis, Celery, PostgreSQL: what the running servers keep, asked of themselves."""

import json
import logging
import os
import re
from inspect import signature
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from accounts.models import OutreachPartner, User
from seeds.celery import app
from seeds.embedded import REDIS_SETTINGS
from tests.factories import PASSWORD

pytestmark = pytest.mark.promise("P3")
MARKER = "windlass"
ADDRESS, AGENT = "203.0.113.91", "WindlassBrowser/7"


def everything_in_redis() -> bytes:
    client: Any = redis.Redis.from_url(settings.REDIS_URL)
    keys = list(client.scan_iter(count=1000))
    texts = [client.get(key) for key in keys if client.type(key) == b"string"]
    return b"\n".join([*keys, *(client.dump(key) for key in keys), *texts])


def test_redis_keeps_nothing_beyond_its_memory() -> None:
    client: Any = redis.Redis.from_url(settings.REDIS_URL)
    assert client.config_get(*REDIS_SETTINGS) == REDIS_SETTINGS
    kept = {name: REDIS_SETTINGS[name] for name in ("save", "appendonly", "slowlog-max-len", "crash-log-enabled")}
    assert kept == {"save": "", "appendonly": "no", "slowlog-max-len": "0", "crash-log-enabled": "no"}
    client.config_set("slowlog-log-slower-than", "0")
    try:
        client.set("seen", MARKER)
        assert client.slowlog_get() == []
    finally:
        client.config_set("slowlog-log-slower-than", "10000")
        client.delete("seen")


def test_no_key_and_no_value_in_redis_tells_where_somebody_is(operator: User) -> None:
    visitor = Client(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT)
    visitor.post("/sign-in/", {"words": f"{MARKER} one two three four five six"})
    visitor.post("/card/", {"code": MARKER})
    for password in ("not the right one", PASSWORD):
        visitor.post("/account/login/", {"login": operator.email, "password": password})
    kept = everything_in_redis()
    assert b"allauth:rl" in kept  # the limits are at work
    for word in (ADDRESS, AGENT, MARKER, operator.email):
        assert word.encode() not in kept


def test_a_task_carries_ids_only_and_leaves_no_result() -> None:
    app.loader.import_default_modules()
    names = [name for name in app.tasks if not name.startswith("celery.")]
    for name in names:
        app.tasks[name].apply_async()
    client: Any = redis.Redis.from_url(settings.REDIS_URL)
    messages = [json.loads(message) for message in client.lrange("celery", 0, -1)]
    client.delete("celery")
    assert len(messages) == len(names) > 2
    for message in messages:
        assert message["headers"]["argsrepr"] == "()"
        assert message["headers"]["kwargsrepr"] == "{}"
        assert (message["content-type"], message["headers"]["ignore_result"]) == ("application/json", True)
    assert b"task-meta" not in everything_in_redis()
    conf = app.conf
    assert (conf.task_ignore_result, conf.result_backend, conf.task_acks_late) == (True, None, True)
    assert (conf.worker_send_task_events, conf.task_send_sent_event, conf.accept_content) == (False, False, ["json"])


def test_no_task_takes_an_argument() -> None:
    """So none can carry anybody's words through Redis. One that needs a row would take its id, and be named here."""
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert {name: list(signature(task.run).parameters) for name, task in ours.items()} == {name: [] for name in ours}
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} == set(ours)
    assert [entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if {"args", "kwargs"} & set(entry)] == []


@pytest.mark.parametrize("statement", ["SELECT %s::int", "SELECT pg_sleep(0.3), %s", "INSERT INTO nowhere VALUES (%s)"])
def test_postgresql_logs_no_value(db: None, statement: str) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [MARKER])
    except DatabaseError as error:
        logging.getLogger("seeds").debug(type(error))
    assert MARKER not in log_of_postgresql()


def test_postgresql_logs_no_broken_constraint(partner: OutreachPartner) -> None:
    def twice() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE twice (word text UNIQUE)")
            for _ in range(2):
                cursor.execute("INSERT INTO twice VALUES (%s)", [MARKER])

    with pytest.raises(IntegrityError, match=MARKER):
        twice()
    assert MARKER not in log_of_postgresql()


def log_of_postgresql() -> str:
    """The log file of the running server, which is ours."""
    log = (Path(os.environ["DATA_DIR"]) / "postgres.log").read_text()
    assert "ready to accept connections" in log
    return log


def test_a_server_with_its_own_defaults_would_log_it(tmp_path: Path) -> None:
    """The control: the settings make the difference. One session may turn them back, as a superuser."""
    address = re.sub(r"://seeds@/[^?]*", "://postgres@/template1", os.environ["DATABASE_URL"])
    with psycopg.connect(address, autocommit=True) as defaults:
        defaults.execute("SET log_min_messages = warning")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            defaults.execute("SELECT 'quokka'::int")
    assert "quokka" in log_of_postgresql()
