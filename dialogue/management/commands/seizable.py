"""`manage.py seizable`: what a search of this server would yield today."""

from typing import Any

from django.core.management.base import BaseCommand

from dialogue.retention.seizable import printed, report


class Command(BaseCommand):
    """Reads everything, changes nothing, prints numbers only."""

    help = "Print what a search of this server would yield today, in numbers and without any content."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write("What a search of this server would find today. In numbers only.")
        printed(report(), self.stdout.write)
