"""Writing privately, answering, taking back. Nothing here sends mail: nobody's mailbox tells that somebody wrote."""

from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.messages import policies
from dialogue.messages.models import PrivateMessage
from dialogue.sessions.models import Alias
from dialogue.threads.actions import checked
from seeds.transitions import NotAllowed
from seeds.vault import Unreadable, seal, unseal


class AlreadySent(Exception):
    """Another message was sent from the same form; nothing was changed."""


def _locked(alias: Alias) -> Alias:
    """The name's row, so that two messages at once get two numbers."""
    held = Alias.objects.select_for_update(of=("self",)).select_related("dialogue_session").filter(pk=alias.pk).first()
    if held is None:
        raise NotAllowed(_("This name is not there any more."))
    return held


def _is_same(message: PrivateMessage, session_id: UUID, text: str) -> bool:
    try:
        return message.body is not None and unseal(session_id, message.pk, message.body) == text
    except Unreadable:
        return False


def _earlier(held: Alias, pk: UUID, text: str, written_by: User | None) -> PrivateMessage | None:
    """The message sent under this id before, if it is the same; None if there is none. Else AlreadySent."""
    earlier = PrivateMessage.objects.filter(pk=pk).first()
    if earlier is None:
        return None
    same_author = (earlier.alias_id, earlier.written_by_id) == (held.pk, written_by and written_by.pk)
    if not same_author or not _is_same(earlier, held.dialogue_session_id, text):
        raise AlreadySent
    return earlier


def _add(held: Alias, pk: UUID, text: str, *, kind: str, written_by: User | None) -> PrivateMessage:
    last = held.messages.aggregate(last=Max("number"))["last"] or 0
    if last >= policies.MOST:
        raise NotAllowed(_("This conversation is full."))
    try:
        body = seal(held.dialogue_session_id, pk, text)
    except Unreadable as error:
        raise NotAllowed(_("The texts of this talk are gone, so nothing can be added.")) from error
    return PrivateMessage.objects.create(
        pk=pk, alias=held, number=last + 1, kind=kind, written_by=written_by, body=body
    )


@transaction.atomic
def send_message(alias: Alias, *, text: str, kind: str, pk: UUID | None = None) -> PrivateMessage:
    """A participant writes to the facilitators of this session. `pk` (random) makes sending the same twice one row.

    Raises ValidationError for a blank or too long text, AlreadySent when `pk` was used for something else, NotAllowed
    for somebody who was removed and before or after the time in which one can write.
    """
    text, pk = checked(text), pk or uuid4()
    held = _locked(alias)
    if earlier := _earlier(held, pk, text, None):
        return earlier
    if not policies.may_write(held):
        raise NotAllowed(_("You can’t write to the people who lead this talk now."))
    return _add(held, pk, text, kind=PrivateMessage.Kind(kind), written_by=None)


@transaction.atomic
def answer_message(alias: Alias, *, text: str, by: User, pk: UUID | None = None) -> PrivateMessage:
    """A facilitator of the session writes to whoever holds this name. Raises as `send_message`."""
    text, pk = checked(text), pk or uuid4()
    held = _locked(alias)
    if earlier := _earlier(held, pk, text, by):
        return earlier
    if not policies.may_answer(by, held):
        raise NotAllowed(_("Nobody can read an answer under this name any more. It was not sent."))
    answer = _add(held, pk, text, kind=PrivateMessage.Kind.QUESTION, written_by=by)
    write(AuditEvent.Verb.ANSWER_MESSAGE, by=by, session_id=held.dialogue_session_id)
    return answer


@transaction.atomic
def take_back_message(message: PrivateMessage) -> PrivateMessage:
    """Destroy the words of a participant's own message. Raises NotAllowed when that was done before."""
    own = PrivateMessage.objects.filter(pk=message.pk, written_by=None, body__isnull=False)
    if own.update(body=None, is_read=True) != 1:
        raise NotAllowed(_("You had already taken that message back."))
    message.refresh_from_db(fields=["body", "is_read"])
    return message


@transaction.atomic
def read_by_team(alias: Alias, *, by: User) -> int:
    """Note that the team has read what came from this name; how many messages were new. The look is recorded."""
    fresh = PrivateMessage.objects.filter(alias=alias, written_by=None, is_read=False).update(is_read=True)
    write(AuditEvent.Verb.READ_MESSAGES, by=by, session_id=alias.dialogue_session_id, detail=f"{fresh} new")
    return fresh


def read_by_participant(alias: Alias) -> int:
    """Note that whoever holds this name has read the answers; how many were new."""
    return alias.messages.filter(written_by__isnull=False, is_read=False).update(is_read=True)
