"""Who is barred from all sessions: found from the names they hold, never noted on the account."""

from accounts.participants.keys import alias_tag
from dialogue.sessions.models import Alias, DialogueSession, State


def is_barred(alias_key: bytes) -> bool:
    """Whether a name held with this key is barred. Asked at every sign-in."""
    session_ids = DialogueSession.objects.exclude(state__in=(State.DRAFT, State.PURGED)).values_list("id", flat=True)
    tags = [alias_tag(alias_key, session_id) for session_id in session_ids]
    return Alias.objects.filter(tag__in=tags, barred=True).exists()
