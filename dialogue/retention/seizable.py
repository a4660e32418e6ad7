"""What a search of this server would yield today, in numbers: never a word, a name or an id."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import redis
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.models import F, QuerySet
from psycopg import sql

from accounts.models import InviteCode, Participant, User, today
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.notes.models import FacilitatorNote
from dialogue.retention.backup import backups
from dialogue.retention.kept import GROUPS
from dialogue.retention.key_backup import listed
from dialogue.retention.scrub import is_due
from dialogue.sessions.models import Alias, DialogueSession
from dialogue.threads.models import Comment
from seeds.datamap import Kept
from seeds.vault import Unreadable, keys_kept, unseal

ROUND = "thread__round__dialogue_session"


@dataclass(frozen=True)
class Line:
    """One figure: of what, how many, and what whoever has it can do with it. "?" where this role may not look."""

    what: str
    number: int | str
    remark: str = ""


@dataclass(frozen=True)
class Part:
    """One kind of thing that would be found."""

    title: str
    lines: list[Line]


def report() -> list[Part]:
    """All parts, in the order of the data map; then what lies beside the database."""
    tables = [Part(f"Rows: {group.title}", _rows(group.tables)) for group in GROUPS if group.tables]
    return [*tables, _texts(), _people(), _keys(), _in_memory(), _log_files(), _write_ahead_log(), _backups()]


def _rows(tables: dict[str, tuple[Kept, ...]]) -> list[Line]:
    levels = {name: sorted({str(kept.level) for kept in table}) for name, table in tables.items()}
    return [Line(name, _count(name), ", ".join(levels[name])) for name in tables]


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        return int(cursor.fetchone()[0])


def _sealed() -> dict[str, QuerySet]:
    """Everything that is sealed, each as rows of session, row and bytes."""
    comments = Comment.objects.exclude(body=None)
    decisions = ModerationDecision.objects.exclude(note=None)
    replies = ProposedEdit.objects.exclude(note=None)
    return {
        "texts": comments.values_list(ROUND, "pk", "body"),
        "notes to authors": decisions.values_list(f"comment__{ROUND}", "pk", "note"),
        "words proposed": ProposedEdit.objects.values_list(f"comment__{ROUND}", "pk", "body"),
        "reasons for them": replies.values_list(f"comment__{ROUND}", "pk", "note"),
        "facilitators' notes": FacilitatorNote.objects.values_list("dialogue_session", "pk", F("body")),
    }


def _texts() -> Part:
    lines = []
    for what, rows in _sealed().items():
        opened = [_opens(*row) for row in rows.iterator()]
        lines.append(Line(f"{what}, readable with the keys on this disk", sum(opened)))
        lines.append(Line(f"{what}, readable by nobody any more", len(opened) - sum(opened)))
    gone = Comment.objects.filter(body=None).count()
    return Part("Sealed words", [*lines, Line("texts taken back", gone, "destroyed; the place is left")])


def _opens(session: object, row: object, sealed: bytes) -> bool:
    try:
        unseal(session, row, sealed)  # type: ignore[arg-type]  # UUIDs, as values_list brings them
    except Unreadable:
        return False
    return True


def _people() -> Part:
    tagged = Alias.objects.exclude(tag=None).count()
    return Part(
        "Participants",
        [
            Line("accounts", Participant.objects.count(), "no name, no contact; opened by seven words only"),
            Line("drawn names with a tag", tagged, "whoever has the seven words finds their names"),
            Line("drawn names without a tag", Alias.objects.filter(tag=None).count(), "nobody can be found from them"),
            Line("unused cards", InviteCode.objects.count(), "as digests"),
            Line("people with a name", User.objects.count(), "listeners, facilitators, operators"),
        ],
    )


def _keys() -> Part:
    kept = set(keys_kept())
    known = set(DialogueSession.objects.values_list("pk", flat=True))
    return Part(
        "Keys of sessions",
        [
            Line("key files on this disk", len(kept), "whoever has them reads those sessions"),
            Line("of them for no session that is known", len(kept - known)),
            Line("sessions without a key", len(known - kept), "their words are gone for good"),
            Line("keys in the sealed copy", len(listed()), "opens with a key that is not on this server"),
        ],
    )


def _in_memory() -> Part:
    unreadable = "none can be read without its browser's cookie"
    return Part(
        "In Redis' memory",
        [
            Line("web sessions", _kept_in("sessions"), unreadable),
            Line("files and new cards that wait for one person", _kept_in("pickup"), unreadable),
        ],
    )


def _kept_in(cache: str) -> int:
    prefix = settings.CACHES[cache]["KEY_PREFIX"]
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return sum(1 for _ in client.scan_iter(f"{prefix}:*", count=1000))


def _log_files() -> Part:
    files = sorted(Path(settings.DATA_DIR).glob("*.log"))
    size = sum(path.stat().st_size for path in files)
    remark = "place and kind of faults; what the programs print elsewhere is the system's log"
    return Part("Logs", [Line("files in the data folder", len(files)), Line("bytes in them", size, remark)])


def _write_ahead_log() -> Part:
    changed = "yes" if is_due() else "no"
    return Part(
        "What PostgreSQL remembers",
        [
            Line("files of the write-ahead log", _wal_files()),
            Line("rows changed since the last clean-up", changed, "yes: who wrote with whom may be found on the disk"),
        ],
    )


def _wal_files() -> int | str:
    """How many; "?" for a role that may not look (it needs pg_monitor)."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_ls_waldir()")
            return int(cursor.fetchone()[0])
    except ProgrammingError:
        return "?"


def _backups() -> Part:
    days = [day for _path, day in backups()]
    oldest = (today() - min(days)).days if days else 0
    return Part(
        "Backups",
        [
            Line(
                "backups on this disk",
                len(days),
                "open with a key that is not on this server; no session's key in them",
            ),
            Line("age of the oldest in days", oldest),
        ],
    )


def printed(parts: Iterable[Part], write: Callable[[str], object]) -> None:
    """The report as plain lines."""
    for part in parts:
        write(f"\n{part.title}")
        for line in part.lines:
            write(f"  {line.number:>8}  {line.what}{f' ({line.remark})' if line.remark else ''}")
