"""What an operator sees of the work that nobody sees: when it was last done, and what the database lacks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.team.queries import Task
from dialogue.retention.key_backup import is_current
from dialogue.retention.models import Upkeep
from dialogue.retention.policies import CLOCKS_DIFFER
from dialogue.retention.postgres import findings
from dialogue.retention.scrub import is_due

#: Each kind's turn comes far more often; past this something is wrong.
LATE_AFTER = {
    Upkeep.Kind.SCRUB: timedelta(hours=2),
    Upkeep.Kind.RETENTION: timedelta(hours=2),
    Upkeep.Kind.BACKUP: timedelta(hours=36),
}
MEANING: dict[str, str | Promise] = {
    Upkeep.Kind.SCRUB: gettext_lazy("Runs every 30 minutes when something changed: no order and no time is left."),
    Upkeep.Kind.RETENTION: gettext_lazy("Runs every 15 minutes: whatever is due is deleted."),
    Upkeep.Kind.BACKUP: gettext_lazy("Written once a day, encrypted, deleted after 7 days at most."),
}


@dataclass(frozen=True)
class Work:
    """One kind of work: when it was last done (None: never), and whether it is late. Unwanted work is never late."""

    kind: Upkeep.Kind
    done_at: datetime | None
    is_late: bool
    is_wanted: bool = True

    @property
    def meaning(self) -> str | Promise:
        """What it does and how often, for the page."""
        return MEANING[self.kind]


def works(now: datetime) -> list[Work]:
    """Every kind of work. A clean-up is not late as long as nothing changed."""
    done = dict(Upkeep.objects.values_list("kind", "done_at"))
    found = []
    for kind, pause in LATE_AFTER.items():
        wanted = kind != Upkeep.Kind.BACKUP or bool(settings.BACKUP_RECIPIENT)
        last = done.get(kind)
        on_time = last is not None and now - pause <= last <= now + CLOCKS_DIFFER
        late = wanted and not on_time and (kind != Upkeep.Kind.SCRUB or is_due())
        found.append(Work(kind, last, late, wanted))
    return found


def upkeep_page(now: datetime) -> dict[str, Any]:
    """Everything on the operator's page."""
    keys = is_current() if settings.KEY_BACKUP_RECIPIENT else None
    return {"works": works(now), "findings": findings(connection), "keys_are_current": keys}


def upkeep_tasks() -> list[Task]:
    """What an operator has to see to: work that is late, and what the database lacks."""
    url = reverse("retention:health")
    late = sum(work.is_late for work in works(timezone.now()))
    old_copy = bool(settings.KEY_BACKUP_RECIPIENT) and not is_current()
    return [
        Task(late, _("kinds of upkeep are late"), url),
        Task(int(old_copy), _("copies of the keys are not as the keys are"), url),
        Task(len(findings(connection)), _("settings of the database are wrong"), url),
    ]
