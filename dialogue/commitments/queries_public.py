"""What everybody may read of promises: each one that was adopted, how it stands, and what people say of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Agency, Participant, Role, User, today
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.commitments.policies import days_late
from dialogue.commitments.queries import public
from dialogue.commitments.seen import Seen, asked, asked_from, subject_of
from dialogue.commitments.standing import Standing, standing, that_are
from dialogue.sessions.models import LISTED, DialogueSession
from dialogue.sessions.queries_public import as_known, leader
from dialogue.tallies.queries import Counts, answered, has_answered, shown

Viewer = User | Participant | AnonymousUser
Record = dict[str, int]
STRANGER = AnonymousUser()
IN_A_RECORD = (Standing.KEPT, Standing.LATE, Standing.BROKEN, Standing.RUNNING)
KINDS = {
    Standing.LATE: "warn",
    Standing.RUNNING: "doing",
    Standing.KEPT: "done",
    Standing.BROKEN: "stop",
    Standing.CHANGED: "todo",
    Standing.TAKEN_BACK: "stop",
}


# --- The register --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What somebody chose to see in the register; None stands for all."""

    agency: Agency | None = None
    standing: Standing | None = None
    level: Commitment.Authority | None = None

    def query(self, **changes: object) -> str:
        """These choices, with changes, as the end of an address: "" for none, else "?agency=..."."""
        chosen = {"agency": self.agency and self.agency.pk, "standing": self.standing, "level": self.level} | changes
        given = urlencode({key: str(value) for key, value in chosen.items() if value})
        return f"?{given}" if given else ""


def register(wanted: Wanted) -> QuerySet[Commitment]:
    """Those that somebody chose: what is under way first, the longest overdue on top; then what ended last."""
    found = public()
    if wanted.agency:
        found = found.filter(agency=wanted.agency)
    if wanted.standing:
        found = found.filter(that_are(wanted.standing, today()))
    if wanted.level:
        found = found.filter(level=wanted.level)
    return found.order_by(F("ended_on").desc(nulls_first=True), "due_on", "pk")


def agencies_in_it() -> QuerySet[Agency]:
    """The agencies that have promised something, by name."""
    return Agency.objects.filter(pk__in=public().order_by().values("agency")).order_by("name", "pk")


def record_of(agencies: Iterable[Agency]) -> dict[UUID, Record]:
    """How many promises each of these agencies has kept, is running, is late with and has broken. One query."""
    ids = [agency.pk for agency in agencies]
    day = today()
    counts = {one.value: Count("pk", filter=that_are(one, day)) for one in IN_A_RECORD}
    by_agency = Commitment.objects.filter(agency__in=ids).order_by().values("agency").annotate(**counts)
    records = {pk: dict.fromkeys(counts, 0) for pk in ids}
    for agency, *numbers in by_agency.values_list("agency", *counts):
        records[agency] = dict(zip(counts, numbers, strict=True))
    return records


def tiles_of(agency: Agency) -> list[dict[str, Any]]:
    """The record of one agency, each number with the way to the promises it counts."""
    record, there = record_of([agency])[agency.pk], reverse("commitments:register")
    return [
        {"number": record[one], "caption": str(one.label), "url": there + Wanted(agency, one).query()}
        for one in IN_A_RECORD
    ]


def finding_of(tiles: list[dict[str, Any]]) -> str:
    """The record of one agency in a sentence, with how many promises it is about."""
    n = sum(tile["number"] for tile in tiles)
    words = {"n": n} | {one.value: tile["number"] for one, tile in zip(IN_A_RECORD, tiles, strict=True)}
    return (
        ngettext(
            "Of %(n)d promise: kept %(kept)d, late %(late)d, broken %(broken)d, running %(running)d.",
            "Of %(n)d promises: kept %(kept)d, late %(late)d, broken %(broken)d, running %(running)d.",
            n,
        )
        % words
    )


def row(commitment: Commitment, viewer: Viewer) -> dict[str, Any]:
    """One promise as a list shows it."""
    now = standing(commitment, today())
    return {
        "commitment": commitment,
        "speaker": as_known(commitment.owner, viewer),
        "standing": {"kind": KINDS[now], "text": str(now.label)},
        "authority": authority(commitment),
        "due": due(commitment, now),
    }


def rows(commitments: Iterable[Commitment], viewer: Viewer) -> list[dict[str, Any]]:
    """The same of many, with what people say of each: one query for all."""
    found = [row(one, viewer) for one in commitments]
    counts = shown(subject_of(one["commitment"].pk) for one in found)
    return [one | {"said": said(counts.get(subject_of(one["commitment"].pk)))} for one in found]


