"""Renew the lock files from pyproject.toml: for any platform, with hashes, without addresses. `make lock` runs it."""

import subprocess
import sys

from scripts.install import INSTALLER_LOCK, ROOT, VENV, uv_environment

OPTIONS = (
    "--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --upgrade --quiet"
)
RUNTIME = "--extra embedded pyproject.toml -o requirements.lock"
DEVELOPMENT = "--extra embedded --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock"
INSTALLER = f"--no-header - -o {INSTALLER_LOCK.name}"


def lock_environment() -> dict[str, str]:
    """The main index only: a folder or mirror beside it may lack the files of other platforms, and so their hashes."""
    aside = ("UV_INDEX", "UV_FIND_LINKS", "UV_INDEX_STRATEGY")
    return {key: value for key, value in uv_environment().items() if key not in aside}


def compile_lock(options: str, requirements: str | None = None) -> int:
    """Write one lock."""
    command = [str(VENV / "bin" / "uv"), "pip", "compile", *OPTIONS.split(), *options.split()]
    return subprocess.run(
        command, cwd=ROOT, env=lock_environment(), input=requirements, text=True, check=False
    ).returncode


def main() -> int:
    """Write all three, the runtime first: development follows its versions."""
    return compile_lock(RUNTIME) or compile_lock(DEVELOPMENT) or compile_lock(INSTALLER, "uv")


if __name__ == "__main__":
    sys.exit(main())
