"""`manage.py delete_due`: delete what is due now, by an operator who vouches for the clock."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dialogue.retention import clock


class Command(BaseCommand):
    """For after a long pause: the work in the background then deletes nothing, since the clock may be wrong."""

    help = "Delete what is due by this server's clock, after you have compared it with a clock that you trust."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--today", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD", help="in UTC")

    def handle(self, *_args: Any, today: date, **_options: Any) -> None:
        now = timezone.now()
        if now.date() != today:
            raise CommandError(f"Here it is {now:%Y-%m-%d} (UTC). Nothing was deleted. Mend this server's clock first.")
        try:
            clock.run(now)
        except clock.NotAllDone as error:
            raise CommandError(f"Some of it could not be deleted: {error}") from error
        self.stdout.write("What was due is deleted.")
