"""The translations as the site reads them: `python -m seeds.catalogs` makes each .mo from its .po.

The .po is in the repository, the .mo is not. Nothing but Babel is needed, so no machine has to have GNU gettext.
"""

import os
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def catalogs(folder: Path = LOCALE) -> list[Path]:
    """The .po of each language."""
    return sorted(folder.glob("*/LC_MESSAGES/*.po"))


def read(po: Path) -> Catalog:
    """The catalog in this file."""
    with po.open("rb") as file:
        return read_po(file, locale=po.parts[-3])


def stale(folder: Path = LOCALE) -> list[Path]:
    """Each .po whose .mo is missing or older."""
    pairs = [(po, po.with_suffix(".mo")) for po in catalogs(folder)]
    return [po for po, mo in pairs if not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns]


def missing(folder: Path = LOCALE) -> list[Path]:
    """Each .po whose .mo is not there: its language is shown in English."""
    return [po for po in catalogs(folder) if not po.with_suffix(".mo").exists()]


def make(folder: Path = LOCALE) -> list[Path]:
    """Make what is stale, and say of which .po. A reader sees the old file or the new one, never half of one."""
    done = stale(folder)
    for po in done:
        draft = po.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as file:
            write_mo(file, read(po))
        draft.replace(po.with_suffix(".mo"))
    return done


if __name__ == "__main__":
    make()
