"""How each model says what it keeps, why, how long, and who can read it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Who may come to read a field."""

    PUBLIC = "public"  # anybody
    SESSION = "session"  # the people of one dialogue session, once released
    STAFF = "staff"  # facilitators and operators
    PERSONAL = "personal"  # about a named person; that person and staff
    SECRET = "secret"  # noqa: S105 - nobody reads it; the software compares or decrypts it


@dataclass(frozen=True)
class Kept:
    """A group of fields (names split at spaces) of one level, with the reason to have them and when they go."""

    fields: str
    level: Level
    why: str
    until: str
