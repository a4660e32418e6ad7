"""The agenda that a new session starts with, and the rules that every agenda keeps."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.matrix import LISTENER, cell, listeners_write
from dialogue.sessions.models import Round, RoundKind

#: After the circle and reflective-dialogue practice: they concede, we tell, they tell back, they ask, we talk.
TEMPLATE: tuple[tuple[RoundKind, str | Promise], ...] = (
    (
        RoundKind.OPENING,
        _(
            "The listeners go first. Read what each of them says about the harm that was done, and is done now."
            " You don’t have to answer."
        ),
    ),
    (
        RoundKind.LISTENING,
        _("Tell about one time that stayed with you. What happened? What did nobody see? One story, or pass."),
    ),
    (
        RoundKind.REFLECTING,
        _(
            "Listeners: tell back what you heard, in your own words. No answers, no reasons, no advice."
            " Everyone else: did they hear it right?"
        ),
    ),
    (
        RoundKind.CURIOSITY,
        _(
            "Listeners: ask one thing you truly don’t know. Everyone else: answer if you like."
            " Passing is an answer too."
        ),
    ),
    (RoundKind.DIALOGUE, _("What would have made it go another way? Say it to each other.")),
    (
        RoundKind.COMMITMENTS,
        _("What will you do, by when, and how will people here be able to see it?"),
    ),
    (
        RoundKind.CLOSING,
        _("One thing you take with you. Take back anything you want to take back."),
    ),
)

AGREEMENTS = _(
    "We listen to the end before we answer.\n"
    "We speak for ourselves, not about others.\n"
    "We leave out names, streets, dates and anything that points to one person.\n"
    "Anyone may pass, at any time, and nobody asks why.\n"
    "We don’t ask anyone to stop using, to seek treatment, or to thank us.\n"
    "Facilitators read each text before others see it."
)

#: Rounds that still count: a skipped one is as if it had never been planned.
COUNTED = (Round.State.PLANNED, Round.State.OPEN, Round.State.DONE)


def broken_rules(kinds: Sequence[str]) -> list[str | Promise]:
    """Which of the four rules an agenda of these kinds, in this order, breaks; each as a plain sentence."""
    broken: list[str | Promise] = []
    if not kinds or kinds[0] != RoundKind.OPENING:
        broken.append(_("The agenda must begin with an opening, in which the listeners’ first move is read."))
    if not _listens_first(kinds):
        broken.append(_("A listening round must come before any round in which listeners may write."))
    if not _tells_back_first(kinds):
        broken.append(_("A reflecting round must come before any round in which listeners ask, talk or promise."))
    if RoundKind.CLOSING not in kinds or kinds[-1] != RoundKind.CLOSING:
        broken.append(_("The agenda must end with a closing."))
    return broken


def _listens_first(kinds: Sequence[str]) -> bool:
    for kind in kinds:
        if kind == RoundKind.LISTENING:
            return True
        if listeners_write(kind):
            return False
    return False


def _tells_back_first(kinds: Sequence[str]) -> bool:
    """Else listeners would be shut out of the talk: they write only once somebody confirmed what they heard.

    A session in which they do nothing but listen, up to the closing, needs no such round.
    """
    for kind in kinds:
        if kind == RoundKind.REFLECTING:
            return True
        if kind != RoundKind.CLOSING and cell(LISTENER, kind).needs_heard:
            return False
    return True


def counted_kinds(rounds: Iterable[Round]) -> list[str]:
    """The kinds of these rounds in their order, skipped ones left out."""
    return [round.kind for round in sorted(rounds, key=lambda one: one.number) if round.state in COUNTED]


def path_of(rounds: Iterable[Round]) -> list[dict[str, Any]]:
    """The rounds as stepper.html takes them. Those that were skipped are no steps."""
    states = {Round.State.DONE.value: "done", Round.State.OPEN.value: "now", Round.State.PLANNED.value: "next"}
    kept = [round for round in rounds if round.state != Round.State.SKIPPED]
    return [{"name": round.get_kind_display(), "state": states[round.state], "round": round} for round in kept]
