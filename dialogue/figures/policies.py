"""What may be printed of a count of people. By fives: 5 stands for 5 to 9, so nobody can be singled out."""

from dataclasses import dataclass

from dialogue.sessions.matrix import LISTENER, PARTICIPANT, cell
from dialogue.sessions.models import Round, State
from dialogue.tallies.actions import FEWEST

#: While these are the states of a session its rounds and texts are there to be counted.
BEGUN = (State.OPEN, State.FOLLOW_UP)


@dataclass(frozen=True)
class Range:
    """Between `low` and `high` people of `of`."""

    low: int
    high: int
    of: int


def by_fives(number: int, of: int) -> Range:
    """The stretch of five in which a count of people lies.

    Neither those counted nor the others can be told to be a few: wherever a reader can rule out that it was nobody, it
    may be five or more. That holds for what lies between two such counts as well, if the one is part of the other.
    """
    low = number - number % FEWEST
    return Range(low, min(low + FEWEST - 1, of), of)


def is_counted(round: Round) -> bool:
    """Whether it is shown who took part in a round: it is over, so that two looks are the same, and all were asked.

    In a reflecting round only those answer whose story was told back.
    """
    own, theirs = cell(PARTICIPANT, round.kind), cell(LISTENER, round.kind)
    asks_all = own.may_write or (own.may_reply and not theirs.tells_back)
    return round.state == Round.State.DONE and asks_all
