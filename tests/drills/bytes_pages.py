"""PostgreSQL's files without PostgreSQL: pages, rows that live and rows that are dead, and the write-ahead log.

Layouts as in the server's sources: bufpage.h, itemid.h, htup_details.h, nbtree.h, xlog_internal.h, relmapper.c.
"""

import re
import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = 8192
LAYOUT = PAGE | 4  # size and version of the layout, as a page header says it
NORMAL = 1  # a line pointer's flag
HEADER = struct.Struct("<QHHHHHHI")  # LSN, checksum, flags, lower, upper, special, layout, oldest xid
TUPLE = struct.Struct("<IIIHHHHHB")  # xmin, xmax, cid, ctid (block hi, lo, item), infomasks, where the columns begin
BTREE_SPECIAL = 16
XMAX_INVALID = 0x0800
LOCK_ONLY = 0x0080
WAL_MAGIC = range(0xD100, 0xD200)
WAL_NAME = re.compile(r"[0-9A-F]{24}$")
RELATION = re.compile(r"(\d+)(\.\d+)?$")
PG_CLASS = 1259
FIRST_OWN = 16384  # what the server brings itself has lower numbers
MAP_MAGIC = 0x592717


@dataclass(frozen=True)
class Row:
    """One row of a table as it lies in its file, alive or dead. `start` and `end` are offsets in the file."""

    path: Path
    page: int
    item: int
    start: int
    end: int
    xmin: int
    xmax: int
    infomask: int
    columns: bytes

    @property
    def alive(self) -> bool:
        """Nobody deleted or changed it: no xmax, an invalid one, or one that only locked it."""
        return self.xmax == 0 or bool(self.infomask & (XMAX_INVALID | LOCK_ONLY))

    @property
    def key(self) -> bytes:
        """The first 16 bytes: the row's id, in a table whose first column is a UUID."""
        return self.columns[:16]


