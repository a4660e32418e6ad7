"""The short table on the console: who can sign in how."""

import json

from demo.environment import Place

ROLES = ("facilitator", "peer", "listener", "operator")


def welcome(place: Place) -> str:
    """The table, from demo.json."""
    told = json.loads((place.data_dir / "demo.json").read_text("utf-8"))
    named = [(role, told[role]["email"], told[role]["password"], told[role]["totp_secret"]) for role in ROLES]
    rows = [("who", "e-mail", "password", "secret for an authenticator app"), *named]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(
        [
            *("  " + line.rstrip() for line in table),
            f"  participant, seven words: {told['participant']['passphrase']}",
            f"  new participant, with a card's code: {told['codes'][0]} (nine more in demo.json)",
            f"  a code of the authenticator app: make code WHO={ROLES[0]}",
            f"  all of this: {place.data_dir / 'demo.json'}   mail: {place.mailbox}",
            "  Everything in it is invented. Ctrl-C stops it; the data stays.",
        ]
    )
