"""Counting what was shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import Role
from dialogue.egoguard.kinds import Kind
from dialogue.egoguard.models import NudgeCount


@dataclass(frozen=True)
class Writer:
    """Somebody who writes in a session by name: a listener or one of the team. Never a participant."""

    dialogue_session_id: UUID
    role: Role


@transaction.atomic
def count_shown(writer: Writer, kinds: Iterable[Kind]) -> None:
    """Note that nudges of these kinds were shown once more in this session. Neither the words nor whose they are."""
    for kind in sorted(set(kinds)):  # always in this order: two at once wait for each other and never cross
        key: dict[str, Any] = {"dialogue_session_id": writer.dialogue_session_id, "role": writer.role, "kind": kind}
        NudgeCount.objects.get_or_create(**key)
        NudgeCount.objects.filter(**key).update(times=F("times") + 1)
