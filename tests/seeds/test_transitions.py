"""A row changes its state once, whoever is first."""

import threading

import pytest
from django.db import connections

from dialogue.sessions.models import DialogueSession, State
from seeds.transitions import NotAllowed, move
from tests import factories


def test_it_moves_and_brings_the_instance_up_to_date(draft: DialogueSession) -> None:
    move(draft, State.CANCELLED, sources=[State.DRAFT], cancel_reason="Too few")
    assert (draft.state, draft.cancel_reason) == (State.CANCELLED, "Too few")
    draft.refresh_from_db()
    assert (draft.state, draft.cancel_reason) == (State.CANCELLED, "Too few")


def test_a_wrong_state_or_condition_changes_nothing(draft: DialogueSession) -> None:
    with pytest.raises(NotAllowed):
        move(draft, State.OPEN, sources=[State.PREPARING])
    with pytest.raises(NotAllowed):
        move(draft, State.CANCELLED, sources=[State.DRAFT], where={"schedule_version": 7}, cancel_reason="x")
    assert draft.state == State.DRAFT
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins() -> None:
    winners = []
    for _ in range(10):
        row = factories.make_session()
        gate = threading.Barrier(2)

        def race(row: DialogueSession = row, gate: threading.Barrier = gate) -> None:
            mine = DialogueSession.objects.get(pk=row.pk)
            gate.wait()
            try:
                move(mine, State.CANCELLED, sources=[State.DRAFT], cancel_reason="mine")
                winners.append(row.pk)
            except NotAllowed:
                pass
            finally:
                connections.close_all()

        threads = [threading.Thread(target=race) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(winners) == len(set(winners)) == 10
