"""Neutral cards on sheets to be cut: typed addresses, the square of one of them, and a code in three groups of four."""

import io
from pathlib import Path

import segno
from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.participants.keys import spaced
from seeds.languages import prefix_of
from seeds.press import set_pdf

TEMPLATE = Path(__file__).parent / "paper" / "cards.typ"
TITLE = "Sheet"  # a tagged PDF has to have one; it tells as little as the cards do


class Paper(TextChoices):
    """The two sizes that printers have."""

    LETTER = "us-letter", _("Letter")
    A4 = "a4", _("A4")


def address_in(language: str) -> str:
    """Where the site's pages in this language begin."""
    return settings.SITE_URL + prefix_of(language)


def typed(address: str) -> str:
    """The address as people type it: without the scheme."""
    return address.partition("://")[2].rstrip("/")


def square_of(address: str) -> str:
    """The QR code of an address, as SVG. Never of a code: so a photo of it gives no code away."""
    file = io.BytesIO()
    segno.make(address, error="m").save(file, kind="svg", border=4, light="#fff", xmldecl=False)
    return file.getvalue().decode()


def sheets_of(codes: list[str], *, paper: str, per_sheet: int, language: str) -> bytes:
    """The cards as a PDF, `per_sheet` to a page; the square leads to pages in `language`. Raises press.NotNow."""
    address = address_in(language)
    printed = [spaced(code) for code in codes]
    data = {
        "title": TITLE,
        "language": language,
        "paper": paper,
        "rows": per_sheet // 2,
        "square": square_of(address),
        "holds": typed(address),
        "addresses": [
            {"code": code, "language": name, "address": typed(address_in(code)).replace("/", "/\u200b")}
            for code, name in settings.LANGUAGES
        ],
        "sheets": [printed[start : start + per_sheet] for start in range(0, len(printed), per_sheet)],
    }
    return set_pdf(TEMPLATE, data)
