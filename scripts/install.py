"""Make the virtual environment and put into it exactly what a lock names: `python3 -m scripts.install LOCK STAMP`.

Runs on the machine's own Python 3.11 or newer with nothing else installed. The packages come from where this
machine's pip gets them; every file is checked against the lock's hashes. STAMP is written last, so that make knows
it is done.
"""

import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLER_LOCK = ROOT / "requirements-uv.lock"
# pip's settings that say where packages come from, and uv's names for them.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def make_venv() -> None:
    """Make the environment, or mend one that was cut off. A machine without ensurepip lends its own pip."""
    command = [sys.executable, "-m", "venv", str(VENV)]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        subprocess.run([*command, "--without-pip"], check=True)


def pip(*arguments: str) -> list[str]:
    """The environment's own pip, else the machine's pip working on the environment."""
    own = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    start = [str(PYTHON), "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    return [*start, *arguments]


def pip_settings(listing: str) -> dict[str, str]:
    """uv's environment from what `pip config list` prints; a variable beats a file, as in pip."""
    found: dict[str, str] = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2]
        if name in SETTINGS and (key.startswith(":env:") or SETTINGS[name] not in found):
            found[SETTINGS[name]] = value.strip("'\"").replace("\\n", " ")
    if "UV_FIND_LINKS" in found:
        found["UV_FIND_LINKS"] = ",".join(found["UV_FIND_LINKS"].split())
    return found


def uv_environment() -> dict[str, str]:
    """Let uv use the same sources as pip, and any of them for any package: the hashes decide, not the source."""
    listing = subprocess.run(pip("config", "list"), capture_output=True, text=True, check=False).stdout
    defaults = {**pip_settings(listing), "UV_INDEX_STRATEGY": "unsafe-best-match", "UV_PYTHON_DOWNLOADS": "never"}
    home = os.environ.get("UV_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or str(Path.home())
    if not os.access(home, os.W_OK):
        defaults["UV_NO_CACHE"] = "1"
    return {**defaults, **os.environ}


def install(lock: Path) -> None:
    """Install what the lock names; with pip, which is slower, where uv can't. Raises CalledProcessError."""
    subprocess.run(pip("install", "--quiet", "--require-hashes", "-r", str(INSTALLER_LOCK)), check=True)
    fast = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON)]
    fast += ["--require-hashes", "--compile-bytecode", "-r", str(lock)]
    if subprocess.run(fast, env=uv_environment(), check=False).returncode != 0:
        print("uv could not; trying pip", file=sys.stderr)
        subprocess.run(pip("install", "--quiet", "--require-hashes", "-r", str(lock)), check=True)


def main(lock: str, stamp: str) -> int:
    """Do it all; a failure is told in the words of the tool that failed."""
    if sys.version_info < OLDEST:
        print(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {sys.version.split()[0]}:", file=sys.stderr)
        print("name another one, as in `make demo PYTHON=python3.12`", file=sys.stderr)
        return 1
    print(f"Installing what {lock} names into {VENV.name}/ ...", flush=True)
    try:
        make_venv()
        install(ROOT / lock)
    except subprocess.CalledProcessError as error:
        return error.returncode or 1
    Path(stamp).touch()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
