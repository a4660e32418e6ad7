"""`python -m demo`: everything on one machine, gone without a trace, back with its data."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from demo.__main__ import await_port, hold, port_is_free
from demo.code import main as code_main
from demo.code import totp
from demo.environment import ROOT, CannotStart, Place, environment, free_port, kept_secrets, place_from
from tests.ground.processes import children, eventually, exists, mentioning

PARTS = {"bin/postgres": "postgres", "valkey-server": "redis", "seeds.mailsink": "mail", "uvicorn": "web"}
CELERY = {" worker ": "worker", " beat ": "beat"}


class Demo:
    """One run of the demo as a process of its own."""

    def __init__(self, port: int, data_dir: Path) -> None:
        self.port, self.data_dir = port, data_dir
        ours = ("DATABASE_URL", "REDIS_URL", "MAKELEVEL", "DB_POOL", "STATIC_FROM_SOURCE", "SITE_SALT", "SECRET_KEY")
        env = {key: value for key, value in os.environ.items() if key not in ours}
        env |= {"PORT": str(port), "DATA_DIR": str(data_dir)}
        self.console = data_dir.with_name(f"{data_dir.name}.console")
        self.began = time.monotonic()
        with self.console.open("w") as output:
            command = [sys.executable, "-m", "demo"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)

    def says(self, text: str, seconds: float = 180) -> None:
        """Wait for the text on the console."""
        eventually(lambda: text in self.console.read_text() or self.process.poll() is not None, seconds)
        assert text in self.console.read_text()

    def ready(self) -> float:
        """Wait for the line that says so; the seconds it took."""
        self.says(f"Seeds is ready at http://127.0.0.1:{self.port}\n")
        return time.monotonic() - self.began

    def parts(self) -> dict[str, int]:
        """The running parts by name, with their process ids."""
        marks = {**PARTS, **CELERY}
        rows = children(self.process.pid).items()
        return {marks[mark]: pid for pid, line in rows for mark in marks if mark in line and "launch.py" not in line}

    def replaced(self, name: str, pid: int) -> bool:
        """Whether another process has taken the part over."""
        return self.parts().get(name, pid) != pid

    def front_page(self) -> int:
        """The status of the front page; 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def passport(self) -> dict[str, object]:
        """What demo.json says."""
        told: dict[str, object] = json.loads((self.data_dir / "demo.json").read_text("utf-8"))
        return told

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Demo]]:
    """The runs of a test; what still runs at its end is stopped."""
    demos: list[Demo] = []
    yield demos
    for demo in demos:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()
    assert eventually(lambda: mentioning(tmp_path) == [])


@pytest.mark.slow
def test_it_starts_survives_kills_stops_and_starts_again(started: list[Demo], tmp_path: Path) -> None:
    data_dir, port = tmp_path / "data", free_port()
    first = Demo(port, data_dir)
    started.append(first)
    first.ready()
    assert set(first.parts()) == {"postgres", "redis", "mail", "web", "worker", "beat"}
    assert first.front_page() == 200
    passport = first.passport()
    assert passport["base_url"] == f"http://127.0.0.1:{port}"
    assert passport["mailbox"] == str(data_dir / "mail")
    console = first.console.read_text()
    for role in ("facilitator", "peer", "listener", "operator"):
        account = passport[role]
        assert isinstance(account, dict)
        assert re.search(rf"{role} +{re.escape(account['email'])} +{re.escape(account['password'])}", console)
    private = [data_dir / name for name in ("demo.json", "secrets.json")]
    assert [oct(path.stat().st_mode & 0o777) for path in private] == ["0o600", "0o600"]

    second_copy = Demo(port, tmp_path / "elsewhere")
    started.append(second_copy)
    second_copy.says(f"Port {port} is taken. Choose another one: make demo PORT={port + 1}")
    assert second_copy.process.wait(30) == 1
    same_folder = Demo(free_port(), data_dir)
    started.append(same_folder)
    same_folder.says(f"A demo runs in {data_dir} already.")
    assert same_folder.process.wait(30) == 1

    for name, pid in first.parts().items():
        os.kill(pid, signal.SIGKILL)
        assert eventually(partial(first.replaced, name, pid), 20), name
    assert eventually(lambda: first.front_page() == 200, 20)

    pids = [first.process.pid, *first.parts().values()]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    first.process.wait()
    assert eventually(lambda: not any(exists(pid) for pid in pids[1:]))

    other_port = free_port()
    second = Demo(other_port, data_dir)
    started.append(second)
    second.ready()
    assert "The demo was loaded before" in second.console.read_text()
    assert second.passport() == {**passport, "base_url": f"http://127.0.0.1:{other_port}"}
    assert second.front_page() == 200
    assert second.end(signal.SIGINT) == 0
    assert second.console.read_text().endswith("Seeds has stopped.\n")
    assert mentioning(data_dir) == []
    assert port_is_free(other_port)


