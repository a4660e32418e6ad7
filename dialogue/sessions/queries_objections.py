"""Objections as the participant and the team see them."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from accounts.models import Participant, User
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat
from dialogue.sessions.models_objections import Objection
from dialogue.sessions.queries import own_aliases
from seeds.vault import Unreadable, unseal

State = Objection.State
#: Whatever the team decided is done: a listener who stays is no stop sign to whoever objected.
KINDS = {State.OPEN: "doing", State.NOT_PLACED: "done", State.STAYS: "done", State.WITHDRAWN: "todo"}


@dataclass(frozen=True)
class Shown:
    """One objection: about whom, under which name ("" = forgotten since), what came of it, and why ("" = not said, or
    destroyed by now)."""

    pk: UUID
    alias: str
    about: str
    of_agency: bool
    is_open: bool
    state: dict[str, str | Promise]
    reason: str


def in_question(dialogue_session: DialogueSession) -> QuerySet[ListenerSeat]:
    """The listeners who have a place, or ask for one and have handed in a complete first move."""
    asks = Q(state=ListenerSeat.State.APPLIED, acknowledged_on__isnull=False)
    seats = ListenerSeat.objects.filter(asks | Q(state=ListenerSeat.State.SEATED), dialogue_session=dialogue_session)
    return seats.select_related("listener__agency", "listener__listener_profile").order_by("listener__name", "pk")


def refused_agencies(dialogue_session: DialogueSession) -> QuerySet[Objection, UUID | None]:
    """The agencies of which nobody gets a place here."""
    upheld = Objection.objects.filter(dialogue_session=dialogue_session, state=State.NOT_PLACED)
    return upheld.filter(agency__isnull=False).values_list("agency", flat=True)


def is_refused(seat: ListenerSeat) -> bool:
    """Whether an objection to this very seat was upheld; that holds, too, for who gives it back and asks again."""
    return Objection.objects.filter(seat=seat, state=State.NOT_PLACED).exists()


def _reason(objection: Objection, session_id: UUID) -> str:
    try:
        return unseal(session_id, objection.pk, objection.body) if objection.body is not None else ""
    except Unreadable:
        return ""


def _shown(objection: Objection) -> Shown:
    about = objection.agency.name if objection.agency else ""
    if objection.seat:
        listener = objection.seat.listener
        about = f"{listener.listener_profile.rank} {listener.name}, {listener.agency}"
    state = State(objection.state)
    return Shown(
        pk=objection.pk,
        alias=objection.alias.name if objection.alias else "",
        about=about,
        of_agency=objection.agency is not None,
        is_open=state == State.OPEN,
        state={"kind": KINDS[state], "text": state.label},
        reason=_reason(objection, objection.dialogue_session_id),
    )


def _with_people(objections: QuerySet[Objection]) -> QuerySet[Objection]:
    people = ("dialogue_session", "alias", "agency", "seat__listener__agency", "seat__listener__listener_profile")
    return objections.select_related(*people)


def own_objections(participant: Participant) -> QuerySet[Objection]:
    """Those raised under the participant's own names."""
    return _with_people(Objection.objects.filter(alias__in=own_aliases(participant)))


def raised_by(alias: Alias) -> list[Shown]:
    """What was raised under this name, those that wait first."""
    rows = _with_people(alias.objections.all())
    return sorted(map(_shown, rows), key=lambda one: (not one.is_open, one.about, str(one.pk)))


def led_objections(user: User) -> QuerySet[Objection]:
    """Those in sessions that this facilitator leads."""
    led = DialogueSession.objects.led_by(user)
    return _with_people(Objection.objects.filter(dialogue_session__in=led.values("pk")))


def raised_in(dialogue_session: DialogueSession) -> list[Shown]:
    """All of a session but those taken back, those that wait first."""
    rows = _with_people(Objection.objects.filter(dialogue_session=dialogue_session))
    found = map(_shown, rows.exclude(state=State.WITHDRAWN))
    return sorted(found, key=lambda one: (not one.is_open, one.about, one.alias))


def shown(objection: Objection) -> Shown:
    """One of them."""
    return _shown(objection)
