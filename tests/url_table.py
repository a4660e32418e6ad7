"""Who gets what at which address: one row a URL, one column a viewer. A URL without a row fails the test.

Cells are the answer to a GET: a status; `in` = sent to sign in; `to` = redirected elsewhere; `post` = 405, this viewer
may use it but only by POST. The second column names the object in the address (see `targets` in test_urls.py).
Viewers: public, a participant in the session, a participant elsewhere, a seated listener, a listener elsewhere,
a facilitator of the team, a facilitator elsewhere, an operator.
"""

from dataclasses import dataclass

VIEWERS = (
    "public",
    "participant",
    "other_participant",
    "listener",
    "other_listener",
    "facilitator",
    "other_facilitator",
    "operator",
)


@dataclass(frozen=True)
class Row:
    name: str
    target: str
    cells: tuple[str, ...]


def parse(table: str) -> list[Row]:
    rows = []
    for line in table.strip().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, target, *cells = line.split()
        assert len(cells) == len(VIEWERS), f"{name}: {len(cells)} cells"
        rows.append(Row(name, target, tuple(cells)))
    return rows


ROWS = parse("""
# name                                target       public part oth_p list oth_l faci oth_f oper
# --- welcome

# --- participants

# --- listeners and team

# --- sessions and desk

# --- acknowledgments, notes, reminders

# --- threads and moderation

# --- allauth (sign-in of named accounts)

""")
