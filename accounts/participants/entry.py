"""Where somebody stands between a used card and an account. It lives in the encrypted web session only."""

from dataclasses import dataclass
from secrets import SystemRandom
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from accounts.participants import keys

KEY = "entry"
READINGS = 3  # screens to read before the words are shown
WORDS = READINGS + 1  # the step after them
ASKED = 3  # words to type back


@dataclass
class Entry:
    """The steps of one person. Without a used card there is no step at all (0)."""

    session: SessionBase

    @property
    def state(self) -> dict[str, Any]:
        """What the web session holds of it."""
        return self.session.get(KEY, {})

    @property
    def step(self) -> int:
        """The furthest step reached: 0 before the card, 1 to 3 the screens to read, then the words."""
        return self.state.get("step", 0)

    def begin(self) -> None:
        """The card was taken: everything from here on is reached from this web session only."""
        self.session[KEY] = {"step": 1}

    def reach(self, step: int) -> None:
        """Somebody went on to this step. Going back to an earlier one loses nothing."""
        if step > self.step:
            self.session[KEY] = {**self.state, "step": step}

    def passphrase(self) -> str:
        """The seven words: drawn at the first look, the same at every later one."""
        if "passphrase" not in self.state:
            asked = sorted(SystemRandom().sample(range(1, keys.WORDS_IN_PASSPHRASE + 1), ASKED))
            self.session[KEY] = {**self.state, "passphrase": keys.generate_passphrase(), "asked": asked}
        return self.state["passphrase"]

    @property
    def asked(self) -> dict[int, str]:
        """Which words have to be typed back, by their number."""
        words = self.passphrase().split()
        return {number: words[number - 1] for number in self.state["asked"]}

    def end(self) -> None:
        """Nothing of it stays."""
        self.session.pop(KEY, None)