@pytest.mark.slow
def test_it_stops_at_once_while_it_is_still_starting(started: list[Demo], tmp_path: Path) -> None:
    demo = Demo(free_port(), tmp_path / "data")
    started.append(demo)
    demo.says("mail sink at")
    assert demo.end() == 0
    assert mentioning(tmp_path / "data") == []


@pytest.mark.slow
def test_a_step_that_fails_stops_it_with_a_word(
    started: list[Demo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXIT_URL", "http://not-encrypted.example/")
    demo = Demo(free_port(), tmp_path / "data")
    started.append(demo)
    demo.says("EXIT_URL must start with https://")
    demo.says("`manage.py migrate` failed")
    assert demo.process.wait(30) == 1
    assert mentioning(tmp_path / "data") == []


def test_given_servers_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(8000, tmp_path)
    given = environment(place, database_url="postgresql://one", redis_url="redis://two", mail_port=2525)
    chosen = {key: given[key] for key in ("DATABASE_URL", "REDIS_URL", "EMAIL_PORT", "DEMO", "TLS", "SITE_URL")}
    assert chosen == {
        "DATABASE_URL": "postgresql://one",
        "REDIS_URL": "redis://two",
        "EMAIL_PORT": "2525",
        "DEMO": "1",
        "TLS": "0",
        "SITE_URL": "http://127.0.0.1:8000",
    }


def test_where_it_lives_comes_from_the_environment(tmp_path: Path) -> None:
    assert place_from({}) == Place(8000, ROOT / "var")
    assert place_from({"PORT": "", "DATA_DIR": ""}) == Place(8000, ROOT / "var")
    assert place_from({"PORT": "9", "DATA_DIR": str(tmp_path)}) == Place(9, tmp_path)
    for wrong in ("0", "65536", "http", "-1", "80.5", "٣"):
        with pytest.raises(CannotStart, match="PORT must be a number"):
            place_from({"PORT": wrong})


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    first = kept_secrets(tmp_path)
    assert kept_secrets(tmp_path) == first
    assert set(first) == {"SECRET_KEY", "SITE_SALT", "FIELD_KEYS"}
    assert kept_secrets(tmp_path / "other")["SITE_SALT"] != first["SITE_SALT"]
    (tmp_path / "secrets.json").write_text(json.dumps({"SITE_SALT": first["SITE_SALT"]}))
    completed = kept_secrets(tmp_path)
    assert completed["SITE_SALT"] == first["SITE_SALT"]
    assert set(completed) == set(first)


def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.__main__.PORT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} is taken"):
            await_port(port)
    await_port(port)


def test_a_folder_belongs_to_one_demo(tmp_path: Path) -> None:
    held = hold(Place(8000, tmp_path))
    with pytest.raises(CannotStart, match="runs in"):
        hold(Place(8001, tmp_path))
    os.close(held)
    os.close(hold(Place(8001, tmp_path)))


def test_codes_are_those_of_the_standard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """RFC 6238, appendix B, in six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    expected = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {at: totp(secret, at) for at in expected} == expected
    (tmp_path / "demo.json").write_text(json.dumps({"peer": {"totp_secret": secret}}))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert code_main(["peer"]) == 0
    assert re.fullmatch(r"\d{6}\n", capsys.readouterr().out)
    assert code_main(["participant"]) == 2
    assert "WHO=facilitator|peer" in capsys.readouterr().err
