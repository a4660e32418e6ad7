"""The demo's sessions: planned, announced, joined, and some of them opened and closed."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Participant, User
from demo.content.entries import AcknowledgmentEntry, Content, RoundEntry, SessionEntry
from demo.people import People
from dialogue.acknowledgments.actions import accept_as_complete, save_draft, submit_acknowledgment
from dialogue.acknowledgments.actions_answers import answer_acknowledgment, count_answers
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.sessions.actions import announce_session, begin_preparing, close_session, open_session
from dialogue.sessions.actions_agendas import save_template
from dialogue.sessions.actions_aliases import draw_name, join_session
from dialogue.sessions.actions_guards import override_guard
from dialogue.sessions.actions_plan import create_dialogue_session
from dialogue.sessions.actions_rounds import add_round, close_round, remove_round
from dialogue.sessions.actions_seats import apply_for_seat, place_listener
from dialogue.sessions.ending import draw_purge_date
from dialogue.sessions.models import Alias, Booking, DialogueSession, ListenerSeat, Round
from dialogue.sessions.snapshot import take

ANNOUNCED_BEFORE = timedelta(days=12)
SOON = timedelta(hours=1)


@dataclass
class Room:
    """One session with everybody's place in it, by the keys that the content files use."""

    entry: SessionEntry
    dialogue_session: DialogueSession
    team: list[User]
    rounds: dict[str, Round]
    aliases: dict[str, Alias]
    seats: dict[str, ListenerSeat]


def on_day(entry: SessionEntry, days: int, now: datetime) -> datetime:
    """So many days from now, at the session's hour in its own time zone."""
    zone = ZoneInfo(entry.time_zone)
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time.fromisoformat(entry.at), zone)


def planned_times(entry: SessionEntry, now: datetime) -> tuple[datetime, datetime]:
    """Start and end as they can be announced: in the future. Times in the past are set by `begin` and `end`."""
    if entry.closed:
        return now + SOON, now + 2 * SOON
    if entry.round_now:
        return now + SOON, on_day(entry, entry.ends, now)
    starts_at = on_day(entry, entry.starts, now)
    return starts_at, starts_at + timedelta(hours=entry.hours)


def draft(entry: SessionEntry, content: Content, people: People) -> DialogueSession:
    """The session as somebody began to plan it."""
    team = [people.users[key] for key in entry.facilitators]
    starts_at, ends_at = planned_times(entry, timezone.now())
    return create_dialogue_session(
        by=team[0],
        facilitators=team,
        agencies=[people.agencies[key] for key in entry.agencies],
        title=entry.title,
        topic=entry.topic,
        about=entry.about,
        format=entry.format,
        time_zone=entry.time_zone,
        starts_at=starts_at,
        ends_at=ends_at,
        capacity=entry.capacity,
        minimum=entry.minimum,
        agreements=content.agreements,
        legal_basis=content.legal_basis,
        record_label=entry.record_label,
        venue=entry.venue,
        roster_days=0 if entry.round_now else entry.roster_days,
        reading_hours=entry.reading_hours,
    )


def plan(entry: SessionEntry, content: Content, people: People) -> Room:
    """The same with its own agenda, which may be kept as a template, and reasons where a guard is met."""
    dialogue_session, team = draft(entry, content, people), [people.users[key] for key in entry.facilitators]
    go_on(dialogue_session, content.reasons | entry.reasons, by=team[0])
    rounds = write_agenda(dialogue_session, content.agendas[entry.key], by=team[0])
    for kept in content.templates:
        if kept.session == entry.key:
            save_template(dialogue_session, name=kept.name, whom=kept.whom, by=team[0])
    return Room(entry, dialogue_session, team, rounds, aliases={}, seats={})


def go_on(dialogue_session: DialogueSession, reasons: dict[str, str], *, by: User) -> None:
    """Give the reason for each scheduling guard that is met: a day of benefits, too, comes when it comes."""
    now = take([dialogue_session])[dialogue_session.pk]
    for guard in now.open_guards:
        override_guard(
            dialogue_session,
            guard=guard,
            reason=reasons[guard],
            schedule_version=dialogue_session.schedule_version,
            by=by,
        )


def write_agenda(dialogue_session: DialogueSession, entries: list[RoundEntry], *, by: User) -> dict[str, Round]:
    """Put these rounds into the draft, by key."""
    for round in list(dialogue_session.rounds.all()):
        remove_round(round, by=by)
    return {entry.key: add_round(dialogue_session, kind=entry.kind, prompt=entry.prompt, by=by) for entry in entries}


def fill(room: Room, content: Content, people: People, participants: dict[str, Participant]) -> None:
    """Announce the session; participants join it, listeners ask for a place and make the first move."""
    announce_session(room.dialogue_session, by=room.team[0])
    for letter in room.entry.participants:
        name = draw_name(room.dialogue_session)
        room.aliases[letter] = join_session(participants[letter], room.dialogue_session, name=name)
    for key in room.entry.listeners:
        room.seats[key] = apply_for_seat(people.users[key], room.dialogue_session)
    for acknowledgment in content.acknowledgments:
        if acknowledgment.session == room.entry.key:
            acknowledge(room, acknowledgment)


def acknowledge(room: Room, entry: AcknowledgmentEntry) -> None:
    """Hand in the five parts. What was checked is answered and, if it says so, counted; if it is enough, a seat."""
    seat = room.seats[entry.listener]
    acknowledgment = submit_acknowledgment(save_draft(seat, parts=entry.parts, scope=entry.scope))
    if entry.becomes == "submitted":
        return
    accept_as_complete(acknowledgment, by=room.team[-1])
    for alias, answer in zip(room.aliases.values(), entry.answers, strict=False):
        answer_acknowledgment(acknowledgment, alias=alias, answer=answer)
    if entry.becomes in (Acknowledgment.State.ACCEPTED, Acknowledgment.State.MORE_ASKED):
        count_answers(acknowledgment, by=room.team[0])
    if acknowledgment.state == Acknowledgment.State.ACCEPTED:
        seat.refresh_from_db()
        place_listener(seat, by=room.team[0])


def begin(room: Room) -> None:
    """Open the session, then let it have begun some days ago: no action moves a start into the past."""
    begin_preparing(room.dialogue_session, by=room.team[0])
    open_session(room.dialogue_session, by=room.team[0])
    starts_at = on_day(room.entry, room.entry.starts, timezone.now())
    Booking.objects.filter(dialogue_session=room.dialogue_session).update(starts_at=starts_at)
    room.dialogue_session.starts_at = starts_at
    room.dialogue_session.announced_at = starts_at - ANNOUNCED_BEFORE
    room.dialogue_session.save(update_fields=["starts_at", "announced_at"])


def end(room: Room) -> None:
    """Close the session after its last round, then let that have been some days ago, with the day drawn from then."""
    close_round(room.rounds[room.entry.round_now], by=room.team[0])
    dialogue_session = close_session(room.dialogue_session, by=room.team[0])
    ended = on_day(room.entry, room.entry.ends, timezone.now())
    Booking.objects.filter(dialogue_session=dialogue_session).update(ends_at=ended)
    dialogue_session.ends_at = dialogue_session.closed_at = ended
    dialogue_session.purge_on = draw_purge_date(ended, room.entry.time_zone, timezone.now())
    dialogue_session.save(update_fields=["ends_at", "closed_at", "purge_on"])
