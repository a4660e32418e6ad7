"""Reads a dump of the database, and opens what keys, words and settings can open. It uses nothing that runs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from accounts.participants import keys

NONCE = 12
COPIED = re.compile(r"^COPY public\.(\w+) \((.*?)\) FROM stdin;\n(.*?)^\\\.$", re.DOTALL | re.MULTILINE)
Row = dict[str, str]


@dataclass(frozen=True)
class Dump:
    """The text of a plain dump."""

    text: str

    @classmethod
    def read(cls, path: Path) -> "Dump":
        return cls(path.read_text())

    @cached_property
    def tables(self) -> dict[str, list[Row]]:
        """The rows of each table, in the order of the dump; NULL is missing."""
        parts = re.findall(
            r"^COPY public\.(\w+) \((.*?)\) FROM stdin;\n(.*?)^\\\.$", self.text, re.DOTALL | re.MULTILINE
        )
        return {name: [row_of(columns, line) for line in lines.splitlines()] for name, columns, lines in parts}

    @property
    def aliases(self) -> list[Row]:
        return self.tables["dialogue_alias"]

    @cached_property
    def talk_of_thread(self) -> dict[str, str]:
        """The talk of each thread."""
        rounds = {row["id"]: row["dialogue_session_id"] for row in self.tables["dialogue_round"]}
        return {row["id"]: rounds[row["round_id"]] for row in self.tables["dialogue_thread"]}

    def texts(self, talk: str) -> list[Row]:
        """The texts of this talk that have words."""
        rows = self.tables["dialogue_comment"]
        return [row for row in rows if "body" in row and self.talk_of_thread[row["thread_id"]] == talk]

    def names_of(self, words: str) -> list[Row]:
        """The names that these seven words lead to."""
        root = keys.root_key(words)
        accounts = self.tables["accounts_participant"]
        own = [row for row in accounts if raw(row["lookup"]) == keys.lookup(root)]
        talks = [UUID(row["id"]) for row in self.tables["dialogue_dialoguesession"]]
        masters = [keys.unwrap(root, raw(row["wrapped"])) for row in own]
        tags = {keys.alias_tag(keys.alias_key(master), talk) for master in masters for talk in talks}
        return [row for row in self.aliases if "tag" in row and raw(row["tag"]) in tags]

    def words_by(self, names: Iterable[Row], boxes: list[bytes]) -> list[str]:
        """What these names wrote, to the team too, and notes to them about it, as far as one of the keys opens it."""
        pks = {row["id"] for row in names}
        texts = [row for row in self.tables["dialogue_comment"] if row.get("alias_id") in pks and "body" in row]
        ids = {row["id"] for row in self.tables["dialogue_comment"] if row.get("alias_id") in pks}
        notes = [
            row for row in self.tables["dialogue_moderationdecision"] if row["comment_id"] in ids and "note" in row
        ]
        for private in ("dialogue_privatemessage", "dialogue_objection"):
            texts += [row for row in self.tables[private] if row.get("alias_id") in pks and "body" in row]
        opened = [unsealed(row["id"], row["body"], boxes) for row in texts]
        opened += [unsealed(row["id"], row["note"], boxes) for row in notes]
        return [text for text in opened if text is not None]


def row_of(columns: str, line: str) -> Row:
    pairs = zip(columns.replace('"', "").split(", "), line.split("\t"), strict=True)
    return {name: value for name, value in pairs if value != "\\N"}


def raw(value: str) -> bytes:
    """Bytes as a dump writes them."""
    return bytes.fromhex(value.removeprefix("\\\\x"))


def unsealed(pk: str, sealed: str, boxes: list[bytes]) -> str | None:
    """The words, if one of the keys opens them."""
    data = raw(sealed)
    for box in boxes:
        try:
            padded = ChaCha20Poly1305(box).decrypt(data[:NONCE], data[NONCE:], UUID(pk).bytes)
        except InvalidTag:
            continue
        return padded.rstrip(b"\0")[:-1].decode()
    return None


def keys_in(folder: Path) -> list[bytes]:
    """All 32 bytes that a folder of keys holds."""
    return [path.read_bytes() for path in sorted(folder.glob("*.key"))]
