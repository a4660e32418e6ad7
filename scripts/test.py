"""All tests, in a real browser. `make test` and `make coverage` run it; arguments go to pytest."""

import os
import subprocess
import sys

from scripts.browser import ADVICE, find_or_bring

PROCESSES = 2


def main(arguments: list[str]) -> int:
    """Run pytest and pass its exit code on."""
    browser = find_or_bring()
    if browser is None:
        print(ADVICE, file=sys.stderr)
        return 1
    parallel = ["--numprocesses", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder"]
    told = ["-q", "--durations=25"]
    command = [sys.executable, "-m", "pytest", *told, *parallel, *arguments]
    return subprocess.run(command, env={**os.environ, "CHROMIUM": browser}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
