"""Where PDFs are set: by typst, in this process, from a template of ours.

Texts go in as data, so nothing in them is read as markup, and neither files nor the network can be reached through
them. What comes out names nobody and no time. Why, and how long it takes: docs/decisions/0057.
"""

import json
import threading
from pathlib import Path
from typing import Any

import typst

#: One at a time: each may take a core and 200 MB. Who would wait longer is told to come back, as waits hold threads.
PATIENCE = 3.0  # seconds
_PRESS = threading.BoundedSemaphore(1)


class NotNow(Exception):
    """Another one is being made, and takes long."""


def set_pdf(template: Path, data: dict[str, Any]) -> bytes:
    """The PDF, tagged for screen readers. Raises NotNow when others wait already."""
    if not _PRESS.acquire(timeout=PATIENCE):
        raise NotNow
    try:
        return _pressed(template, json.dumps(data, ensure_ascii=False))
    finally:
        _PRESS.release()


def _pressed(template: Path, data: str) -> bytes:
    try:
        return _compiled(template, data, ["ua-1"])
    except typst.TypstError:  # a sign the fonts can't show after all: still tagged, but an empty box stands there
        return _compiled(template, data, [])


def _compiled(template: Path, data: str, standards: list[Any]) -> bytes:
    return typst.compile(
        template,
        format="pdf",
        root=template.parent,  # the furthest that the template could reach
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards=standards,
    )
