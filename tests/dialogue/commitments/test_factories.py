"""The factory makes a commitment in every state that the database takes."""

import pytest

from dialogue.commitments.models import Commitment, CommitmentUpdate
from tests import factories


@pytest.mark.django_db
@pytest.mark.parametrize("level", Commitment.Authority.values)
@pytest.mark.parametrize("state", Commitment.State.values)
def test_every_state_and_level(state: str, level: str) -> None:
    made = factories.make_commitment(state, level=level)
    made.refresh_from_db()
    assert (made.state, made.level) == (state, level)


@pytest.mark.django_db
@pytest.mark.parametrize("state", CommitmentUpdate.State.values)
def test_news_in_every_state(state: str) -> None:
    assert factories.make_update(factories.make_commitment(), state=state).state == state
