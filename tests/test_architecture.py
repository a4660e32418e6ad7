"""The house has the shape that docs/architecture.md describes: who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSES = ("seeds", "accounts", "dialogue", "demo")

#: Bottom up: a house imports those before it only.
FLOORS = ["seeds", "accounts", "dialogue", "demo"]
#: Layers inside a package, leftmost first; a module imports from its left only. Others are free-standing helpers.
LAYERS = ["models", "policies", "queries", "actions", "tasks", "forms", "views", "urls"]
#: Which other packages of dialogue/ a package may import.
BELOW: dict[str, set[str]] = {
    "protection": set(),
    "audit": set(),
    "resources": {"audit"},
    "sessions": {"protection", "audit", "resources"},
    "acknowledgments": {"protection", "egoguard", "audit", "sessions"},
    "tallies": set(),
    "egoguard": {"protection", "sessions"},
    "threads": {"protection", "egoguard", "audit", "sessions"},
    "reflections": {"protection", "egoguard", "audit", "sessions", "threads"},
    "repeats": {"protection", "sessions", "threads", "messages", "moderation"},
    "commitments": {"protection", "egoguard", "audit", "tallies", "sessions", "acknowledgments", "threads", "repeats"},
    "facts": {"protection", "egoguard", "audit", "tallies", "sessions", "repeats"},
    "feedback": {"audit", "tallies", "sessions"},
    "messages": {"protection", "egoguard", "audit", "resources", "sessions", "threads"},
    "moderation": {"protection", "egoguard", "audit", "tallies", "sessions", "threads", "reflections"},
    "notes": {"protection", "audit", "sessions", "threads"},
    "reports": {
        "protection",
        "egoguard",
        "audit",
        "tallies",
        "sessions",
        "threads",
        "messages",
        "moderation",
        "repeats",
        "commitments",
        "facts",
        "feedback",
    },
    "figures": {"tallies", "sessions", "threads", "moderation", "commitments", "feedback", "reports"},
    "jobs": set(),
    "ownwords": {"audit", "jobs", "sessions", "acknowledgments", "threads", "reflections", "moderation", "commitments"},
    "reminders": {"audit", "resources", "sessions", "moderation", "notes", "commitments"},
    "retention": {
        "audit",
        "jobs",
        "resources",
        "sessions",
        "acknowledgments",
        "threads",
        "reflections",
        "messages",
        "moderation",
        "notes",
        "reminders",
        "tallies",
        "commitments",
        "facts",
        "feedback",
        "reports",
        "egoguard",
    },
    "desk": {
        "audit",
        "resources",
        "sessions",
        "acknowledgments",
        "threads",
        "reflections",
        "messages",
        "moderation",
        "notes",
        "reminders",
        "retention",
        "commitments",
        "facts",
        "feedback",
        "reports",
        "egoguard",
    },
    "live": {"sessions"},
    "bulletin": {"audit", "jobs", "resources", "sessions", "reminders"},
    "agencies": {"sessions", "acknowledgments", "commitments", "reports"},
    "welcome": {"protection", "egoguard", "resources", "sessions", "retention", "commitments", "reports"},
}


def modules() -> list[Path]:
    return sorted(
        path.relative_to(ROOT)
        for house in HOUSES
        for path in (ROOT / house).rglob("*.py")
        if "migrations" not in path.parts
    )


def imported(path: Path) -> set[str]:
    """Dotted names that a module imports, wherever in the file; names imported from a module count as its parts."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def layer(parts: tuple[str, ...]) -> int | None:
    name = parts[-1].removesuffix(".py")
    return LAYERS.index(name) if name in LAYERS else None


def faults(path: Path) -> list[str]:
    """What this module imports against the rules."""
    found = []
    house = path.parts[0]
    package = path.parts[1] if house == "dialogue" and len(path.parts) > 2 else ""
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "tests" or name.startswith("dialogue.models"):
            found.append(name)
        if parts[0] in FLOORS and FLOORS.index(parts[0]) > FLOORS.index(house):
            found.append(name)
        if house == "dialogue" and package in BELOW and parts[0] == "dialogue" and parts[1] in BELOW:
            if parts[1] != package and parts[1] not in BELOW[package]:
                found.append(name)
            own, theirs = layer(path.parts), layer(tuple(parts[:3]))
            if parts[1] == package and own is not None and theirs is not None and theirs >= own:
                found.append(name)
    return found


@pytest.mark.parametrize("path", modules(), ids=str)
def test_imports_go_down_only(path: Path) -> None:
    assert faults(path) == []


def test_every_package_has_its_rules() -> None:
    packages = {path.parent.name for path in (ROOT / "dialogue").glob("*/__init__.py")} - {"migrations", "management"}
    assert packages == set(BELOW)


def test_the_checker_sees_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the checker were blind, the tests above could not fail."""
    monkeypatch.setattr("tests.test_architecture.imported", lambda path: {"dialogue.moderation.actions.approve"})
    assert faults(Path("dialogue/sessions/views.py")) == ["dialogue.moderation.actions.approve"]
    assert faults(Path("accounts/views.py")) == ["dialogue.moderation.actions.approve"]
    assert faults(Path("dialogue/moderation/policies.py")) == ["dialogue.moderation.actions.approve"]


def test_modules_stay_readable() -> None:
    """A module that grows past this is two modules."""
    long = {str(path): lines for path in modules() if (lines := len((ROOT / path).read_text().splitlines())) > 420}
    assert long == {}
