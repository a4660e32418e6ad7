"""What can be tapped to call, and what is an address."""

import pytest

from dialogue.resources.phones import tel


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("911", "tel:911"),
        ("555-0142", "tel:5550142"),
        (" (212) 555-0142 ", "tel:2125550142"),
        ("+1 212 555 0142", "tel:+12125550142"),
        ("1‑800‑555‑0142", "tel:18005550142"),
        ("0800.555.0142", "tel:08005550142"),
        ("14 Copper Street", ""),
        ("1450 Copper Street, Tamsen", ""),
        ("555-0142 or 555-0143", ""),
        ("call 555-0142", ""),
        ("1-800-GO-HELP", ""),
        ("12", ""),
        ("1234567890123456", ""),
        ("٩١١", ""),
        ("555+0142", ""),
        ("555-0142\n555-0143", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_a_number_alone_can_be_tapped(contact: str, expected: str) -> None:
    assert tel(contact) == expected
