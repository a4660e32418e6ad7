"""Turn this process into a well-behaved child, then into the command given.

Run as a script, `python -I -S seeds/launch.py [--signal N] [--unroot DIR] PARENT COMMAND ...`, so that a
program with threads can start children without running Python code between fork and exec. The child

- ends when its parent ends, by whatever cause (the kernel's parent-death signal on Linux, else a watcher);
- never writes a core dump, which would hold other people's words;
- starts with the default signal handlers, whatever its parent ignored;
- with `--unroot DIR`, is not root in the command's own eyes (PostgreSQL refuses to run as root), yet can
  still use DIR and the program's files below folders that only root may enter.
"""

import argparse
import ctypes
import os
import pwd
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
INNER_ID = 1000
WATCH_SECONDS = 0.5


def libc_call(name: str, *args: object) -> None:
    """Call a function of the C library that answers 0 for success; raise OSError with its errno otherwise."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*args) != 0:
        raise OSError(ctypes.get_errno(), f"{name} failed")


def enter_user_namespace() -> None:
    """Become an ordinary user in a fresh user namespace; outside of it nothing changes, files stay root's."""
    libc_call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INNER_ID} 0 1")
    Path("/proc/self/gid_map").write_text(f"{INNER_ID} 0 1")


def user_namespace_works() -> bool:
    """Try it in a throw-away child: a half-entered namespace can't be left again."""
    if sys.platform != "linux":
        return False
    pid = os.fork()
    if pid == 0:
        try:
            enter_user_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def unprivileged_user(folder: Path) -> pwd.struct_passwd:
    """The user that owns the folder already, if that is not root, else postgres or nobody."""
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    for name in ("postgres", "_postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise OSError("no user named postgres or nobody to run PostgreSQL as")


def hand_over(folder: Path, user: pwd.struct_passwd) -> None:
    """Give the folder and all in it to the user; it may still be root's from a start inside a namespace."""
    for path in [folder, *folder.rglob("*")] if folder.exists() else []:
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def keep_file_access() -> None:
    """Let the user we have become still reach its files below folders closed to all but root."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    mask = 1 << CAP_DAC_OVERRIDE
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    libc_call("capset", header, data)
    libc_call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def become_user(folder: Path) -> None:
    """Switch to an unprivileged user for good, keeping access to files where the system allows that."""
    user = unprivileged_user(folder)
    hand_over(folder, user)
    linux = sys.platform == "linux"
    if linux:
        libc_call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    if linux:
        try:
            keep_file_access()
        except OSError as error:
            print(f"launch: {error}; files under closed folders stay out of reach", file=sys.stderr)


def leave_root(folder: Path) -> None:
    """Stop being root, for a command that refuses to run as root; nothing happens for anybody else."""
    if os.geteuid() != 0:
        return
    foreign = folder.exists() and folder.stat().st_uid != 0
    if not foreign and user_namespace_works():
        enter_user_namespace()
    else:
        become_user(folder)


def reset_signals() -> None:
    """Undo what a parent ignored (a shell's `&` ignores SIGINT) and what Python set up for itself."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGQUIT,
        signal.SIGHUP,
        signal.SIGPIPE,
        signal.SIGXFSZ,
    ):
        signal.signal(number, signal.SIG_DFL)


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Linux: have the kernel send this process the signal when its parent ends. Elsewhere nothing happens."""
    if sys.platform == "linux":
        libc_call("prctl", PR_SET_PDEATHSIG, number, 0, 0, 0)


def exec_bound_to(parent: int, number: int, command: list[str]) -> None:
    """Linux: become the command, which gets the signal when the parent ends."""
    end_with_parent(number)
    if os.getppid() != parent:
        sys.exit(1)
    os.execv(command[0], command)


def watch(parent: int, number: int, command: list[str]) -> int:
    """Elsewhere: run the command as our child, pass signals on, and end it when the parent has gone."""
    child = subprocess.Popen(command)
    for forwarded in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(forwarded, lambda received, _frame: child.send_signal(received))
    while child.poll() is None:
        if os.getppid() != parent:
            child.send_signal(number)
            return child.wait()
        time.sleep(WATCH_SECONDS)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def main(arguments: list[str]) -> int:
    """Do what the module's docstring says; returns only where exec is not used."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--signal", type=int, default=signal.SIGTERM)
    parser.add_argument("--unroot", type=Path)
    parser.add_argument("--watch", action="store_true", default=sys.platform != "linux")
    parser.add_argument("parent", type=int)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if given.unroot is not None:
        leave_root(given.unroot)
    reset_signals()
    if given.watch:
        return watch(given.parent, given.signal, given.command)
    exec_bound_to(given.parent, given.signal, given.command)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
