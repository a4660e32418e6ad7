"""The room as its people see it: where somebody stands in it, what was said, and what became of one's own texts."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Participant, Role, User
from dialogue.sessions.matrix import FACILITATOR, LISTENER, PARTICIPANT
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, State
from dialogue.sessions.policies import may_lead
from dialogue.sessions.queries import my_aliases, my_seat, was_removed
from dialogue.threads.models import Comment, Pass
from dialogue.threads.policies import Now, now
from dialogue.threads.text import paragraphs
from seeds.vault import Unreadable, unseal

if TYPE_CHECKING:
    from dialogue.sessions.models import Viewer

PAGE = 50  # texts under a prompt on one page; their answers come with them
GONE = _("Taken back by the person who wrote it.")
UNREADABLE = _("These words can no longer be read.")
Speaker = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where somebody stands in a session's room: in which role, and as whom."""

    dialogue_session: DialogueSession
    role: str
    alias: Alias | None = None
    seat: ListenerSeat | None = None

    @property
    def author(self) -> dict[str, Any]:
        """As keyword arguments of the actions."""
        return {"alias": self.alias, "seat": self.seat}


def find_place(viewer: "Viewer", pk: UUID) -> Place | None:
    """The viewer's place in this session; None for everybody who has none, and in drafts."""
    if isinstance(viewer, Participant):
        alias = my_aliases(viewer).filter(dialogue_session=pk).first()
        return Place(alias.dialogue_session, PARTICIPANT, alias=alias) if alias else None
    dialogue_session = DialogueSession.objects.exclude(state=State.DRAFT).filter(pk=pk).first()
    if dialogue_session is None or not isinstance(viewer, User):
        return None
    if viewer.role == Role.LISTENER:
        seat = my_seat(viewer, dialogue_session)
        return Place(dialogue_session, LISTENER, seat=seat) if seat else None
    return Place(dialogue_session, FACILITATOR) if may_lead(viewer, dialogue_session) else None


def had_place(viewer: "Viewer", pk: UUID) -> bool:
    """Whether the viewer was in this session before: what he still types is given back to him."""
    dialogue_session = DialogueSession.objects.filter(pk=pk).first()
    if dialogue_session is None:
        return False
    if isinstance(viewer, Participant):
        return was_removed(viewer, dialogue_session)
    return isinstance(viewer, User) and ListenerSeat.objects.filter(listener=viewer, dialogue_session=pk).exists()


# --- The rounds, with what this author did in each ---------------------------------------------------------------


def rounds_of(place: Place) -> list[Any]:
    """The session's rounds in order, each with its thread, `written` (texts that count) and `passed`. One query."""
    rounds = place.dialogue_session.rounds.select_related("thread").order_by("number")
    if place.alias is None and place.seat is None:
        return list(rounds.annotate(written=Value(0), passed=Value(value=False)))
    own = Comment.objects.filter(thread__round=OuterRef("pk")).counted(**place.author)
    written = own.order_by().values("thread").annotate(number=Count("pk")).values("number")
    passes = Pass.objects.filter(thread__round=OuterRef("pk"), **place.author)
    return list(
        rounds.annotate(
            written=Coalesce(Subquery(written, output_field=IntegerField()), Value(0)),
            passed=Exists(passes),
        )
    )


def open_round(rounds: list[Any]) -> Any | None:
    """The round that is on."""
    return next((round for round in rounds if round.state == Round.State.OPEN), None)


def shown_round(rounds: list[Any], number: str) -> Any | None:
    """The round whose texts are shown: the one asked for if it has begun, else the open one, else the last done."""
    begun = [round for round in rounds if round.state in (Round.State.OPEN, Round.State.DONE)]
    asked = next((round for round in begun if str(round.number) == number), None)
    return asked or open_round(begun) or (begun[-1] if begun else None)


