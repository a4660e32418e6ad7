"""All drills, and a line for each promise: what was searched, what was found, what the control found. `make drills`."""

import os
import sys

import pytest

from scripts.browser import ADVICE, find_or_bring


def main(arguments: list[str]) -> int:
    """Run them and pass pytest's exit code on; arguments go to pytest."""
    browser = find_or_bring()
    if browser is None:
        sys.exit(ADVICE)
    os.environ["CHROMIUM"] = browser
    return int(pytest.main(["-q", "-m", "promise", "tests/drills", *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
