"""A launched child ends with its parent, starts clean, and is not root where that is not allowed."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from seeds import launch
from seeds.service import LAUNCHER, launch_command
from tests.ground.processes import eventually, exists

AS_ROOT = os.geteuid() == 0


def run(*options: str, code: str) -> str:
    """Launch a Python child with the launcher's options and return what it prints."""
    command = [sys.executable, str(LAUNCHER), *options, str(os.getpid()), sys.executable, "-I", "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


@pytest.mark.parametrize("options", [[], ["--watch"]])
def test_the_child_ends_with_its_parent(options: list[str]) -> None:
    parent = textwrap.dedent(f"""
        import os, subprocess, sys, time
        launcher = [sys.executable, {str(LAUNCHER)!r}, *{options!r}, str(os.getpid())]
        child = subprocess.Popen([*launcher, sys.executable, "-c",
            "import os, time; print(os.getpid(), flush=True); time.sleep(60)"], stdout=subprocess.PIPE)
        print(child.stdout.readline().decode().strip(), flush=True)
        time.sleep(60)
    """)
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert exists(child)
    process.kill()
    process.communicate()
    assert eventually(lambda: not exists(child), 5)


def test_a_child_whose_parent_has_gone_already_does_not_start() -> None:
    command = [sys.executable, str(LAUNCHER), "1", shutil.which("echo") or "", "started"]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""


def test_the_child_gets_default_signals_and_no_core_dumps() -> None:
    code = (
        "import resource, signal as s; print([s.getsignal(n).name for n in (s.SIGTERM, s.SIGHUP)],"
        "s.pthread_sigmask(s.SIG_BLOCK, []), resource.getrlimit(resource.RLIMIT_CORE))"
    )
    kept = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        assert run(code=code) == "['SIG_DFL', 'SIG_DFL'] set() (0, 0)"
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        signal.signal(signal.SIGHUP, kept)
    assert resource.getrlimit(resource.RLIMIT_CORE)[1] != 0


def test_nobody_is_root_inside_yet_files_belong_to_who_started(tmp_path: Path) -> None:
    closed = tmp_path / "closed" / "data"
    closed.parent.mkdir(mode=0o700)
    code = f"import os; os.mkdir({str(closed)!r}); print(os.geteuid() == 0)"
    assert run(f"--unroot={closed}", code=code) == "False"
    assert closed.stat().st_uid == os.geteuid() or AS_ROOT


def test_a_folder_that_a_user_owns_is_used_as_that_user(tmp_path: Path) -> None:
    """The way without namespaces: another user, who still reaches files below closed folders. Only root can go it."""
    closed = tmp_path / "closed" / "data"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    owner = launch.unprivileged_user(Path("/nonexistent")).pw_uid if AS_ROOT else os.geteuid()
    if AS_ROOT:
        (closed / "file").touch()
        launch.hand_over(closed, launch.unprivileged_user(Path("/nonexistent")))
        assert launch.unprivileged_user(closed).pw_uid == owner
        assert (closed / "file").stat().st_uid == owner
    code = f"import os; open({str(closed / 'new')!r}, 'w').close(); print(os.geteuid())"
    assert run(f"--unroot={closed}", code=code) == str(owner)
    assert (closed / "new").stat().st_uid == owner


def test_a_machine_without_namespaces_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert launch.user_namespace_works() is False
    monkeypatch.undo()

    def refuse() -> None:
        raise OSError(1, "not here")

    monkeypatch.setattr(launch, "enter_user_namespace", refuse)
    assert launch.user_namespace_works() is False


def test_a_machine_without_any_fitting_user_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(launch.pwd, "getpwnam", unknown)
    with pytest.raises(OSError, match="postgres or nobody"):
        launch.unprivileged_user(Path("/nonexistent"))


def test_a_failing_call_of_the_c_library_raises() -> None:
    with pytest.raises(OSError, match="prctl failed"):
        launch.libc_call("prctl", -1, 0, 0, 0, 0)


def test_a_watched_command_passes_its_end_on() -> None:
    assert launch.watch(os.getppid(), signal.SIGTERM, ["sh", "-c", "exit 3"]) == 3
    assert launch.watch(os.getppid(), signal.SIGTERM, ["sh", "-c", "kill -9 $$"]) == 128 + 9
    assert launch.watch(-1, signal.SIGTERM, ["sleep", "60"]) == -signal.SIGTERM
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def test_the_command_line_names_everything() -> None:
    command = launch_command(["/bin/true", "x"], signal_at_parent_death=signal.SIGINT, unroot=Path("/d"))
    assert command[1:3] == ["-I", "-S"]
    assert command[3:] == [str(LAUNCHER), "--signal=2", "--unroot=/d", str(os.getpid()), "/bin/true", "x"]
