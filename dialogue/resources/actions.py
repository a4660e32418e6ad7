"""Keeping the help lines right. The day of a check is always today: nobody can type it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from dialogue.audit import actions as audit
from dialogue.audit.models import AuditEvent
from dialogue.resources.models import Resource
from dialogue.resources.policies import day_here, mark_of, may_change, may_check
from seeds.transitions import NotAllowed

WORDS = ("kind", "name", "contact", "hours", "note")


def _record(resource_pk: UUID, what: str, by: User) -> None:
    audit.write(AuditEvent.Verb.CHANGE_RESOURCE, by=by, detail=f"{what} {resource_pk}")


def _operator(by: User) -> None:
    if not may_change(by):
        raise NotAllowed(_("Only operators change help lines."))


def _as_seen(resource: Resource, seen: str) -> Resource:
    """The row, locked. Raises NotAllowed if it is not what the caller's page showed."""
    row = Resource.objects.select_for_update().filter(pk=resource.pk).first()
    if row is None:
        raise NotAllowed(_("Somebody deleted this help line in the meantime."))
    if mark_of(row) != seen:
        raise NotAllowed(_("Somebody changed this help line in the meantime. Please look at it as it is now."))
    return row


def _is_called(called: bool) -> None:
    if not called:
        raise ValidationError({"called": _("Call there first, or go there. Then tick this box.")})


@transaction.atomic
def check_resource(resource: Resource, *, seen: str, by: User) -> Resource:
    """Note that somebody called there or went there today, and that what the page showed (`seen`) is right."""
    if not may_check(by):
        raise NotAllowed(_("Only the team checks help lines."))
    row = _as_seen(resource, seen)
    row.verified_on = day_here()
    row.save(update_fields=["verified_on"])
    _record(row.pk, "checked", by)
    return row


@transaction.atomic
def add_resource(pk: UUID, *, called: bool, by: User, **words: Any) -> Resource:
    """A new line, last of its kind. Raises ValidationError if nobody has called there. The same `pk` makes one row."""
    _operator(by)
    _is_called(called)
    last = Resource.objects.filter(kind=words["kind"]).order_by("-order").first()
    values = words | {"order": last.order + 1 if last else 0, "verified_on": day_here()}
    resource, made = Resource.objects.get_or_create(pk=pk, defaults=values)
    if made:
        _record(pk, "added", by)
    return resource


@transaction.atomic
def change_resource(resource: Resource, *, seen: str, called: bool, by: User, **words: Any) -> Resource:
    """Change the words of a line. Another phone or address has to be called first: ValidationError otherwise."""
    _operator(by)
    row = _as_seen(resource, seen)
    if words["contact"] != row.contact:
        _is_called(called)
    for field in WORDS:
        setattr(row, field, words[field])
    if called:
        row.verified_on = day_here()
    row.save(update_fields=[*WORDS, "verified_on"])
    _record(row.pk, "changed and checked" if called else "changed", by)
    return row


@transaction.atomic
def move_resource(resource: Resource, *, to: int, by: User) -> None:
    """Put a line at this place (from 0) among those of its kind; done twice, it stays there."""
    _operator(by)
    locked = Resource.objects.select_for_update().filter(kind=resource.kind)
    rows = sorted(locked, key=lambda row: (row.order, row.name))  # as they are now that nobody else moves them
    others = [row for row in rows if row != resource]
    if len(others) == len(rows):
        return  # deleted, or of another kind, in the meantime
    rows = [*others[:to], resource, *others[to:]]
    for order, row in enumerate(rows):
        row.order = order
    Resource.objects.bulk_update(rows, ["order"])
    _record(resource.pk, "moved", by)


@transaction.atomic
def delete_resource(resource: Resource, *, seen: str, by: User) -> None:
    """Take a line off the site for good."""
    _operator(by)
    row = _as_seen(resource, seen)
    _record(row.pk, "deleted", by)
    row.delete()
