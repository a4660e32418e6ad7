"""Mail that went out, temporary files, and what programs have open: nothing of participants in any of it."""

import base64
import gzip
import json
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from tests.drills import marks
from tests.drills.conftest import Tell
from tests.drills.dumps import Dump
from tests.drills.examiner import Examiner, Mark
from tests.drills.seized import Seized

pytestmark = pytest.mark.slow


def recipients(seized: Seized) -> Counter[str]:
    """To whom mail went, and how often."""
    mails = [message_from_bytes(path.read_bytes()) for path in seized.place("mail").glob("*.eml")]
    return Counter(str(mail["X-Envelope-To"]) for mail in mails)


def named(seized: Seized) -> set[str]:
    """The addresses that the database knows: team, listeners, partners."""
    tables = Dump.read(seized.place("dump.sql")).tables
    return {row["email"] for name in ("accounts_user", "accounts_outreachpartner") for row in tables[name]}


def names_and_texts(seized: Seized) -> list[Mark]:
    """What people are called in talks, and what they wrote."""
    names = [Mark("name", str(one.number), name.encode()) for one in seized.people for name in one.names.values()]
    return names + marks.words_in_clear(seized)


@pytest.mark.promise("P1", "P8")
def test_no_mail_tells_of_participants_or_is_set_off_by_them(
    seized: Seized, seized_on_defaults: Seized, tell: Tell
) -> None:
    ours, theirs = (recipients(one) for one in (seized, seized_on_defaults))
    found, control = (
        Examiner(names_and_texts(one)).in_files(one.place("mail")) for one in (seized, seized_on_defaults)
    )
    talks = len(seized.sessions)
    often = {address: count for address, count in theirs.items() if count > talks}
    tell("P8", f"{ours.total()} mails for names, texts, and for mail set off by what people did", found, often)
    assert found == set()
    assert ours.total() > 0
    assert set(ours) <= named(seized)
    assert max(ours.values()) <= talks  # a reminder of each talk: what 20 people did brought none
    assert often == {"operations@seeds.example": 21}  # the framework's mails about faults
    assert {find.kind for find in control} >= {"text lost"}


@pytest.mark.promise("P3", "P6")
def test_no_temporary_file(seized: Seized, tell: Tell) -> None:
    left = [path.name for name in ("tmp", "here") for path in seized.place(name).rglob("*") if path.is_file()]
    opened = [line.split(" ", 1) for line in seized.place("open.txt").read_text().splitlines()]
    elsewhere = {(name, target) for name, target in opened if target.startswith("/") and not expected(target)}
    tell(
        "P6",
        f"temporary and working folders, {len(opened)} open files of five programs",
        left,
        "see the examiner's tests",
    )
    assert left == []
    assert {name for name, _ in opened} == {"web", "worker", "beat", "postgres", "redis"}
    assert elsewhere == set()


def expected(target: str) -> bool:
    """Whether a program may have this file open: devices, memory shared by PostgreSQL, its own folder."""
    return target.startswith(("/dev/", "/proc/")) or "/scene/data/" in target or "/site-packages/" in target


@pytest.mark.parametrize(
    "spell",
    [
        lambda mark: mark,
        lambda mark: mark.decode().encode("utf-16-le"),
        lambda mark: mark.decode().encode("utf-16-be"),
        lambda mark: mark.hex().encode(),
        lambda mark: mark.hex().upper().encode(),
        base64.b64encode,
        lambda mark: base64.b64encode(b"a" + mark + b"b"),
        lambda mark: base64.urlsafe_b64encode(b"ab" + mark + b"c"),
        lambda mark: quote_plus(mark).encode(),
        lambda mark: json.dumps(mark.decode()).encode(),
        lambda mark: gzip.compress(b"before " + mark + b" after"),
    ],
)
@pytest.mark.parametrize("before", range(4))
def test_the_examiner_sees_a_mark_however_it_is_written(
    spell: Callable[[bytes], bytes], before: int, tmp_path: Path
) -> None:
    mark = "tüva lomérin & <kadozelu>".encode()
    examiner = Examiner([Mark("text", "one", mark)])
    written = spell(mark)
    start = b"" if written.startswith(b"\x1f\x8b") else b"x" * before
    (tmp_path / "file").write_bytes(start + written + b"y" * 9)
    (tmp_path / "other").write_bytes(b"tuva lomerin and kadozelu" * 3)
    assert {(find.kind, Path(find.file).name) for find in examiner.in_files(tmp_path)} == {("text", "file")}
