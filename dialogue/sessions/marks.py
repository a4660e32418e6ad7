"""Marks of what a page was opened with, so that of two people who change one row nobody destroys the other's words."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Manager, Model, QuerySet
from django.utils.translation import gettext_lazy as _

Marks = dict[str, str]  # by the field's name


def mark(value: Any) -> str:
    """What tells one value of a field from another, however a form gives it back: line ends, seconds, order aside."""
    if isinstance(value, Manager | QuerySet):
        told = ",".join(sorted(str(one.pk) for one in value.all()))
    elif isinstance(value, datetime):
        told = f"{value.astimezone(UTC):%Y-%m-%dT%H:%M}"
    else:
        told = "\n".join(str(value).strip().splitlines())
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def marks_of(row: Model, names: Iterable[str]) -> Marks:
    """The marks of these fields of the row as it stands."""
    return {name: mark(getattr(row, name)) for name in names}


def refuse_stale(row: Model, fields: dict[str, Any], seen: Marks) -> None:
    """Raises ValidationError for each of `fields` that says something else by now than when its page was opened.

    `row` must be fresh and locked. Two who wrote the same are no trouble; nor is a field without a mark.
    """
    now = marks_of(row, fields.keys() & seen.keys())
    stale = [name for name, one in now.items() if one not in (seen[name], mark(fields[name]))]
    if stale:
        text = _(
            "A colleague changed this meanwhile. Open this page again in a new window, and put your words in there."
        )
        raise ValidationError(dict.fromkeys(stale, text))
