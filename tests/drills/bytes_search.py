"""Thousands of patterns in all bytes of a machine at once, whatever they are packed in.

Two ideas make it quick without any library. Of each pattern some words of eight bytes (four, if it is short) are its
anchors, such that one of them lies on a whole word of the file wherever the pattern stands; and every word of the
files is looked up in the set of anchors. And pages that are the same in several files, or empty, are read once.
"""

import itertools
import math
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from tests.drills import bytes_forms, bytes_pages

STEP = 8192
OVERLAP = 1024  # a pattern that crosses the end of a piece is found whole; none may be longer
WORDS: dict[int, Literal["Q", "I"]] = {8: "Q", 4: "I"}  # anchors: their length in bytes and the machine's word for it
RUN = 4096  # words that are looked at together
DEPTH = 3  # how often something unpacked is unpacked again


@dataclass(frozen=True)
class Pattern:
    """What is looked for: bytes, what they mean, and how they are written down."""

    what: str
    how: str
    folded: bool = False  # looked for in lowered bytes


@dataclass(frozen=True)
class Hit:
    """Where it stands: in which file (or what was unpacked from it) and from which byte on."""

    what: str
    how: str
    where: str
    offset: int

    def __str__(self) -> str:
        return f"{self.what} as {self.how} in {self.where} at {self.offset}"


class Bytes:
    """All bytes of some folders, in pieces that overlap, each different piece once."""

    def __init__(self) -> None:
        self.seen: dict[bytes, int] = {}  # piece -> its number
        self.asked: set[bytes] = set()
        self.parts: list[bytes] = []
        self.starts: list[int] = []
        self.places: list[list[tuple[str, int]]] = []  # of each piece, everywhere that it stands
        self.size = 0
        self.read = 0

    def add(self, where: str, data: bytes) -> None:
        """Take in one file's content, or what was unpacked from it."""
        self.read += len(data)
        for start in range(0, len(data), STEP):
            piece = data[start : start + STEP + OVERLAP]
            if not piece.strip(b"\0"):
                continue
            if piece in self.seen:
                self.places[self.seen[piece]].append((where, start))
                continue
            self.seen[piece] = len(self.starts)
            self.starts.append(self.size)
            self.places.append([(where, start)])
            self.parts.append(piece + b"\0" * (16 - len(piece) % 8))  # pieces begin at whole words
            self.size += len(self.parts[-1])

    def first(self, page: bytes) -> bool:
        """Whether nobody asked for this page's content before: databases are made as copies of each other."""
        known = page in self.asked
        self.asked.add(page)
        return not known

    def find(self, patterns: Mapping[bytes, Pattern]) -> list[Hit]:
        """Every place of every pattern. Patterns must be at least four bytes long."""
        exact = {raw: one for raw, one in patterns.items() if not one.folded}
        folded = {raw: one for raw, one in patterns.items() if one.folded}
        found = {*self._in(self.joined, exact), *self._in(self.lowered, folded)}
        return sorted(found, key=lambda hit: (hit.what, hit.where, hit.offset, hit.how))

    @cached_property
    def joined(self) -> bytes:
        """All pieces in a row. Nothing can be added any more."""
        joined = b"".join(self.parts)
        self.parts.clear()
        return joined

    @cached_property
    def lowered(self) -> bytes:
        """The same in lower case."""
        return self.joined.lower()

    def _in(self, joined: bytes, patterns: Mapping[bytes, Pattern]) -> Iterator[Hit]:
        for at, raw in matches(joined, patterns):
            piece = bisect_right(self.starts, at) - 1
            for where, start in self.places[piece]:
                yield Hit(patterns[raw].what, patterns[raw].how, where, start + at - self.starts[piece])


