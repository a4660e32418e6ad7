"""A ticket names the row a form will make, for one author and one round."""

from uuid import uuid4

import pytest

from dialogue.threads import tickets
from seeds.faults import LONG


def test_a_ticket_opens_for_its_author_and_round_only() -> None:
    round_pk, author_pk = uuid4(), uuid4()
    ticket = tickets.issue(round_pk, author_pk)
    pk = tickets.redeem(ticket, round_pk, author_pk)
    assert pk is not None
    assert pk.version == 4
    assert tickets.redeem(ticket, round_pk, author_pk) == pk
    assert tickets.redeem(ticket, uuid4(), author_pk) is None
    assert tickets.redeem(ticket, round_pk, uuid4()) is None


def test_every_ticket_is_new() -> None:
    round_pk, author_pk = uuid4(), uuid4()
    assert tickets.issue(round_pk, author_pk) != tickets.issue(round_pk, author_pk)


def test_it_travels_unseen_with_a_text() -> None:
    """Longer fields are shown to be looked over when a text comes back through the sign-in form."""
    assert len(tickets.issue(uuid4(), uuid4())) <= LONG


@pytest.mark.parametrize("ticket", ["", "x", "é" * 38, "A" * 38, "=" * 40, "\0"])
def test_rubbish_is_no_ticket(ticket: str) -> None:
    assert tickets.redeem(ticket, uuid4(), uuid4()) is None
