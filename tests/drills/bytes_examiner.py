"""A second examiner of a seized server, who knows no SQL: everything is bytes in files.

It shares with the first one what was seized and what each person did (seized.py), and nothing else. What it asks:
does any mark of a person stand anywhere, in any form; what do the files tell about who is who; what is left of what
was destroyed; and what can be read with the keys that lie there. Each answer comes with something that is known to
be there, so that "nothing" can't mean that it looked in the wrong place.
"""

import base64
import hmac
import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tests.drills import bytes_forms, bytes_links, bytes_pages
from tests.drills.bytes_links import Guess, Traces
from tests.drills.bytes_pages import Row
from tests.drills.bytes_search import Bytes, Hit, Pattern, beyond_chance, by_chance, gather
from tests.drills.people import Person
from tests.drills.seized import Seized

#: What lies in the folder for those who compare, and never lay on the server.
NOT_SEIZED = ("truth.json", "physical.json", "backup.key", "scene")
RARE = re.compile(r"\b[a-z]{14}\b")  # the made-up word in each text
COMMON = 3  # letters of each word that count, as at the sign-in
PEOPLE = ("accounts_participant", "accounts_invitecode")
FRAGMENT = 16  # bytes of a ciphertext that are enough to know it
EVERY = 64  # bytes from one fragment to the next
SEALED = range(284, 6_001)  # bytes of a sealed text: 12 + 16 and whole blocks of 256


@dataclass(frozen=True)
class Sought:
    """Something that a person could have left: whose, what, and the promise that it is nowhere."""

    promise: str
    what: str
    text: str = ""
    raw: bytes = b""


class Examiner:
    """Looks at one seized server. Everything is read once, when it is asked for."""

    def __init__(self, seized: Seized) -> None:
        self.seized = seized

    @cached_property
    def everything(self) -> Bytes:
        """All bytes that were carried away, also unpacked."""
        return gather(self.seized.folder, without=NOT_SEIZED)

    @cached_property
    def hits(self) -> list[Hit]:
        """Where anything stands that is looked for, also what may be there. One look for all of it saves much time."""
        patterns: dict[bytes, Pattern] = {}
        for one in marks(self.seized):
            patterns |= shapes(one)
        patterns |= shapes(Sought("card", "unused", raw=digest_of(self.seized, self.seized.unused_code)))
        for fate, bodies in (("destroyed", self.seized.destroyed), ("kept", self.seized.kept)):
            for number, body in enumerate(bodies):
                patterns |= fragments(f"{fate} {number}", body)
        return self.everything.find(patterns | packed_addresses(self.seized.people))

    def found(self, promise: str) -> list[Hit]:
        """Where marks stand that must be nowhere, by the promise that says so ("P3")."""
        return [hit for hit in self.hits if hit.what.startswith(f"{promise} ")]

    def kinds(self, promise: str) -> dict[str, int]:
        """Of how many people which kind of mark was found."""
        return dict(Counter(what.split()[1] for what in {hit.what for hit in self.found(promise)}))

    def packed(self) -> set[str]:
        """Addresses that stand there as four bytes, if they are more than chance explains; else none.

        Any four bytes stand in 30 MB of noise once in 140 times. With 20 people, two addresses each and two orders of
        bytes, one find in two runs means nothing; so many as noise gives once in a million runs do.
        """
        addresses = {hit.what for hit in self.hits if hit.what.startswith("packed ")}
        expected = by_chance(4, self.everything.size, len(packed_addresses(self.seized.people)))
        return addresses if beyond_chance(len(addresses), expected) else set()

    def bodies(self, fate: str) -> set[int]:
        """Numbers of the ciphertexts ("destroyed" or "kept") of which a fragment stands anywhere."""
        return {int(hit.what.split()[1]) for hit in self.hits if hit.what.startswith(f"{fate} ")}

    def unused_card(self) -> list[Hit]:
        """Where the digest of the card stands that nobody used; it has to be there."""
        return [hit for hit in self.hits if hit.what == "card unused"]

    def places_of(self, value: bytes) -> set[str]:
        """The files in which this value stands, as bytes, as hex or in base64."""
        return {hit.where for hit in self.everything.find(shapes(Sought("", "", raw=value)))}

    def readable(self, database: str, key_folder: str) -> Bytes:
        """Every text in the raw tables of that copy that one of these keys opens, in rows alive or dead."""
        boxes = [ChaCha20Poly1305(path.read_bytes()) for path in sorted(self.seized.place(key_folder).glob("*.key"))]
        found = Bytes()
        for path in bytes_pages.relations(self.seized.place(database)):
            for row in bytes_pages.rows(path):
                for text in opened(row, boxes):
                    found.add(f"{path.name}, opened", text)
        return found

    def texts_in(self, there: Bytes) -> dict[str, set[int]]:
        """Kind -> numbers of the people whose text of this kind stands there, by the rare word that is its own."""
        patterns = {
            RARE.findall(text)[-1].encode(): Pattern(f"{kind} {person.number}", "text")
            for person in self.seized.people
            for kind, text in person.texts.items()
        }
        found: dict[str, set[int]] = {}
        for hit in there.find(patterns):
            kind, number = hit.what.split()
            found.setdefault(kind, set()).add(int(number))
        return found

    @cached_property
    def tags(self) -> dict[str, dict[int, bytes]]:
        """Session -> person -> mark: what is to be paired. From the dump's text, by the names that people had."""
        found: dict[str, dict[int, bytes]] = {}
        for line in self.seized.place("dump.sql").read_text().splitlines():
            for side, session in self.seized.sessions.items():
                if line.endswith(session) and (
                    mark := re.match(r"[0-9a-f-]{36}\t\\\\x([0-9a-f]{64})\t([^\t]+)\t", line)
                ):
                    person = next(one for one in self.seized.people if one.names[session] == mark[2])
                    found.setdefault(side, {})[person.number] = bytes.fromhex(mark[1])
        return found

    @cached_property
    def traces(self) -> Traces:
        """Where these marks stand, and the rows that point to theirs."""
        return bytes_links.trace(self.seized.folder, self.everything, self.tags["A"], self.tags["B"])

    @cached_property
    def guesses(self) -> list[Guess]:
        """What each way of pairing puts together."""
        return bytes_links.guesses(bytes_links.clues(self.traces), self.tags["A"], self.tags["B"])

    def people_tables(self, copy: str) -> dict[str, Path]:
        """Name -> file of each table with rows about participants: accounts, cards, and all that point to a mark."""
        tables = self.traces.tables()
        database = next(path.parent for path in tables if path.is_relative_to(self.seized.place(copy)))
        named = bytes_pages.names(database)
        return {name: path for name, path in named.items() if path in tables or name in PEOPLE}

    def people_relations(self, copy: str) -> dict[str, Path]:
        """These, and each index on one of them."""
        tables = self.people_tables(copy)
        return tables | bytes_pages.indexes(next(iter(tables.values())).parent, tables)


