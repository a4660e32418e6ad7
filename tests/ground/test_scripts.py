"""What make calls: the installer finds pip's sources, and the browser is found or brought."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from demo.environment import ROOT
from scripts import browser, install

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock")
LISTING = """\
:env:.find-links='/opt/wheels'
global.index-url='https://mirror.example/simple'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
install.find-links='/srv/one /srv/two'
global.trusted-host='mirror.example'
global.cert='/etc/ssl/ca.crt'
global.timeout='60'
"""


def test_the_installer_uses_the_sources_of_pip() -> None:
    assert install.pip_settings(LISTING) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_FIND_LINKS": "/opt/wheels",
        "UV_INSECURE_HOST": "mirror.example",
        "SSL_CERT_FILE": "/etc/ssl/ca.crt",
    }
    assert install.pip_settings("install.find-links='/a /b'")["UV_FIND_LINKS"] == "/a,/b"
    assert install.pip_settings("") == {}


def test_a_home_that_can_not_be_written_gets_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", "/nonexistent")
    monkeypatch.setenv("UV_INDEX", "chosen by hand")
    found = install.uv_environment()
    assert found["UV_NO_CACHE"] == "1"
    assert found["UV_INDEX"] == "chosen by hand"


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert install.main("requirements.lock", "stamp") == 1
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


def test_a_failing_tool_leaves_no_stamp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(_lock: Path) -> None:
        raise subprocess.CalledProcessError(7, "uv")

    monkeypatch.setattr(install, "make_venv", lambda: None)
    monkeypatch.setattr(install, "install", fail)
    assert install.main("requirements.lock", str(tmp_path / "stamp")) == 7
    assert not (tmp_path / "stamp").exists()
    monkeypatch.setattr(install, "install", lambda _lock: None)
    assert install.main("requirements.lock", str(tmp_path / "stamp")) == 0
    assert (tmp_path / "stamp").exists()


@pytest.mark.parametrize("name", LOCKS)
def test_the_locks_hold_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"://|file:|--find-links |--index-url |^/", text, re.MULTILINE)
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    assert len(entries) >= 1
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry


def test_development_installs_the_versions_that_run() -> None:
    pinned = [
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for name in LOCKS[:2]
    ]
    assert pinned[0].items() <= pinned[1].items()


def program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose PATH is one empty folder, without any browser."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "MAC", ())
    monkeypatch.setattr(browser, "DOWNLOADED", "raise SystemExit(1)")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def test_a_named_browser_comes_first_and_must_work(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = program(bare, "named", "exit 0")
    chrome = program(bare, "google-chrome", "exit 0")
    monkeypatch.setenv("CHROMIUM", str(named))
    assert browser.find() == str(named)
    program(bare, "named", "exit 1")
    assert browser.find() == str(chrome)
    monkeypatch.setenv("CHROMIUM", str(bare / "absent"))
    assert browser.find() == str(chrome)


def test_a_downloaded_browser_is_found(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    downloaded = program(bare, "downloaded", "exit 0")
    monkeypatch.setattr(browser, "DOWNLOADED", f"print({str(downloaded)!r})")
    assert browser.find() == str(downloaded)


def test_the_package_manager_is_asked_before_playwright(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, ...]] = []

    def tell(*command: str) -> bool:
        calls.append(command)
        if "install" in command:
            program(bare, "chromium", "exit 0")
        return True

    monkeypatch.setattr(browser, "tell", tell)
    program(bare, "apt-get", "exit 0")
    assert browser.find_or_bring() == str(bare / "chromium")
    assert [command[:2] for command in calls] == [("apt-get", "update"), ("apt-get", "install")]


def test_playwright_is_asked_where_there_is_no_package_manager(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, ...]] = []

    def tell(*command: str) -> bool:
        calls.append(command)
        return False

    monkeypatch.setattr(browser, "tell", tell)
    assert browser.find_or_bring() is None
    assert [command[1:] for command in calls] == [("-m", "playwright", "install", "chromium")]


def test_without_any_browser_it_says_what_to_do(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "tell", lambda *_command: False)
    assert browser.main() == 1
    assert "apt-get install chromium" in capsys.readouterr().err
    chromium = program(bare, "chromium", "exit 0")
    assert browser.main() == 0
    assert capsys.readouterr().out == f"{chromium}\n"
