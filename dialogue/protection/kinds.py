"""The kinds of detail that can show who somebody is, and why each can."""

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Kind(StrEnum):
    """What was found. Where two findings overlap, the kind that stands further up here is told."""

    EMAIL = "email"
    LINK_OR_HANDLE = "link_or_handle"
    PHONE = "phone"
    NUMBER = "number"
    RANKED_NAME = "ranked_name"
    AGE = "age"
    TIME = "time"
    DATE = "date"
    RELATION = "relation"
    PLACE = "place"
    NAME = "name"

    @property
    def label(self) -> "_StrPromise":
        """A word or two for the mark itself."""
        return _LABELS[self]

    @property
    def why(self) -> "_StrPromise":
        """Why this could show who somebody is, in plain words."""
        return _WHY[self]


_LABELS = {
    Kind.EMAIL: _("e-mail"),
    Kind.LINK_OR_HANDLE: _("link or app name"),
    Kind.PHONE: _("phone number"),
    Kind.NUMBER: _("number"),
    Kind.RANKED_NAME: _("rank and name"),
    Kind.AGE: _("age"),
    Kind.TIME: _("time"),
    Kind.DATE: _("day"),
    Kind.RELATION: _("tie or job"),
    Kind.PLACE: _("place"),
    Kind.NAME: _("name"),
}

_WHY = {
    Kind.EMAIL: _("It leads to one person."),
    Kind.LINK_OR_HANDLE: _("It leads to one page or one person."),
    Kind.PHONE: _("It leads to one phone, and so to one person."),
    Kind.NUMBER: _("Files, cars and badges have numbers. With one, police can look up the rest."),
    Kind.RANKED_NAME: _("Who was there knows what was done there, and to whom."),
    Kind.AGE: _("With a place or a day, an age can fit just one person."),
    Kind.TIME: _("Police logs say what went on at each hour."),
    Kind.DATE: _("Police logs say what went on each day, and who was there."),
    Kind.RELATION: _("Few people have this tie or this job. Some will know who it is."),
    Kind.PLACE: _("Few people were at this place. Police know who they met there."),
    Kind.NAME: _("A name or nickname can point to one person, or to a place."),
}
