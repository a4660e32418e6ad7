"""`manage.py load_demo`: fills an empty installation with the demo, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo.load import CannotLoad, load


class Command(BaseCommand):
    help = "Fill an empty installation with the demo. A second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load()
        except CannotLoad as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The demo is loaded." if loaded else "The demo was loaded before; nothing was changed.")
