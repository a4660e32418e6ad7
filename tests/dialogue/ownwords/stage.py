"""A listener with something of each kind, among words of others that must never come along."""

from dataclasses import dataclass
from typing import Any

import pytest

from accounts.models import Participant, User
from dialogue.acknowledgments.models import PARTS, AcknowledgmentVersion
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.messages.actions import answer_message, send_message
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.notes.models import FacilitatorNote
from dialogue.reflections.models import Reflection
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.sessions.models_objections import Objection
from dialogue.threads.models import Comment
from seeds import vault
from tests import factories

#: Planted where no word of it may come along: what others wrote, and the names they bear.
FOREIGN = (
    "story-mark-ospreys",
    "answered-mark-lanterns",
    "meant-mark-walnuts",
    "taken-story-mark-kettles",
    "note-mark-pelicans",
    "why-mark-turnips",
    "edit-mark-saddles",
    "team-note-mark-anvils",
    "message-mark-herons",
    "reply-mark-juniper",
    "objection-mark-thistle",
    "sent-back-mark-copper",
    "returned-mark-velvet",
    "other-update-mark-granite",
    "other-listener-mark-sable",
    "taken-back-mark-ochre",
    "withdrawn-promise-mark-umber",
)
#: His own: each comes along once or more.
OWN = (
    "own-text-mark",
    "own-held-mark",
    "own-answer-mark",
    "own-reflection-mark",
    "own-first-version-mark",
    "own-draft-mark",
    "own-promise-mark",
    "own-update-mark",
)


@dataclass
class Told:
    """What was planted."""

    dialogue_session: DialogueSession
    listener: User
    alias: Alias
    seat: ListenerSeat
    reflection: Reflection


def _reflect(round: Round, seat: ListenerSeat, story: Comment, text: str, **fields: Any) -> Reflection:
    told = factories.make_comment(round, seat=seat, text=text, state="released")
    return Reflection.objects.create(comment=told, heard=story, seat=seat, **fields)


@pytest.fixture
def told(
    open_session: DialogueSession,
    alias: Alias,
    seat: ListenerSeat,
    listener: User,
    participant: Participant,
    peer: User,
) -> Told:
    """`listener` in a session with something of each kind, and each mark in its place."""
    Alias.objects.filter(pk=alias.pk).update(name="Alias-mark Marigold")
    listening = open_session.rounds.get(state="open")
    dialogue = factories.make_round(open_session, RoundKind.DIALOGUE, Round.State.DONE)
    story = factories.make_comment(listening, alias, text="story-mark-ospreys", state="released")
    gone = factories.make_comment(listening, alias, state="withdrawn")
    answered = factories.make_comment(dialogue, alias, text="answered-mark-lanterns", state="released")
    reflection = _reflect(listening, seat, story, "own-reflection-mark", answer="confirmed", is_out=True)
    _reflect(listening, seat, gone, "taken-story-mark-kettles")
    factories.make_comment(listening, alias, text="meant-mark-walnuts", parent=reflection.comment, state="released")
    factories.make_comment(dialogue, seat=seat, text="own-text-mark", state="released")
    factories.make_comment(dialogue, seat=seat, text="own-answer-mark", parent=answered, state="released")
    held = factories.make_comment(dialogue, seat=seat, text="own-held-mark", version=3)
    _decide(held, peer)
    Comment.objects.filter(pk=factories.make_comment(dialogue, seat=seat, state="withdrawn").pk).update(version=2)
    other = factories.make_seat(open_session)
    factories.make_comment(dialogue, seat=other, text="other-listener-mark-sable", state="released")
    _around(open_session, alias, peer, listener)
    _acknowledge(seat)
    _promise(open_session, listener, peer)
    return Told(open_session, listener, alias, seat, reflection)


def _decide(comment: Comment, by: User) -> None:
    decision = ModerationDecision(
        comment=comment, comment_version=1, decided_by=by, outcome="returned", reason="open_case"
    )
    session_id = comment.thread.round.dialogue_session_id
    decision.note = vault.seal(session_id, decision.pk, "note-mark-pelicans")
    decision.save()
    edit = ProposedEdit(comment=comment, comment_version=2, proposed_by=by)
    edit.body = vault.seal(session_id, edit.pk, "edit-mark-saddles")
    edit.note = vault.seal(session_id, edit.pk, "why-mark-turnips")
    edit.save()


def _around(dialogue_session: DialogueSession, alias: Alias, by: User, listener: User) -> None:
    note = FacilitatorNote(dialogue_session=dialogue_session, author=by)
    note.body = vault.seal(dialogue_session.pk, note.pk, "team-note-mark-anvils")
    note.save()
    send_message(alias, text="message-mark-herons", kind="question")
    answer_message(alias, text="reply-mark-juniper", by=by)
    objection = Objection(
        dialogue_session=dialogue_session, alias=alias, seat=dialogue_session.seats.get(listener=listener)
    )
    objection.body = vault.seal(dialogue_session.pk, objection.pk, "objection-mark-thistle")
    objection.save()


def _acknowledge(seat: ListenerSeat) -> None:
    acknowledgment = seat.acknowledgment
    AcknowledgmentVersion.objects.create(
        acknowledgment=acknowledgment,
        number=1,
        scope="personal",
        handed_in_on="2026-01-02",
        **(dict.fromkeys(PARTS, "Then.") | {"plan": "own-first-version-mark"}),
    )
    for name in PARTS:
        setattr(acknowledgment, name, "own-draft-mark")
    acknowledgment.note = "sent-back-mark-copper"
    acknowledgment.save()


def _promise(dialogue_session: DialogueSession, owner: User, by: User) -> None:
    state = Commitment.State
    promise = factories.make_commitment(
        owner=owner, dialogue_session=dialogue_session, text="own-promise-mark", note="returned-mark-velvet"
    )
    factories.make_update(promise, state=CommitmentUpdate.State.RETURNED, text="own-update-mark", note=FOREIGN[12])
    factories.make_update(promise, state="released", text="other-update-mark-granite", written_by=by)
    never = {"adopted_by": None, "adopted_on": None, "text": "withdrawn-promise-mark-umber"}
    factories.make_commitment(state.WITHDRAWN, owner=owner, dialogue_session=dialogue_session, **never)
