"""Which tests prove which promise, by their marks; `python -m tests.promises` writes it into the threat model."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from dialogue.welcome.promises import PROMISES

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "docs/threat-model.md"
BEGIN, END = "<!-- promises: written by python -m tests.promises -->", "<!-- promises: end -->"
Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def keys_of(mark: ast.expr) -> list[str]:
    """What one decorator or element of `pytestmark` names: ["P6", "P7"] for pytest.mark.promise("P6", "P7")."""
    if isinstance(mark, ast.List | ast.Tuple):
        return [key for one in mark.elts for key in keys_of(one)]
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promise":
        return [str(ast.literal_eval(key)) for key in mark.args]
    return []


def marks_in(body: list[ast.stmt], whole: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of promise and test in this stretch of code; `whole` is what everything in it is marked with."""
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            whole = whole + keys_of(node.value)
    for node in body:
        if not isinstance(node, Named):
            continue
        keys = whole + [key for mark in node.decorator_list for key in keys_of(mark)]
        if isinstance(node, ast.ClassDef):
            yield from marks_in(node.body, keys)
        elif node.name.startswith("test_"):
            yield from ((key, node.name) for key in keys)


def proofs(folder: Path = ROOT / "tests") -> dict[str, dict[str, set[str]]]:
    """By promise: the files with tests that prove it (paths from the root), and their names."""
    found: dict[str, dict[str, set[str]]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for key, name in marks_in(ast.parse(path.read_text()).body, []):
            found.setdefault(key, {}).setdefault(str(path.relative_to(folder.parent)), set()).add(name)
    return found


def table() -> str:
    """The promises with what is searched and the files that prove them, as Markdown."""
    found = proofs()
    lines = ["| | promise, as participants read it | what is searched | proof |", "| --- | --- | --- | --- |"]
    for promise in PROMISES:
        files = ", ".join(f"`{path.removeprefix('tests/')}`" for path in found.get(promise.key, {}))
        lines.append(f"| {promise.key} | {promise.statement} | {promise.searched} | {files} |")
    return "\n".join([BEGIN, *lines, END])


def renewed(text: str) -> str:
    """The threat model with today's table. Raises ValueError when its place is missing."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{MODEL.name} has no place for the table: put {BEGIN} and {END} there.")
    return before + table() + after


if __name__ == "__main__":
    settings.configure(USE_I18N=False)  # the words as they stand; nothing else of the site is needed
    MODEL.write_text(renewed(MODEL.read_text()))
