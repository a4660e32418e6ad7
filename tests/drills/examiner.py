"""Searches bytes for marks, however they may be written: as text in several encodings, in hex, in base64, in a URL.

A file is read once as a row of 4-byte pieces. A mark can stand in it only if all pieces of the mark are among them for
one of the four ways it can lie; only then is it looked for in earnest. So thousands of marks cost as much as one.
"""

import base64
import html
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

PIECE = 4
SHORTEST = 2 * PIECE - 1
GZIP = b"\x1f\x8b\x08"


@dataclass(frozen=True)
class Mark:
    """Something that may not be found: what it is, and whose."""

    kind: str
    whose: str
    raw: bytes


@dataclass(frozen=True)
class Find:
    """A mark in a file."""

    kind: str
    whose: str
    file: str


def spellings(raw: bytes) -> set[bytes]:
    """Every way in which these bytes are looked for."""
    text = raw.decode("utf-8", "replace")
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), *in_base64(raw)}
    if "\ufffd" not in text:
        spelled = {text, text.upper(), text.lower(), quote(text), quote_plus(text), html.escape(text)}
        spelled |= {json.dumps(text)[1:-1]}
        found |= {one.encode(code) for one in spelled for code in ("utf-8", "utf-16-le", "utf-16-be")}
    return {one for one in found if len(one) >= SHORTEST}


def in_base64(raw: bytes) -> Iterator[bytes]:
    """The characters that these bytes become for certain, whatever stands before and after them."""
    for before in range(3):
        whole = (before + len(raw)) // 3 * 3
        coded = base64.b64encode((b"\0" * before + raw)[:whole])[4 if before else 0 :]
        yield coded
        yield coded.translate(bytes.maketrans(b"+/", b"-_"))


def pieces(data: bytes) -> set[int]:
    """The 4-byte pieces of the data, as numbers."""
    whole = len(data) // PIECE * PIECE
    return set(memoryview(data)[:whole].cast("I"))


class Examiner:
    """Knows the marks, looks through files."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self.files = self.bytes = 0  # looked through so far
        self.needles: dict[bytes, Mark] = {}
        for mark in marks:
            assert len(mark.raw) >= SHORTEST, mark
            self.needles |= dict.fromkeys(spellings(mark.raw), mark)
        #: By one piece of each needle, for each of the ways it can lie: all its pieces, and the needle.
        self.ways: dict[int, list[tuple[set[int], bytes]]] = {}
        for needle in self.needles:
            for skip in range(PIECE):
                way = pieces(needle[skip:])
                self.ways.setdefault(max(way), []).append((way, needle))

    def in_bytes(self, data: bytes, file: str = "") -> set[Find]:
        """What of the marks stands in the data."""
        self.files, self.bytes = self.files + 1, self.bytes + len(data)
        seen = pieces(data)
        ways = (way for piece in self.ways.keys() & seen for way in self.ways[piece])
        maybe = {needle for way, needle in ways if way <= seen}
        marks = (self.needles[needle] for needle in maybe if needle in data)
        return {Find(mark.kind, mark.whose, file) for mark in marks}

    def in_files(self, *places: Path, leave_out: Callable[[Path], bool] = lambda path: False) -> set[Find]:
        """What of the marks stands in these files and folders, names of files included."""
        found: set[Find] = set()
        for place in places:
            for path in [place] if place.is_file() else sorted(place.rglob("*")):
                if path.is_file() and not path.is_symlink() and not leave_out(path):
                    name = str(path.relative_to(place.parent))
                    found |= self.in_bytes(name.encode() + b"\0" + plain(path.read_bytes()), name)
        return found


def plain(data: bytes) -> bytes:
    """The data, and beside it what it is when unpacked."""
    if not data.startswith(GZIP):
        return data
    try:
        return data + zlib.decompressobj(wbits=31).decompress(data)
    except zlib.error:
        return data
