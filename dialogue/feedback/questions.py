"""What everybody is asked at the end: eight sentences of our own, each answered in five steps.

They follow the dimensions of the Feeling Heard Scale (Roos, Postmes and Koudenburg 2023, PLOS ONE 18(11), e0292865:
voice, attention, empathy, respect, common ground). The wording is ours, so their validation does not hold for it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Side(models.TextChoices):
    """Whose answers are counted together."""

    PARTICIPANTS = "participants", _("Participants")
    LISTENERS = "listeners", _("Listeners")


class Step(models.TextChoices):
    """How far a sentence is true."""

    NOT_AT_ALL = "1", _("Not at all")
    LITTLE = "2", _("A little")
    PARTLY = "3", _("Partly")
    MOSTLY = "4", _("Mostly")
    VERY = "5", _("Very much")


#: The steps that count as a yes where one number has to stand for all five.
AGREE = (Step.MOSTLY, Step.VERY)


@dataclass(frozen=True)
class Item:
    """One sentence, worded for each side. `key` stands in counts, so it never changes."""

    key: str
    dimension: str
    participants: "StrOrPromise"
    listeners: "StrOrPromise"

    def text(self, side: str) -> "StrOrPromise":
        """The sentence as this side reads it."""
        return self.listeners if side == Side.LISTENERS else self.participants


ITEMS = (
    Item("free", "voice", _("I could say what I wanted to say."), _("I could say what I wanted to say.")),
    Item("room", "voice", _("There was time and room for me."), _("There was time and room for me.")),
    Item("care", "attention", _("The listeners read us with care."), _("My words were read with care.")),
    Item("stay", "attention", _("They stayed with it when it got hard."), _("People stayed with me when it got hard.")),
    Item("eyes", "empathy", _("They tried to see it with our eyes."), _("People tried to see it with my eyes too.")),
    Item("reach", "empathy", _("What we said got through to them."), _("What I said got through to people.")),
    Item("equal", "respect", _("They met us as equals."), _("People met me with respect.")),
    Item("share", "common ground", _("We found things that we share."), _("We found things that we share.")),
)
