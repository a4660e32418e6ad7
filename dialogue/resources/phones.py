"""Telling a phone number from an address, so that a number can be tapped."""

import re

NUMBER = re.compile(r"\+?[0-9 ().\-\u2010\u2011\u2013\u00a0]+")
DIGITS = range(3, 16)  # from the short ones (911, 112) to the longest there are


def tel(contact: str) -> str:
    """The address that makes a phone call this number; "" for anything but one number alone."""
    found = contact.strip()
    digits = re.sub(r"[^0-9]", "", found)
    if not NUMBER.fullmatch(found) or len(digits) not in DIGITS:
        return ""
    return f"tel:{'+' if found.startswith('+') else ''}{digits}"