def what_now(place: Place, rounds: list[Any]) -> Now:
    """What the viewer can do in the room at this moment."""
    current = open_round(rounds)
    if current:
        current.dialogue_session = place.dialogue_session  # the same row; saves a query
    written, passed = (current.written, current.passed) if current else (0, False)
    return now(place.role, place.dialogue_session, current, written=written, passed=passed)


# --- What was said ------------------------------------------------------------------------------------------------

_COLUMNS = (
    "pk",
    "parent",
    "state",
    "body",
    "batch",
    "place",
    "alias",
    "alias__name",
    "seat",
    "seat__listener__name",
    "seat__listener__listener_profile__rank",
    "seat__listener__agency__name",
    "seat__listener__agency__kind",
)


def speaker_of(row: dict[str, Any]) -> Speaker:
    """Who wrote the text of this row, as speaker.html takes it."""
    if row["alias"]:
        return {"kind": PARTICIPANT, "name": row["alias__name"]}
    return {
        "kind": LISTENER,
        "name": row["seat__listener__name"],
        "rank": row["seat__listener__listener_profile__rank"],
        "agency": row["seat__listener__agency__name"],
        "role": Agency.Kind(row["seat__listener__agency__kind"]).label,
    }


def opened(session_id: UUID, pk: UUID, body: bytes | memoryview | None) -> tuple[str, str | Promise]:
    """The words of a text, and the words that stand in their place when there are none."""
    if body is None:
        return "", GONE
    try:
        return unseal(session_id, pk, body), ""
    except Unreadable:
        return "", UNREADABLE


def _shown(row: dict[str, Any], place: Place) -> dict[str, Any]:
    """A row as the page shows it. Nothing in it tells when anything was written."""
    words, gone = opened(place.dialogue_session.pk, row["pk"], row["body"])
    mine = (place.alias and place.alias.pk == row["alias"]) or (place.seat and place.seat.pk == row["seat"])
    return {
        "pk": row["pk"],
        "batch": row["batch"],
        "place": row["place"],
        "speaker": speaker_of(row) | {"mine": bool(mine)},
        "paragraphs": paragraphs(words),
        "gone": gone,
        "answers": [],
    }


def _went_out(thread_id: UUID) -> QuerySet[Comment]:
    """What was released in the thread, in reading order; a text taken back since keeps its place."""
    return Comment.objects.filter(thread=thread_id, batch__isnull=False).order_by("batch", "place")


@dataclass(frozen=True)
class Cursor:
    """From where a page of texts is read: after or before one place, or from the end."""

    batch: int = 0
    place: int = 0
    backwards: bool = False

    @classmethod
    def read(cls, *, after: str = "", before: str = "", end: str = "") -> "Cursor":
        """From the parameters of an address; whatever makes no sense is the beginning."""
        if end:
            return cls(9_999, 999_999_999, backwards=True)
        found = re.fullmatch(r"([0-9]{1,4})-([0-9]{1,9})", after or before)
        return cls(int(found[1]), int(found[2]), backwards=not after) if found else cls()

    @property
    def at_start(self) -> bool:
        return not self.batch

    def cut(self, texts: QuerySet[Comment]) -> QuerySet[Comment]:
        """One more than a page of them, on this side of the place, nearest first."""
        if self.backwards:
            nearer = Q(batch__lte=self.batch) & ~Q(batch=self.batch, place__gte=self.place)
            return texts.filter(nearer).order_by("-batch", "-place")[: PAGE + 1]
        farther = Q(batch__gte=self.batch) & ~Q(batch=self.batch, place__lte=self.place)
        return texts.filter(farther)[: PAGE + 1]


@dataclass(frozen=True)
class Texts:
    """One page of texts; `before` and `after` name the places its neighbors are read from ("" = there are none)."""

    rows: list[dict[str, Any]]
    before: str = ""
    after: str = ""
    is_last: bool = True


def _key(row: dict[str, Any]) -> str:
    return f"{row['batch']}-{row['place']}"


