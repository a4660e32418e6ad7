"""The real server process ends within its time, however many streams are open."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import Participant, User
from dialogue.sessions.models import DialogueSession
from seeds import commands
from tests.live.hearing import Ear, room_stream

ROOT = Path(__file__).parent.parent.parent
ClientFor = Callable[[User | Participant | None], Client]


def test_a_stopped_server_ends_its_streams_at_once(
    transactional_db: None,
    tmp_path: Path,
    client_for: ClientFor,
    participant: Participant,
    open_session: DialogueSession,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    name = connection.settings_dict["NAME"]
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    env = os.environ | {
        "DATABASE_URL": f"{base.rpartition('/')[0]}/{name}?{query}",
        "REDIS_URL": settings.REDIS_URL,
        "KEY_DIR": str(settings.KEY_DIR),
        "DB_POOL": "4",
    }
    log = (tmp_path / "web.log").open("wb")
    server = subprocess.Popen(commands.web("127.0.0.1", port), cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        site, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
        client = client_for(participant)
        while True:
            try:
                ears = [Ear(site, room_stream(open_session.pk), client)]
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        ears += [Ear(site, room_stream(open_session.pk), client) for _ in range(19)]
        for ear in ears:
            ear.opened()
        assert {ear.status for ear in ears} == {200}
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        assert time.monotonic() - began < 2.5, "sooner than the time after which the server cuts"
        assert [ear.ends(2) for ear in ears] == [True] * 20
        assert all(ear.raw.endswith(b"0\r\n\r\n") for ear in ears), "whole, not cut off"
        assert (tmp_path / "web.log").read_bytes() == b""
        for ear in ears:
            ear.close()
    finally:
        server.kill()
        server.wait()
        log.close()
