"""What waits to be read, and what waits to go out. Lists never hold the words themselves."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.moderation.models import ModerationDecision
from dialogue.moderation.policies import ON_THE_WAY, listeners_first, too_few, waits_behind
from dialogue.sessions.models import DialogueSession, Round, RoundKind
from dialogue.threads.models import Comment, CommentQuerySet
from dialogue.threads.periods import HOURS, hours_waiting, period_at
from dialogue.threads.policies import TAKES_DECISIONS

PAGE = 50
NEAR, NEAR_BEFORE = 12, 3  # beside an open text: how many of its page, and how many of them before it
TWO_DAYS = 48  # hours
DONE = {
    ModerationDecision.Outcome.APPROVED: _("{name} approved this text."),
    ModerationDecision.Outcome.PROPOSED: _("{name} proposed other words for this text."),
    ModerationDecision.Outcome.RETURNED: _("{name} returned this text."),
    ModerationDecision.Outcome.OVERTURNED: _("{name} looked at this text again and approved it."),
    ModerationDecision.Outcome.UPHELD: _("{name} looked at this text again and agreed with its return."),
}


def decidable(texts: CommentQuerySet) -> CommentQuerySet:
    """Those in sessions in which texts still go out: of one that was called off, nothing waits for a decision."""
    return texts.filter(thread__round__dialogue_session__state__in=TAKES_DECISIONS)


def oldest_wait_hours(dialogue_session: DialogueSession) -> int | None:
    """About how many hours the oldest held text has waited, in steps of four; None when nothing waits."""
    oldest = waiting_in(dialogue_session).values_list("period", flat=True).first()
    return None if oldest is None else hours_waiting(oldest)


def waiting_in(dialogue_session: DialogueSession | OuterRef, before: datetime | None = None) -> CommentQuerySet:
    """What waits to be read in a session (or in that of an outer query's row).

    With `before`, only what was handed in in a stretch of hours that had ended by then: later texts don't count.
    """
    here = Comment.objects.filter(thread__round__dialogue_session=dialogue_session)
    waiting = decidable(here).in_waiting()
    return waiting.filter(period__lt=period_at(before)) if before else waiting


# --- The queue ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Age:
    """How long a text has waited against the promised reading time, in words and as a mark."""

    kind: str
    text: str | Promise


def age_of(period: int, promised: int) -> Age:
    """In steps of four hours, from two days on in days; late once the promised hours are over."""
    hours = hours_waiting(period)
    if hours >= max(promised, TWO_DAYS):
        return Age(
            "stop",
            format_lazy(_("Late: about {days} days (promised: {promised} h)"), days=hours // 24, promised=promised),
        )
    if hours >= promised:
        return Age(
            "stop", format_lazy(_("Late: about {hours} hours (promised: {promised} h)"), hours=hours, promised=promised)
        )
    if hours:
        return Age(
            "doing", format_lazy(_("About {hours} hours (promised: {promised} h)"), hours=hours, promised=promised)
        )
    return Age(
        "doing", format_lazy(_("Less than {hours} hours (promised: {promised} h)"), hours=HOURS, promised=promised)
    )


_COLUMNS = {
    "title": "thread__round__dialogue_session__title",
    "promised": "thread__round__dialogue_session__reading_hours",
    "number": "thread__round__number",
    "kind": "thread__round__kind",
    "alias_name": "alias__name",
    "listener_name": "seat__listener__name",
    "reader": "claimed_by__name",
}


def _row(values: tuple[Any, ...]) -> dict[str, Any]:
    pk, period, parent, claimed_by, wants_retelling, state, returned_by, *rest = values
    row: dict[str, Any] = dict(zip(_COLUMNS, rest, strict=True))
    return row | {
        "pk": pk,
        "key": f"{period}-{pk}",
        "is_answer": parent is not None,
        "claimed_by": claimed_by,
        "wants_retelling": wants_retelling,
        "is_appealed": state == Comment.State.APPEALED,
        "returned_by": returned_by,
        "name": row["alias_name"] or row["listener_name"],
        "is_listener": row["alias_name"] is None,
        "round": RoundKind(row["kind"]).label,
        "age": age_of(period, row["promised"]),
    }


def _after(waiting: CommentQuerySet, key: str) -> CommentQuerySet:
    """Those that stand after the place `key` (period-id) in the queue; all of them when it makes no sense."""
    found = re.fullmatch(r"([0-9]{1,9})-([0-9a-f-]{36})", key)
    if found is None:
        return waiting
    try:
        period, pk = int(found[1]), UUID(found[2])
    except ValueError:
        return waiting
    return waiting.filter(Q(period__gte=period) & ~Q(period=period, pk__lte=pk))


def _before(waiting: CommentQuerySet, period: int, pk: UUID) -> CommentQuerySet:
    """Those that stand before this place in the queue, the nearest first."""
    before = waiting.filter(Q(period__lte=period) & ~Q(period=period, pk__gte=pk))
    return before.order_by("-period", "-pk")


def in_queue(user: User, only: UUID | None) -> CommentQuerySet:
    """What waits to be read in the sessions this facilitator leads, or in one of them; oldest first."""
    waiting = decidable(Comment.objects.visible_to(user)).in_waiting()
    return waiting.filter(thread__round__dialogue_session=only) if only else waiting


def returns_of(comment: Comment | OuterRef) -> QuerySet[ModerationDecision]:
    """The decisions with which a text came back to its author, the latest first."""
    returned = ModerationDecision.Outcome.RETURNED
    counted = ModerationDecision.objects.filter(comment=comment, outcome=returned, undone=False)
    return counted.order_by("-comment_version")


def with_returned_by(texts: CommentQuerySet) -> CommentQuerySet:
    """With `returned_by`: who returned the text last, and so never hears its author out."""
    return texts.annotate(returned_by=Subquery(returns_of(OuterRef("pk")).values("decided_by")[:1]))


@dataclass(frozen=True)
class Queue:
    """One page of the queue; `after` names the place from which the next page is read ("" = this is the last)."""

    rows: list[dict[str, Any]]
    after: str


def read_queue(user: User, *, only: UUID | None, after: str) -> Queue:
    """A page of the queue, without any words of the texts. One query, no counting."""
    waiting = _after(in_queue(user, only), after)
    columns = ("pk", "period", "parent", "claimed_by", "wants_retelling", "state", "returned_by", *_COLUMNS.values())
    rows = [_row(values) for values in with_returned_by(waiting).values_list(*columns)[: PAGE + 1]]
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return Queue(rows, rows[-1]["key"] if more else "")


@dataclass(frozen=True)
class Neighbors:
    """Where a text stands on a page of the queue (`at` of `of`; `at` = 0: not there), and what stands near it."""

    rows: list[dict[str, Any]]
    at: int
    of: int
    more: bool


def neighbors(user: User, comment: Comment, *, only: UUID | None) -> Neighbors:
    """The texts around this one, on the first page of the queue, or on the one that begins with it. No counting.

    One query; two where the text stands behind the first page.
    """
    queue = read_queue(user, only=only, after="")
    at = _place(queue, comment)
    if not at and queue.after and comment.period is not None:
        just_before = UUID(int=max(0, comment.pk.int - 1))
        queue = read_queue(user, only=only, after=f"{comment.period}-{just_before}")
        at = _place(queue, comment)
    first = max(0, at - 1 - NEAR_BEFORE)
    rows = queue.rows[first : first + NEAR]
    return Neighbors(rows, at, len(queue.rows), bool(queue.after) or first + NEAR < len(queue.rows))


def _place(queue: Queue, comment: Comment) -> int:
    return next((at for at, row in enumerate(queue.rows, start=1) if row["pk"] == comment.pk), 0)


def next_waiting(user: User, *, only: UUID | None, after: Comment | None, back: bool = False) -> list[Comment]:
    """What to read next, best first: the oldest that no colleague reads, those behind `after` before the others.

    With `back` the other way round: those before `after`, the nearest first. Not what this facilitator returned and
    somebody else is asked to look at again.
    """
    free = in_queue(user, only).filter(Q(claimed_by=None) | Q(claimed_by=user)).defer("body")
    free = with_returned_by(free).exclude(Q(state=Comment.State.APPEALED, returned_by=user.pk))
    free = free.select_related("thread__round__dialogue_session")
    if after is None:
        return list(free[:5])
    others = free.exclude(pk=after.pk)
    if after.period is None:
        return list(others[:5])
    if back:
        return [*_before(free, after.period, after.pk)[:5], *others.order_by("-period", "-pk")[:5]]
    return [*_after(free, f"{after.period}-{after.pk}")[:5], *others[:5]]


def sessions_led(user: User) -> QuerySet[DialogueSession]:
    """The sessions by which the queue can be narrowed."""
    return (
        DialogueSession.objects.led_by(user).filter(rounds__thread__isnull=False).distinct().order_by("starts_at", "pk")
    )


def ready_rounds(user: User, only: UUID | None) -> list[dict[str, Any]]:
    """Rounds in which approved texts wait to go out: how many texts, of how many authors, and what waits for what.

    One query.
    """
    ready = decidable(Comment.objects.visible_to(user)).ready().order_by()
    if only:
        ready = ready.filter(thread__round__dialogue_session=only)
    names = {
        "round_pk": "thread__round",
        "number": "thread__round__number",
        "kind": "thread__round__kind",
        "title": "thread__round__dialogue_session__title",
        "state": "thread__round__state",
        "more": "more",
    }
    more = Exists(_on_the_way(OuterRef("thread__round")))
    counted = (
        ready.annotate(more=more)
        .values_list(*names.values())
        .annotate(
            texts=Count("pk"),
            aliases=Count("alias", distinct=True),
            seats=Count("seat", distinct=True),
            of_participants=Count("alias"),
        )
    )
    rows = [
        dict(zip((*names, "texts", "aliases", "seats", "of_participants"), row, strict=True))
        for row in counted.order_by(names["title"], names["number"])
    ]
    return [
        row
        | {
            "round": RoundKind(row["kind"]).label,
            "authors": row["aliases"] + row["seats"],
            "waits_for": _waits_for(row),
        }
        for row in rows
    ]


def _waits_for(row: dict[str, Any]) -> str | Promise | None:
    authors = {"participants": row["aliases"], "listeners": row["seats"], "kind": row["kind"]}
    over = row["state"] == Round.State.DONE and not row["more"]
    if listeners_first(**authors):
        return waits_behind(row["of_participants"], over=over)
    return too_few(**authors, over=over)


def _on_the_way(round: Round | OuterRef) -> QuerySet[Comment]:
    return Comment.objects.filter(thread__round=round, state__in=ON_THE_WAY).that_may_come_out()


def is_over(round: Round) -> bool:
    """Whether this round is closed and nothing in it is on the way to be approved."""
    return round.state == Round.State.DONE and not _on_the_way(round).exists()


def proposed(user: User, only: UUID | None) -> list[dict[str, Any]]:
    """Texts whose authors have not yet answered what was proposed to them, in no telling order. One query."""
    here = decidable(Comment.objects.visible_to(user))
    waiting = here.filter(state=Comment.State.PROPOSED).exclude(alias__removed=True)
    if only:
        waiting = waiting.filter(thread__round__dialogue_session=only)
    names = {
        "pk": "pk",
        "title": "thread__round__dialogue_session__title",
        "number": "thread__round__number",
        "kind": "thread__round__kind",
        "alias_name": "alias__name",
        "listener_name": "seat__listener__name",
        "is_retelling": "proposed_edit__is_retelling",
        "by": "proposed_edit__proposed_by__name",
    }
    rows = [
        dict(zip(names, row, strict=True))
        for row in waiting.order_by(names["title"], names["number"], "pk").values_list(*names.values())[:PAGE]
    ]
    return [
        row | {"round": RoundKind(row["kind"]).label, "name": row["alias_name"] or row["listener_name"]} for row in rows
    ]


# --- One text -----------------------------------------------------------------------------------------------------


def items(user: User) -> CommentQuerySet:
    """Texts of the sessions this facilitator leads, with all that their page shows; none of removed people."""
    return (
        Comment.objects.visible_to(user)
        .exclude(alias__removed=True)
        .select_related(
            "thread__round__dialogue_session",
            "alias",
            "seat__listener__agency",
            "seat__listener__listener_profile",
            "parent__alias",
            "parent__seat__listener",
            "claimed_by",
            "proposed_edit__proposed_by",
        )
        .prefetch_related("decisions__decided_by")
    )


def what_happened(comment: Comment, user: User) -> str | Promise:
    """In one sentence, who did what with this text last, or which colleague of this facilitator reads it."""
    if comment.state == Comment.State.WITHDRAWN:
        return _("The author took this text back.")
    if comment.state == Comment.State.RELEASED:
        return _("This text has been released.")
    if comment.state in Comment.WAITING and comment.claimed_by and comment.claimed_by != user:
        return format_lazy(_("{name} is reading this text now."), name=comment.claimed_by.name)
    if comment.state == Comment.State.APPEALED:
        return _("The author asks that somebody else on the team looks at it again.")
    decisions = [decision for decision in comment.decisions.all() if not decision.undone]
    last = max(decisions, key=lambda decision: decision.comment_version, default=None)
    if last is None or comment.state == Comment.State.HELD:
        return _("This text waits to be read again. It was changed, or a step was undone.")
    return format_lazy(DONE[ModerationDecision.Outcome(last.outcome)], name=last.decider)
