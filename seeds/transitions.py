"""State changes that two people can't both win."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)


class NotAllowed(Exception):
    """The row is not (or no longer) in a state from which this step may be taken; nothing was changed."""


def move(
    row: M,
    to: str,
    *,
    sources: Iterable[str],
    field: str = "state",
    where: dict[str, Any] | None = None,
    **values: Any,
) -> M:
    """Put `row` into state `to` by one conditional UPDATE, together with `values`.

    The row must be in one of `sources` and match `where` at that very moment; otherwise NotAllowed is raised and
    nothing changes. The passed instance is brought up to date.
    """
    manager = type(row)._base_manager
    condition = {"pk": row.pk, f"{field}__in": list(sources), **(where or {})}
    changes = {field: to, **values}
    if manager.filter(**condition).update(**changes) != 1:
        raise NotAllowed(f"{type(row).__name__} can't become {to} now")
    row.refresh_from_db(fields=list(changes))
    return row
