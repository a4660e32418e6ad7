"""Reading, approving, returning and releasing. Each decision names the version it is about, so that of two facilitators
who decide at once one wins and the other is told."""

import secrets
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.moderation.models import ModerationDecision, Reason
from dialogue.moderation.policies import LONGEST_NOTE, READY_NOTES, authors_of, reasons_for, release_refusal
from dialogue.sessions.models import DialogueSession, Round
from dialogue.sessions.policies import may_lead
from dialogue.threads.models import Comment, Thread
from dialogue.threads.periods import current_period
from dialogue.threads.text import tidy, too_many
from seeds.transitions import NotAllowed, move
from seeds.vault import Unreadable, seal

HELD, APPROVED, RETURNED, RELEASED, PROPOSED = (
    Comment.State.HELD,
    Comment.State.APPROVED,
    Comment.State.RETURNED,
    Comment.State.RELEASED,
    Comment.State.PROPOSED,
)


def check_lead(by: User, dialogue_session: DialogueSession) -> None:
    """Raises PermissionDenied for everybody who is not on the session's team."""
    if not may_lead(by, dialogue_session):
        raise PermissionDenied


def session_of(comment: Comment) -> DialogueSession:
    """The session in which the text was written."""
    return comment.thread.round.dialogue_session


def move_on(comment: Comment, to: str, *, source: str, version: int, **values: Any) -> None:
    """Move this version of the text on. Raises NotAllowed when somebody else was faster."""
    move(comment, to, sources=[source], where={"version": version}, version=F("version") + 1, **values)


def _check_own_words(comment: Comment, version: int) -> None:
    """Raises NotAllowed while the author asks that somebody else tells it: these words are not to be shown."""
    if Comment.objects.filter(pk=comment.pk, version=version, wants_retelling=True).exists():
        raise NotAllowed(_("Its author asks you to tell this text in other words."))


@transaction.atomic
def claim_comment(comment: Comment, *, version: int, by: User) -> Comment:
    """Open an unreleased text to read it; colleagues see who has it, and may take it over.

    Raises NotAllowed when it is no longer this version, or no longer waiting.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    waiting = Comment.objects.filter(pk=comment.pk, version=version, state__in=(HELD, APPROVED, PROPOSED))
    if not waiting.exclude(alias__removed=True).update(claimed_by=by):
        raise NotAllowed(_("Something happened to this text in the meantime."))
    comment.claimed_by = by
    return comment


def record_look(dialogue_session: DialogueSession, *, texts: int, by: User) -> None:
    """Note that this facilitator was shown the words of so many unreleased texts; nothing for none."""
    if texts:
        write(AuditEvent.Verb.READ_HELD, by=by, session_id=dialogue_session.pk, detail=str(texts))


def lay_aside(comment: Comment, *, by: User) -> None:
    """No longer show this facilitator as the one who reads the text; nothing happens if he is not."""
    Comment.objects.filter(pk=comment.pk, state=HELD, claimed_by=by).update(claimed_by=None)


@transaction.atomic
def approve_comment(comment: Comment, *, version: int, by: User) -> Comment:
    """Let a held text through; it goes out with the next batch.

    Raises NotAllowed when somebody else was faster, or the author asked for a retelling.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    _check_own_words(comment, version)
    move_on(comment, APPROVED, source=HELD, version=version, period=None)
    ModerationDecision.objects.create(
        comment=comment, comment_version=version, decided_by=by, outcome=ModerationDecision.Outcome.APPROVED
    )
    write(AuditEvent.Verb.APPROVE, by=by, session_id=dialogue_session.pk)
    return comment


def _checked_note(comment: Comment, reason: str, note: str) -> str:
    """The note in order, or the ready one of the reason. Raises ValidationError, keyed by field."""
    if reason not in reasons_for(comment):
        raise ValidationError({"reason": _("Choose one of the reasons.")})
    note = tidy(note) or str(READY_NOTES[Reason(reason)])
    if not note:
        raise ValidationError({"note": _("Say in a note what the reason is.")})
    if len(note) > LONGEST_NOTE or too_many(note):
        raise ValidationError({"note": _("The note is too long. It may have %d characters.") % LONGEST_NOTE})
    return note


@transaction.atomic
def return_comment(comment: Comment, *, version: int, reason: str, note: str = "", by: User) -> Comment:
    """Give a held text back to its author with a reason and a note; an empty note becomes the reason's ready one.

    Raises ValidationError (keyed `reason` or `note`), or NotAllowed when somebody else was faster.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    note = _checked_note(comment, reason, note)
    move_on(comment, RETURNED, source=HELD, version=version, period=None, claimed_by=None)
    decision = ModerationDecision(
        comment=comment,
        comment_version=version,
        decided_by=by,
        outcome=ModerationDecision.Outcome.RETURNED,
        reason=reason,
    )
    try:
        decision.note = seal(dialogue_session.pk, decision.pk, note)
    except Unreadable as error:
        raise NotAllowed(_("The texts of this session can no longer be read.")) from error
    decision.save(force_insert=True)
    write(AuditEvent.Verb.RETURN, by=by, session_id=dialogue_session.pk, detail=reason)
    return comment


@transaction.atomic
def undo_approval(comment: Comment, *, version: int, by: User) -> Comment:
    """Put an approved text that has not gone out back to those waiting; its age counts from now.

    Raises NotAllowed when it was released, taken back or decided anew in the meantime.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    move_on(comment, HELD, source=APPROVED, version=version, period=current_period())
    comment.decisions.filter(undone=False, outcome=ModerationDecision.Outcome.APPROVED).update(undone=True)
    write(AuditEvent.Verb.UNDO, by=by, session_id=dialogue_session.pk)
    return comment


def _outgoing(thread: Thread, comments: Collection[UUID] | None) -> list[Comment]:
    """The approved texts of the thread, among `comments` if given; locked until the transaction ends."""
    ready = Comment.objects.filter(thread=thread).ready().defer("body")
    if comments is not None:
        ready = ready.filter(pk__in=comments)
    return list(ready.order_by("pk").select_for_update(of=("self",)))


def _shuffle(texts: list[Comment], batch: int) -> None:
    """Give each text a drawn place in the batch and write all of them at once."""
    secrets.SystemRandom().shuffle(texts)
    for place, text in enumerate(texts, start=1):
        text.state, text.batch, text.place = RELEASED, batch, place
        text.version += 1
        text.claimed_by = None
    Comment.objects.bulk_update(texts, ["state", "batch", "place", "version", "claimed_by"])


@transaction.atomic
def release_batch(round: Round, *, by: User, comments: Collection[UUID] | None = None) -> int:
    """Release the round's approved texts (of `comments` only, if given) as one numbered batch in drawn order.

    Returns how many went out. Raises NotAllowed when there are none, when they are of too few authors (see
    `release_refusal`), or when the session is paused or takes no more texts. Of two releases at once the second finds
    nothing left.
    """
    dialogue_session = round.dialogue_session
    check_lead(by, dialogue_session)
    thread = Thread.objects.select_for_update().filter(round=round).first()
    texts = _outgoing(thread, comments) if thread else []
    dialogue_session.refresh_from_db(fields=["state", "paused"])
    refused = release_refusal(dialogue_session, kind=round.kind, **authors_of(texts))
    if refused is not None or thread is None:
        raise NotAllowed(refused)
    thread.batches += 1
    thread.save(update_fields=["batches"])
    _shuffle(texts, thread.batches)
    write(AuditEvent.Verb.RELEASE, by=by, session_id=dialogue_session.pk, detail=f"{len(texts)} texts")
    return len(texts)
