"""What the pages of the first move show."""

from typing import TypedDict
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise

from accounts.models import Participant, User
from dialogue.acknowledgments.models import READABLE, Acknowledgment, AcknowledgmentVersion
from dialogue.acknowledgments.parts import GUIDE
from dialogue.acknowledgments.policies import is_answerable
from dialogue.sessions.models import JOINABLE, DialogueSession, ListenerSeat
from dialogue.sessions.queries import my_aliases
from dialogue.sessions.queries_public import speaker_of

State = Acknowledgment.State


class Told(TypedDict):
    """One part as it is read: its heading and the words."""

    title: str | Promise
    words: str


class FirstMove(TypedDict):
    """One listener's acknowledgment as it is read."""

    pk: UUID
    speaker: dict[str, str]
    scope: str
    parts: list[Told]
    waits: bool  # for the participants' answers


def own_seats(listener: User) -> QuerySet[ListenerSeat]:
    """The listener's own places, from which he writes."""
    return ListenerSeat.objects.filter(listener=listener).select_related("dialogue_session", "acknowledgment")


def of_seat(seat: ListenerSeat) -> Acknowledgment:
    """The acknowledgment of this place, or an empty draft that is not stored yet."""
    return getattr(seat, "acknowledgment", None) or Acknowledgment(seat=seat)


def told(acknowledgment: Acknowledgment | AcknowledgmentVersion) -> list[Told]:
    """The five parts in their order."""
    return [{"title": part.title, "words": getattr(acknowledgment, part.name)} for part in GUIDE]


def _with_people(rows: QuerySet[Acknowledgment]) -> QuerySet[Acknowledgment]:
    return rows.select_related("seat__dialogue_session", "seat__listener__agency", "seat__listener__listener_profile")


def of_team(user: User) -> QuerySet[Acknowledgment]:
    """Those for the sessions this facilitator leads, also drafts, of which nothing is shown to the team."""
    return _with_people(Acknowledgment.objects.filter(seat__dialogue_session__facilitators=user.pk))


def visible_to_team(user: User) -> QuerySet[Acknowledgment]:
    """What was handed in for the sessions this facilitator leads, checked or not. Drafts stay the writer's own."""
    return of_team(user).exclude(state=State.DRAFT)


def _of_those_who_ask(user: User) -> QuerySet[Acknowledgment]:
    """Of listeners who ask for a seat, in sessions that still give one; the others wait for nothing."""
    asks = {"seat__state": ListenerSeat.State.APPLIED, "seat__dialogue_session__state__in": JOINABLE}
    return visible_to_team(user).filter(**asks)


def to_check(user: User) -> QuerySet[Acknowledgment]:
    """What waits for one of this facilitator's teams, the session that starts first on top."""
    waiting = _of_those_who_ask(user).filter(state=State.SUBMITTED)
    return waiting.order_by("seat__dialogue_session__starts_at", "seat__listener__name", "pk")


def answering(user: User) -> QuerySet[Acknowledgment]:
    """What the participants of this facilitator's sessions answer now, with `answered`: how many have."""
    asked = _of_those_who_ask(user).filter(state=State.COMPLETE)
    counted = Count("answers", filter=Q(answers__alias__removed=False, answers__alias__tag__isnull=False))
    rows = asked.annotate(answered=counted)
    return rows.order_by("seat__dialogue_session__starts_at", "seat__listener__name", "pk")


def earlier_versions(acknowledgment: Acknowledgment) -> list[dict[str, object]]:
    """What was handed in before the words that stand now, the newest first."""
    versions = list(acknowledgment.versions.order_by("-number"))
    is_draft = acknowledgment.state == State.DRAFT
    return [{"version": one, "parts": told(one)} for one in (versions if is_draft else versions[1:])]


def readable_by(participant: Participant) -> QuerySet[Acknowledgment]:
    """Those that a participant may answer or has read, in the sessions where he holds a name."""
    here = [alias.dialogue_session_id for alias in my_aliases(participant)]
    return _with_people(Acknowledgment.objects.filter(seat__dialogue_session__in=here, state__in=READABLE))


def first_moves(dialogue_session: DialogueSession, *, with_waiting: bool = False) -> list[FirstMove]:
    """The first moves of the listeners who have a seat; with those on which the participants have a say."""
    seats = [ListenerSeat.State.SEATED, *([ListenerSeat.State.APPLIED] if with_waiting else [])]
    here = Acknowledgment.objects.filter(seat__dialogue_session=dialogue_session, seat__state__in=seats)
    rows = _with_people(here.filter(state__in=READABLE))
    ordered = rows.order_by("seat__listener__agency__name", "seat__listener__name", "pk")
    return [
        {
            "pk": row.pk,
            "speaker": speaker_of(row.seat),
            "scope": row.get_scope_display(),
            "parts": told(row),
            "waits": is_answerable(row, dialogue_session),
        }
        for row in ordered
    ]
