"""The names that participants get: two neutral words each, drawn by the server and never typed.

names.txt holds the two lists, with an empty line between them. No word of either means a person, a job, a substance or
a town, and none is a first name.
"""

import secrets
from collections.abc import Container
from pathlib import Path

FIRST, SECOND = (part.split() for part in Path(__file__).with_name("names.txt").read_text("utf-8").split("\n\n"))


def draw(taken: Container[str]) -> str:
    """A name that is not in `taken`. Sessions have at most 60 places, the lists give more than 2,000 names."""
    while (name := f"{secrets.choice(FIRST)} {secrets.choice(SECOND)}") in taken:
        pass
    return name
