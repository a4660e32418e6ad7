"""`manage.py check --deploy` says what this PostgreSQL lacks."""

from typing import Any

from django.core.checks import CheckMessage, Info, Warning  # noqa: A004 - Django's name
from django.db import OperationalError, connection

from dialogue.retention.postgres import findings


def check_postgres(**_options: Any) -> list[CheckMessage]:
    """One warning a finding. Without a database to ask there is only a note: a build has none."""
    try:
        found = findings(connection)
    except OperationalError:
        return [Info("No database answers, so its settings were not checked.", id="retention.I001")]
    return [Warning(f"{one.what} {one.why}", hint=one.mend, id="retention.W001") for one in found]