def read_texts(place: Place, round: Any | None, cursor: Cursor) -> Texts:
    """A page of the round's released texts with their answers: two queries, however many there are; no counting."""
    if round is None or not hasattr(round, "thread"):
        return Texts([])
    found = list(cursor.cut(_went_out(round.thread.pk).filter(parent=None)).values(*_COLUMNS))
    more, found = len(found) > PAGE, found[:PAGE]
    if cursor.backwards:
        found.reverse()
    rows = [_shown(row, place) for row in found]
    _add_answers(place, round.thread.pk, rows)
    has_before = more if cursor.backwards else not cursor.at_start
    has_after = more if not cursor.backwards else cursor.batch < 9_999
    return Texts(
        rows,
        before=_key(found[0]) if found and has_before else "",
        after=_key(found[-1]) if found and has_after else "",
        is_last=not has_after,
    )


def _add_answers(place: Place, thread_id: UUID, rows: list[dict[str, Any]]) -> None:
    by_parent = {row["pk"]: row for row in rows}
    for answer in _went_out(thread_id).filter(parent__in=list(by_parent)).values(*_COLUMNS):
        by_parent[answer["parent"]]["answers"].append(_shown(answer, place))


def answerable(place: Place, round: Round, pk: str) -> dict[str, Any] | None:
    """The released text of this round that somebody is about to answer."""
    try:
        wanted = UUID(pk)
    except ValueError:
        return None
    rows = Comment.objects.filter(pk=wanted, thread__round=round, parent=None, state=Comment.State.RELEASED)
    row = rows.values(*_COLUMNS).first()
    return _shown(row, place) if row else None


# --- What became of one's own texts -------------------------------------------------------------------------------

_STATE_MARKS = {
    Comment.State.HELD: ("doing", _("Waiting to be read")),
    Comment.State.APPROVED: ("doing", _("Read and approved")),
    Comment.State.RETURNED: ("warn", _("Returned to you")),
    Comment.State.RELEASED: ("done", _("Released")),
    Comment.State.WITHDRAWN: ("todo", _("You took it back")),
}


def returned_with(comment: Comment) -> tuple[str, str]:
    """Why the text came back: the reason, and the facilitator's note ("" when it can't be read)."""
    for decision in comment.decisions.all():
        if decision.outcome == "returned" and decision.comment_version == comment.version - 1:
            session_id = comment.thread.round.dialogue_session_id
            note = opened(session_id, decision.pk, decision.note)[0]
            return str(decision.get_reason_display()), note
    return "", ""


def own_texts(place: Place) -> QuerySet[Comment]:
    """This author's texts in the session by round, newest round first, with what decided about them."""
    own = Comment.objects.filter(thread__round__dialogue_session=place.dialogue_session, **place.author)
    return (
        own.select_related("thread__round", "parent__alias", "parent__seat__listener")
        .prefetch_related("decisions")
        .order_by("-thread__round__number", "pk")
    )


def _answered_name(comment: Comment) -> str:
    parent = comment.parent
    if parent is None:
        return ""
    return parent.alias.name if parent.alias else parent.seat.listener.name if parent.seat else ""


def own_text(comment: Comment, dialogue_session: DialogueSession) -> dict[str, Any]:
    """One of one's own texts, with what became of it."""
    words, gone = opened(dialogue_session.pk, comment.pk, comment.body)
    reason, note = returned_with(comment) if comment.state == Comment.State.RETURNED else ("", "")
    kind, text = _STATE_MARKS[Comment.State(comment.state)]
    return {
        "pk": comment.pk,
        "state": comment.state,
        "mark": {"kind": kind, "text": text},
        "round": comment.thread.round,
        "answers_to": _answered_name(comment),
        "paragraphs": paragraphs(words),
        "gone": gone,
        "batch": comment.batch,
        "reason": reason,
        "note": note,
    }
