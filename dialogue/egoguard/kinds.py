"""The ways of speaking that keep others from being heard, and why each does."""

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Kind(StrEnum):
    """What somebody is asked to think about. Where two overlap, the one that stands further up here is told."""

    CONDITIONAL_APOLOGY = "conditional_apology"
    BUT = "but"
    TREATMENT = "treatment"
    STIGMA = "stigma"
    EQUALIZING = "equalizing"
    EXCUSE = "excuse"
    ADVICE = "advice"

    @property
    def label(self) -> "_StrPromise":
        """A word or two for the mark itself."""
        return _LABELS[self]

    @property
    def why(self) -> "_StrPromise":
        """How it can land with somebody who was harmed, in plain words."""
        return _WHY[self]


_LABELS = {
    Kind.CONDITIONAL_APOLOGY: _("sorry, with an if"),
    Kind.BUT: _("but"),
    Kind.TREATMENT: _("treatment"),
    Kind.STIGMA: _("a word for people"),
    Kind.EQUALIZING: _("all the same"),
    Kind.EXCUSE: _("a reason"),
    Kind.ADVICE: _("advice"),
}

_WHY = {
    Kind.CONDITIONAL_APOLOGY: _("It can sound as if nothing happened, or as if it lay with the one who was hurt."),
    Kind.BUT: _("What stands before it is often not heard any more."),
    Kind.TREATMENT: _("Many were told so in handcuffs. It can sound like: change first, then we listen."),
    Kind.STIGMA: _("Many heard this word when they were treated badly. It makes a person one thing."),
    Kind.EQUALIZING: _("One side had the power here. It can sound as if that made no difference."),
    Kind.EXCUSE: _("It tells why, and leaves out who. People wait to hear who."),
    Kind.ADVICE: _("They came to be heard. It can sound as if the harm was theirs to avoid."),
}
