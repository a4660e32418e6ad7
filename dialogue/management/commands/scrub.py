"""`manage.py scrub`: destroy what the database itself remembers about order and time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from dialogue.retention.postgres import findings
from dialogue.retention.scrub import Report, ScrubError, scrub, scrub_if_due


def told(report: Report) -> str:
    """The report in plain words."""
    words = (
        f"Cleaned up: {report.rows} rows in {report.seconds:.1f} s,"
        f" of which pages had to wait {report.closed_seconds:.1f} s."
    )
    if report.complete:
        return words
    return f"{words}\nPeople were writing: their last rows are treated by the next clean-up."


class Command(BaseCommand):
    """Exit code 1 when nothing could be done, or when the server keeps a memory that this can't reach."""

    help = "Clean up what the database remembers about order and time, if rows changed since the last time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="also when no row changed")

    def handle(self, *_args: Any, force: bool, **_options: Any) -> None:
        try:
            report = scrub() if force else scrub_if_due()
        except ScrubError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(told(report) if report else "Nothing changed since the last clean-up.")
        if missing := findings(connection):
            lines = [f"{one.what} {one.why}\n  {one.mend}" for one in missing]
            raise CommandError("\n".join(["This server remembers more than it should:", *lines]))
