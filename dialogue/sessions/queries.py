"""Reads that other packages and the pages share."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Q, QuerySet

from accounts.models import Participant, User
from accounts.participants.keys import alias_tag
from accounts.policies import may_listen
from dialogue.sessions.models import Alias, Booking, DialogueSession, ListenerSeat, Round, RoundKind, State


def own_aliases(participant: Participant) -> QuerySet[Alias]:
    """Every name of this participant, also where removed or barred. Nothing but the alias key leads to them."""
    known = DialogueSession.objects.exclude(state=State.DRAFT).order_by().values_list("pk", flat=True)
    tags = [alias_tag(participant.alias_key, pk) for pk in known]
    return Alias.objects.filter(tag__in=tags)


def was_removed(participant: Participant, dialogue_session: DialogueSession) -> bool:
    """Whether this participant was removed from this session, or from all."""
    here = Q(removed=True, dialogue_session=dialogue_session.pk)
    return own_aliases(participant).filter(here | Q(barred=True)).exists()


def lost_places(participant: Participant) -> QuerySet[Alias]:
    """The names under which this participant was taken out; all of them once barred."""
    own = own_aliases(participant)
    lost = own.filter(Q(removed=True) | Q(Exists(own.filter(barred=True))))
    return lost.select_related("dialogue_session").order_by("dialogue_session__starts_at", "pk")


def my_aliases(participant: Participant) -> QuerySet[Alias]:
    """The participant's names, one a session, ordered by the session's start; none once barred."""
    own = own_aliases(participant)
    in_good_standing = own.filter(~Exists(own.filter(barred=True)), removed=False)
    return in_good_standing.select_related("dialogue_session").order_by("dialogue_session__starts_at", "pk")


def my_alias(participant: Participant, dialogue_session: DialogueSession) -> Alias | None:
    """The participant's name in this session; None if there is none, or it was removed."""
    return my_aliases(participant).filter(dialogue_session=dialogue_session).first()


def my_seat(user: User, dialogue_session: DialogueSession) -> ListenerSeat | None:
    """The listener's seat in this session, only while everything that lets him listen is in force."""
    seat = ListenerSeat.objects.filter(
        listener=user, dialogue_session=dialogue_session, state=ListenerSeat.State.SEATED
    ).first()
    return seat if seat and may_listen(user) else None


def current_round(dialogue_session: DialogueSession) -> Round | None:
    """The round that is on."""
    return dialogue_session.rounds.filter(state=Round.State.OPEN).first()


def next_round(dialogue_session: DialogueSession) -> Round | None:
    """The round that would be opened next."""
    return dialogue_session.rounds.filter(state=Round.State.PLANNED).order_by("number").first()


def closing_has_begun(dialogue_session: DialogueSession) -> bool:
    """Whether the closing round is on or was, or the session is in follow-up: people look back, nobody writes on."""
    if dialogue_session.state != State.OPEN:
        return dialogue_session.state == State.FOLLOW_UP
    begun = (Round.State.OPEN, Round.State.DONE)
    return dialogue_session.rounds.filter(kind=RoundKind.CLOSING, state__in=begun).exists()


def taken_names(dialogue_session: DialogueSession) -> set[str]:
    """The names nobody else can get in this session, those of people who left included."""
    return set(Alias.objects.filter(dialogue_session=dialogue_session).values_list("name", flat=True))


def busy(facilitators: Iterable[User], starts_at: datetime, ends_at: datetime, *, but: UUID | None = None) -> list[str]:
    """The names of those who lead another session in these hours; the session with the id `but` doesn't count."""
    overlapping = Booking.objects.filter(
        facilitator__in=[person.pk for person in facilitators],
        active=True,
        starts_at__lt=ends_at,
        ends_at__gt=starts_at,
    ).exclude(dialogue_session=but)
    return sorted(set(overlapping.values_list("facilitator__name", flat=True)))
