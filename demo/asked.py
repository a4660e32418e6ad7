"""What all are asked in the demo: where they stand on facts, and if they felt heard."""

from accounts.models import Participant, User
from demo.content.entries import Content, FactEntry, SheetEntry
from demo.people import People
from demo.rooms import Room
from dialogue.facts.actions import add_fact, close_facts, count_position, take_position
from dialogue.feedback.actions import answer_questions, close_questions
from dialogue.feedback.questions import ITEMS

LEFT_OUT = "-"


def ask(room: Room, content: Content, people: People, participants: dict[str, Participant]) -> None:
    """Write the facts of one session down and let people answer; close what is closed."""
    key = room.entry.key
    for fact in content.facts:
        if fact.session == key:
            _stand(room, fact, people, participants)
    for sheet in content.sheets:
        if sheet.session == key:
            _answer(room, sheet, people, participants)
    if key in content.questions_closed:
        close_questions(room.dialogue_session)
        close_facts(room.dialogue_session)


def _stand(room: Room, entry: FactEntry, people: People, participants: dict[str, Participant]) -> None:
    words = {"statement": entry.statement, "source": entry.source, "source_url": entry.source_url}
    fact = add_fact(room.dialogue_session, by=room.team[0], **words)
    for letter, position in zip(room.entry.participants, entry.participants, strict=False):
        count_position(fact, position=position, by=participants[letter])
    for key, position in entry.listeners.items():
        take_position(fact, position=position, by=people.users[key])


def _answer(room: Room, entry: SheetEntry, people: People, participants: dict[str, Participant]) -> None:
    everybody: dict[str, Participant | User] = {**participants, **people.users}
    for who, steps in (entry.participants | entry.listeners).items():
        given = {item.key: step.strip(LEFT_OUT) for item, step in zip(ITEMS, steps, strict=True)}
        answer_questions(room.dialogue_session, answers=given, by=everybody[who])
