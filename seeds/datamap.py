"""How each model says what it keeps, why, how long, and who can read it. The page at /what-we-keep/ shows it all."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: Ends that many tables share, in the words of the page.
FOR_GOOD = _("for good")
BY_HAND = _("for good, unless we delete it by hand")
WITH_CARD = _("until it is used, or we make it void, or delete the group")
WITH_YOUR_ACCOUNT = _("until you delete your account, or do not sign in until the end of the next year")
WITH_WORDS = _("until the talk’s words go, 60 to 74 days after its end")


class Level(StrEnum):
    """Who may come to read a field."""

    PUBLIC = "public"  # anybody
    SESSION = "session"  # the people of one dialogue session, once released
    STAFF = "staff"  # facilitators and operators
    PERSONAL = "personal"  # about a named person; that person and staff
    SECRET = "secret"  # noqa: S105 - nobody reads it; the software compares or decrypts it


READERS = {
    Level.PUBLIC: _("anyone"),
    Level.SESSION: _("all in that talk, police too"),
    Level.STAFF: _("our team"),
    Level.PERSONAL: _("that person and our team"),
    Level.SECRET: _("no one; only the program uses it"),
}


@dataclass(frozen=True)
class Kept:
    """A group of fields (names split at spaces) of one level: what it is in plain words, why we have it, how long.

    `readers` only where the level's own words would say too much or too little. `fields` is empty for what is kept
    outside tables.
    """

    fields: str
    level: Level
    what: "StrOrPromise"
    why: "StrOrPromise"
    until: "StrOrPromise"
    readers: "StrOrPromise" = ""

    @property
    def read_by(self) -> "StrOrPromise":
        """Who can read it, in plain words."""
        return self.readers or READERS[self.level]
