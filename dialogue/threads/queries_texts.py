"""What was said under a prompt, as pages show it. Nothing here knows when anything was written."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency
from dialogue.sessions.matrix import LISTENER, PARTICIPANT
from dialogue.sessions.models import ListenerSeat, Round, RoundKind
from dialogue.sessions.places import Place
from dialogue.threads.models import Comment
from dialogue.threads.policies import closed
from dialogue.threads.text import paragraphs
from seeds.vault import Unreadable, unseal

PAGE = 50  # texts under a prompt on one page; their answers come with them
GONE = _("Taken back by the person who wrote it.")
UNREADABLE = _("These words can no longer be read.")
Speaker = dict[str, Any]

_COLUMNS = (
    "pk",
    "parent",
    "state",
    "body",
    "batch",
    "place",
    "is_retold",
    "alias",
    "alias__name",
    "seat",
    "seat__listener__name",
    "seat__listener__listener_profile__rank",
    "seat__listener__agency__name",
    "seat__listener__agency__kind",
)
#: Of a text that tells back what was heard, in a reflecting round only.
_HEARD = (
    "reflection",
    "reflection__answer",
    "reflection__is_out",
    "reflection__heard__alias",
    "reflection__heard__alias__name",
    "reflection__heard__state",
    "reflection__heard__batch",
    "reflection__heard__place",
    "reflection__heard__thread__round__number",
    "seat__heard",
)
STORY_GONE = _("The story it is about was taken back, so it is not shown any more.")


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
    heard = _heard(row, place, is_gone=bool(gone)) if row.get("reflection") else None
    if heard and heard["is_gone"] and not gone:
        words, gone = "", STORY_GONE
    mine = (place.alias and place.alias.pk == row["alias"]) or (place.seat and place.seat.pk == row["seat"])
    return {
        "pk": row["pk"],
        "batch": row["batch"],
        "place": row["place"],
        "is_retold": row["is_retold"],
        "speaker": speaker_of(row) | {"mine": bool(mine)},
        "paragraphs": paragraphs(words),
        "gone": gone,
        "heard": heard,
        "answers": [],
    }


def _heard(row: dict[str, Any], place: Place, *, is_gone: bool) -> dict[str, Any]:
    """Of which story the text tells what was heard, what was said to that, and whether the viewer can say it."""
    story_gone = row["reflection__heard__state"] == Comment.State.WITHDRAWN
    is_teller = place.alias is not None and place.alias.pk == row["reflection__heard__alias"]
    is_out, answer = row["reflection__is_out"], row["reflection__answer"]
    return {
        "pk": row["reflection"],
        "name": row["reflection__heard__alias__name"],
        "round": row["reflection__heard__thread__round__number"],
        "after": f"{row['reflection__heard__batch']}-{row['reflection__heard__place'] - 1}",
        "is_gone": story_gone,
        "answer": answer if is_out and not story_gone else "",
        "own_answer": answer if is_teller and not is_out else "",
        "may_answer": is_teller and not (is_out or story_gone or is_gone) and closed(place.dialogue_session) is None,
        "was_freed": row["seat__heard"] == ListenerSeat.Heard.RELEASED,
    }


def _went_out(thread_id: UUID) -> QuerySet[Comment]:
    """What was released in the thread, in reading order; a text taken back since keeps its place."""
    return Comment.objects.filter(thread=thread_id, batch__isnull=False).order_by("batch", "place")


LAST_PLACE = 999_999_999  # behind every place within a batch


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
            return cls(9_999, LAST_PLACE, backwards=True)
        found = re.fullmatch(r"([0-9]{1,4})-([0-9]{1,9})", after or before)
        return cls(int(found[1]), int(found[2]), backwards=not after) if found else cls()

    @staticmethod
    def behind_batch(batch: int) -> str:
        """As `after` of an address: from the first text of the next batch on."""
        return f"{batch}-{LAST_PLACE}"

    @property
    def at_start(self) -> bool:
        return not self.batch

    def cut(self, texts: QuerySet[Comment]) -> QuerySet[Comment]:
        """Those on this side of the place, nearest first."""
        if self.backwards:
            nearer = Q(batch__lte=self.batch) & ~Q(batch=self.batch, place__gte=self.place)
            return texts.filter(nearer).order_by("-batch", "-place")
        farther = Q(batch__gte=self.batch) & ~Q(batch=self.batch, place__lte=self.place)
        return texts.filter(farther)


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
    ahead = cursor.cut(_went_out(round.thread.pk).filter(parent=None))
    columns = _COLUMNS + (_HEARD if round.kind == RoundKind.REFLECTING else ())
    found = list(ahead.values(*columns)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if cursor.backwards:
        found.reverse()
    rows = [_shown(row, place) for row in found]
    _add_answers(place, rows, _went_out(round.thread.pk).filter(parent__in=ahead.values("pk")[:PAGE]))
    has_before = more if cursor.backwards else not cursor.at_start
    has_after = more if not cursor.backwards else cursor.batch < 9_999
    return Texts(
        rows,
        before=_key(found[0]) if found and has_before else "",
        after=_key(found[-1]) if found and has_after else "",
        is_last=not has_after,
    )


def _add_answers(place: Place, rows: list[dict[str, Any]], answers: QuerySet[Comment]) -> None:
    by_parent = {row["pk"]: row for row in rows}
    for answer in answers.values(*_COLUMNS):
        if answer["parent"] in by_parent:  # not one of a text released since
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