@dataclass(frozen=True)
class Page:
    """One page of a table or an index."""

    path: Path
    number: int
    data: bytes
    lower: int
    upper: int
    special: int

    @property
    def is_heap(self) -> bool:
        return self.special == PAGE

    @property
    def is_btree(self) -> bool:
        return self.special == PAGE - BTREE_SPECIAL

    def items(self) -> Iterator[tuple[int, int, int]]:
        """Number, offset and length of each item that has a body."""
        for item in range((self.lower - HEADER.size) // 4):
            (pointer,) = struct.unpack_from("<I", self.data, HEADER.size + 4 * item)
            offset, flags, length = pointer & 0x7FFF, pointer >> 15 & 3, pointer >> 17
            if flags == NORMAL and self.upper <= offset and offset + length <= self.special:
                yield item + 1, offset, length

    def rows(self) -> Iterator[Row]:
        """Of a table's page: each row in it."""
        for item, offset, length in self.items():
            if length < TUPLE.size or not self.is_heap:
                continue
            xmin, xmax, _cid, _hi, _lo, _at, _mask2, mask, columns = TUPLE.unpack_from(self.data, offset)
            start = self.number * PAGE + offset
            body = self.data[offset + columns : offset + length]
            yield Row(self.path, self.number, item, start, start + length, xmin, xmax, mask, body)

    def leftovers(self) -> Iterator[tuple[int, bytes]]:
        """Offset in the file and bytes of what no item owns: the hole in the middle, and gaps between bodies."""
        edge = self.lower
        for offset, length in sorted((offset, length) for _item, offset, length in self.items()):
            yield from self._left(edge, offset)
            edge = max(edge, offset + length)
        yield from self._left(edge, self.special)

    def _left(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        if left := self.data[start:end].rstrip(b"\0"):
            yield self.number * PAGE + start, left


def pages(path: Path) -> Iterator[Page]:
    """Each page of a table's or index's file that was ever used; what has no page header is left out."""
    data = path.read_bytes()
    for start in range(0, len(data) - PAGE + 1, PAGE):
        _lsn, _sum, _flags, lower, upper, special, layout, _xid = HEADER.unpack_from(data, start)
        if layout == LAYOUT and HEADER.size <= lower <= upper <= special <= PAGE:
            yield Page(path, start // PAGE, data[start : start + PAGE], lower, upper, special)


def rows(path: Path) -> Iterator[Row]:
    """Each row of a table, alive or dead."""
    for page in pages(path):
        if page.is_heap:
            yield from page.rows()


def relations(data_directory: Path) -> Iterator[Path]:
    """The files of tables and indexes of all databases, shared ones too, not their maps of free space."""
    for path in sorted([*data_directory.glob("base/*/*"), *data_directory.glob("global/*")]):
        if RELATION.match(path.name) and path.is_file():
            yield path


def tables(data_directory: Path) -> Iterator[Path]:
    """Of these, the tables that the server did not bring itself, in all databases."""
    for path in relations(data_directory):
        if int(path.name.partition(".")[0]) >= FIRST_OWN and (first := next(pages(path), None)) and first.is_heap:
            yield path


def names(database: Path) -> dict[str, Path]:
    """Name -> file of each table and index of one database (a folder below `base`), read from the raw pg_class."""
    return {name: path for name, (_xmin, _oid, path) in _catalog(database).items()}


def indexes(database: Path, tables: Collection[str]) -> dict[str, Path]:
    """Name -> file of each index on one of these tables, read from the raw pg_index."""
    known = _catalog(database)
    wanted = {known[name][1] for name in tables}
    pairs = {struct.unpack_from("<II", row.columns) for row in rows(known["pg_index"][2])}
    oids = {index for index, table in pairs if table in wanted}
    return {name: path for name, (_xmin, oid, path) in known.items() if oid in oids}


def _catalog(database: Path) -> dict[str, tuple[int, int, Path]]:
    """Name -> who wrote the row, number, and file, of each table and index."""
    found: dict[str, tuple[int, int, Path]] = {}
    for row in rows(database / str(mapped(database / "pg_filenode.map")[PG_CLASS])):
        name = row.columns[4:68].rstrip(b"\0").decode()
        (oid,), (number,) = (struct.unpack_from("<I", row.columns, at) for at in (0, 88))
        path = database / str(number)
        # Of the versions of one row, the last one whose file still exists is the one that counts; what is being
        # rewritten has a passing name of its own meanwhile.
        if path.exists() and not name.startswith("pg_temp_") and (name not in found or found[name][0] < row.xmin):
            found[name] = (row.xmin, oid, path)
    return found


def mapped(path: Path) -> dict[int, int]:
    """Of the few catalogs that can't be looked up in a catalog: id -> number of the file."""
    data = path.read_bytes()
    magic, count = struct.unpack_from("<II", data)
    if magic != MAP_MAGIC:
        raise ValueError(f"no map of files: {path}")
    return dict(struct.iter_unpack("<II", data[8 : 8 + 8 * count]))


def toast_values(rows: Iterable[Row]) -> Iterator[bytes]:
    """Large values that lie in pieces in a side table, put together. Rows of another kind of table give nothing."""
    pieces: dict[int, list[tuple[int, bytes]]] = {}
    for row in rows:
        if len(row.columns) >= 16 and (piece := varlena(row.columns, 8)):
            value, number = struct.unpack_from("<II", row.columns)
            pieces.setdefault(value, []).append((number, piece))
    for parts in pieces.values():
        if [number for number, _part in sorted(parts)] == list(range(len(parts))):
            yield b"".join(part for _number, part in sorted(parts))


def varlena(data: bytes, at: int) -> bytes:
    """The plain value of changing length that stands there, or b"" if there is none."""
    if data[at] & 1:
        return data[at + 1 : at + (data[at] >> 1)]
    (word,) = struct.unpack_from("<I", data, at)
    return data[at + 4 : at + (word >> 2)] if word & 3 == 0 else b""


def compressed(row: Row) -> Iterator[bytes]:
    """Every stretch of a row that could be a compressed value: from its word about size and method on."""
    for at in range(0, len(row.columns) - 12, 4):
        head, info = struct.unpack_from("<II", row.columns, at)
        if head & 3 == 2 and 12 < head >> 2 <= len(row.columns) - at and (head >> 2) - 8 < info & 0x3FFFFFFF < 1 << 24:
            yield row.columns[at + 4 : at + (head >> 2)]


def wal_files(folder: Path) -> list[Path]:
    """All segments of the write-ahead log, also those set aside under any folder."""
    return sorted(path for path in folder.rglob("*") if WAL_NAME.search(path.name) and path.is_file())


def log_stream(data_directory: Path) -> bytes:
    """All bytes of the write-ahead log in the order of writing, without the pages' headers, which interrupt records.

    Segments kept for later use carry old content under a new name, so each page goes where its own header says; what
    has no such header comes at the end.
    """
    parts, others = [], []
    for path in wal_files(data_directory):
        data = path.read_bytes()
        for start in range(0, len(data), PAGE):
            magic, flags, _timeline, address = struct.unpack_from("<HHIQ", data, start)
            if magic in WAL_MAGIC:
                parts.append((address, data[start + (40 if flags & 2 else 24) : start + PAGE]))
            else:
                others.append(data[start : start + PAGE].rstrip(b"\0"))
    return b"".join([*(part for _address, part in sorted(parts)), *others])


def data_directories(folder: Path) -> list[Path]:
    """Every server's data directory below a folder."""
    return sorted(mark.parent for mark in folder.rglob("PG_VERSION") if (mark.parent / "global").is_dir())
