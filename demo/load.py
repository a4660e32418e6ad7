"""Fills an empty installation with the demo, once, through the same actions as people use on the site."""

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from demo import passport
from demo.asked import ask
from demo.content.entries import Content
from demo.content.read import content
from demo.help_lines import bring_help_lines, let_them_age
from demo.participants import Participants, bring_participants
from demo.people import People, bring_people
from demo.private import confide
from demo.proposals import propose
from demo.register import promise
from demo.reports import report
from demo.rooms import Room, begin, draft, end, fill, plan
from demo.talk import Talk
from dialogue.threads.models import Comment

LOCK = 0x5EED5  # any number: the database lets one loader at a time through


class CannotLoad(Exception):
    """This is not a place for the demo; the message says why. Nothing was changed."""


def load() -> bool:
    """Load the demo if it is not there yet; True when it was loaded now.

    All or nothing: whatever stops it in between leaves an empty database, and the next call begins anew.
    Raises CannotLoad outside the demo, and in a database that somebody else has filled.
    """
    if not settings.DEMO:
        raise CannotLoad("The demo is loaded only where DEMO=1 is set: everything in it is invented.")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if _was_loaded():
            return False
        _fill_database(content())
    return True


def _was_loaded() -> bool:
    told = passport.read()
    if not User.objects.exists():
        return False
    if told is None or not User.objects.filter(email=told["operator"]["email"]).exists():
        raise CannotLoad(
            f"The database holds accounts, but {passport.path()} does not tell how to sign in to them."
            " Start with an empty database, or bring that file back."
        )
    passport.follow_the_port(told)
    return True


def _fill_database(content: Content) -> None:
    people = bring_people(content)
    bring_help_lines(content)
    participants = bring_participants(content, people.partners, by=people.users[content.operator.key])
    for entry in content.sessions:
        room = plan(entry, content, people)
        fill(room, content, people, participants.by_letter)
        confide(room, content, people)
        if entry.round_now:
            begin(room)
            texts = _talk(room, content, people)
        if entry.closed:
            end(room)
            promise(room, content, people.users, participants.by_letter)
            propose(room, content, people.users)
        ask(room, content, people, participants.by_letter)
        if entry.closed:
            report(room, content, participants.by_letter, texts)
    for entry in content.drafts:
        draft(entry, content, people)
    let_them_age(content)
    # Within the transaction: a database that is filled without the file could not be used by anybody.
    passport.write(_passport(content, people, participants))


def _talk(room: Room, content: Content, people: People) -> dict[str, Comment]:
    talk = Talk(room, content.comments[room.entry.key])
    talk.play()
    for note in content.notes:
        if note.session == room.entry.key:
            talk.note(note, by=people.users[note.by])
    return talk.comments


def _passport(content: Content, people: People, participants: Participants) -> passport.Passport:
    who = content.signs_in
    return {
        "base_url": passport.base_url(),
        "facilitator": people.entrances[who["facilitator"]],
        "peer": people.entrances[who["peer"]],
        "listener": people.entrances[who["listener"]],
        "operator": people.entrances[content.operator.key],
        "participant": {"passphrase": participants.passphrases[who["participant"]]},
        "codes": participants.unused_codes,
        "mailbox": passport.mailbox(),
    }
