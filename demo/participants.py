"""The demo's participants: each redeemed a card and holds seven words drawn anew for this installation."""

from dataclasses import dataclass, field
from itertools import cycle

from accounts.models import OutreachPartner, Participant, User
from accounts.participants import keys
from accounts.participants.actions import create_participant, redeem_code
from accounts.team.actions import make_cards
from demo.content.entries import Content

UNUSED_CARDS = 10


@dataclass
class Participants:
    """Everybody with seven words, by letter; and the cards nobody has used yet."""

    by_letter: dict[str, Participant] = field(default_factory=dict)
    passphrases: dict[str, str] = field(default_factory=dict)
    unused_codes: list[str] = field(default_factory=list)


def bring_participants(content: Content, partners: list[OutreachPartner], *, by: User) -> Participants:
    """One participant for each letter, with cards from the partners in turn, and ten cards to spare."""
    brought = Participants()
    for letter, partner in zip(content.letters, cycle(partners), strict=False):
        [code] = make_cards(partner=partner, count=1, by=by)
        redeem_code(code)
        brought.passphrases[letter] = keys.generate_passphrase()
        brought.by_letter[letter] = create_participant(brought.passphrases[letter])
    for partner in partners:
        codes = make_cards(partner=partner, count=UNUSED_CARDS // len(partners), by=by)
        brought.unused_codes += [keys.spaced(code) for code in codes]
    return brought
