"""`manage.py check` says what a copy of the program lacks that no setting tells."""

from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name

from seeds import catalogs


def check_catalogs(**_options: Any) -> list[CheckMessage]:
    """One warning a language whose words are not compiled: its pages would silently be English."""
    return [
        Warning(
            f"The words of the language {po.parts[-3]} are not compiled: its pages are in English.",
            hint="python -m seeds.catalogs",
            id="seeds.W001",
        )
        for po in catalogs.missing()
    ]
