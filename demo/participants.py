"""The demo's participants: each redeemed a card and holds seven words drawn anew for this installation."""

from dataclasses import dataclass, field

from accounts.models import InviteCode, OutreachPartner, Participant
from accounts.participants import keys
from accounts.participants.actions import create_participant, redeem_code
from demo.content.entries import Content

UNUSED_CARDS = 10


@dataclass
class Participants:
    """Everybody with seven words, by letter; and the cards nobody has used yet."""

    by_letter: dict[str, Participant] = field(default_factory=dict)
    passphrases: dict[str, str] = field(default_factory=dict)
    unused_codes: list[str] = field(default_factory=list)


def new_card(partner: OutreachPartner) -> str:
    """A card's code as it is printed; the site keeps its digest."""
    code = keys.spaced(keys.generate_code())
    InviteCode.objects.create(digest=keys.code_digest(code), partner=partner)
    return code


def bring_participants(content: Content, partners: list[OutreachPartner]) -> Participants:
    """One participant for each letter, with cards from the partners in turn, and ten cards to spare."""
    brought = Participants()
    for number, letter in enumerate(content.letters):
        redeem_code(new_card(partners[number % len(partners)]))
        brought.passphrases[letter] = keys.generate_passphrase()
        brought.by_letter[letter] = create_participant(brought.passphrases[letter])
    brought.unused_codes = [new_card(partners[number % len(partners)]) for number in range(UNUSED_CARDS)]
    return brought
