"""What participants of the demo told the people who lead, and nobody else."""

from demo.content.entries import Content, MessageEntry, ObjectionEntry
from demo.people import People
from demo.rooms import Room
from dialogue.messages.actions import answer_message, read_by_team, send_message
from dialogue.sessions.actions_objections import object_to, settle_objection


def confide(room: Room, content: Content, people: People) -> None:
    """The private messages and objections of one session, through the same steps as on the site."""
    for message in content.messages:
        if message.session == room.entry.key:
            _write(room, message)
    for objection in content.objections:
        if objection.session == room.entry.key:
            _object(room, objection, people)


def _write(room: Room, entry: MessageEntry) -> None:
    alias = room.aliases[entry.by]
    send_message(alias, text=entry.text, kind=entry.kind)
    if entry.answer:
        read_by_team(alias, by=room.team[-1])
        answer_message(alias, text=entry.answer, by=room.team[-1])


def _object(room: Room, entry: ObjectionEntry, people: People) -> None:
    objection = object_to(
        room.aliases[entry.by],
        seat=room.seats[entry.listener] if entry.listener else None,
        agency=people.agencies[entry.agency] if entry.agency else None,
        reason=entry.reason,
    )
    if entry.becomes != "open":
        settle_objection(objection, upheld=entry.becomes == "no_place", by=room.team[0])
