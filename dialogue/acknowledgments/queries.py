"""What the pages of the first move show."""

from typing import TypedDict

from django.db.models import QuerySet
from django.utils.functional import Promise

from accounts.models import User
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.acknowledgments.parts import GUIDE
from dialogue.sessions.models import DialogueSession, ListenerSeat
from dialogue.sessions.queries_public import speaker_of


class Told(TypedDict):
    """One part as it is read: its heading and the words."""

    title: str | Promise
    words: str


class FirstMove(TypedDict):
    """One listener's acknowledgment as it is read."""

    speaker: dict[str, str]
    parts: list[Told]


def own_seats(listener: User) -> QuerySet[ListenerSeat]:
    """The listener's own places, from which he writes."""
    return ListenerSeat.objects.filter(listener=listener).select_related("dialogue_session", "acknowledgment")


def of_seat(seat: ListenerSeat) -> Acknowledgment:
    """The acknowledgment of this place, or an empty draft that is not stored yet."""
    return getattr(seat, "acknowledgment", None) or Acknowledgment(seat=seat)


def told(acknowledgment: Acknowledgment) -> list[Told]:
    """The five parts in their order."""
    return [{"title": part.title, "words": getattr(acknowledgment, part.name)} for part in GUIDE]


def _with_people(rows: QuerySet[Acknowledgment]) -> QuerySet[Acknowledgment]:
    return rows.select_related("seat__dialogue_session", "seat__listener__agency", "seat__listener__listener_profile")


def visible_to_team(user: User) -> QuerySet[Acknowledgment]:
    """What was handed in for the sessions this facilitator leads, checked or not. Drafts stay the writer's own."""
    rows = Acknowledgment.objects.filter(seat__dialogue_session__facilitators=user.pk)
    return _with_people(rows.exclude(state=Acknowledgment.State.DRAFT))


def to_check(user: User) -> QuerySet[Acknowledgment]:
    """What waits for one of this facilitator's teams, the session that starts first on top."""
    waiting = visible_to_team(user).filter(state=Acknowledgment.State.SUBMITTED)
    return waiting.order_by("seat__dialogue_session__starts_at", "seat__listener__name", "pk")


def first_moves(dialogue_session: DialogueSession) -> list[FirstMove]:
    """What everybody in the session reads before the opening: the complete ones of the listeners who have a seat."""
    rows = _with_people(
        Acknowledgment.objects.filter(
            seat__dialogue_session=dialogue_session,
            seat__state=ListenerSeat.State.SEATED,
            state=Acknowledgment.State.COMPLETE,
        )
    )
    ordered = rows.order_by("seat__listener__agency__name", "seat__listener__name", "pk")
    return [{"speaker": speaker_of(row.seat), "parts": told(row)} for row in ordered]
