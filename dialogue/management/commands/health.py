"""`manage.py health`: the operator's page on the command line, also when nobody can sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dialogue.retention.health import Part, parts

SHOWN = {"done": "ok   ", "warn": "look ", "stop": "RED  "}


def told(part: Part) -> list[str]:
    """The part in plain words."""
    first = f"{SHOWN[part.kind]} {part.name}: {part.word}" + (f", {part.since}" if part.since else "")
    rest = [text for text in (part.mend, part.names) if text]
    return [first, *rest, *(f"{one.what} {one.mend}" for one in part.findings)]


class Command(BaseCommand):
    """Exit code 1 when something is red."""

    help = "Say which parts of the site work, and what to do about those that don't. Changes nothing, sends nothing."
    requires_system_checks: Any = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = parts(timezone.now())
        for part in found:
            self.stdout.write("\n       ".join(told(part)))
        red = sum(part.is_red for part in found)
        if red:
            raise CommandError(f"{red} of these are red.")
