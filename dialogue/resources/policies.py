"""Who looks after the help lines, and what counts as the line that somebody saw."""

import hashlib
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.models import Role, User
from dialogue.resources.models import Resource


def may_check(user: User) -> bool:
    """Whether this person may say that a line is right."""
    return user.role in (Role.FACILITATOR, Role.OPERATOR)


def may_change(user: User) -> bool:
    """Whether this person may add, change, order and delete lines."""
    return user.role == Role.OPERATOR


def day_here() -> date:
    """Today by the clock of public pages, which is where a date of ours is read."""
    return timezone.localdate(timezone=ZoneInfo(settings.SITE_TIME_ZONE))


def mark_of(resource: Resource) -> str:
    """Changes with every word of a line: a form carries it, so that nobody vouches for what he has not seen."""
    words = (resource.kind, resource.name, resource.contact, resource.hours, resource.note)
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]
