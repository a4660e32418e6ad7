"""What changed in the register, for feed readers: the same for everybody, and nothing of participants in any form."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import chain
from uuid import UUID, uuid5

from django.contrib.syndication.views import Feed
from django.db.models import F, Q
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from accounts.models import today
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.commitments.policies import RUNNING
from dialogue.commitments.queries import public, with_news
from dialogue.commitments.queries_public import STRANGER
from dialogue.sessions.queries_public import as_known

#: As many of the latest changes are in the feed.
SHOWN = 50
#: Characters that XML has no way to write.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
State = Commitment.State


@dataclass(frozen=True)
class Change:
    """One thing that happened to a promise, on a day. `key` tells it from all others of the same promise."""

    commitment: Commitment
    day: date
    key: str
    word: str
    text: str = ""


def changes() -> list[Change]:
    """The latest changes, newest first. Five queries; each brings as many as could be shown."""
    found = sorted(chain(_adopted(), _overdue(), _ended(), _news()), key=lambda one: (one.key, one.commitment.pk))
    return sorted(found, key=lambda one: one.day, reverse=True)[:SHOWN]


def _adopted() -> Iterator[Change]:
    for one in public().order_by("-adopted_on", "pk")[:SHOWN]:
        if one.adopted_on:
            yield Change(one, one.adopted_on, "adopted", _("Promised"))


def _overdue() -> Iterator[Change]:
    """That a day passed stands here for good, whatever came after it."""
    passed = Q(state__in=RUNNING) | Q(ended_on__gt=F("due_on"))
    for one in public().filter(passed, due_on__lt=today()).order_by("-due_on", "pk")[:SHOWN]:
        yield Change(one, one.due_on, f"late {one.due_on}", _("Late: not done by its day"))


def _ended() -> Iterator[Change]:
    words = {
        State.DONE: _("Kept, as they say"),
        State.BROKEN: _("Broken"),
        State.CHANGED: _("Replaced by another promise"),
        State.WITHDRAWN: _("Taken back"),
    }
    ended = with_news(public().filter(ended_on__isnull=False))
    for one in ended.order_by("-ended_on", "pk")[:SHOWN]:
        told = [news.text for news in getattr(one, "news", ()) if news.kind != CommitmentUpdate.Kind.PROGRESS]
        if one.ended_on:
            yield Change(one, one.ended_on, one.state, words[State(one.state)], "".join(told[-1:]))


def _news() -> Iterator[Change]:
    """That it is under way. News with which a promise ended stands with its end."""
    released = CommitmentUpdate.objects.filter(
        kind=CommitmentUpdate.Kind.PROGRESS,
        state=CommitmentUpdate.State.RELEASED,
        commitment__adopted_on__isnull=False,
    )
    people = ("agency", "owner__agency", "owner__listener_profile")
    released = released.select_related(*(f"commitment__{name}" for name in people))
    for update in released.order_by("-written_on", "pk")[:SHOWN]:
        yield Change(update.commitment, update.written_on, str(update.pk), _("News: under way"), update.text)


def _plain(text: str) -> str:
    return UNWRITABLE.sub("", text)


class Changes(Feed):
    """An Atom feed. Links lead to the pages of the register, which say the rest."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("What police and prosecutors promised")

    def subtitle(self) -> str:
        return _("Each new promise, and what became of it.")

    def link(self) -> str:
        return reverse("commitments:register")

    def items(self) -> list[Change]:
        return changes()

    def item_title(self, item: Change) -> str:
        return f"{item.word} – {_plain(item.commitment.agency.name)}"

    def item_description(self, item: Change) -> str:
        """As HTML, which readers expect here: nothing in anybody's words is markup."""
        speaker = as_known(item.commitment.owner, STRANGER)
        who = ", ".join(part for part in (speaker["name"], speaker["rank"], speaker["agency"]) if part)
        day = _("By when: %(day)s") % {"day": item.commitment.due_on.isoformat()}
        lines = (item.commitment.text, item.text, who, day)
        return "".join(f"<p>{html.escape(_plain(line))}</p>" for line in lines if line)

    def item_link(self, item: Change) -> str:
        return reverse("commitments:promise", args=[item.commitment.pk])

    def item_guid(self, item: Change) -> str:
        """The same for ever, at whatever address the site is reached."""
        return uuid5(UUID(str(item.commitment.pk)), item.key).urn

    def item_pubdate(self, item: Change) -> datetime:
        return datetime.combine(item.day, time(), UTC)

    item_updateddate = item_pubdate
