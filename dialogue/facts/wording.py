"""Where a side stands, in one sentence."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def _parts(counts: Mapping[str, int]) -> list[str]:
    """Each position that somebody takes, with its number."""
    agreed, disputed, unknown = (counts.get(key, 0) for key in ("agreed", "disputed", "unknown"))
    parts = (
        (agreed, ngettext("%d says it is so", "%d say it is so", agreed)),
        (disputed, ngettext("%d says it is not so", "%d say it is not so", disputed)),
        (unknown, ngettext("%d does not know", "%d do not know", unknown)),
    )
    return [words % number for number, words in parts if number]


def of_participants(counts: Mapping[str, int]) -> str:
    """What the participants say; that nothing shows yet, while nothing does, however many have answered."""
    if not counts:
        return _("Participants: no number shows yet. It takes five new answers.")
    n = sum(counts.values())
    return _("Of %(n)d participants: %(parts)s.") % {"n": n, "parts": ", ".join(_parts(counts))}


def of_listeners(counts: Mapping[str, int]) -> str:
    """What the listeners say."""
    n = sum(counts.values())
    if not n:
        return _("No listener has said anything yet.")
    words = ngettext("Of %(n)d listener: %(parts)s.", "Of %(n)d listeners: %(parts)s.", n)
    return words % {"n": n, "parts": ", ".join(_parts(counts))}
