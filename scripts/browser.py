"""Find Chromium or Chrome for the browser tests, or bring it; prints its path. `make test` runs it.

In this order: the variable CHROMIUM, an installed one, the system's package manager when we may use it, Playwright's
own download.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

#: What each of our runs of it is started with: it asks nobody for anything by itself.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
DOWNLOADED = (
    "from playwright.sync_api import sync_playwright as start\n"
    "with start() as playwright: print(playwright.chromium.executable_path)"
)
ADVICE = """No Chromium or Chrome was found, and none could be installed.
Install one (Debian: apt-get install chromium), or name its program: make test CHROMIUM=/path/to/chrome"""


def works(program: str) -> bool:
    """Whether it starts at all; some distributions' package is only a stub that asks for another installer."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def candidates() -> Iterator[str]:
    """Every place where one may be."""
    if named := os.environ.get("CHROMIUM"):
        yield named
    yield from filter(None, map(shutil.which, NAMES))
    yield from (path for path in MAC if Path(path).exists())
    asked = subprocess.run([sys.executable, "-c", DOWNLOADED], capture_output=True, text=True, check=False)
    if asked.returncode == 0 and Path(asked.stdout.strip()).exists():
        yield asked.stdout.strip()


def find() -> str | None:
    """The first one that works."""
    return next(filter(works, candidates()), None)


def tell(*command: str) -> bool:
    """Run an installer with its talk on stderr: stdout is for the path."""
    print("running:", " ".join(command), file=sys.stderr, flush=True)
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0


def install_with_apt() -> bool:
    """Debian and its kin, as root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    return tell("apt-get", "update") and tell("apt-get", "install", "-y", "--no-install-recommends", "chromium")


def install_with_playwright() -> bool:
    """A build of its own, with the system libraries it needs where we may install them."""
    extra = ["--with-deps"] if os.geteuid() == 0 and shutil.which("apt-get") else []
    return tell(sys.executable, "-m", "playwright", "install", *extra, "chromium")


def find_or_bring() -> str | None:
    """The path, after installing one if need be; None when nothing helped."""
    installers: tuple[Callable[[], bool], ...] = (install_with_apt, install_with_playwright)
    found = find()
    for install in installers:
        if found is None and install():
            found = find()
    return found


def main() -> int:
    """Print the path, or what to do."""
    found = find_or_bring()
    print(found or ADVICE, file=sys.stdout if found else sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
