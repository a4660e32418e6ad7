"""Planning a session: making it, changing it, giving it other times."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, Role, User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions import LIVE, lock
from dialogue.sessions.agenda import AGREEMENTS, TEMPLATE
from dialogue.sessions.marks import Marks, refuse_stale
from dialogue.sessions.models import Booking, DialogueSession, ListenerSeat, Round, State
from dialogue.sessions.policies import EDITABLE, present, team_gaps
from dialogue.sessions.queries import busy
from dialogue.sessions.reasons import NO_TIME_FOUND
from seeds.transitions import NotAllowed
from seeds.vault import create_key

RELATIONS = ("agencies", "facilitators")
BOOKED = {"facilitators", "starts_at", "ends_at"}  # what a booking repeats
#: Of a draft: who went on against a guard gave a reason for these. Once one of them changes, the guard asks again.
WATCHED = {"format", "venue", "time_zone", "starts_at", "ends_at"}
OVERLAP = "booking_no_overlap"


@transaction.atomic
def create_dialogue_session(
    *, by: User, agencies: Iterable[Agency] = (), facilitators: Iterable[User] = (), **fields: Any
) -> DialogueSession:
    """A draft with its team booked (`by` is always on it), an agenda from the template, and its key.

    Raises ValidationError by field, also when somebody on the team leads another session at that time.
    """
    if by.role != Role.FACILITATOR:
        raise NotAllowed(_("Only facilitators plan sessions."))
    fields.setdefault("agreements", str(AGREEMENTS))
    dialogue_session = DialogueSession(created_by=by, **fields)
    dialogue_session.full_clean()
    dialogue_session.save(force_insert=True)
    dialogue_session.agencies.set(agencies)
    _book(dialogue_session, {by, *facilitators})
    Round.objects.bulk_create(
        Round(dialogue_session=dialogue_session, number=number, kind=kind, prompt=str(prompt))
        for number, (kind, prompt) in enumerate(TEMPLATE, 1)
    )
    create_key(dialogue_session.pk)
    write(AuditEvent.Verb.CHANGE_SESSION, by=by, session_id=dialogue_session.pk, detail="created")
    return dialogue_session


def _book(dialogue_session: DialogueSession, team: Collection[User]) -> None:
    """Make the team exactly this, at the session's times. The database has the last word about overlaps."""
    starts_at, ends_at = dialogue_session.starts_at, dialogue_session.ends_at
    if any(person.role != Role.FACILITATOR for person in team):
        raise ValidationError({"facilitators": _("Only facilitators can lead a session.")})
    if names := busy(team, starts_at, ends_at, but=dialogue_session.pk):
        raise ValidationError({"facilitators": [_busy_sentence(names)]})
    bookings = Booking.objects.filter(dialogue_session=dialogue_session)
    bookings.exclude(facilitator__in=team).delete()
    try:
        with transaction.atomic():
            bookings.update(starts_at=starts_at, ends_at=ends_at)
            kept = set(bookings.values_list("facilitator", flat=True))
            Booking.objects.bulk_create(
                Booking(dialogue_session=dialogue_session, facilitator=person, starts_at=starts_at, ends_at=ends_at)
                for person in sorted(team, key=lambda one: one.pk)
                if person.pk not in kept
            )
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != OVERLAP:
            raise
        raise ValidationError(
            {"facilitators": _("One of the facilitators leads another session at that time.")}
        ) from error


def _busy_sentence(names: list[str]) -> str:
    return str(_("Already leads another session at that time: %(names)s.")) % {"names": ", ".join(names)}


@transaction.atomic
def change_dialogue_session(
    dialogue_session: DialogueSession, *, by: User, seen: Marks | None = None, **fields: Any
) -> DialogueSession:
    """Change the given fields, as far as the session's state lets them be changed (policies.EDITABLE).

    `seen` = marks of what the page said when it was opened: nothing is written over that changed since.
    Raises ValidationError by field and NotAllowed for a field that stands fast by now.
    """
    held = lock(dialogue_session, by=by)
    editable = EDITABLE[State(held.state)]
    if not editable or not set(fields) <= editable:
        raise NotAllowed(_("This can’t be changed any more. Nothing was changed."))
    if not fields:
        return dialogue_session
    refuse_stale(held, fields, seen or {})
    plain = {name: value for name, value in fields.items() if name not in RELATIONS}
    if held.state == State.DRAFT and any(getattr(held, name) != plain[name] for name in WATCHED & plain.keys()):
        plain["schedule_version"] = held.schedule_version + 1
    for name, value in plain.items():
        setattr(held, name, value)
    held.full_clean()
    _keeps_its_promises(held, fields, by)
    held.save(update_fields=list(plain))
    if "agencies" in fields:
        held.agencies.set(fields["agencies"])
    if fields.keys() & BOOKED:
        _book(held, {by, *fields.get("facilitators", held.facilitators.all())})
    write(AuditEvent.Verb.CHANGE_SESSION, by=by, session_id=held.pk, detail=",".join(sorted(fields))[:200])
    dialogue_session.refresh_from_db()
    return dialogue_session


def _keeps_its_promises(held: DialogueSession, fields: dict[str, Any], by: User) -> None:
    """What was true when the session was announced stays true; who has a place keeps it."""
    if held.state == State.DRAFT:
        return
    if "facilitators" in fields and (gaps := list(team_gaps(list({by, *fields["facilitators"]}), held.pk))):
        raise ValidationError({"facilitators": [str(gap.text) for gap in gaps]})
    if held.capacity < present(held):
        raise ValidationError({"capacity": _("More people than that have joined already.")})
    if "agencies" in fields:
        seats = held.seats.filter(state__in=(ListenerSeat.State.APPLIED, ListenerSeat.State.SEATED))
        if seats.exclude(listener__agency__in=fields["agencies"]).exists():
            raise ValidationError({"agencies": _("A listener of an agency you took out has asked for a seat.")})


@transaction.atomic
def postpone_session(
    dialogue_session: DialogueSession, *, starts_at: datetime, ends_at: datetime, by: User
) -> DialogueSession:
    """Give an announced, preparing or open session other times. Every reminder is armed again.

    A pause in which a new time was looked for is over with that; any other stays.
    """
    held = lock(dialogue_session, by=by)
    if held.state not in LIVE:
        raise NotAllowed(_("Only a session that is announced, preparing or open can get other times."))
    if starts_at <= timezone.now():
        raise ValidationError({"starts_at": _("The start must lie in the future.")})
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": _("The end must come after the start.")})
    give_times(held, starts_at, ends_at)
    write(AuditEvent.Verb.MOVE_SESSION, by=by, session_id=held.pk, detail="postponed")
    if held.paused and held.pause_reason == NO_TIME_FOUND:
        held.paused, held.pause_reason = False, ""
        held.save(update_fields=["paused", "pause_reason"])
        write(AuditEvent.Verb.MOVE_SESSION, by=by, session_id=held.pk, detail="resumed")
    dialogue_session.refresh_from_db()
    return dialogue_session


def give_times(held: DialogueSession, starts_at: datetime, ends_at: datetime) -> None:
    """Other times for a session whose row is held, and for its team.

    Raises ValidationError when somebody on the team leads another session then.
    """
    held.starts_at, held.ends_at = starts_at, ends_at
    held.schedule_version += 1
    held.save(update_fields=["starts_at", "ends_at", "schedule_version"])
    _book(held, set(held.facilitators.all()))
