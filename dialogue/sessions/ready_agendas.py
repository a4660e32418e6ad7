"""Agendas to start from, as data. Each keeps the rules of agenda.py, as one that is written by hand must."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.agenda import TEMPLATE
from dialogue.sessions.models import RoundKind

#: Kind, prompt, minutes to think first.
Step = tuple[str, str | Promise, int]

_LISTENERS_FIRST = TEMPLATE[0][1]
_TELL_BACK = TEMPLATE[2][1]
_LAST_WORD = TEMPLATE[-1][1]


@dataclass(frozen=True)
class Ready:
    """One of them. `key` stands in addresses, so it never changes."""

    key: str
    name: str | Promise
    whom: str | Promise
    steps: tuple[Step, ...]


READY = (
    Ready(
        "first-meeting",
        _("First meeting, seven rounds"),
        _("For people who meet for the first time. Over three to seven days, or live in about three hours."),
        tuple((kind, prompt, 0) for kind, prompt in TEMPLATE),
    ),
    Ready(
        "one-evening",
        _("Short: one afternoon or evening"),
        _("For a live session of about two hours, with eight people at most. One round of stories, one of promises."),
        (
            (RoundKind.OPENING, _LISTENERS_FIRST, 0),
            (
                RoundKind.LISTENING,
                _("Tell about one time that stayed with you. A few lines are enough. One story, or pass."),
                0,
            ),
            (RoundKind.REFLECTING, _TELL_BACK, 0),
            (
                RoundKind.COMMITMENTS,
                _(
                    "What is one thing that could change by next month? Listeners: say only what you yourself can do,"
                    " by when, and how people here will see it."
                ),
                5,
            ),
            (RoundKind.CLOSING, _LAST_WORD, 0),
        ),
    ),
    Ready(
        "listening-only",
        _("Listening only, two rounds of stories"),
        _(
            "For places where trust is low, or harm is recent. Listeners ask nothing and promise nothing; they listen"
            " and tell back. Over four to seven days."
        ),
        (
            (RoundKind.OPENING, _LISTENERS_FIRST, 0),
            (
                RoundKind.LISTENING,
                _(
                    "What happened to you, or to somebody close to you? One story, or pass."
                    " Nobody will ask you about it."
                ),
                0,
            ),
            (RoundKind.REFLECTING, _TELL_BACK, 0),
            (
                RoundKind.LISTENING,
                _("What did it cost, and what is it like today? What should they know that nobody has asked? Or pass."),
                0,
            ),
            (RoundKind.REFLECTING, _TELL_BACK, 0),
            (RoundKind.CLOSING, _LAST_WORD, 0),
        ),
    ),
    Ready(
        "return-to-promises",
        _("Return to promises"),
        _(
            "For a second meeting, two to six months after promises were made. Over three to five days, or live in"
            " about two and a half hours."
        ),
        (
            (
                RoundKind.OPENING,
                _(
                    "The listeners go first. Read what each of them says about what was promised: what was done, what"
                    " was not, and what that did to people."
                ),
                0,
            ),
            (
                RoundKind.LISTENING,
                _("What have you seen of it where you are? What is the same as before? One story, or pass."),
                0,
            ),
            (RoundKind.REFLECTING, _TELL_BACK, 0),
            (
                RoundKind.DIALOGUE,
                _("What stood in the way? What would have to be different for it to hold?"),
                10,
            ),
            (
                RoundKind.COMMITMENTS,
                _("Which promises stay, which change, and what is new? By when, and how will people here see it?"),
                0,
            ),
            (RoundKind.CLOSING, _LAST_WORD, 0),
        ),
    ),
)
