"""How much the ego guard finds, and how often it asks for nothing, on the sentences in bench/nudges/.

A sentence counts as found if a nudge of its kind points into it. A sentence without a kind is harmless: any nudge in it
is a false alarm.
"""

import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.protection import SPLITS, share
from dialogue.egoguard.check import nudges
from dialogue.egoguard.kinds import Kind
from dialogue.protection.rules import LANGUAGES

FOLDER = Path(__file__).parent / "nudges"


@dataclass(frozen=True)
class Sentence:
    """One sentence, and what its writer should be asked to think about, if anything."""

    text: str
    kinds: frozenset[Kind]


@dataclass
class Score:
    """Counts over the sentences of one language and split."""

    labels: Counter[Kind] = field(default_factory=Counter)
    found: Counter[Kind] = field(default_factory=Counter)
    harmless: int = 0
    harmless_asked: int = 0

    @property
    def recall(self) -> float:
        """Share of the labels that were found."""
        return share(self.found.total(), self.labels.total())

    @property
    def false_alarms(self) -> float:
        """Share of the harmless sentences that were asked about."""
        return share(self.harmless_asked, self.harmless)


def sentences(language: str, split: str) -> list[Sentence]:
    """The sentences of one language and split ("tune" or "test")."""
    entries = tomllib.loads((FOLDER / f"{language}.toml").read_text())["sentences"]
    return [
        Sentence(entry["text"], frozenset(map(Kind, entry["kinds"]))) for entry in entries if entry["split"] == split
    ]


def measure(language: str, split: str) -> Score:
    """Run the guard over the sentences of one language and split."""
    score = Score()
    for sentence in sentences(language, split):
        kinds = {nudge.kind for nudge in nudges(sentence.text, language)}
        score.labels.update(sentence.kinds)
        score.found.update(sentence.kinds & kinds)
        if not sentence.kinds:
            score.harmless += 1
            score.harmless_asked += bool(kinds)
    return score


def report(language: str, split: str) -> str:
    """The score as lines of text."""
    score = measure(language, split)
    lines = [
        f"{language} {split}: recall {score.recall:.1%} ({score.found.total()} of {score.labels.total()}),"
        f" harmless sentences asked about {score.false_alarms:.1%} ({score.harmless_asked} of {score.harmless})"
    ]
    lines += [f"  {kind:<22}{f'{score.found[kind]} of {score.labels[kind]}':>12}" for kind in Kind]
    return "\n".join(lines)


def main(splits: list[str]) -> None:
    """Print the report of each language, for the splits named, or for all."""
    for language in LANGUAGES:
        for split in splits or SPLITS:
            sys.stdout.write(f"{report(language, split)}\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
