"""The way to the audit log from down here: it stands a floor above, so the settings name its writer."""

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User


def write(verb: str, *, by: User, detail: str = "") -> None:
    """Record one act in the caller's transaction. `verb` is one of the audit log's; `detail` a code or a count."""
    import_string(settings.AUDIT_WRITER)(verb, by=by, detail=detail)
