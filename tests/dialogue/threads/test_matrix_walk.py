"""Every role in every kind of round, walked through the real actions against a table written out by hand."""

from typing import Any

import pytest

from accounts.models import User
from dialogue.sessions.matrix import cell
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.actions import pass_round, submit_comment
from dialogue.threads.actions_turns import open_next_turn
from dialogue.threads.models import Comment
from seeds.transitions import NotAllowed
from tests import factories

#: For each kind and role: how many texts of one's own in the first turn and in the second (many = no limit),
#: whether a released text can be answered, whether one can pass.
WALK = """
opening      participant  0    -     -      -
opening      listener     0    -     -      -
listening    participant  1    -     -      pass
listening    listener     0    -     -      -
reflecting   participant  0    -     reply  pass
reflecting   listener     many -     -      pass
curiosity    participant  0    0     reply  pass
curiosity    listener     1    2     -      pass
dialogue     participant  1    2     reply  pass
dialogue     listener     1    2     reply  pass
commitments  participant  1    2     reply  pass
commitments  listener     1    2     reply  pass
closing      participant  1    -     -      pass
closing      listener     1    -     -      pass
"""
CELLS = [tuple(line.split()) for line in WALK.strip().splitlines()]
MANY = 5


def author_of(role: str, alias: Alias, seat: ListenerSeat) -> dict[str, Any]:
    return {"alias": alias} if role == "participant" else {"seat": seat}


def written(round: Round, author: dict[str, Any], *, parent: Comment | None = None) -> int:
    """How many of so many texts are taken."""
    for number in range(MANY):
        try:
            tells_back = "seat" in author and round.kind == RoundKind.REFLECTING and parent is None
            submit_comment(round, text=f"Words {number}", parent=parent, tells_back=tells_back, **author)
        except NotAllowed:
            return number
    return MANY


def test_nothing_is_left_out() -> None:
    assert [row[:2] for row in CELLS] == [
        (kind.value, role) for kind in RoundKind for role in ("participant", "listener")
    ]


@pytest.mark.parametrize(("kind", "role", "first", "second", "reply", "passes"), CELLS)
def test_walk(
    open_session: DialogueSession,
    listening: Round,
    alias: Alias,
    other_alias: Alias,
    seat: ListenerSeat,
    facilitator: User,
    kind: str,
    role: str,
    first: str,
    second: str,
    reply: str,
    passes: str,
) -> None:
    Round.objects.filter(pk=listening.pk).update(state="done")
    round, author = factories.make_round(open_session, RoundKind(kind)), author_of(role, alias, seat)
    released = factories.make_comment(round, other_alias, state="released")

    try:
        pass_round(round, **author)
        assert passes == "pass"
    except NotAllowed:
        assert passes == "-"

    total = MANY if first == "many" else int(first)
    assert written(round, author) == total
    assert (written(round, author, parent=released) == MANY) == (reply == "reply")

    if second == "-":
        with pytest.raises(NotAllowed):
            open_next_turn(round, without_waiting=True, by=facilitator)
        again = 0
    else:
        open_next_turn(round, without_waiting=True, by=facilitator)
        again = int(second) - int(first)
    if first != "many":
        assert written(round, author) == again

    own = Comment.objects.filter(**author)
    assert own.filter(parent=None).count() == (total if first == "many" else total + again)
    assert own.exclude(parent=None).count() == (MANY if reply == "reply" else 0)


@pytest.mark.parametrize("kind", RoundKind)
@pytest.mark.parametrize("heard", ["", "confirmed", "released"])
def test_walk_of_a_listener_by_what_was_heard(
    open_session: DialogueSession, listening: Round, other_alias: Alias, seat: ListenerSeat, kind: str, heard: str
) -> None:
    """What he may do is read freshly: the seat in hand is older than what was confirmed or not."""
    seat.heard = "" if heard else "confirmed"
    ListenerSeat.objects.filter(pk=seat.pk).update(heard=heard)
    Round.objects.filter(pk=listening.pk).update(state="done")
    round = factories.make_round(open_session, RoundKind(kind))
    released = factories.make_comment(round, other_alias, state="released")
    row = next(cells for cells in CELLS if cells[:2] == (kind, "listener"))
    rights = row if heard or kind == "reflecting" else (*row[:2], "0", "-", "-", "-")
    assert written(round, {"seat": seat}) == (MANY if rights[2] == "many" else int(rights[2]))
    assert (written(round, {"seat": seat}, parent=released) == MANY) == (rights[4] == "reply")
    try:
        pass_round(round, seat=seat)
        assert rights[5] == "pass"
    except NotAllowed:
        assert rights[5] == "-"


@pytest.mark.parametrize("kind", RoundKind)
def test_a_facilitator_is_nowhere_an_author(open_session: DialogueSession, listening: Round, kind: str) -> None:
    """A text has an alias or a seat; a facilitator has neither, and the table gives him nothing."""
    Round.objects.filter(pk=listening.pk).update(state="done")
    round = factories.make_round(open_session, RoundKind(kind))
    with pytest.raises(ValueError, match="one author"):
        submit_comment(round, text="Words")
    rights = cell("facilitator", kind)
    assert (rights.may_write, rights.may_reply, rights.limit, rights.in_turn) == (False, False, None, False)
    assert not Comment.objects.exists()
