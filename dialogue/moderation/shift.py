"""How one facilitator reads during this visit: texts covered or not, keys on or off, and when a break is suggested.

All of it is in the encrypted web session on the server. It ends with the visit, and nobody else ever sees it.
"""

import time
from dataclasses import asdict, dataclass, replace

from django.contrib.sessions.backends.base import SessionBase
from django.db import models
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

KEY = "reading"
RESTED = 10 * 60  # seconds without opening a text: that was a break


class Break(models.TextChoices):
    """After how much reading the site suggests a break."""

    TEXTS_20 = "20 texts", _("20 texts")
    TEXTS_40 = "40 texts", _("40 texts (the usual)")
    TEXTS_80 = "80 texts", _("80 texts")
    MINUTES_30 = "30 minutes", _("30 minutes")
    MINUTES_60 = "60 minutes", _("60 minutes")
    NEVER = "never", _("Never")


@dataclass(frozen=True)
class Shift:
    """What was chosen, and what was read since the last break."""

    covered: bool = False
    keys: bool = True
    break_after: str = Break.TEXTS_40
    texts: int = 0
    began: int = 0  # seconds since the epoch
    last: int = 0

    @property
    def minutes(self) -> int:
        """How long ago the first text after the last break was opened."""
        return (_now() - self.began) // 60 if self.texts else 0

    @property
    def rested(self) -> bool:
        """Whether nothing was opened for so long that it was a break."""
        return _now() - self.last >= RESTED

    @property
    def break_due(self) -> bool:
        """Whether it is time for the break that was asked for."""
        if self.break_after == Break.NEVER or self.rested:
            return False
        number, unit = self.break_after.split()
        return (self.texts if unit == "texts" else self.minutes) >= int(number)

    @property
    def so_far(self) -> str | Promise:
        """What was read since the last break, in words."""
        if self.break_after.endswith("minutes"):
            return format_lazy(_("You have been reading for {minutes} minutes."), minutes=self.minutes)
        return format_lazy(_("You have read {texts} texts."), texts=self.texts)


def _now() -> int:
    return int(time.time())


def shift_of(session: SessionBase) -> Shift:
    """How the person with this web session reads."""
    return Shift(**session.get(KEY, {}))


def _keep(session: SessionBase, shift: Shift) -> None:
    session[KEY] = asdict(shift)


def choose(session: SessionBase, *, covered: bool, keys: bool, break_after: str) -> None:
    """Read like this from now on, until the visit ends."""
    _keep(session, replace(shift_of(session), covered=covered, keys=keys, break_after=str(break_after)))


def count_opened(session: SessionBase) -> None:
    """One more text was opened; the first after a break begins anew."""
    shift = shift_of(session)
    if shift.rested:
        shift = replace(shift, texts=0, began=_now())
    _keep(session, replace(shift, texts=shift.texts + 1, last=_now()))


def go_on_anyway(session: SessionBase) -> None:
    """No break now: what was read so far no longer counts."""
    _keep(session, replace(shift_of(session), texts=0, began=_now(), last=0))
