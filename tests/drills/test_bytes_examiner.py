"""The second examiner sees: pages, dead rows and packed values of a real server, and every way to write a mark down."""

import base64
import gzip
import itertools
import json
import math
import os
import secrets
import struct
import subprocess
import uuid
import zlib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from django.conf import settings
from django.db import connection

from seeds import vault
from seeds.embedded import postgres_programs
from tests.drills import bytes_forms, bytes_pages, bytes_search
from tests.drills.bytes_examiner import Sought, opened, packed_addresses, shapes
from tests.drills.bytes_links import Clue, Guess, following, gate, guesses, in_order, nearest
from tests.drills.bytes_pages import Row
from tests.drills.bytes_search import Bytes, beyond_chance, by_chance, gather, matches
from tests.drills.people import Person

WORDS = "acorn bucket cactus dagger eagle fabric galaxy"
MARK = "tovemirakulopa"


@pytest.fixture
def table(transactional_db: None) -> Iterator[str]:
    """A table of this test's own."""
    name = f"drill_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (id uuid, body text)")
        try:
            yield name
        finally:
            cursor.execute(f"DROP TABLE {name}")


def data_directory() -> Path:
    return Path(os.environ["DATA_DIR"]) / "postgres"


def file_of(table: str, *, side: bool = False) -> Path:
    """Its file, or its side table's, as the server says; everything is written to it first."""
    named = "SELECT reltoastrelid FROM pg_class WHERE oid = %s::regclass" if side else "SELECT %s::regclass::oid"
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(f"SELECT pg_relation_filepath(({named})::oid)", [table])
        (found,) = cursor.fetchone()
    return data_directory() / str(found)


def insert(table: str, body: str, method: str = "pglz") -> uuid.UUID:
    key = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN body SET COMPRESSION {method}")
        cursor.execute(f"INSERT INTO {table} VALUES (%s, %s)", [key, body])
    return key


def test_rows_alive_and_dead_as_the_server_tells_them(table: str) -> None:
    keys = [insert(table, f"text {number}") for number in range(3)]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [keys[0]])
        cursor.execute(f"UPDATE {table} SET body = 'other' WHERE id = %s", [keys[1]])
        cursor.execute(f"SELECT id, xmin::text::bigint FROM {table}")
        told = dict(cursor.fetchall())

    rows = list(bytes_pages.rows(file_of(table)))

    assert [uuid.UUID(bytes=row.key) for row in rows] == [*keys, keys[1]]
    assert [row.alive for row in rows] == [False, False, True, True]
    assert {uuid.UUID(bytes=row.key): row.xmin for row in rows if row.alive} == told
    assert [row.columns[17:] for row in rows] == [b"text 0", b"text 1", b"text 2", b"other"]
    assert [number for page in bytes_pages.pages(file_of(table)) for number, _, _ in page.items()] == [1, 2, 3, 4]


def test_what_a_page_keeps_of_rows_that_are_gone(table: str) -> None:
    insert(table, MARK)
    insert(table, "another text that stays")
    assert [left for page in bytes_pages.pages(file_of(table)) for left in page.leftovers()] == []
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE body = %s", [MARK])
        cursor.execute(f"VACUUM {table}")

    path = file_of(table)

    assert [row.columns[17:] for row in bytes_pages.rows(path)] == [b"another text that stays"]
    left = b"".join(content for page in bytes_pages.pages(path) for _, content in page.leftovers())
    assert (MARK.encode() in path.read_bytes()) == (MARK.encode() in left)


