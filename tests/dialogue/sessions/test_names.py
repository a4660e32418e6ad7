"""Names run out politely, and come back when they were never used."""

from unittest.mock import patch

import pytest

from accounts.models import Participant
from dialogue.sessions import names
from dialogue.sessions.actions_aliases import draw_name, forget_me_here, join_session
from dialogue.sessions.models import Alias, DialogueSession
from seeds.transitions import NotAllowed
from tests import factories


def test_a_drawn_name_is_free() -> None:
    every = {f"{first} {second}" for first in names.FIRST for second in names.SECOND}
    left = sorted(every)[7]
    assert names.draw(every - {left}) == left
    with pytest.raises(names.NoneLeft):
        names.draw(every)


def test_no_name_left_is_a_plain_refusal(announced: DialogueSession) -> None:
    with patch.object(names, "FIRST", []), pytest.raises(NotAllowed):
        draw_name(announced)


def test_joining_and_forgetting_leaves_nothing_behind(participant: Participant, announced: DialogueSession) -> None:
    for _ in range(3):
        forget_me_here(join_session(participant, announced, name="Quiet Stone"))
    assert Alias.objects.count() == 0


def test_a_name_that_was_used_stays(participant: Participant, open_session: DialogueSession) -> None:
    alias = open_session.aliases.get(tag=factories.tag_of(participant, open_session))
    forget_me_here(alias)
    assert Alias.objects.get(name=alias.name).tag is None
