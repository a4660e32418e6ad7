"""The measuring itself, and the least that the check has to find in the labeled sentences."""

import pytest

from bench.protection import CAPITALS, Label, main, measure, sentences
from dialogue.protection.findings import Finding
from dialogue.protection.kinds import Kind

LEAST_SENTENCES = 300


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_check_finds_most_and_marks_little_else(language: str) -> None:
    """Floors, well under what is measured (docs/decisions/0031): prose may change, a broken rule file may not."""
    scores = [measure(language, split) for split in ("tune", "test")]
    assert sum(score.sentences for score in scores) >= LEAST_SENTENCES
    for score in scores:
        assert score.recall >= 0.75
        assert score.precision >= 0.85
        assert score.false_alarms <= 0.10
    assert {kind for kind in Kind if sum(score.found[kind] for score in scores) == 0} == set()


def test_the_sentences_have_harmless_and_hard_ones_in_both_splits() -> None:
    for language in ("en", "es"):
        for split in ("tune", "test"):
            rows = sentences(language, split)
            assert min(sum(row.hard for row in rows), sum(not row.labels and not row.hard for row in rows)) >= 5


def test_a_label_is_found_by_its_kind_where_it_stands() -> None:
    label = Label(Kind.DATE, 5, 9)
    assert label.is_found_by(Finding(8, 20, Kind.DATE, ""))
    assert not label.is_found_by(Finding(9, 20, Kind.DATE, ""))
    assert not label.is_found_by(Finding(5, 9, Kind.TIME, ""))
    assert label.overlaps(Finding(5, 9, Kind.TIME, ""))
    assert {kind for kind in Kind if Label(Kind.PLACE, 0, 1).is_found_by(Finding(0, 1, kind, ""))} == CAPITALS


def test_the_report_names_each_kind_and_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    main(["tune"])
    lines = capsys.readouterr().out.splitlines()
    heads = [line for line in lines if " sentences," in line]
    assert [line.split(":")[0] for line in heads] == ["en tune", "es tune"]
    assert all(line.endswith("ms a text") for line in heads)
    assert [line.split()[0] for line in lines if line.startswith("  ") and "recall" not in line] == [*Kind, *Kind]
