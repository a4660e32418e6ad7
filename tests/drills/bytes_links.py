"""Who is who: pairs a person's mark in one talk with their mark in another by nothing but where the bytes lie.

A clue gives each mark a number: where it stands in some file, or which transaction wrote its row. If marks that
belong together were written one after the other, the numbers tell. Rows that point to a mark's row are clues too.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.drills.bytes_pages import PAGE, Row, data_directories, rows, tables
from tests.drills.bytes_search import Bytes, Hit, Pattern, matches

Marks = Mapping[int, bytes]  # person -> mark
Numbers = dict[int, int]  # person -> number
FALSE_ALARM = 0.001  # in one run in a thousand, chance alone may look like a finding
STEPS = 3  # from a mark's row to rows that point to it, and on to rows that point to those
FEWEST = 5  # people on both sides, below which a clue tells nothing


@dataclass
class Clue:
    """One way to put the marks in order: a number for each person on both sides."""

    name: str
    a: Numbers = field(default_factory=dict)
    b: Numbers = field(default_factory=dict)


@dataclass(frozen=True)
class Guess:
    """Which marks one method put together with one clue."""

    clue: str
    method: str
    pairing: frozenset[tuple[int, int]]

    @property
    def right(self) -> int:
        """How many are of the same person."""
        return sum(one == other for one, other in self.pairing)

    @property
    def pairs(self) -> int:
        """How many there are."""
        return len(self.pairing)

    def __str__(self) -> str:
        return f"{self.right} of {self.pairs} by {self.method}, {self.clue}"


@dataclass
class Traces:
    """Everywhere that marks stand: rows of tables (alive or dead) by step and file, and all hits in all bytes."""

    rows: dict[tuple[int, Path], list[tuple[str, int, Row]]]  # (side, person, row)
    hits: list[Hit]

    def tables(self) -> set[Path]:
        """The tables in which a mark, or something that points to one, has rows."""
        return {path for _step, path in self.rows}


def in_order(a: Numbers, b: Numbers, tie: Callable[[str, int], bytes]) -> dict[int, int]:
    """The first here is the first there, the second the second, and so on."""
    ranked_a = sorted(a, key=lambda one: (a[one], tie("A", one)))
    ranked_b = sorted(b, key=lambda one: (b[one], tie("B", one)))
    return dict(zip(ranked_a, ranked_b, strict=False))


def nearest(a: Numbers, b: Numbers, tie: Callable[[str, int], bytes]) -> dict[int, int]:
    """To each the one there with the closest number."""
    return {one: min(b, key=lambda other: (abs(a[one] - b[other]), tie("B", other))) for one in a}


def following(a: Numbers, b: Numbers, tie: Callable[[str, int], bytes]) -> dict[int, int]:
    """To each the one there with the next higher number; to the last ones, the closest."""

    def rank(one: int, other: int) -> tuple[bool, int, bytes]:
        return b[other] < a[one], abs(a[one] - b[other]), tie("B", other)

    return {one: min(b, key=lambda other: rank(one, other)) for one in a}


METHODS = {"order": in_order, "nearest": nearest, "next": following}


def guesses(clues: Sequence[Clue], a: Marks, b: Marks) -> list[Guess]:
    """Every method with every clue. Where numbers are equal, the marks' own random bytes decide: nothing is learned."""
    sides = {"A": a, "B": b}
    found = []
    for clue in clues:
        both = clue.a.keys() & clue.b.keys()
        here, there = ({one: side[one] for one in both} for side in (clue.a, clue.b))
        if len(both) >= FEWEST:
            for name, method in METHODS.items():
                pairs = method(here, there, lambda side, one: sides[side][one])
                found.append(Guess(clue.name, name, frozenset(pairs.items())))
    return found


def gate(guesses: Sequence[Guess]) -> int:
    """So many right pairs in any of these guesses are too many to be chance, but for FALSE_ALARM of all runs.

    Right pairs of a blind guess are close to a Poisson distribution with mean 1, whatever the number of people: 6 or
    more in 0.06 % of all runs, which is the gate for one try. Several tries need a higher one; those that put the same
    marks together count once.
    """
    tries, need = len({guess.pairing for guess in guesses}), 1
    while tries * _at_least(need) > FALSE_ALARM:
        need += 1
    return need


