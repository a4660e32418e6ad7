"""What the tests of the ground share: waiting, and looking at the machine's processes."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def eventually(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def exists(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not fetched yet does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(shown.stdout.strip()) and not shown.stdout.strip().startswith("Z")


def mentioning(text: str | Path) -> list[str]:
    """The command lines of all processes that name the text."""
    shown = subprocess.run(["ps", "-ww", "-e", "-o", "args="], capture_output=True, text=True, check=True)
    return [line for line in shown.stdout.splitlines() if str(text) in line]


def children(pid: int) -> dict[int, str]:
    """The direct children of a process and their command lines."""
    command = ["ps", "-ww", "-e", "-o", "pid=,ppid=,args="]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in shown.stdout.splitlines()]
    return {int(row[0]): row[2] for row in rows if row[1] == str(pid)}
