"""What waits to be read, and what waits to go out. Lists never hold the words themselves."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dialogue.moderation.models import ModerationDecision
from dialogue.moderation.policies import too_few
from dialogue.sessions.models import DialogueSession, RoundKind
from dialogue.threads.models import Comment, CommentQuerySet
from dialogue.threads.periods import HOURS, hours_waiting, period_at

PAGE = 50
TWO_DAYS = 48  # hours
DONE = {
    ModerationDecision.Outcome.APPROVED: _("{name} approved this text."),
    ModerationDecision.Outcome.PROPOSED: _("{name} proposed other words for this text."),
    ModerationDecision.Outcome.RETURNED: _("{name} returned this text."),
}


def oldest_wait_hours(dialogue_session: DialogueSession) -> int | None:
    """About how many hours the oldest held text has waited, in steps of four; None when nothing waits."""
    oldest = waiting_in(dialogue_session).values_list("period", flat=True).first()
    return None if oldest is None else hours_waiting(oldest)


def waiting_in(dialogue_session: DialogueSession | OuterRef, before: datetime | None = None) -> CommentQuerySet:
    """What waits to be read in a session (or in that of an outer query's row).

    With `before`, only what was handed in in a stretch of hours that had ended by then: later texts don't count.
    """
    waiting = Comment.objects.filter(thread__round__dialogue_session=dialogue_session).in_waiting()
    return waiting.filter(period__lt=period_at(before)) if before else waiting


def held_count(dialogue_session: DialogueSession) -> int:
    """How many texts wait to be read."""
    return waiting_in(dialogue_session).count()


def waiting_by_session(user: User) -> dict[UUID, tuple[int, int]]:
    """For each session this facilitator leads in which texts wait: how many, and the oldest one's hours. One query."""
    rows = (
        Comment.objects.visible_to(user)
        .in_waiting()
        .order_by()
        .values_list("thread__round__dialogue_session")
        .annotate(count=Count("pk"), oldest=Min("period"))
    )
    return {pk: (count, hours_waiting(oldest)) for pk, count, oldest in rows}


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
            format_lazy(_("Late: about {days} days, {promised} hours promised"), days=hours // 24, promised=promised),
        )
    if hours >= promised:
        return Age(
            "stop", format_lazy(_("Late: about {hours} hours, {promised} promised"), hours=hours, promised=promised)
        )
    if hours:
        return Age("doing", format_lazy(_("About {hours} of {promised} hours"), hours=hours, promised=promised))
    return Age("doing", format_lazy(_("Less than {hours} of {promised} hours"), hours=HOURS, promised=promised))


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
    pk, period, parent, claimed_by, wants_retelling, *rest = values
    row: dict[str, Any] = dict(zip(_COLUMNS, rest, strict=True))
    return row | {
        "pk": pk,
        "key": f"{period}-{pk}",
        "is_answer": parent is not None,
        "claimed_by": claimed_by,
        "wants_retelling": wants_retelling,
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


def in_queue(user: User, only: UUID | None) -> CommentQuerySet:
    """What waits to be read in the sessions this facilitator leads, or in one of them; oldest first."""
    waiting = Comment.objects.visible_to(user).in_waiting()
    return waiting.filter(thread__round__dialogue_session=only) if only else waiting


@dataclass(frozen=True)
class Queue:
    """One page of the queue; `after` names the place from which the next page is read ("" = this is the last)."""

    rows: list[dict[str, Any]]
    after: str


def read_queue(user: User, *, only: UUID | None, after: str) -> Queue:
    """A page of the queue, without any words of the texts. One query, no counting."""
    waiting = _after(in_queue(user, only), after)
    columns = ("pk", "period", "parent", "claimed_by", "wants_retelling", *_COLUMNS.values())
    rows = [_row(values) for values in waiting.values_list(*columns)[: PAGE + 1]]
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return Queue(rows, rows[-1]["key"] if more else "")


def next_waiting(user: User, *, only: UUID | None, after: Comment | None) -> list[Comment]:
    """What to read next, best first: the oldest that no colleague reads, those behind `after` before the others."""
    free = in_queue(user, only).filter(Q(claimed_by=None) | Q(claimed_by=user)).defer("body")
    free = free.select_related("thread__round__dialogue_session")
    if after is None:
        return list(free[:5])
    behind = _after(free, f"{after.period}-{after.pk}") if after.period is not None else free.none()
    return [*behind[:5], *free.exclude(pk=after.pk)[:5]]


def sessions_led(user: User) -> QuerySet[DialogueSession]:
    """The sessions by which the queue can be narrowed."""
    return (
        DialogueSession.objects.led_by(user).filter(rounds__thread__isnull=False).distinct().order_by("starts_at", "pk")
    )


def ready_rounds(user: User, only: UUID | None) -> list[dict[str, Any]]:
    """Rounds in which approved texts wait to go out: how many texts, and of how many authors. One query."""
    ready = Comment.objects.visible_to(user).ready().order_by()
    if only:
        ready = ready.filter(thread__round__dialogue_session=only)
    names = {
        "round_pk": "thread__round",
        "number": "thread__round__number",
        "kind": "thread__round__kind",
        "title": "thread__round__dialogue_session__title",
    }
    counted = ready.values_list(*names.values()).annotate(
        texts=Count("pk"), aliases=Count("alias", distinct=True), seats=Count("seat", distinct=True)
    )
    rows = [
        dict(zip((*names, "texts", "aliases", "seats"), row, strict=True))
        for row in counted.order_by(names["title"], names["number"])
    ]
    return [
        row
        | {
            "round": RoundKind(row["kind"]).label,
            "authors": row["aliases"] + row["seats"],
            "waits_for": too_few(participants=row["aliases"], listeners=row["seats"], kind=row["kind"]),
        }
        for row in rows
    ]


def proposed(user: User, only: UUID | None) -> list[dict[str, Any]]:
    """Texts whose authors have not yet answered what was proposed to them, in no telling order. One query."""
    waiting = Comment.objects.visible_to(user).filter(state=Comment.State.PROPOSED).exclude(alias__removed=True)
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


def what_happened(comment: Comment) -> str | Promise:
    """In one sentence, who did what with this text last."""
    if comment.state == Comment.State.WITHDRAWN:
        return _("Its author took this text back.")
    if comment.state == Comment.State.RELEASED:
        return _("This text has been released.")
    decisions = [decision for decision in comment.decisions.all() if not decision.undone]
    last = max(decisions, key=lambda decision: decision.comment_version, default=None)
    if last is None or comment.state == Comment.State.HELD:
        return _("This text waits to be read again. It was changed, or a step was undone.")
    return format_lazy(DONE[ModerationDecision.Outcome(last.outcome)], name=last.decider)
