"""When the work that nobody sees was last done."""

from django.utils import timezone

from dialogue.retention.models import Upkeep


def note_done(kind: Upkeep.Kind, *, changes: int = 0) -> None:
    """Overwrite the note of this kind of work with now. `changes` is the clean-up's own counter."""
    Upkeep.objects.update_or_create(kind=kind, defaults={"done_at": timezone.now(), "changes": changes})
