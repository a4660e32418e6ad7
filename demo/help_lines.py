"""Where people can turn in the demo: an emergency number, crisis lines, help close by; one unchecked for long."""

from datetime import timedelta

from accounts.models import today
from demo.content.entries import Content
from dialogue.resources.models import Resource


def bring_help_lines(content: Content) -> None:
    """All lines, as if checked today: with a stale one no session could be announced."""
    Resource.objects.bulk_create(
        Resource(
            kind=entry.kind,
            name=entry.name,
            contact=entry.contact,
            hours=entry.hours,
            note=entry.note,
            order=order,
            verified_on=today(),
        )
        for order, entry in enumerate(content.resources)
    )


def let_them_age(content: Content) -> None:
    """Each was checked so many days ago: no action says so of the past."""
    for entry in content.resources:
        checked_on = today() - timedelta(days=entry.verified_days_ago)
        Resource.objects.filter(name=entry.name).update(verified_on=checked_on)
