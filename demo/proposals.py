"""Promises that wait: for a reader, for their owner, for a yes; and news that nobody has read yet."""

from datetime import timedelta

from accounts.models import User, today
from demo.content.entries import Content, ProposalEntry
from demo.rooms import Room
from dialogue.commitments import actions
from dialogue.commitments.actions_updates import write_update
from dialogue.commitments.models import Commitment
from dialogue.commitments.policies import fingerprint
from dialogue.commitments.terms import Terms


def propose(room: Room, content: Content, listeners: dict[str, User]) -> None:
    """The proposals of one session, through the same steps as on the site."""
    for entry in content.proposals:
        if entry.session == room.entry.key:
            made = _hand_in(room, entry, listeners[entry.by])
            _go_on(room, entry, made)


def _hand_in(room: Room, entry: ProposalEntry, owner: User) -> Commitment:
    terms = Terms(entry.text, entry.measure, today() + timedelta(days=entry.due), entry.level, entry.unit)
    if not entry.plan:
        return actions.propose_commitment(room.dialogue_session, terms=terms, by=owner)
    plan = room.dialogue_session.seats.get(listener=owner).acknowledgment
    return actions.enter_commitment(
        room.dialogue_session, terms=terms, owner=owner, acknowledgment=plan, by=room.team[0]
    )


def _go_on(room: Room, entry: ProposalEntry, made: Commitment) -> None:
    seen = fingerprint(made)
    if entry.becomes == "returned":
        actions.return_commitment(made, note=entry.note, seen=seen, by=room.team[-1])
    if entry.becomes in ("proposed", "adopted") and not entry.plan:
        actions.record_commitment(made, seen=seen, by=room.team[0])
    if entry.becomes == "adopted":
        actions.adopt_commitment(made, by=made.owner)
    if entry.news:
        write_update(made, kind="progress", text=entry.news, by=made.owner)
