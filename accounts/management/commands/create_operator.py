"""`manage.py create_operator EMAIL NAME`: the way in for the first operator."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from accounts.models import Role
from accounts.team.actions import GOOD_FOR, invite


class Command(BaseCommand):
    """Prints the link of an invitation; no mail is sent."""

    help = "Invite an operator: prints a link that is good for seven days and works once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("name", metavar="NAME")

    def handle(self, *_args: Any, email: str, name: str, **_options: Any) -> None:
        try:
            validate_email(email)
            _invitation, token = invite(email=email, name=name, role=Role.OPERATOR, is_peer=False, by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        link = settings.SITE_URL + reverse("accounts:invitation", args=[token])
        self.stdout.write(f"Open this link within {GOOD_FOR.days} days to become an operator:\n{link}")
