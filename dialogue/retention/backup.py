"""Backups that keep the promises: taken after a clean-up, encrypted on their way to the disk, gone after seven days.

The key files of the sessions are never in it; see key_backup.py.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import IO, BinaryIO, cast

from django.conf import settings
from django.db import connection, transaction
from psycopg import pq
from psycopg.conninfo import make_conninfo

from accounts.models import today
from dialogue.retention.models import Upkeep
from dialogue.retention.scrub import exclusively, scrub, untidy_tables
from dialogue.retention.sealed_files import UNFINISHED, BackupError, recipient_from, write_sealed
from dialogue.retention.upkeep import note_done
from seeds.embedded import postgres_client

TRIES = 5  # how often to clean up anew when somebody wrote before the snapshot was taken
NAME = re.compile(r"seeds-(\d{4}-\d\d-\d\d)\.age")  # the day and no time


def back_up() -> Path:
    """Write today's backup, replacing an earlier one of today; delete the old ones. The file's path.

    Raises BackupError, or what `scrub` raises: without a clean-up there is no backup.
    """
    delete_old()
    recipient = recipient_from(settings.BACKUP_RECIPIENT, "BACKUP_RECIPIENT")
    target = Path(settings.BACKUP_DIR) / f"seeds-{today():%Y-%m-%d}.age"
    with exclusively(), cleaned_snapshot() as snapshot:
        dump = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        with running("pg_dump", dump, stdout=subprocess.PIPE) as process:
            write_sealed(target, cast(BinaryIO, process.stdout), recipient, check=lambda: ended_well(process))
    note_done(Upkeep.Kind.BACKUP)
    return target


def back_up_if_due() -> Path | None:
    """Today's backup unless it is there, or unless there is no key to encrypt it with. Old ones go in any case."""
    delete_old()
    if not settings.BACKUP_RECIPIENT or any(day == today() for _path, day in backups()):
        return None
    return back_up()


def delete_old() -> list[Path]:
    """Delete what is BACKUP_DAYS old or older, and what an interrupted run left; the files deleted."""
    last = today() - timedelta(days=settings.BACKUP_DAYS)
    old = [path for path, day in backups() if day <= last]
    gone = [*old, *Path(settings.BACKUP_DIR).glob(f"*{UNFINISHED}")]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def backups() -> list[tuple[Path, date]]:
    """The backups that are there with their days, oldest first."""
    found = [(path, NAME.fullmatch(path.name)) for path in Path(settings.BACKUP_DIR).glob("seeds-*.age")]
    return sorted((path, date.fromisoformat(match[1])) for path, match in found if match)


@contextmanager
def cleaned_snapshot() -> Iterator[str]:
    """The name of a snapshot that shows every table as the clean-up left it: nothing written since is in it."""
    for _ in range(TRIES):
        scrub()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if untidy_tables(cursor):
                continue
            cursor.execute("SELECT pg_export_snapshot()")
            (name,) = cursor.fetchone()
            yield name
            return
    raise BackupError("People were writing each time the clean-up had ended. Please try again later.")


@contextmanager
def running(
    program: str, options: list[str], *, stdin: int | None = None, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """One of PostgreSQL's own programs at work on our database. Ended by force if its caller fails."""
    command = [str(postgres_client(program)), "--no-password", f"--dbname={_address()}", *options]
    environment = {**os.environ, "PGPASSWORD": str(connection.settings_dict["PASSWORD"])}
    with subprocess.Popen(command, env=environment, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def ended_well(process: subprocess.Popen[bytes]) -> None:
    """Wait for its end. Raises BackupError with what went wrong; details may hold values, so they are left out."""
    lines = cast(IO[bytes], process.stderr).read().decode(errors="replace").splitlines()
    if process.wait() != 0:
        raise BackupError(
            "\n".join(line for line in lines if ": error: " in line) or f"It ended with {process.wait()}."
        )


def _address() -> str:
    """Where our database is, for PostgreSQL's own programs; without the password, which others could see."""
    found = connection.settings_dict
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    options = {key: value for key, value in found["OPTIONS"].items() if key in known}
    place = {"dbname": found["NAME"], "user": found["USER"], "host": found["HOST"], "port": found["PORT"]}
    return make_conninfo("", **options, **{key: value for key, value in place.items() if value})