def _at_least(count: int) -> float:
    return 1 - sum(math.exp(-1) / math.factorial(number) for number in range(count))


def trace(folder: Path, everything: Bytes, a: Marks, b: Marks) -> Traces:
    """Where the marks stand below this folder, and what points to their rows, over STEPS steps."""
    wanted = {mark: (side, person) for side, marks in (("A", a), ("B", b)) for person, mark in marks.items()}
    shelves = [Shelf(path) for server in data_directories(folder) for path in tables(server)]
    known = set(wanted)
    found: dict[tuple[int, Path], list[tuple[str, int, Row]]] = {}
    patterns = dict(patterns_of(wanted, "mark"))
    for step in range(STEPS):
        met: dict[bytes, tuple[str, int]] = {}
        for shelf in shelves:
            for raw, row in shelf.holding(wanted):
                if row.key not in known:
                    found.setdefault((step, shelf.path), []).append((*wanted[raw], row))
                    met[row.key] = wanted[raw]
        patterns |= dict(patterns_of(met, f"id at step {step}"))
        known |= met.keys()
        wanted = met
    return Traces(found, everything.find(patterns))


def patterns_of(wanted: Mapping[bytes, tuple[str, int]], what: str) -> Iterator[tuple[bytes, Pattern]]:
    """All ways in which these marks or ids are written down."""
    for raw, (side, person) in wanted.items():
        for form, how in forms(raw):
            yield form, Pattern(f"{side} {person}", f"{what} ({how})")


def forms(raw: bytes) -> Iterator[tuple[bytes, str]]:
    """A mark or an id as bytes, as hex (dumps write bytes so), and with an id's hyphens."""
    text = raw.hex()
    yield raw, "bytes"
    yield text.encode(), "hex"
    if len(raw) == 16:
        yield "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).encode(), "id"


class Shelf:
    """One file of a table or an index."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path.read_bytes()
        self.rows: list[Row] | None = None

    def holding(self, wanted: Mapping[bytes, object]) -> Iterator[tuple[bytes, Row]]:
        """The rows, alive or dead, that have one of these values in their columns."""
        for at, raw in matches(self.data, wanted):
            self.rows = self.rows if self.rows is not None else self._rows()
            place = bisect_right(self.rows, at, key=lambda row: row.start) - 1
            if place >= 0 and self.rows[place].end >= at + len(raw):
                yield raw, self.rows[place]

    def _rows(self) -> list[Row]:
        return sorted(rows(self.path), key=lambda row: row.start)


def clues(traces: Traces) -> list[Clue]:
    """Every number that rows and places give: of the first and of the last time that a mark turns up."""
    found: dict[str, Clue] = {}
    for (step, path), met in sorted(traces.rows.items()):
        for side, person, row in met:
            for name, number in numbers(row):
                _note(found, f"{name} (step {step}, file {path.name})", side, person, number)
    for hit in traces.hits:
        side, whose = hit.what.split()
        places = {"place": hit.offset, "place, pages from their end": upside_down(hit.offset)}
        for name, number in places.items():
            _note(found, f"{name} of {hit.how} in {hit.where}", side, int(whose), number)
    return list(found.values())


def numbers(row: Row) -> Iterator[tuple[str, int]]:
    """What a row tells: who wrote it, who locked or deleted it, its line, and its place."""
    yield "transaction", row.xmin
    yield "locked or deleted by", row.xmax
    yield "line", row.page * PAGE + row.item
    yield "place of the row", upside_down(row.start)


def upside_down(offset: int) -> int:
    """PostgreSQL fills a page from its end, so within a page a lower place is a later one."""
    return offset // PAGE * PAGE + PAGE - offset % PAGE


def _note(found: dict[str, Clue], name: str, side: str, person: int, number: int) -> None:
    for end, better in (("first", min), ("last", max)):
        clue = found.setdefault(f"{end} {name}", Clue(f"{end} {name}"))
        known = clue.a if side == "A" else clue.b
        known[person] = better(known.get(person, number), number)