def marks(seized: Seized) -> Iterator[Sought]:
    """Everything about people that must be nowhere, by promise."""
    yield Sought("P3", "listener's address", seized.listeners_address)
    for person in seized.people:
        yield from marks_of(person)
        yield Sought("P5", f"card of {person.number}", raw=digest_of(seized, person.code))


def marks_of(person: Person) -> Iterator[Sought]:
    """What one person could leave: where from, with what, which words, which card, which texts."""
    number = person.number
    for name in ("address", "forwarded", "agent", "path"):
        yield Sought("P3", f"{name} of {number}", getattr(person, name))
    for cookie in person.cookies:
        yield Sought("P4", f"cookie of {number}", cookie)
    for phrase in (person.words, person.wrong_words):
        for spelled in spellings(phrase):
            yield Sought("P4", f"words of {number}", spelled)
    for spelled in (person.code, "-".join(re.findall("....", person.code))):
        yield Sought("P5", f"code of {number}", spelled)
    for kind, text in person.texts.items():
        for word in set(RARE.findall(text)):
            yield Sought("P6", f"{kind} of {number}", word)


def spellings(phrase: str) -> Iterator[str]:
    """The words as typed, three of them in a row, and what counts of them, with each sign that may stand between."""
    words = phrase.split()
    short = [word[:COMMON] for word in words]
    for between in (" ", "-", "+", ",", "", "\n", "', '"):
        yield between.join(words)
        yield between.join(short)
    for start in range(len(words) - 2):
        yield " ".join(words[start : start + 3])


def digest_of(seized: Seized, code: str) -> bytes:
    """What the database held of a card, computed from the settings that lie there."""
    salt = re.search(r"^SITE_SALT=(.+)$", seized.place("environment.txt").read_text(), re.MULTILINE)
    assert salt
    return hmac.digest(base64.b64decode(salt[1]), b"seeds/v1/card/" + code.encode(), "sha256")


def shapes(one: Sought) -> dict[bytes, Pattern]:
    """All patterns for it."""
    raw = one.raw or one.text.encode()
    name = f"{one.promise} {one.what}"
    found = {form: Pattern(name, how) for form, how in bytes_forms.as_coded(raw).items()}
    for how, digest in [("itself", raw), *((how, digest) for digest, how in bytes_forms.digests(raw).items())]:
        found |= {digest: Pattern(name, how), digest.hex().encode(): Pattern(name, f"hex of {how}", folded=True)}
    written = bytes_forms.as_written(one.text) if one.text else {}
    return found | {form: Pattern(name, how, folded=True) for form, how in written.items()}


def fragments(name: str, body: bytes) -> dict[bytes, Pattern]:
    """Patterns for pieces of a ciphertext, as bytes and as a dump writes them."""
    found: dict[bytes, Pattern] = {}
    for start in [*range(0, len(body) - FRAGMENT, EVERY), len(body) - FRAGMENT]:
        piece = body[start : start + FRAGMENT]
        found |= {piece: Pattern(name, "bytes"), piece.hex().encode(): Pattern(name, "hex")}
    return found


def packed_addresses(people: Iterable[Person]) -> dict[bytes, Pattern]:
    """Patterns for addresses as sockets and databases keep them, in both orders of bytes."""
    found: dict[bytes, Pattern] = {}
    for address in (address for person in people for address in (person.address, person.forwarded)):
        raw = bytes_forms.packed_address(address)
        found |= {form: Pattern(f"packed {address}", "four bytes") for form in (raw, raw[::-1])}
    return found


def opened(row: Row, boxes: Iterable[ChaCha20Poly1305]) -> Iterator[bytes]:
    """The sealed texts of a row that one of the keys opens: tried at each place where one could begin."""
    for at in range(0, len(row.columns) - SEALED.start, 4):
        (head,) = struct.unpack_from("<I", row.columns, at)
        if head & 3 == 0 and (head >> 2) - 4 in SEALED:
            body = row.columns[at + 4 : at + (head >> 2)]
            for box in boxes:
                try:
                    yield box.decrypt(body[:12], body[12:], row.key)
                except InvalidTag:
                    continue
