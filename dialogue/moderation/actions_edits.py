"""Other words for a text, which count only once its author takes them.

A facilitator proposes and calls back; the author takes them here, or hands the text in again (`revise_comment`) or
takes it back (`withdraw_comment`). Whatever comes first wins: each step names the version of the text it is about.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.moderation.actions import APPROVED, HELD, PROPOSED, check_lead, move_on, session_of
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.moderation.policies import LONGEST_NOTE, answer_refusal, proposal_refusal
from dialogue.sessions.models import Alias
from dialogue.threads.actions import destroy_proposal
from dialogue.threads.models import Comment
from dialogue.threads.periods import current_period
from dialogue.threads.text import is_blank, tidy, too_many
from seeds.transitions import NotAllowed
from seeds.vault import Unreadable, seal, unseal

RETELLING = "retelling"  # in the audit log
NOBODY_ANSWERS = _("The author left this session and can’t be found any more, so nobody could say yes to other words.")


def _own_words(comment: Comment) -> str:
    """What the author wrote. Raises NotAllowed without the session's key, or once it was taken back."""
    try:
        return unseal(session_of(comment).pk, comment.pk, comment.body or b"")
    except (Unreadable, ValueError) as error:
        raise NotAllowed(_("The texts of this session can no longer be read.")) from error


def _check_words(comment: Comment, words: str) -> None:
    if is_blank(words):
        raise ValidationError({"body": _("Write the words that you propose.")})
    if excess := too_many(words):
        message = ngettext("%(excess)d character too many.", "%(excess)d characters too many.", excess)
        raise ValidationError({"body": message % {"excess": excess}})
    if words == _own_words(comment):
        raise ValidationError({"body": _("These are the author’s own words. Change something first.")})


def check_proposal(comment: Comment, *, text: str, note: str) -> tuple[str, str]:
    """The words and the note, put in order. Raises ValidationError keyed `body` or `note`; NotAllowed without a key.

    The note says why. It may be empty where the author asked for a retelling.
    """
    words, note = tidy(text), tidy(note)
    _check_words(comment, words)
    if not note and not comment.wants_retelling:
        raise ValidationError({"note": _("Say in a note why you propose other words.")})
    if len(note) > LONGEST_NOTE or too_many(note):
        raise ValidationError({"note": _("The note is too long. It may have %d characters.") % LONGEST_NOTE})
    return words, note


def _sealed(comment: Comment, edit: ProposedEdit, words: str, note: str) -> ProposedEdit:
    """The edit with its words, sealed for its row. Raises NotAllowed when the session's key is gone."""
    session_id = session_of(comment).pk
    try:
        edit.body = seal(session_id, edit.pk, words)
        edit.note = seal(session_id, edit.pk, note) if note else None
    except Unreadable as error:
        raise NotAllowed(_("The texts of this session can no longer be read.")) from error
    return edit


def _check_proposable(comment: Comment) -> None:
    refused = proposal_refusal(session_of(comment))
    if refused is not None:
        raise NotAllowed(refused)
    if Alias.objects.filter(comments=comment, removed=True).exists():
        raise NotAllowed(_("The author was removed from this session and could not answer."))
    if Alias.objects.filter(comments=comment, tag=None).exists():
        raise NotAllowed(NOBODY_ANSWERS)


@transaction.atomic
def propose_words(comment: Comment, *, version: int, text: str, note: str = "", by: User) -> ProposedEdit:
    """Propose other words for a held text to its author; a retelling of it, if that is what the author asked for.

    Raises ValidationError (keyed `body` or `note`), or NotAllowed when somebody else was faster, the session has ended
    or its key is gone, or the author was removed or has left.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    _check_proposable(comment)
    words, note = check_proposal(comment, text=text, note=note)
    retelling = comment.wants_retelling
    move_on(comment, PROPOSED, source=HELD, version=version, period=None, claimed_by=by)
    edit = ProposedEdit(comment=comment, comment_version=version, proposed_by=by, is_retelling=retelling)
    _sealed(comment, edit, words, note).save(force_insert=True)
    ModerationDecision.objects.create(
        comment=comment, comment_version=version, decided_by=by, outcome=ModerationDecision.Outcome.PROPOSED
    )
    write(AuditEvent.Verb.PROPOSE, by=by, session_id=dialogue_session.pk, detail=RETELLING if retelling else "")
    return edit


@transaction.atomic
def call_back_proposal(comment: Comment, *, version: int, by: User) -> Comment:
    """Take the proposed words back before their author has answered. The text waits again, as its author wrote it.

    Raises NotAllowed when the author was faster, or a colleague.
    """
    dialogue_session = session_of(comment)
    check_lead(by, dialogue_session)
    move_on(
        comment, HELD, source=PROPOSED, version=version, period=current_period(), claimed_by=by, claim_is_fresh=True
    )
    destroy_proposal(comment)
    proposals = comment.decisions.filter(undone=False, outcome=ModerationDecision.Outcome.PROPOSED)
    proposals.update(undone=True)
    write(AuditEvent.Verb.UNDO, by=by, session_id=dialogue_session.pk, detail="proposal")
    return comment


@transaction.atomic
def take_words(comment: Comment, *, version: int) -> Comment:
    """The author's yes: the proposed words take the place of his own, which are destroyed, and are approved.

    Gone too are the notes that came back with the text, which may quote it. Nobody on the staff acts, so nothing goes
    to the audit log. Raises NotAllowed when it is not (or no longer) this version of a text with other words proposed,
    while the session is paused, once it has ended, or without its key. Nothing is lost then.
    """
    refused = answer_refusal(session_of(comment))
    if refused is not None:
        raise NotAllowed(refused)
    edit = ProposedEdit.objects.filter(comment=comment, comment_version=version - 1).first()
    if edit is None:
        raise NotAllowed(_("These words are not waiting for you any more."))
    move_on(
        comment,
        APPROVED,
        source=PROPOSED,
        version=version,
        body=_resealed(comment, edit),
        claimed_by=edit.proposed_by,
        is_retold=comment.is_retold or edit.is_retelling,
        wants_retelling=False,
    )
    destroy_proposal(comment)
    comment.decisions.update(note=None)
    ModerationDecision.objects.create(
        comment=comment,
        comment_version=version,
        decided_by=edit.proposed_by,
        outcome=ModerationDecision.Outcome.APPROVED,
    )
    return comment


def _resealed(comment: Comment, edit: ProposedEdit) -> bytes:
    """The proposed words, sealed for the text's own row. Raises NotAllowed when the key is gone."""
    session_id = session_of(comment).pk
    try:
        return seal(session_id, comment.pk, unseal(session_id, edit.pk, edit.body))
    except Unreadable as error:
        raise NotAllowed(_("The texts of this talk can no longer be read.")) from error
