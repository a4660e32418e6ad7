"""Places to get help as everybody sees them, and what waits for the operator about them."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.listeners.steps import Step
from accounts.models import today
from accounts.team.queries import Task
from dialogue.resources.models import STALE_AFTER, Resource
from dialogue.resources.phones import tel

Kind = Resource.Kind


@dataclass(frozen=True)
class HelpLine:
    """One place to get help. `phone`: what a tap calls, if it is a number; `is_old`: see `stale`."""

    name: str
    contact: str
    phone: str
    hours: str
    note: str
    checked: str
    is_old: bool


def shown(line: Resource, on: date | None = None) -> HelpLine:
    """A line as people see it on this day, old ones marked."""
    return HelpLine(
        name=line.name,
        contact=line.contact,
        phone=tel(line.contact),
        hours=line.hours,
        note=line.note,
        checked=date_format(line.verified_on, "DATE_FORMAT"),
        is_old=line.verified_on < (on or today()) - STALE_AFTER,
    )


def help_lines() -> dict[str, list[HelpLine]]:
    """By kind (see Resource.Kind), in the operator's order; a kind without lines is an empty list. One query."""
    found: dict[str, list[HelpLine]] = {kind.value: [] for kind in Kind}
    for line in Resource.objects.all():
        found[line.kind].append(shown(line))
    return found


def stale_lines() -> list[Resource]:
    """Those that keep every session from being announced until somebody checks them. One query."""
    return list(Resource.objects.stale(today()))


def resource_tasks() -> list[Task]:
    """How many numbers nobody has checked for too long; or that there is none at all."""
    url = reverse("resources:list")
    if not Resource.objects.exists():
        return [Task(1, _("help line has to be added before any session"), url)]
    stale = Resource.objects.stale(today()).count()
    caption = ngettext("help line was not checked for 90 days", "help lines were not checked for 90 days", stale)
    return [Task(stale, caption, url)]


def help_steps() -> list[Step]:
    """Before the first session: an emergency number and a crisis line, each checked not long ago. One query."""
    fresh = {line.kind for line in Resource.objects.all() if line.verified_on >= today() - STALE_AFTER}
    return [
        Step(
            _("Help lines"),
            _("An emergency number and a crisis line, each of which somebody called."),
            {Kind.EMERGENCY, Kind.CRISIS} <= fresh,
            reverse("resources:list"),
            _("Add help lines"),
        )
    ]