def of_session(dialogue_session: DialogueSession, viewer: Viewer = STRANGER) -> list[dict[str, Any]]:
    """The promises that were made in a session; without a viewer, as a stranger reads them."""
    made = public().filter(dialogue_session=dialogue_session)
    return [row(one, viewer) for one in made.order_by("due_on", "pk")]


def latest_of(agency: Agency, viewer: Viewer, number: int) -> list[dict[str, Any]]:
    """The promises of an agency that were adopted last."""
    return [row(one, viewer) for one in public().filter(agency=agency).order_by("-adopted_on", "pk")[:number]]


def authority(commitment: Commitment) -> str:
    """Who is bound, and who said yes for them, in a sentence or two."""
    if commitment.level == Commitment.Authority.PERSONAL:
        return _("One person is bound by it, and no one else.")
    if commitment.level == Commitment.Authority.UNIT:
        return _("The unit “%(unit)s” is bound by it. Who leads it said yes, or the head of the office.") % {
            "unit": commitment.unit
        }
    return _("The whole office is bound by it. Its head said yes.")


def due(commitment: Commitment, now: Standing) -> str:
    """How the day of a promise and today go together; "" where the date says it all."""
    if now == Standing.LATE:
        days = days_late(commitment)
        return ngettext("That was %(days)d day ago.", "That was %(days)d days ago.", days) % {"days": days}
    if now == Standing.KEPT and commitment.ended_on and commitment.ended_on > commitment.due_on:
        return _("It was kept after that day.")
    return ""


# --- What people say of it -----------------------------------------------------------------------------------------


def said(counts: Counts | None) -> dict[str, Any] | None:
    """The answers as a table and the finding in a sentence; None while fewer than five have come together."""
    if not counts:
        return None
    numbers = {one: counts.get(one, 0) for one in Seen}
    n = sum(numbers.values())
    words = {"seen": numbers[Seen.SEEN], "not_seen": numbers[Seen.NOT_SEEN], "n": n}
    return {
        "n": n,
        "finding": _("Of %(n)d people, %(seen)d saw it, %(not_seen)d did not.") % words,
        "rows": [
            {"label": one.label, "value": number, "text": _("%(number)d of %(n)d") % {"number": number, "n": n}}
            for one, number in numbers.items()
        ],
    }


def to_check(participant: Participant) -> list[UUID]:
    """The promises that this participant can say something of and has not, the latest day first. Two queries."""
    open_now = Commitment.objects.filter(asked(today())).order_by("-due_on", "pk").values_list("pk", flat=True)
    subjects = {subject_of(pk): pk for pk in open_now}
    done = answered(participant, subjects)
    return [pk for subject, pk in subjects.items() if subject not in done]


# --- One promise ---------------------------------------------------------------------------------------------------


def page_of(commitment: Commitment, viewer: Viewer) -> dict[str, Any]:
    """Everything on the page of one promise. Links that lead off the site are left out for participants."""
    subject = subject_of(commitment.pk)
    is_asked = Commitment.objects.filter(asked(today()), pk=commitment.pk).exists()
    before = commitment.replaces
    return row(commitment, viewer) | {
        "news": [_news(one, viewer) for one in released(commitment)],
        "before": before if before and before.adopted_on else None,
        "after": public().filter(replaces=commitment).first(),
        "session_url": commitment.dialogue_session.state in LISTED,
        "said": said(shown([subject]).get(subject)),
        "is_asked": is_asked,
        "asked_from": None if is_asked else asked_from(commitment),
        "has_answered": is_asked and isinstance(viewer, Participant) and has_answered(viewer, subject),
        "options": Seen.choices,
    }


def released(commitment: Commitment) -> QuerySet[CommitmentUpdate]:
    """The news that everybody may read, the latest first."""
    news = commitment.updates.filter(state=CommitmentUpdate.State.RELEASED)
    people = ("written_by__agency", "written_by__listener_profile")
    return news.select_related(*people).order_by("-written_on", "pk")


def _news(update: CommitmentUpdate, viewer: Viewer) -> dict[str, Any]:
    by = update.written_by
    return {
        "update": update,
        "speaker": as_known(by, viewer) if by.role == Role.LISTENER else leader(by),
        "evidence": None if isinstance(viewer, Participant) else _evidence(update),
        "has_evidence": bool(update.evidence_url),
    }


def _evidence(update: CommitmentUpdate) -> dict[str, str] | None:
    """Where it can be seen, named by its host; nothing that is not an address of the web."""
    scheme, _separator, rest = update.evidence_url.partition("://")
    return {"url": update.evidence_url, "host": rest.partition("/")[0]} if scheme in ("http", "https") else None