def test_tables_and_their_indexes_by_name(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {table}_order ON {table} (id)")
        cursor.execute(f"CREATE TABLE {table}_beside (id uuid PRIMARY KEY)")
        cursor.execute(f"CLUSTER {table} USING {table}_order")
    path = file_of(table)
    assert bytes_pages.names(path.parent)[table] == path
    assert bytes_pages.indexes(path.parent, [table]) == {f"{table}_order": file_of(f"{table}_order")}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {table}_beside")


def lz4_or_pglz() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.parametrize("length", [60, 400])
def test_packed_values_in_rows_and_side_tables(table: str, length: int) -> None:
    texts = {}
    for method in lz4_or_pglz():
        noise = " ".join(f"{secrets.token_hex(8)} and nobody said a word to us {MARK}" for _ in range(length))
        texts[method] = noise.encode()
        insert(table, noise, method)

    paths = (file_of(table), file_of(table, side=True))

    assert "pglz" in texts
    rows = [row for path in paths for row in bytes_pages.rows(path)]
    values = [*bytes_pages.toast_values(rows), *(value for row in rows for value in bytes_pages.compressed(row))]
    assert {*texts.values()} == {*bytes_forms.toasted(values)}
    assert (len(list(bytes_pages.rows(paths[1]))) > 0) == (length > 60)


def test_compressed_by_hand() -> None:
    assert bytes_forms.pglz(b"\x08abc\x06\x03", 12) == b"abcabcabcabc"
    assert bytes_forms.pglz(b"\x02a\x0f\x01\x05", 1 + 18 + 5) == b"a" * 24
    assert bytes_forms.lz4(b"\x35abc\x03\x00\x50xyzzy", 17) == b"abcabcabcabcxyzzy"
    assert bytes_forms.lz4(b"\x1fa\x01\x00\x04\x10z", 1 + 19 + 4 + 1) == b"a" * 24 + b"z"
    for broken in (b"\x01\x00\x09", b"\x01", b"\x08ab"):
        with pytest.raises(ValueError, match=r"cut off|before the beginning|not as long"):
            bytes_forms.pglz(broken, 12)
    with pytest.raises(ValueError, match="cut off"):
        bytes_forms.lz4(b"\x35abc\x03", 12)


def test_the_log_in_the_order_of_writing(tmp_path: Path) -> None:
    """A segment kept for later use has a later name and older content; a mark crosses from one page to the next."""

    def page(address: int, content: bytes, *, first: bool = False) -> bytes:
        header = struct.pack("<HHIQI", 0xD118, 2 if first else 0, 1, address, 0).ljust(40 if first else 24, b"\0")
        return (header + content).ljust(bytes_pages.PAGE, b".")

    half = bytes_pages.PAGE - 24 - 7
    (tmp_path / "pg_wal").mkdir()
    newer = page(0x2000000, b"newer", first=True) + page(0x2002000, b"-" * half + MARK[:7].encode())
    (tmp_path / "pg_wal/000000010000000000000002").write_bytes(newer + page(0x2004000, MARK[7:].encode()) + b"x" * 8192)
    (tmp_path / "pg_wal/000000010000000000000009").write_bytes(page(0x1000000, b"older", first=True))

    stream = bytes_pages.log_stream(tmp_path)

    assert stream.index(b"older") < stream.index(b"newer") < stream.index(MARK.encode())
    assert stream.endswith(b"x" * 8192)


def test_the_real_log_holds_what_was_just_written(table: str) -> None:
    insert(table, MARK + " in the log")
    assert MARK.encode() + b" in the log" in bytes_pages.log_stream(data_directory())


@pytest.mark.parametrize("length", [4, 6, 7, 14, 15, 40])
def test_every_place_of_a_pattern_is_found(length: int) -> None:
    mark = secrets.token_bytes(length)
    for before in range(40):
        assert [*matches(bytes(before) + mark, [mark, b"else" * 9])] == [(before, mark)]
        assert [*matches(bytes(before) + mark + bytes(9), [mark])] == [(before, mark)]
    assert [*matches(bytes(200), [mark])] == []
    with pytest.raises(ValueError, match="too short"):
        list(matches(b"", [b"abc"]))


def test_a_mark_across_pieces_is_found_in_each_file() -> None:
    there = Bytes()
    content = bytes(bytes_search.STEP - 5) + MARK.encode() + bytes(3 * bytes_search.STEP)
    there.add("one", content)
    there.add("the same again", content)
    there.add("short", b"x" + MARK.upper().encode())
    hits = there.find({MARK.encode(): bytes_search.Pattern("mark", "text", folded=True)})
    assert [(hit.where, hit.offset) for hit in hits] == [("one", 8187), ("short", 1), ("the same again", 8187)]
    assert str(hits[1]) == "mark as text in short at 1"
    assert there.size < 3 * bytes_search.STEP < there.read  # the same piece is looked through once


def mail(text: str, coding: str) -> bytes:
    message = EmailMessage()
    message.set_content(f"{'a line before it ' * 9}{text}, ü", cte=coding)
    return message.as_bytes()


def dumped(text: str) -> bytes:
    """As in a dump of the custom format: one stream, cut into parts with their lengths between."""
    stream = zlib.compress((secrets.token_hex(9_000) + text).encode())
    parts = [stream[at : at + 4096] for at in range(0, len(stream), 4096)]
    assert len(parts) > 2
    return b"PGDMP" + b"".join(b"\0" + struct.pack("<i", len(part)) + part for part in parts) + b"\0\0\0\0\0"


@pytest.mark.parametrize(
    "written",
    [
        WORDS.encode(),
        WORDS.upper().encode(),
        WORDS.title().encode("utf-16-le"),
        WORDS.encode("utf-16-be"),
        WORDS.encode("utf-32"),
        WORDS.encode().hex().encode(),
        WORDS.encode().hex().upper().encode(),
        json.dumps({"words": WORDS}).encode(),
        urlencode({"words": WORDS}).encode(),
        base64.b64encode(b"x" + WORDS.encode() + b"yz"),
        base64.b64encode(b"xx" + WORDS.encode()),
        base64.urlsafe_b64encode(b"xxx" + WORDS.encode() + b"x"),
        gzip.compress(b"a log that was put away: " + WORDS.encode()),
        gzip.compress(zlib.compress(b"twice packed, to be sure: " + WORDS.encode())),
        gzip.compress(b"cut off in the middle of writing " + WORDS.encode() + secrets.token_bytes(4000))[:-900],
        b"noise" + zlib.compress(secrets.token_hex(5_000).encode() + WORDS.encode()) + b"noise",
        dumped(WORDS),
        mail(WORDS, "base64"),
        mail(WORDS, "quoted-printable"),
    ],
    ids=map(str, itertools.count()),  # the bytes themselves would make other names in each process
)
def test_words_are_found_however_they_are_written(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "file").write_bytes(secrets.token_bytes(3000) + written if b"\n" not in written else written)
    (tmp_path / "other").write_bytes(secrets.token_bytes(9000))
    hits = gather(tmp_path).find(shapes(Sought("P4", "words", WORDS)))
    assert {hit.what for hit in hits} == {"P4 words"}
    assert {hit.where.partition(",")[0] for hit in hits} == {"file"}
    assert gather(tmp_path, without=["file"]).find(shapes(Sought("P4", "words", WORDS))) == []


def test_a_real_dump_of_the_custom_format_is_read(table: str, tmp_path: Path) -> None:
    insert(table, secrets.token_hex(90_000) + MARK)
    program, target = postgres_programs() / "pg_dump", tmp_path / "dump"
    url = f"host={settings.DATABASES['default']['HOST']} dbname={connection.settings_dict['NAME']} user=seeds"
    subprocess.run([program, "--format=custom", f"--table={table}", f"--file={target}", url], check=True)
    assert MARK.encode() not in target.read_bytes()
    assert gather(tmp_path).find(shapes(Sought("P6", "text", MARK))) != []


def test_digests_that_anybody_could_recompute(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "raw").write_bytes(b"key" + hashlib.sha1(b"127.77.101.9").digest())
    (tmp_path / "text").write_text("rl:login:" + hashlib.sha256(b"127.77.101.9").hexdigest())
    hits = gather(tmp_path).find(shapes(Sought("P3", "address", "127.77.101.9")))
    assert [(hit.where, hit.how) for hit in hits] == [("raw", "sha1"), ("text", "hex of sha256")]


def test_four_bytes_prove_something_only_when_they_are_many() -> None:
    people = [Person(number, "0123456789AB") for number in range(20)]
    there = Bytes()
    there.add("memory", b"".join(bytes_forms.packed_address(person.address) + bytes(3) for person in people))
    assert len({hit.what for hit in there.find(packed_addresses(people))}) == 20
    expected = by_chance(4, 30_000_000, len(packed_addresses(people)))
    assert round(expected, 2) == 0.56
    assert [beyond_chance(found, expected) for found in (1, 2, 5, 8, 20)] == [False, False, False, True, True]


def test_texts_open_with_their_key_in_their_row_only() -> None:
    key, row_id = secrets.token_bytes(32), uuid.uuid4()
    box, nonce = ChaCha20Poly1305(key), secrets.token_bytes(12)
    sealed = nonce + box.encrypt(nonce, MARK.encode().ljust(vault.BLOCK, b"\0"), row_id.bytes)
    columns = row_id.bytes + struct.pack("<I", (len(sealed) + 4) << 2) + sealed + b"\x0bheld"

    def texts(columns: bytes, *boxes: ChaCha20Poly1305) -> list[bytes]:
        return [text.rstrip(b"\0") for text in opened(Row(Path("x"), 0, 1, 0, 9, 3, 0, 0, columns), boxes)]

    assert texts(columns, ChaCha20Poly1305(bytes(32)), box) == [MARK.encode()]
    assert texts(columns, ChaCha20Poly1305(bytes(32))) == texts(uuid.uuid4().bytes + columns[16:], box) == []


def tie(side: str, person: int) -> bytes:
    return (b"ba" if side == "A" else b"ab")[person : person + 1]


def test_ways_to_pair() -> None:
    here, there = {1: 10, 2: 20, 3: 30}, {1: 11, 2: 26, 3: 29}
    assert in_order(here, there, lambda side, one: b"") == {1: 1, 2: 2, 3: 3}
    assert nearest(here, there, lambda side, one: b"") == {1: 1, 2: 2, 3: 3}
    assert following({1: 10, 2: 20, 3: 30}, {1: 19, 2: 29, 3: 31}, lambda side, one: b"") == {1: 1, 2: 2, 3: 3}
    assert in_order({0: 5, 1: 5}, {0: 5, 1: 5}, tie) == {0: 1, 1: 0}  # equal numbers tell nothing


def test_a_clue_counts_those_who_are_on_both_sides() -> None:
    marks = {number: secrets.token_bytes(32) for number in range(20)}
    clue = Clue("line", {number: 2 * number for number in marks}, {number: 2 * number + 1 for number in range(1, 20)})
    found = {guess.method: (guess.right, guess.pairs) for guess in guesses([clue], marks, marks)}
    assert found == {"order": (19, 19), "nearest": (found["nearest"][0], 19), "next": (19, 19)}
    assert guesses([Clue("line", {1: 1}, {1: 1})], marks, marks) == []  # one pair is always right


def right_by_chance(people: int, at_least: int) -> float:
    """Exactly: permutations of so many with so many or more that stay in place."""

    def nobody(count: int) -> int:
        return sum((-1) ** k * math.factorial(count) // math.factorial(k) for k in range(count + 1))

    ways = sum(math.comb(people, count) * nobody(people - count) for count in range(at_least, people + 1))
    return ways / math.factorial(people)


def test_the_gate_rings_by_chance_once_in_a_thousand_runs() -> None:
    def tries(count: int) -> list[Guess]:
        return [Guess("", "", frozenset({(number, 0)})) for number in range(count)]

    assert gate([]) == 1
    assert [gate(tries(count)) for count in (1, 10, 80, 90, 100)] == [6, 7, 8, 8, 9]
    assert gate(tries(3) * 30) == gate(tries(3))  # what puts the same marks together is one try
    for count in (1, 10, 90):
        assert (
            count * right_by_chance(20, gate(tries(count)))
            <= 0.001
            < count * right_by_chance(20, gate(tries(count)) - 1)
        )
