"""What the check reports."""

from collections.abc import Iterable
from dataclasses import dataclass

from dialogue.protection.kinds import Kind

_RANK = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, order=True)
class Finding:
    """A part of a text, `text[start:end] == words`, that could show who somebody is."""

    start: int
    end: int
    kind: Kind
    words: str


def merged(findings: Iterable[Finding], text: str) -> list[Finding]:
    """The findings in order, overlapping ones as one; its kind is the one of them that stands first in `Kind`."""
    kept: list[Finding] = []
    for finding in sorted(findings):
        if kept and finding.start < kept[-1].end:
            kept.append(_joined(kept.pop(), finding, text))
        else:
            kept.append(finding)
    return kept


def _joined(one: Finding, other: Finding, text: str) -> Finding:
    end = max(one.end, other.end)
    kind = min(one.kind, other.kind, key=_RANK.__getitem__)
    return Finding(one.start, end, kind, text[one.start : end])
