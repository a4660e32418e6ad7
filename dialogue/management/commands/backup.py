"""`manage.py backup`: clean up, then write today's encrypted backup."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dialogue.retention.backup import back_up
from dialogue.retention.key_backup import back_up_keys
from dialogue.retention.scrub import ScrubError
from dialogue.retention.sealed_files import BackupError
from seeds.service import ServiceError


class Command(BaseCommand):
    """Exit code 1 when there is no backup; an earlier one of the same day is still there then."""

    help = "Clean up, then write today's encrypted backup of the database; with --keys, the copy of the key files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--keys", action="store_true", help="the key files of the sessions, not the database")

    def handle(self, *_args: Any, keys: bool, **_options: Any) -> None:
        try:
            path = back_up_keys() if keys else back_up()
        except (BackupError, ScrubError, ServiceError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Written: {path}")
