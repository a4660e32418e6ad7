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
from dialogue.moderation.policies import (
    LONGEST_NOTE,
    READY_NOTES,
    authors_of,
    read_in_time,
    reading_of,
    reasons_for,
    release_refusal,
)
from dialogue.moderation.queries import is_over, returns_of
from dialogue.sessions.models import DialogueSession, Round
from dialogue.sessions.policies import may_lead
from dialogue.tallies.actions import count_one
from dialogue.threads.models import Comment, Thread
from dialogue.threads.periods import current_period
from dialogue.threads.text import tidy, too_many
from seeds.live import team_of, tell
from seeds.transitions import NotAllowed, move
from seeds.vault import Unreadable, seal

HELD, APPROVED, RETURNING, RETURNED, RELEASED, PROPOSED, APPEALED, UPHELD = (
    Comment.State.HELD,
    Comment.State.APPROVED,
    Comment.State.RETURNING,
    Comment.State.RETURNED,
    Comment.State.RELEASED,
    Comment.State.PROPOSED,
    Comment.State.APPEALED,
    Comment.State.UPHELD,
)


def check_lead(by: User, dialogue_session: DialogueSession) -> None:
    """Raises PermissionDenied for everybody who is not on the session's team."""
    if not may_lead(by, dialogue_session):
        raise PermissionDenied


def session_of(comment: Comment) -> DialogueSession:
    """The session in which the text was written."""
    return comment.thread.round.dialogue_session


def move_on(comment: Comment, to: str, *, source: str, version: int, **values: Any) -> None:
    """Move this version of the text on. Raises NotAllowed when somebody else was faster.

    For one that waited it is counted if it was read in time: a yes or a no. Its period goes, so that nothing tells when
    it was written.
    """
    period = comment.period
    move(comment, to, sources=[source], where={"version": version}, version=F("version") + 1, **values)
    if source in Comment.WAITING and period is not None:
        dialogue_session = session_of(comment)
        count_one(reading_of(dialogue_session.pk), read_in_time(period, dialogue_session))


def _check_own_words(comment: Comment, version: int) -> None:
    """Raises NotAllowed while the author asks that somebody else tells it: these words are not to be shown."""
    if Comment.objects.filter(pk=comment.pk, version=version, wants_retelling=True).exists():
        raise NotAllowed(_("The author asks you to tell this text in other words."))


def check_other(comment: Comment, *, by: User) -> None:
    """Raises NotAllowed for whoever returned the text last: who decided is never the one who hears its author out."""
    if returns_of(comment).values_list("decided_by", flat=True).first() == by.pk:
        raise NotAllowed(_("You returned this text, so somebody else on the team looks at it again."))


@transaction.atomic
def claim_comment(comment: Comment, *, version: int, by: User) -> Comment:
    """Open an unreleased text to read it; colleagues see who has it, and may take it over.

    Raises NotAllowed when it is no longer this version, or no longer waiting; and for whoever returned it, while it
    waits for a second look.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    waiting = Comment.objects.filter(pk=comment.pk, version=version, state__in=(HELD, APPEALED, APPROVED, PROPOSED))
    if waiting.filter(state=APPEALED).exists():
        check_other(comment, by=by)
    if not waiting.exclude(alias__removed=True).update(claimed_by=by, claim_is_fresh=True):
        raise NotAllowed(_("Something happened to this text in the meantime."))
    comment.claimed_by = by
    tell(team_of(dialogue_session.pk))
    return comment


def record_look(dialogue_session: DialogueSession, *, texts: int, by: User) -> None:
    """Note that this facilitator was shown the words of so many unreleased texts; nothing for none."""
    if texts:
        write(AuditEvent.Verb.READ_HELD, by=by, session_id=dialogue_session.pk, detail=str(texts))


def lay_aside(comment: Comment, *, by: User) -> None:
    """No longer show this facilitator as the one who reads the text; nothing happens if he is not."""
    if Comment.objects.filter(pk=comment.pk, state__in=Comment.WAITING, claimed_by=by).update(claimed_by=None):
        tell(team_of(session_of(comment).pk))


@transaction.atomic
def approve_comment(comment: Comment, *, version: int, by: User) -> Comment:
    """Let a held text through; it goes out with the next batch.

    Raises NotAllowed when somebody else was faster, or the author asked for a retelling.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    _check_own_words(comment, version)
    move_on(comment, APPROVED, source=HELD, version=version, period=None, claimed_by=by)
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
def return_comment(
    comment: Comment, *, version: int, reason: str, note: str = "", by: User, undoable: bool = False
) -> Comment:
    """Give a held text back to its author with a reason and a note; an empty note becomes the reason's ready one.

    If it is to be `undoable`, its author is told by `give_back_returned` only, minutes later. Raises ValidationError
    (keyed `reason` or `note`), or NotAllowed when somebody else was faster.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    note = _checked_note(comment, reason, note)
    to, reader = (RETURNING, by) if undoable else (RETURNED, None)
    move_on(comment, to, source=HELD, version=version, period=None, claimed_by=reader)
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

    One that was let through after a second look waits for that again. Raises NotAllowed when it was released, taken
    back or decided anew in the meantime, and for whoever had returned it.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    approvals = comment.decisions.filter(undone=False, outcome__in=ModerationDecision.LETS_THROUGH)
    overturned = approvals.filter(comment_version=version - 1, outcome=ModerationDecision.Outcome.OVERTURNED).exists()
    if overturned:
        check_other(comment, by=by)
    to = APPEALED if overturned else HELD
    move_on(comment, to, source=APPROVED, version=version, period=current_period(), claim_is_fresh=True)
    approvals.update(undone=True)
    write(AuditEvent.Verb.UNDO, by=by, session_id=dialogue_session.pk)
    return comment


@transaction.atomic
def undo_return(comment: Comment, *, version: int, by: User) -> Comment:
    """Put a text whose return its author was not told of yet back to those waiting; the note to the author is gone.

    Raises NotAllowed once the author could have read of it, and when it was taken back or undone before.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    fresh = {"claimed_by": by, "claim_is_fresh": True}
    move_on(comment, HELD, source=RETURNING, version=version, period=current_period(), **fresh)
    comment.decisions.filter(undone=False, comment_version=version - 1).update(undone=True, note=None)
    write(AuditEvent.Verb.UNDO, by=by, session_id=dialogue_session.pk, detail="return")
    return comment


def give_back_returned() -> int:
    """Let the authors of returned texts read so: from now on it can't be undone. How many went.

    No time of a return is kept, so this takes all there are: one can be undone for up to the stretch between two runs.
    """
    return Comment.objects.filter(state=RETURNING).update(state=RETURNED, claimed_by=None)


@transaction.atomic
def free_old_claims() -> int:
    """Free the waiting texts that somebody opened before the last run of this, and left; how many.

    No time of a claim is kept, only whether it is of after the last run: it holds for one to two stretches.
    """
    claimed = Comment.objects.filter(state__in=Comment.WAITING, claimed_by__isnull=False)
    freed = claimed.filter(claim_is_fresh=False).update(claimed_by=None)
    claimed.update(claim_is_fresh=False)
    return freed


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
    refused = release_refusal(dialogue_session, kind=round.kind, over=is_over(round), **authors_of(texts))
    if refused is not None or thread is None:
        raise NotAllowed(refused)
    thread.batches += 1
    thread.save(update_fields=["batches"])
    _shuffle(texts, thread.batches)
    write(AuditEvent.Verb.RELEASE, by=by, session_id=dialogue_session.pk, detail=f"{len(texts)} texts")
    return len(texts)
