"""How much the protective check finds, and how much it marks for nothing, on the sentences in bench/sentences/.

A label counts as found if a finding of its kind overlaps its span; a place may be found as a name and the other way
round, since both are known by a capital letter. A finding is right if it overlaps any label. Hard sentences, in which
somebody can be known without any detail that a rule could see, are counted apart.
"""

import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dialogue.protection.check import find
from dialogue.protection.findings import Finding
from dialogue.protection.kinds import Kind
from dialogue.protection.rules import LANGUAGES

FOLDER = Path(__file__).parent / "sentences"
SPLITS = ("tune", "test")
KIND_OF = {"e-mail": Kind.EMAIL} | {kind.value: kind for kind in Kind}
CAPITALS = {Kind.NAME, Kind.PLACE}


@dataclass(frozen=True)
class Label:
    """What a careful reader would mark: `text[start:end]`."""

    kind: Kind
    start: int
    end: int

    def is_found_by(self, finding: Finding) -> bool:
        """Whether the finding marks this, and as what it is."""
        alike = CAPITALS if self.kind in CAPITALS else {self.kind}
        return finding.kind in alike and self.overlaps(finding)

    def overlaps(self, finding: Finding) -> bool:
        """Whether the finding marks any of it, as whatever."""
        return finding.start < self.end and self.start < finding.end


@dataclass(frozen=True)
class Sentence:
    """One sentence of the set; hard ones have no labels."""

    text: str
    labels: tuple[Label, ...]
    hard: bool


@dataclass
class Score:
    """Counts over the sentences of one language and split."""

    sentences: int = 0
    labels: Counter[Kind] = field(default_factory=Counter)
    found: Counter[Kind] = field(default_factory=Counter)
    findings: Counter[Kind] = field(default_factory=Counter)
    right: Counter[Kind] = field(default_factory=Counter)
    harmless: int = 0  # sentences without labels
    harmless_marked: int = 0
    hard: int = 0
    hard_marked: int = 0
    milliseconds: float = 0.0  # in all

    @property
    def recall(self) -> float:
        """Share of the labels that were found."""
        return share(self.found.total(), self.labels.total())

    @property
    def precision(self) -> float:
        """Share of the findings that overlap a label."""
        return share(self.right.total(), self.findings.total())

    @property
    def false_alarms(self) -> float:
        """Share of the sentences without labels in which something was marked."""
        return share(self.harmless_marked, self.harmless)


def share(part: int, whole: int) -> float:
    """The part as a share of the whole; 1 if there is no whole to miss any of."""
    return part / whole if whole else 1.0


def _labels(entry: dict[str, list[str]], text: str) -> tuple[Label, ...]:
    """The labels in their order, each span looked for behind the one before. Raises ValueError for one not in there."""
    labels, place = [], 0
    for kind, words in zip(entry["labels"], entry["spans"], strict=True):
        start = text.index(words, place)
        place = start + len(words)
        labels.append(Label(KIND_OF[kind], start, place))
    return tuple(labels)


def sentences(language: str, split: str) -> list[Sentence]:
    """The sentences of one language and split ("tune" or "test")."""
    entries = tomllib.loads((FOLDER / f"{language}.toml").read_text())["sentence"]
    return [
        Sentence(entry["text"], () if entry.get("hard") else _labels(entry, entry["text"]), bool(entry.get("hard")))
        for entry in entries
        if entry["split"] == split
    ]


def _count(score: Score, sentence: Sentence, findings: list[Finding]) -> None:
    score.sentences += 1
    if sentence.hard:
        score.hard += 1
        score.hard_marked += bool(findings)
        return
    if not sentence.labels:
        score.harmless += 1
        score.harmless_marked += bool(findings)
    score.labels.update(label.kind for label in sentence.labels)
    score.found.update(label.kind for label in sentence.labels if any(map(label.is_found_by, findings)))
    score.findings.update(finding.kind for finding in findings)
    score.right.update(
        finding.kind for finding in findings if any(label.overlaps(finding) for label in sentence.labels)
    )


def measure(language: str, split: str) -> Score:
    """Run the check over the sentences of one language and split."""
    score = Score()
    find("", language)  # reads the rules, which is not to be counted
    for sentence in sentences(language, split):
        start = time.perf_counter()
        findings = find(sentence.text, language)
        score.milliseconds += 1000 * (time.perf_counter() - start)
        _count(score, sentence, findings)
    return score


def report(language: str, split: str) -> str:
    """The score as lines of text."""
    score = measure(language, split)
    lines = [
        f"{language} {split}: {score.sentences} sentences,"
        f" recall {score.recall:.1%} ({score.found.total()} of {score.labels.total()}),"
        f" precision {score.precision:.1%} ({score.right.total()} of {score.findings.total()}),"
        f" harmless sentences marked {score.false_alarms:.1%} ({score.harmless_marked} of {score.harmless}),"
        f" hard ones marked {score.hard_marked} of {score.hard},"
        f" {score.milliseconds / score.sentences:.2f} ms a text",
        f"  {'kind':<16}{'recall':>16}{'precision':>16}",
    ]
    for kind in Kind:
        recall = f"{score.found[kind]} of {score.labels[kind]}"
        precision = f"{score.right[kind]} of {score.findings[kind]}"
        lines.append(f"  {kind:<16}{recall:>16}{precision:>16}")
    return "\n".join(lines)


def main(splits: list[str]) -> None:
    """Print the report of each language, for the splits named, or for all."""
    for language in LANGUAGES:
        for split in splits or SPLITS:
            sys.stdout.write(f"{report(language, split)}\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
