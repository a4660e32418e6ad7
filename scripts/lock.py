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


def compile_lock(options: str, requirements: str | None = None) -> int:
    """Write one lock."""
    command = [str(VENV / "bin" / "uv"), "pip", "compile", *OPTIONS.split(), *options.split()]
    return subprocess.run(
        command, cwd=ROOT, env=uv_environment(), input=requirements, text=True, check=False
    ).returncode


def main() -> int:
    """Write all three, the runtime first: development follows its versions."""
    return compile_lock(RUNTIME) or compile_lock(DEVELOPMENT) or compile_lock(INSTALLER, "uv")


if __name__ == "__main__":
    sys.exit(main())
