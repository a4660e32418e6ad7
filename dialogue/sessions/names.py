"""The names that participants get: two neutral words each, drawn by the server and never typed.

names.txt holds the two lists, with an empty line between them. No word of either means a person, a job, a substance or
a town, and none is a first name.
"""

import secrets
from collections.abc import Container
from pathlib import Path

FIRST, SECOND = (part.split() for part in Path(__file__).with_name("names.txt").read_text("utf-8").split("\n\n"))


class NoneLeft(Exception):
    """All names are taken."""


def draw(taken: Container[str]) -> str:
    """A name that is not in `taken`. Raises NoneLeft; sessions have 60 places, the lists give more than 2,000 names."""
    free = [name for first in FIRST for second in SECOND if (name := f"{first} {second}") not in taken]
    if not free:
        raise NoneLeft
    return secrets.choice(free)
