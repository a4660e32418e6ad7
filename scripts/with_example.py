"""Run a command of the environment with the example settings of production and a throw-away PostgreSQL.

`python -m scripts.with_example manage.py check --deploy` shows that deploy/env.example is complete; type checking
needs settings that can be read.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from seeds import catalogs
from seeds.embedded import Postgres

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "deploy" / "env.example"


def example() -> dict[str, str]:
    """The variables that deploy/env.example sets."""
    lines = (line.strip() for line in EXAMPLE.read_text("utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def command_line(arguments: list[str]) -> list[str]:
    """A script of the project runs in our Python, anything else comes from beside it."""
    first, *rest = arguments
    return [sys.executable, first, *rest] if first.endswith(".py") else [sys.executable, "-m", first, *rest]


def main(arguments: list[str]) -> int:
    """Run it and pass its exit code on."""
    catalogs.make()
    with tempfile.TemporaryDirectory(prefix="seeds-check-") as folder:
        postgres = Postgres(Path(folder), test=True)
        try:
            settings = {**example(), "DATA_DIR": folder, "DATABASE_URL": postgres.start()}
            return subprocess.run(
                command_line(arguments), cwd=ROOT, env={**os.environ, **settings}, check=False
            ).returncode
        finally:
            postgres.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
