"""Private messages as pages show them. Nothing here knows when anything was written."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Participant, User
from dialogue.messages.models import PrivateMessage
from dialogue.messages.policies import WRITABLE
from dialogue.sessions.models import Alias, DialogueSession
from dialogue.sessions.queries import own_aliases
from dialogue.threads.text import paragraphs
from seeds.vault import Unreadable, unseal

GONE = _("Taken back.")
UNREADABLE = _("These words can no longer be read.")
UNREAD = Q(messages__written_by=None, messages__is_read=False, messages__body__isnull=False)
Kind = PrivateMessage.Kind


@dataclass(frozen=True)
class Shown:
    """One message as both sides see it. `author` is the facilitator's name, "" for the participant."""

    pk: UUID
    kind: str
    author: str
    is_peer: bool
    paragraphs: list[str]
    gone: str | Promise


def own_alias(participant: Participant, session_id: UUID) -> Alias | None:
    """The participant's name in this session, also one that was removed: own messages can still be taken back."""
    names = own_aliases(participant).select_related("dialogue_session")
    return names.filter(dialogue_session=session_id).first()


def own_messages(participant: Participant) -> QuerySet[PrivateMessage]:
    """What this participant wrote and did not take back."""
    written = PrivateMessage.objects.filter(alias__in=own_aliases(participant), written_by=None, body__isnull=False)
    return written.select_related("alias__dialogue_session")


def _opened(message: PrivateMessage, session_id: UUID) -> tuple[list[str], str | Promise]:
    if message.body is None:
        return [], GONE
    try:
        return paragraphs(unseal(session_id, message.pk, message.body)), ""
    except Unreadable:
        return [], UNREADABLE


def _shown(message: PrivateMessage, session_id: UUID) -> Shown:
    words, gone = _opened(message, session_id)
    writer = message.written_by
    return Shown(
        pk=message.pk,
        kind="" if writer else str(Kind(message.kind).label),
        author=writer.name if writer else "",
        is_peer=bool(writer and writer.is_peer),
        paragraphs=words,
        gone=gone,
    )


def conversation(alias: Alias) -> list[Shown]:
    """Everything between this name and the facilitators, in order. One query."""
    rows = alias.messages.select_related("written_by").order_by("number")
    return [_shown(message, alias.dialogue_session_id) for message in rows]


def led_aliases(user: User) -> QuerySet[Alias]:
    """The names in the sessions this facilitator leads."""
    led = DialogueSession.objects.led_by(user)
    return Alias.objects.filter(dialogue_session__in=led.values("pk")).select_related("dialogue_session")


def conversations(dialogue_session: DialogueSession) -> QuerySet[Alias]:
    """The names that wrote or were written to; who is not doing well and has no answer on top, then who is not read."""
    names = Alias.objects.filter(dialogue_session=dialogue_session, messages__isnull=False)
    counts = names.annotate(
        unread=Count("messages", filter=UNREAD),
        in_distress=Count("messages", filter=UNREAD & Q(messages__kind=Kind.DISTRESS)),
        is_unanswered=Exists(_unanswered().filter(alias=OuterRef("pk"))),
    )
    return counts.order_by("-in_distress", "-is_unanswered", "-unread", "name")


def _unread() -> QuerySet[PrivateMessage]:
    """What participants wrote and nobody on the team has read."""
    return PrivateMessage.objects.filter(alias__tag__isnull=False, written_by=None, is_read=False, body__isnull=False)


def _unanswered() -> QuerySet[PrivateMessage]:
    """What says that somebody is not doing well, was read and not answered since, where an answer can still be read."""
    later = PrivateMessage.objects.filter(
        alias=OuterRef("alias"), number__gt=OuterRef("number"), written_by__isnull=False
    )
    read = PrivateMessage.objects.filter(kind=Kind.DISTRESS, written_by=None, is_read=True, body__isnull=False)
    there = Q(alias__tag__isnull=False, alias__removed=False, alias__dialogue_session__state__in=WRITABLE)
    return read.filter(there, ~Exists(later))


def unanswered_for(user: User) -> QuerySet[PrivateMessage]:
    """Who is not doing well in the sessions this facilitator leads, was read, and waits for an answer."""
    return _unanswered().filter(alias__dialogue_session__in=DialogueSession.objects.led_by(user).values("pk"))


def unread_for(user: User) -> QuerySet[PrivateMessage]:
    """What waits to be read in the sessions this facilitator leads."""
    return _unread().filter(alias__dialogue_session__in=DialogueSession.objects.led_by(user).values("pk"))


class Waiting(NamedTuple):
    """How many private messages of one session nobody has read, how many of them say that somebody is not doing well,
    and how many such ones were read and not answered."""

    unread: int
    in_distress: int
    unanswered: int


def waiting_in(dialogue_session: DialogueSession) -> Waiting:
    """What waits in this session. One query."""
    here = {"alias__dialogue_session": dialogue_session}
    unread = _unread().filter(**here).order_by().values_list("kind", "is_read")
    unanswered = _unanswered().filter(**here).order_by().values_list("kind", "is_read")
    found = Counter(unread.union(unanswered, all=True))
    fresh = Counter({kind: count for (kind, is_read), count in found.items() if not is_read})
    return Waiting(fresh.total(), fresh[Kind.DISTRESS], found[Kind.DISTRESS, True])
