"""Everything that waits for one facilitator, counted for all sessions at once: one query, however many there are."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, QuerySet, UUIDField, Value
from django.db.models.functions import Cast

from accounts.listeners.queries import waiting
from accounts.models import User
from dialogue.acknowledgments.queries import to_check
from dialogue.commitments.queries import held, held_updates
from dialogue.messages.models import PrivateMessage
from dialogue.messages.queries import unanswered_for, unread_for
from dialogue.moderation.queries import decidable
from dialogue.reminders.models import Reminder
from dialogue.reminders.queries import current_mails
from dialogue.sessions.models import DialogueSession
from dialogue.threads.models import Comment
from dialogue.threads.periods import HOURS, hours_waiting

#: How far ahead the desk says what will be late, in hours: a shift.
SOON = 2 * HOURS


class Kind(StrEnum):
    """What is counted; beside it, what tells its rows apart."""

    TEXT = "text"  # to be read, by the stretch of hours in which it came in
    READY = "ready"  # approved, and not out
    MESSAGE = "message"  # private, that nobody read, by what it is about
    UNANSWERED = "unanswered"  # private, read: somebody is not doing well and has no answer
    MAIL = "mail"  # of a session's reminders, by state
    MOVE = "move"  # first moves to check
    PROMISE = "promise"  # or news of one, to read
    LISTENER = "listener"  # to verify


@dataclass
class Waits:
    """What waits in one session; or, under None, what belongs to none."""

    of: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def count(self, kind: Kind) -> int:
        """How many of this kind."""
        return self.of[kind].total()

    @property
    def oldest(self) -> int | None:
        """The stretch of the text that has waited longest."""
        return min(map(int, self.of[Kind.TEXT]), default=None)

    @property
    def in_distress(self) -> int:
        """How many private messages say that somebody is not doing well."""
        return self.of[Kind.MESSAGE][PrivateMessage.Kind.DISTRESS]

    @property
    def failed(self) -> int:
        """How many mails did not go out."""
        return self.of[Kind.MAIL][Reminder.State.FAILED]

    @property
    def sent(self) -> int:
        """How many did."""
        return self.of[Kind.MAIL][Reminder.State.SENT]

    def late(self, promised: int, ahead: int = 0) -> int:
        """How many texts have waited as long as was promised, or will have in so many hours (in steps of four)."""
        texts = self.of[Kind.TEXT].items()
        return sum(count for period, count in texts if hours_waiting(int(period)) + ahead >= promised)


def _rows(kind: Kind, rows: QuerySet[Any], session: Any, detail: Any = None) -> QuerySet[Any]:
    """How many of these rows there are by session and detail, in the columns that all kinds have."""
    told = {"of_kind": Value(str(kind)), "of_session": Cast(session, UUIDField())}
    named = rows.select_related(None).order_by().annotate(**told, of_detail=Cast(detail or Value(""), CharField()))
    columns = named.values_list("of_kind", "of_session", "of_detail")
    return columns.annotate(how_many=Count("pk", distinct=True))


def waits_for(user: User) -> dict[UUID | None, Waits]:
    """What waits for this facilitator, by session."""
    texts, in_round = decidable(Comment.objects.visible_to(user)), F("thread__round__dialogue_session")
    queries = [
        _rows(Kind.TEXT, texts.in_waiting(), in_round, F("period")),
        _rows(Kind.READY, texts.ready(), in_round),
        _rows(Kind.MESSAGE, unread_for(user), F("alias__dialogue_session"), F("kind")),
        _rows(Kind.UNANSWERED, unanswered_for(user), F("alias__dialogue_session")),
        _rows(Kind.MAIL, current_mails(DialogueSession.objects.led_by(user)), F("dialogue_session"), F("state")),
        _rows(Kind.MOVE, to_check(user), F("seat__dialogue_session")),
        _rows(Kind.PROMISE, held(user), F("dialogue_session")),
        _rows(Kind.PROMISE, held_updates(user), F("commitment__dialogue_session")),
        _rows(Kind.LISTENER, waiting(), Value(None)),
    ]
    found: dict[UUID | None, Waits] = defaultdict(Waits)
    for kind, session, detail, count in queries[0].union(*queries[1:], all=True):
        found[session].of[kind][detail] += count
    return found


def total(found: dict[UUID | None, Waits]) -> Waits:
    """All of it together."""
    whole = Waits()
    for one in found.values():
        for kind, counts in one.of.items():
            whole.of[kind] += counts
    return whole
