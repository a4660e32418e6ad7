"""The lists of measures and rules are true to the code, and the pages that tell who noticed name each of them."""

from pathlib import Path

import pytest

from scripts.without import MARK, PAGES, ROOT, Measure, measures


@pytest.mark.parametrize("measure", [one for file in PAGES for one in measures(file)], ids=lambda one: one.name)
def test_a_measure_can_be_taken_away(measure: Measure) -> None:
    text = (ROOT / measure.file).read_text("utf-8")
    assert [text.count(old) for old, _ in measure.edits] == [1] * len(measure.edits)
    assert [test for test in measure.tests if not Path(ROOT, test.partition("::")[0]).exists()] == []


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_each_one_stands_in_the_table_with_a_test_that_noticed(file: Path) -> None:
    rows = PAGES[file].read_text("utf-8").partition(MARK)[2].splitlines()[2:]
    cells = [row.strip("| ").split(" | ") for row in rows]
    assert [name for name, _ in cells] == [measure.name for measure in measures(file)]
    assert all(noticed.startswith("`tests/") for _, noticed in cells)


def test_a_text_that_has_moved_on_is_told(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("now\n")
    with pytest.raises(ValueError, match=r"stands 0 times in one\.py"):
        Measure("a", "one.py", [["before", "after"]], []).remove(tmp_path)
