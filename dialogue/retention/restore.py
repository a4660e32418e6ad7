"""A backup comes back, and what should be gone by now goes again before anybody sees it."""

import subprocess
from pathlib import Path
from typing import BinaryIO, cast

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import today
from dialogue.retention import clock
from dialogue.retention.backup import NAME, ended_well, running
from dialogue.retention.scrub import scrub
from dialogue.retention.sealed_files import BackupError, check_whole, copy_clear, identities_from
from dialogue.sessions.models import DialogueSession, State
from seeds.vault import keys_kept


def restore(backup: Path, identity: Path) -> None:
    """Fill our database, which must be empty, from the backup, with a file that holds the operator's secret key.

    The whole file is read and authenticated before the database is touched, and everything is written in one
    transaction. Then the schema is brought up to date. Raises BackupError; the database is as empty as before then.
    """
    identities = identities_from(identity)
    check_empty()
    check_whole(backup, identities)
    connection.close()
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    with running("pg_restore", options, stdin=subprocess.PIPE) as process:
        entrance = cast(BinaryIO, process.stdin)
        try:
            copy_clear(backup, identities, entrance)
            entrance.close()
        except (BackupError, BrokenPipeError):
            ended_well(process)  # it knows better why it took no more
            raise
        ended_well(process)
    call_command("migrate", interactive=False, verbosity=0)


def check_empty() -> None:
    """Raises BackupError when the database holds a table."""
    if tables := connection.introspection.table_names():
        name = connection.settings_dict["NAME"]
        raise BackupError(f"The database {name} is not empty: it has {len(tables)} tables. Restore into an empty one.")


def forget_again() -> None:
    """Delete all that went, or was due to go, since the backup was taken: what the clock would have deleted.

    Raises clock.NotAllDone when some of it could not be done.
    """
    clock.run(timezone.now())
    scrub()


def remarks(backup: Path) -> list[str]:
    """What an operator has to know about a restored database: keys that are gone, and what can't be known."""
    open_ones = set(DialogueSession.objects.exclude(state=State.PURGED).values_list("pk", flat=True))
    told = [f"{len(open_ones)} sessions are there. The texts of {len(open_ones & set(keys_kept()))} can be read."]
    if match := NAME.fullmatch(backup.name):
        told.append(f"The backup is from {match[1]}; today is {today():%Y-%m-%d}.")
    told.append(
        "What people did since then is not known here: texts taken back are there again, so are accounts that were"
        " deleted and names that were forgotten, and cards used since then work again."
    )
    told.append(
        "So is what the team did not know or allow then: look again at who was removed or barred, at closed accounts,"
        " ended verifications and seats, and at every hold, before you let people in."
    )
    return told
