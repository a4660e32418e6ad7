"""The figures as a page draws them: a sentence that says what was found, bars, and all numbers."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dialogue.feedback.queries import Figures
from dialogue.feedback.questions import AGREE, ITEMS, Side, Step

TEXTS = {item.key: item for item in ITEMS}


@dataclass(frozen=True)
class Bar:
    """One question: how many say that it is mostly or very true, of how many."""

    label: str
    value: int
    max: int

    @property
    def text(self) -> str:
        """In words."""
        return _("%(value)d of %(max)d") % {"value": self.value, "max": self.max}

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.value / self.max


@dataclass(frozen=True)
class Chart:
    """What one side says."""

    side: str
    finding: str
    bars: list[Bar]
    head: list[str]
    rows: list[list[dict[str, str]]]  # as components/table.html takes them


def charts(figures: Figures) -> list[Chart]:
    """One for each side of which anything may be shown."""
    return [_chart(side, figures[side]) for side in Side if figures[side]]


def _chart(side: Side, rows: list[dict[str, Any]]) -> Chart:
    texts = [str(TEXTS[row["item"]].text(side)) for row in rows]
    agreed = [sum(row["counts"][step] for step in AGREE) for row in rows]
    bars = [Bar(text, value, row["n"]) for text, value, row in zip(texts, agreed, rows, strict=True)]
    head = [_("Question"), *(str(step.label) for step in Step), _("Answers")]
    cells = [
        [text, *(str(row["counts"][step]) for step in Step), str(row["n"])]
        for text, row in zip(texts, rows, strict=True)
    ]
    table = [[{"label": label, "text": cell} for label, cell in zip(head, row, strict=True)] for row in cells]
    return Chart(side, _finding(side, bars), bars, head, table)


def _finding(side: Side, bars: list[Bar]) -> str:
    """The strongest and the weakest answer in one sentence."""
    most, least = max(bars, key=lambda bar: bar.share), min(bars, key=lambda bar: bar.share)
    words = {
        "side": side.label,
        "most": most.label.rstrip("."),
        "share": most.text,
        "least": least.label.rstrip("."),
        "other": least.text,
    }
    if len(bars) == 1:
        return _("%(side)s: %(share)s say “%(most)s”.") % words
    if most.share == least.share:
        return _("%(side)s: %(share)s say so of each question.") % words
    return _("%(side)s: most say “%(most)s” (%(share)s), fewest “%(least)s” (%(other)s).") % words
