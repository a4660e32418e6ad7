"""The templates that an agenda can start from: those that come with the site, and those that facilitators saved."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from dialogue.sessions.models import DialogueSession, RoundKind
from dialogue.sessions.models_agendas import AgendaTemplate
from dialogue.sessions.ready_agendas import READY, Ready


@dataclass(frozen=True)
class Template:
    """One template as pages and actions take it, wherever it comes from."""

    key: str
    name: str
    whom: str
    steps: list[list[Any]]  # kind, prompt, minutes to think first
    saved: AgendaTemplate | None = None  # None: it comes with the site
    may_delete: bool = False

    @property
    def rounds(self) -> list[dict[str, Any]]:
        """Its rounds with their kinds in words."""
        return [
            {"kind": RoundKind(kind).label, "prompt": prompt, "think_minutes": minutes}
            for kind, prompt, minutes in self.steps
        ]


def _ready(one: Ready) -> Template:
    steps = [[str(kind), str(prompt), minutes] for kind, prompt, minutes in one.steps]
    return Template(one.key, str(one.name), str(one.whom), steps)


def deletable(user: User) -> QuerySet[AgendaTemplate]:
    """Those that this facilitator may delete: the own ones, and those whose maker's account is closed."""
    return AgendaTemplate.objects.filter(Q(made_by=user.pk) | Q(made_by__is_active=False))


def _saved(rows: Iterable[AgendaTemplate], user: User) -> list[Template]:
    return [
        Template(
            str(row.pk), row.name, row.whom, row.steps, row, row.made_by_id == user.pk or not row.made_by.is_active
        )
        for row in rows
    ]


def templates(user: User) -> list[Template]:
    """All that this facilitator can start from: those of the site, then the saved ones by name. One query."""
    rows = AgendaTemplate.objects.select_related("made_by").order_by("name", "pk")
    return [*map(_ready, READY), *_saved(rows, user)]


def template(key: str, user: User) -> Template | None:
    """The one with this key."""
    if ready := next((one for one in READY if one.key == key), None):
        return _ready(ready)
    try:
        pk = UUID(key)
    except ValueError:
        return None
    found = _saved(AgendaTemplate.objects.select_related("made_by").filter(pk=pk), user)
    return found[0] if found else None


def steps_of(dialogue_session: DialogueSession) -> list[list[Any]]:
    """The agenda of a session as a template keeps it. One query."""
    rounds = dialogue_session.rounds.order_by("number")
    return [list(step) for step in rounds.values_list("kind", "prompt", "think_minutes")]


def fingerprint(steps: list[list[Any]]) -> str:
    """What tells an agenda that a page showed from one that was changed since."""
    return hashlib.sha256(json.dumps(steps).encode()).hexdigest()[:16]
