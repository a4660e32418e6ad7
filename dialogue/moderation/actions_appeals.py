"""Somebody else looks again at a text that came back. Whoever returned it is never the one who hears its author out.

The author asks, words unchanged; then another facilitator of the team lets the text through, or agrees with the return.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import (
    APPEALED,
    APPROVED,
    RETURNED,
    UPHELD,
    check_lead,
    check_other,
    move_on,
    session_of,
)
from dialogue.moderation.models import ModerationDecision
from dialogue.moderation.policies import LONGEST_NOTE, appeal_refusal
from dialogue.threads.actions import check_room, locked
from dialogue.threads.models import Comment
from dialogue.threads.periods import current_period
from dialogue.threads.queries_own import second_look, team_of
from dialogue.threads.text import tidy, too_many
from seeds.transitions import NotAllowed
from seeds.vault import Unreadable, seal

Outcome = ModerationDecision.Outcome
SECOND_LOOK = "second look"  # in the audit log


@transaction.atomic
def ask_again(comment: Comment, *, version: int) -> Comment:
    """The author asks that somebody else of the team looks at a returned text again. Nothing new is stored.

    Its age counts from now. Twice is the same as once. Nobody on the staff acts, so nothing goes to the audit log.
    Raises NotAllowed when it is not (or no longer) this version of a text that somebody returned, when nobody else is
    on the team, in a pause, once the talk has ended, and when the text has no room in its round any more.
    """
    round = locked(comment.thread.round)
    comment.refresh_from_db(fields=["state", "version", "wants_retelling"])
    if (comment.state, comment.version) == (APPEALED, version + 1):
        return comment
    if (comment.state, comment.version) != (RETURNED, version):
        raise NotAllowed(_("This text has changed in the meantime. Please look again."))
    refused = appeal_refusal(round.dialogue_session, second_look(comment, team_of(round.dialogue_session)))
    if refused is not None:
        raise NotAllowed(refused)
    check_room(comment, round, changed=False)
    move_on(comment, APPEALED, source=RETURNED, version=version, period=current_period(), claimed_by=None)
    return comment


@transaction.atomic
def overturn_return(comment: Comment, *, version: int, by: User) -> Comment:
    """Let a text through that a colleague returned; it goes out with the next batch.

    Raises NotAllowed for whoever returned it, and when somebody else, or its author, was faster.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    check_other(comment, by=by)
    move_on(comment, APPROVED, source=APPEALED, version=version, period=None, claimed_by=by)
    ModerationDecision.objects.create(
        comment=comment, comment_version=version, decided_by=by, outcome=Outcome.OVERTURNED
    )
    write(AuditEvent.Verb.APPROVE, by=by, session_id=dialogue_session.pk, detail=SECOND_LOOK)
    return comment


@transaction.atomic
def uphold_return(comment: Comment, *, version: int, note: str = "", by: User) -> Comment:
    """Agree with a colleague's return; a note to the author is left to whoever agrees. These words stay returned.

    Raises ValidationError (keyed `note`) for a too long note, and NotAllowed as `overturn_return` and without a key.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    check_other(comment, by=by)
    note = tidy(note)
    if len(note) > LONGEST_NOTE or too_many(note):
        raise ValidationError({"note": _("The note is too long. It may have %d characters.") % LONGEST_NOTE})
    move_on(comment, UPHELD, source=APPEALED, version=version, period=None, claimed_by=None)
    decision = ModerationDecision(comment=comment, comment_version=version, decided_by=by, outcome=Outcome.UPHELD)
    try:
        decision.note = seal(dialogue_session.pk, decision.pk, note) if note else None
    except Unreadable as error:
        raise NotAllowed(_("The texts of this session can no longer be read.")) from error
    decision.save(force_insert=True)
    write(AuditEvent.Verb.RETURN, by=by, session_id=dialogue_session.pk, detail=SECOND_LOOK)
    return comment
