"""`manage.py restore FILE --identity KEY`: an encrypted backup into an empty database."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dialogue.retention import restore as restoring
from dialogue.retention.clock import NotAllDone
from dialogue.retention.key_backup import restore_keys
from dialogue.retention.scrub import ScrubError
from dialogue.retention.sealed_files import BackupError
from seeds.service import ServiceError


class Command(BaseCommand):
    """Stop web, worker and beat before; afterwards they may start again."""

    help = "Restore an encrypted backup into an empty database, then delete what should be gone by now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--identity", type=Path, required=True, metavar="KEY", help="file with the age secret key")
        parser.add_argument("--into", metavar="URL", help="this empty database instead of DATABASE_URL")
        parser.add_argument("--keys", action="store_true", help="FILE is the copy of the key files")

    def handle(self, *_args: Any, file: Path, identity: Path, into: str | None, keys: bool, **_options: Any) -> None:
        if into:
            again = [sys.executable, *sys.argv[:1], "restore", str(file), "--identity", str(identity)]
            done = subprocess.run(again, env={**os.environ, "DATABASE_URL": into}, check=False)
            sys.exit(done.returncode)
        try:
            self._restore_keys(file, identity) if keys else self._restore(file, identity)
        except (BackupError, ScrubError, ServiceError, NotAllDone) as error:
            raise CommandError(str(error)) from error

    def _restore_keys(self, file: Path, identity: Path) -> None:
        self.stdout.write(f"{restore_keys(file, identity)} key files are there again.")

    def _restore(self, file: Path, identity: Path) -> None:
        restoring.restore(file, identity)
        self.stdout.write("Restored, and the schema is up to date.")
        restoring.forget_again()
        self.stdout.write("Deleted what should be gone by today, and cleaned up.")
        for line in restoring.remarks(file):
            self.stdout.write(line)