def matches(data: bytes, patterns: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Place and pattern, for patterns of at least four bytes."""
    by_sight: dict[tuple[int, int], list[bytes]] = {}
    for raw in patterns:
        if len(raw) < 4:
            raise ValueError("too short to mean anything")
        sight = (8, 8) if len(raw) >= 15 else (4, 4) if len(raw) >= 7 else (4, 1)
        by_sight.setdefault(sight, []).append(raw)
    for (width, step), some in by_sight.items():
        anchors = anchored(some, width, step)
        for shift in range(0, width, step):
            yield from _aligned(data, anchors, shift, width)


def anchored(patterns: Iterable[bytes], width: int, step: int) -> dict[int, list[tuple[int, bytes]]]:
    """Word -> (place in the pattern, pattern). Who reads words `step` bytes apart is sure to meet one of them."""
    anchors: dict[int, list[tuple[int, bytes]]] = {}
    for raw in patterns:
        middle = (len(raw) - width - step + 1) // 2
        for at in range(middle, middle + step):
            (word,) = memoryview(raw[at : at + width]).cast(WORDS[width])
            anchors.setdefault(word, []).append((at, raw))
    return anchors


def _aligned(
    data: bytes, anchors: Mapping[int, list[tuple[int, bytes]]], shift: int, width: int
) -> Iterator[tuple[int, bytes]]:
    wanted = frozenset(anchors)
    view = memoryview(data)[shift : len(data) - (len(data) - shift) % width].cast(WORDS[width])
    for first in range(0, len(view), RUN):
        run = view[first : first + RUN]
        if wanted.isdisjoint(run):
            continue
        for number, word in enumerate(run, first):
            for before, raw in anchors.get(word, ()):
                place = shift + number * width - before
                if place >= 0 and data.startswith(raw, place):
                    yield place, raw


def gather(folder: Path, *, without: Container[str] = ()) -> Bytes:
    """Every file below the folder, but for some that lie in it, as it is and unpacked."""
    found = Bytes()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        is_log = bytes_pages.WAL_NAME.search(path.name)  # which comes as a whole, below
        if path.is_file() and not path.is_symlink() and inside.parts[0] not in without and not is_log:
            take_in(found, str(inside), path.read_bytes())
    for directory in bytes_pages.data_directories(folder):
        take_in_database(found, str(directory.relative_to(folder)), directory)
    return found


def take_in(found: Bytes, where: str, data: bytes, depth: int = 0) -> None:
    """The content, and what is packed in it."""
    found.add(where, data)
    if b"\0" not in data[:STEP] and b"\n" in data:  # text: mail breaks its lines in the middle of what it codes
        found.add(f"{where}, lines joined", data.replace(b"=\r\n", b"").replace(b"=\n", b"").replace(b"\n", b""))
        found.add(f"{where}, lines joined", data.replace(b"\r", b"").replace(b"\n", b""))
    if depth < DEPTH and data.strip(b"\0"):
        for content in bytes_forms.unpacked(data):
            take_in(found, f"{where}, unpacked", content, depth + 1)


def take_in_database(found: Bytes, where: str, directory: Path) -> None:
    """What lies in pieces: values in side tables, packed values, records that cross pages of the log."""
    take_in(found, f"{where}, log", bytes_pages.log_stream(directory))
    for path in bytes_pages.relations(directory):
        name = f"{where}/{path.relative_to(directory)}, value"
        fresh = [page for page in bytes_pages.pages(path) if page.is_heap and found.first(page.data)]
        rows = [row for page in fresh for row in page.rows()]
        values = list(bytes_pages.toast_values(rows))
        packed = (value for row in rows for value in bytes_pages.compressed(row))
        for content in itertools.chain(values, bytes_forms.toasted(values), bytes_forms.toasted(packed)):
            found.add(name, content)


def by_chance(length: int, size: int, patterns: int) -> float:
    """How many of so many random patterns stand by chance somewhere in `size` bytes of noise."""
    return patterns * size / 256.0**length


def beyond_chance(found: int, expected: float, alarm: float = 1e-6) -> bool:
    """Whether so many finds are more than noise gives, but for one case in 1/alarm (Poisson)."""
    fewer = sum(math.exp(-expected) * expected**count / math.factorial(count) for count in range(found))
    return 1 - fewer < alarm
