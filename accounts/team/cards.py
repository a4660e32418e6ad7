"""Neutral cards: a typed address, its QR code, and a code in three groups of four."""

from dataclasses import dataclass

import segno
from django.utils.safestring import SafeString, mark_safe

PER_SHEET = 8


@dataclass(frozen=True)
class Card:
    """One card. The QR code beside it holds the address only, so a photo of it gives no code away."""

    groups: tuple[str, ...]


def card_of(code: str) -> Card:
    """The card of one code of twelve characters."""
    return Card(groups=tuple(code[start : start + 4] for start in range(0, len(code), 4)))


def sheets(codes: list[str]) -> list[list[Card]]:
    """Cards as they are printed, PER_SHEET to a page."""
    cards = [card_of(code) for code in codes]
    return [cards[start : start + PER_SHEET] for start in range(0, len(cards), PER_SHEET)]


def address_as_qr(address: str) -> SafeString:
    """The QR code of the site's address, as SVG without any style attribute."""
    svg = segno.make(address, error="m").svg_inline(scale=3, border=2, light="#fff", svgclass="qr", lineclass=None)
    return mark_safe(svg)


def typed(address: str) -> str:
    """The address as people type it: without the scheme."""
    return address.partition("://")[2].rstrip("/")
