"""Writing, changing and deleting facilitators' notes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from dialogue.audit import actions as audit
from dialogue.audit.models import AuditEvent
from dialogue.notes import policies
from dialogue.notes.models import FacilitatorNote
from dialogue.sessions.models import DialogueSession, Round
from dialogue.threads.models import Comment
from seeds import vault
from seeds.transitions import NotAllowed

MAX_NOTE = 3000


def checked(text: str) -> str:
    """The text with plain line ends. Raises ValidationError when it is empty or too long."""
    plain = text.replace("\r\n", "\n").strip()
    over = len(plain) - MAX_NOTE
    if not plain:
        raise ValidationError(_("Please write something."), code="required")
    if over > 0:
        message = ngettext("%(over)d character too many.", "%(over)d characters too many.", over)
        raise ValidationError(message % {"over": over}, code="too_long")
    return plain


def _sealed(note: FacilitatorNote, text: str) -> bytes:
    """The text, sealed for this note. Raises ValidationError when it is empty or too long."""
    try:
        return vault.seal(note.dialogue_session_id, note.pk, checked(text))
    except vault.TooLong as error:
        raise ValidationError(_("This is too long. Please shorten it."), code="too_long") from error


def _check_subject(dialogue_session: DialogueSession, about_round: Round | None, comment: Comment | None) -> None:
    if about_round and comment:
        raise ValidationError(_("A note is about one thing."))
    inside = about_round or (comment.thread.round if comment else None)
    if inside and inside.dialogue_session_id != dialogue_session.pk:
        raise ValidationError(_("This belongs to another session."))


@transaction.atomic
def write_note(
    *,
    session: DialogueSession,
    text: str,
    shared: bool,
    by: User,
    round: Round | None = None,
    comment: Comment | None = None,
    is_closing_note: bool = False,
) -> FacilitatorNote:
    """Keep a note about the session, or one of its rounds or texts; `shared` shows it to the whole team.

    Raises ValidationError for a text that is empty or too long or a foreign subject, NotAllowed for others than the
    team, or once the notes of this session have gone.
    """
    if not policies.may_write(by, session):
        raise NotAllowed(_("You can’t write notes about this session now."))
    _check_subject(session, round, comment)
    note = FacilitatorNote(
        dialogue_session=session,
        round=round,
        comment=comment,
        author=by,
        shared=shared,
        is_closing_note=is_closing_note,
    )
    note.body = _sealed(note, text)
    note.save(force_insert=True)
    audit.write(AuditEvent.Verb.WRITE_NOTE, by=by, session_id=session.pk, detail="new")
    return note


@transaction.atomic
def edit_note(note: FacilitatorNote, *, text: str, shared: bool, is_closing_note: bool, by: User) -> FacilitatorNote:
    """Change one's own note; what it is about stays. Raises as `write_note` does."""
    if not policies.is_author(by, note) or not policies.may_write(by, note.dialogue_session):
        raise NotAllowed(_("You can’t change this note now."))
    note.body, note.shared, note.is_closing_note = _sealed(note, text), shared, is_closing_note
    note.save(update_fields=["body", "shared", "is_closing_note"])
    audit.write(AuditEvent.Verb.WRITE_NOTE, by=by, session_id=note.dialogue_session_id, detail="changed")
    return note


@transaction.atomic
def delete_note(note: FacilitatorNote, *, by: User) -> None:
    """Delete one's own note, for good. Raises NotAllowed for others than its author."""
    if not policies.is_author(by, note):
        raise NotAllowed(_("Only its author deletes a note."))
    audit.write(AuditEvent.Verb.WRITE_NOTE, by=by, session_id=note.dialogue_session_id, detail="deleted")
    note.delete()


def record_reading(dialogue_session: DialogueSession, *, count: int, by: User) -> None:
    """Somebody looked at `count` notes of colleagues."""
    audit.write(AuditEvent.Verb.READ_NOTES, by=by, session_id=dialogue_session.pk, detail=str(count))


@transaction.atomic
def delete_expired_notes(now: datetime, *, spared: Collection[UUID] = ()) -> int:
    """Delete the notes of sessions closed long enough, except those of the `spared` sessions; returns how many.

    Looks at the rows, so no run can be missed.
    """
    expired = FacilitatorNote.objects.filter(policies.expired(now, "dialogue_session__"))
    deleted, _by_model = expired.exclude(dialogue_session__in=spared).delete()
    return deleted
