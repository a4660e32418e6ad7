"""Take one protective measure, or one rule of the practice, away at a time, in a copy, and see which test notices.

`make without` runs it. The measures stand in tests/measures.toml, the rules in tests/rules.toml: what to replace where,
and the tests that must then fail. One that nobody misses is a promise without a test. Writes one line each, and the
whole as tables for the docs.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from scripts.browser import find_or_bring

ROOT = Path(__file__).resolve().parent.parent
#: Each list, and the page that tells who noticed.
PAGES = {
    ROOT / "tests" / "measures.toml": ROOT / "docs" / "decisions" / "0030-what-each-measure-holds.md",
    ROOT / "tests" / "rules.toml": ROOT / "docs" / "decisions" / "0048-which-test-holds-which-rule.md",
}
MARK = "<!-- written by scripts/without.py -->\n"
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
SHOWN = 4  # names in a cell of the table
IN_THE_COPY = (
    *("seeds", "accounts", "dialogue", "demo", "templates", "static", "locale", "tests", "scripts", "deploy", "bench"),
)


@dataclass(frozen=True)
class Measure:
    """One protection: the file that holds it, what replaces it when it is gone, and the tests that should notice."""

    name: str
    file: str
    edits: list[list[str]]
    tests: list[str]

    def remove(self, root: Path) -> None:
        """Replace each text, which must stand in the file exactly once."""
        path = root / self.file
        text = path.read_text("utf-8")
        for old, new in self.edits:
            if text.count(old) != 1:
                raise ValueError(f"{self.name}: stands {text.count(old)} times in {self.file}: {old!r}")
            text = text.replace(old, new)
        path.write_text(text, "utf-8")


def measures(file: Path) -> list[Measure]:
    """All of one list, in its order."""
    return [Measure(**table) for table in tomllib.loads(file.read_text("utf-8"))["measure"]]


def copy(to: Path) -> None:
    """The work tree without what was made from it."""
    leave_out = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in IN_THE_COPY:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=leave_out)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy2(path, to)
    shutil.copytree(ROOT / "docs", to / "docs")
    (to / ".venv").symlink_to(ROOT / ".venv")


def failures(root: Path, tests: list[str]) -> list[str]:
    """The tests among these that fail or can't even begin, in this copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=no", *tests]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    found = FAILED.findall(run.stdout)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"pytest ended with {run.returncode}:\n{run.stdout[-2000:]}{run.stderr[-1000:]}")
    return found


def noticed(measure: Measure) -> list[str]:
    """Which of its tests fail without this measure."""
    with tempfile.TemporaryDirectory(prefix="seeds-without-") as folder:
        copy(Path(folder))
        measure.remove(Path(folder))
        return failures(Path(folder), measure.tests)


def shown(tests: list[str]) -> list[str]:
    """The first few, without the case of a parametrized one, and how many more."""
    names = list(dict.fromkeys(test.partition("[")[0] for test in tests))
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return [f"`{name}`" for name in names[:SHOWN]] + more


def write_table(page: Path, found: dict[str, list[str]]) -> None:
    """Put the results below the mark in the decision page."""
    rows = [f"| {name} | {'<br>'.join(shown(tests))} |" for name, tests in found.items()]
    table = "\n".join(["| removed | noticed by |", "| --- | --- |", *rows])
    page.write_text(page.read_text("utf-8").partition(MARK)[0] + MARK + table + "\n", "utf-8")


def main(names: list[str]) -> int:
    """Try a whole list, named by its file (rules, measures), or those whose names contain one of the words given.

    Without any name, all. The table of a list that was tried as a whole is written.
    """
    os.environ["CHROMIUM"] = find_or_bring() or ""
    missed = False
    for file, page in PAGES.items():
        whole = not names or file.stem in names
        wanted = [one for one in measures(file) if whole or any(word.lower() in one.name.lower() for word in names)]
        found = {measure.name: told(measure) for measure in wanted}
        if whole:
            write_table(page, found)
        missed = missed or not all(found.values())
    return 1 if missed else 0


def told(measure: Measure) -> list[str]:
    """Which of its tests fail without this measure, printed as well."""
    tests = noticed(measure)
    print(f"{'noticed' if tests else 'NOBODY NOTICED'}: {measure.name}", *tests, sep="\n    ", flush=True)
    return tests


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
