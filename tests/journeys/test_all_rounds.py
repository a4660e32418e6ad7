"""A session through all seven kinds of rounds, in a real browser without JavaScript.

Five participants; three listeners, of whom one is asked for more, one is objected to, and one's pledge runs out in the
middle; two facilitators. How they got their accounts is played in test_whole_session.py; here they bring them along.
"""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Participant, Pledge, User, today
from dialogue.acknowledgments.models import GateAnswer
from dialogue.moderation.tasks import give_back
from dialogue.sessions.models import DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.threads.models import Comment
from tests import factories
from tests.browser.test_room_and_queue import cookies
from tests.journeys.steps import acknowledge, approve, open_text, release, take_next_step, write
from tests.journeys.visitor import Visitor

Visit = Callable[[], Visitor]
ClientFor = Callable[[User | Participant | None], Client]
KINDS = tuple(RoundKind)


class Person(NamedTuple):
    """Somebody at a browser, and the name that the others read."""

    at: Visitor
    name: str


class Cast(NamedTuple):
    """All who take part, and the session's id."""

    session_id: str
    rosa: Visitor
    jo: Visitor
    participants: list[Person]
    hale: Person
    calder: Person
    reyes: Person


def planned(team: list[User]) -> DialogueSession:
    """A draft with one round of each kind, on an evening that no scheduling guard minds, and its help line."""
    zone = ZoneInfo("America/New_York")
    day = timezone.now().astimezone(zone).date() + timedelta(days=10)
    while day.day <= 3:  # benefits are paid then
        day += timedelta(days=1)
    starts_at = datetime.combine(day, time(18), zone)
    made = factories.make_session(team=team, starts_at=starts_at, minimum=5, listener_places=3)
    for kind in KINDS:
        factories.make_round(made, kind, Round.State.PLANNED)
    factories.make_resource()
    return made


def come(visit: Visit, client_for: ClientFor, who: User | Participant) -> Visitor:
    """A browser in which this person is signed in."""
    visitor = visit()
    jar = cookies(client_for(who))
    visitor.page.context.add_cookies([{"name": k, "value": v, "url": visitor.address} for k, v in jar.items()])
    return visitor


@pytest.fixture
def cast(visit: Visit, client_for: ClientFor, live_site: str) -> Cast:
    agency = factories.make_agency("Harbor City Police")
    team = [
        factories.make_facilitator(name="Rosa Lindqvist"),
        factories.make_facilitator(name="Jo Amari", is_peer=True),
    ]
    session = planned(team)
    session.agencies.add(agency)
    names = ("Marcus Hale", "Ines Calder", "Tom Reyes")
    listeners = [Person(come(visit, client_for, factories.make_listener(agency, name=name)), name) for name in names]
    rosa, jo = (come(visit, client_for, person) for person in team)
    take_next_step(rosa, str(session.pk))  # announced
    people = [joined(come(visit, client_for, factories.make_participant()), str(session.pk)) for _ in range(5)]
    return Cast(str(session.pk), rosa, jo, people, *listeners)


def joined(person: Visitor, session_id: str) -> Person:
    person.go(f"/sessions/{session_id}/join/")
    name = person.text("p.lead b")
    person.page.locator("[name=agreed]").check()
    person.press("Join")
    person.sees(name)
    return Person(person, name)


def in_my_talk(person: Visitor, link: str) -> None:
    """From a participant's own list of talks, by what is offered there."""
    person.go("/my/")
    person.page.locator("main summary").first.click()
    person.follow(link)


def in_session(facilitator: Visitor, session_id: str, link: str) -> None:
    """From the page on which a session is led."""
    facilitator.go(f"/desk/sessions/{session_id}/")
    facilitator.page.locator(".talk summary").click()
    facilitator.follow(link)


# --- Before it opens


def make_first_moves(cast: Cast) -> None:
    """All three write; a facilitator finds them complete; nobody may begin before that."""
    for listener in (cast.hale, cast.calder, cast.reyes):
        acknowledge(listener.at, cast.session_id)
        complete(cast, listener.name)
    take_next_step(cast.rosa, cast.session_id)  # preparing


def complete(cast: Cast, name: str) -> None:
    in_session(cast.jo, cast.session_id, "Acknowledgments")
    cast.jo.follow(name)
    cast.jo.press("It is complete")


def answer_and_count(cast: Cast, listener: Person, answers: list[str], outcome: str) -> None:
    for person, words in zip(cast.participants, answers, strict=False):
        in_my_talk(person.at, "What the listeners say first")
        person.at.press(re.compile(f"{words}.*{listener.name}"))
        person.at.sees(f"You chose: {words}.")
    in_session(cast.rosa, cast.session_id, "Acknowledgments")
    cast.rosa.follow(listener.name)
    cast.rosa.follow("Have the answers counted")
    cast.rosa.press("Count them now")
    cast.rosa.page.get_by_text(outcome).first.wait_for()


def ask_for_more_of_one(cast: Cast) -> None:
    enough = ["Enough to begin", "Enough to begin", "Not yet", "Pass"]
    answer_and_count(cast, cast.hale, enough, "It is enough to begin.")
    answer_and_count(cast, cast.calder, ["Not yet", "Not yet", "Enough to begin"], "The participants ask for more.")
    cast.calder.at.go("/listener/")
    cast.calder.at.sees("Write more: the participants ask for it")
    cast.calder.at.follow("Write it")
    cast.calder.at.sees("How many said so is told to nobody.")
    cast.calder.at.fill(
        plan="From Monday nobody is searched for where they stand. I post each search, with its reason."
    )
    cast.calder.at.press("Check your answers")
    cast.calder.at.press("Hand it in")
    complete(cast, cast.calder.name)
    answer_and_count(cast, cast.calder, ["Enough to begin"] * 4, "It is enough to begin.")
    answer_and_count(cast, cast.reyes, ["Enough to begin"] * 3, "It is enough to begin.")
    assert not GateAnswer.objects.exists()


def give_seats(cast: Cast) -> None:
    for _listener in range(3):
        cast.rosa.go(f"/desk/sessions/{cast.session_id}/")
        cast.rosa.follow("Give the seat")
        cast.rosa.page.locator("main form button.button").first.click()


def object_to_one(cast: Cast) -> None:
    """A participant objects; the session can't open; the team decides; the listener reads two words."""
    ana = cast.participants[0].at
    in_my_talk(ana, "Someone should not be there")
    ana.tick("Tom Reyes")
    ana.fill(reason="He stopped me twice.")
    ana.press("Tell us")
    ana.sees("Waiting for the facilitators")
    cast.rosa.go(f"/desk/sessions/{cast.session_id}/")
    cast.rosa.sees("Objections that nobody has dealt with: 1.")
    in_session(cast.rosa, cast.session_id, "Objections")
    cast.rosa.page.locator("main ul.rows a").first.click()
    cast.rosa.sees("He stopped me twice.")
    cast.rosa.press("No place")
    cast.reyes.at.go("/listener/seats/")
    cast.reyes.at.sees("Not placed")
    cast.reyes.at.does_not_see("objection")
    cast.reyes.at.go(f"/room/{cast.session_id}/")
    assert cast.reyes.at.text("h1") == "There is no such page"


def write_privately(cast: Cast) -> None:
    ana = cast.participants[0].at
    in_my_talk(ana, "Write to the people who lead")
    ana.page.locator("[name=kind]").first.check()
    ana.fill(body="I need a break every half hour.")
    ana.press("Send")
    ana.sees("I need a break every half hour.")
    in_session(cast.jo, cast.session_id, "Private messages")
    cast.jo.follow(cast.participants[0].name)
    cast.jo.sees("I need a break every half hour.")
    cast.jo.fill(body="You have it. Just tell us.")
    cast.jo.press("Send")
    in_my_talk(ana, "Write to the people who lead")
    ana.sees("You have it. Just tell us.")


# --- Rounds


def open_next(cast: Cast) -> None:
    """The next round: by the big button, which closes the one before first."""
    take_next_step(cast.rosa, cast.session_id)


def cannot_write(cast: Cast, person: Person, why: str) -> None:
    person.at.go(f"/room/{cast.session_id}/")
    person.at.sees(why)
    person.at.go(f"/room/{cast.session_id}/write/")
    expect(person.at.page.locator("textarea")).to_have_count(0)


def say(cast: Cast, *texts: tuple[Person, str]) -> None:
    """Each writes a text of his own; both facilitators read them."""
    for number, (person, text) in enumerate(texts):
        write(person.at, cast.session_id, text)
        approve((cast.rosa, cast.jo)[number % 2], person.name)


def be_heard_by_somebody_else(cast: Cast, person: Person, text: str) -> None:
    """Rosa returns a text; its author asks that somebody else looks again; only Jo can, and lets it through."""
    write(person.at, cast.session_id, text)
    open_text(cast.rosa, person.name)
    cast.rosa.tick("It shows contempt for somebody")
    cast.rosa.press("Return it")
    give_back()  # the clock tells authors
    person.at.go(f"/room/{cast.session_id}/")
    person.at.follow("What became of your texts")
    person.at.sees("It shows contempt for somebody.")
    person.at.press(re.compile("Ask someone else to look again"))
    person.at.sees("Someone else looks again")
    cast.rosa.go("/desk/queue/")
    cast.rosa.follow(person.name)
    cast.rosa.sees("You returned this text.")
    cast.rosa.does_not_see(text)
    cast.jo.go("/desk/queue/")
    cast.jo.sees("Asked to look again")
    cast.jo.follow(person.name)
    cast.jo.press("Open and read")
    cast.jo.sees("It shows contempt for somebody.")
    cast.jo.press("Let it through")


def tell_back(
    cast: Cast, listener: Person, storyteller: Person, text: str, button: str = "Tell this story back"
) -> None:
    listener.at.go(f"/room/{cast.session_id}/")
    listener.at.follow("Write")
    listener.at.page.get_by_role("link", name=re.compile(f"{button}.*{storyteller.name}")).click()
    listener.at.fill(body=text)
    listener.at.press("Send")
    listener.at.sees("Waiting to be read")
    approve(cast.rosa, listener.name)


def answer_reflection(cast: Cast, person: Person, heard: str, button: str, meant: str = "") -> None:
    """In the room, in one tap; "not quite" has a page for what was meant."""
    person.at.go(f"/room/{cast.session_id}/")
    reflection = person.at.page.locator("article.comment", has_text=heard)
    if meant:
        reflection.get_by_role("link", name=button).click()
        person.at.fill(body=meant)
        person.at.press(button)
    else:
        reflection.get_by_role("button", name=button).click()
    person.at.page.get_by_text("We have your answer.").wait_for()


def reply(cast: Cast, person: Person, to: str, text: str) -> None:
    person.at.go(f"/room/{cast.session_id}/")
    person.at.page.get_by_role("link", name=re.compile(f"Answer.*{to}")).last.click()
    person.at.fill(body=text)
    person.at.press("Send")
    person.at.sees("Waiting to be read")
    approve(cast.jo, person.name)


def let_out(cast: Cast) -> None:
    in_session(cast.rosa, cast.session_id, "What was heard")
    cast.rosa.follow("Let the answers out")
    cast.rosa.press("Let them out")


def everybody_reads(cast: Cast, *texts: str) -> None:
    for person in (cast.participants[-1].at, cast.calder.at):
        person.go(f"/room/{cast.session_id}/")
        for text in texts:
            person.sees(text)


@pytest.mark.slow
def test_all_seven_kinds_of_rounds(cast: Cast) -> None:
    ana, ben, cleo, dora, eli = cast.participants
    make_first_moves(cast)
    ask_for_more_of_one(cast)
    give_seats(cast)
    object_to_one(cast)
    write_privately(cast)
    take_next_step(cast.rosa, cast.session_id)  # open

    open_next(cast)  # opening
    in_my_talk(eli.at, "What the listeners said first")
    eli.at.sees("Enough of you said: it is enough to begin.")
    eli.at.sees("From Monday nobody is searched for where they stand.")
    cannot_write(cast, cast.hale, "In this round you only read.")
    cannot_write(cast, eli, "In this round you read.")

    open_next(cast)
    open_next(cast)  # listening
    cannot_write(cast, cast.calder, "In this round you only read. The site takes no text from listeners now.")
    say(cast, (ana, "They emptied my bag on the sidewalk."), (ben, "I stopped calling when somebody went down."))
    eli.at.go(f"/room/{cast.session_id}/")
    eli.at.press("Pass")
    eli.at.sees("You have passed.")
    cast.hale.at.go(f"/room/{cast.session_id}/")
    cast.hale.at.does_not_see("They emptied my bag")  # approved is not released
    release(cast.rosa, "Listening")
    everybody_reads(cast, "They emptied my bag", "I stopped calling")

    open_next(cast)
    open_next(cast)  # reflecting
    tell_back(cast, cast.hale, ana, "Your bag was on the street, and nobody said why.")
    tell_back(cast, cast.calder, ben, "You were too scared to call for help.")
    release(cast.rosa, "Reflecting")
    answer_reflection(cast, ana, "nobody said why", "Not quite", "It was in front of my kid. That is what I meant.")
    approve(cast.jo, ana.name)
    answer_reflection(cast, ben, "too scared to call", "Yes, that’s it")
    cast.hale.at.go(f"/room/{cast.session_id}/stories/")
    cast.hale.at.does_not_see("Try again")  # nobody knows of an answer before it is let out
    let_out(cast)
    reply(cast, dora, cast.calder.name, "It was the same with me.")
    release(cast.rosa, "Reflecting")
    tell_back(cast, cast.hale, ana, "Your kid had to see it.", "Try again")
    tell_back(cast, cast.calder, ana, "Your things lay on the street.")
    release(cast.rosa, "Reflecting")
    answer_reflection(cast, ana, "Your kid had to see it.", "Yes, that’s it")
    open_next(cast)  # closes the round
    let_out(cast)

    open_next(cast)  # curiosity
    say(cast, (cast.hale, "What would you have needed to hear?"), (cast.calder, "What do I not see?"))
    cannot_write(cast, cast.hale, "You have spoken.")
    release(cast.rosa, "Curiosity")
    reply(cast, ana, cast.hale.name, "That it is not my fault.")
    reply(cast, ben, cast.calder.name, "How long we wait.")
    release(cast.rosa, "Curiosity")
    everybody_reads(cast, "That it is not my fault.", "How long we wait.")

    open_next(cast)
    open_next(cast)  # dialogue
    Pledge.objects.filter(user__name="Marcus Hale").update(
        signed_on=today() - timedelta(days=365), expires_on=today() - timedelta(days=1)
    )
    cast.hale.at.go(f"/room/{cast.session_id}/")
    assert cast.hale.at.text("h1") == "There is no such page"
    cast.hale.at.go("/listener/seats/")
    cast.hale.at.sees("Locked: a promise or the check has run out")
    ana.at.go(f"/sessions/{cast.session_id}/")
    ana.at.sees("Locked at the moment")
    be_heard_by_somebody_else(cast, ana, "Write down each search.")
    say(cast, (ben, "Come without the siren."), (cast.calder, "I can do the first."))
    release(cast.rosa, "Dialogue")
    cannot_write(cast, ana, "You have spoken.")
    cast.jo.go(f"/room/{cast.session_id}/")
    cast.jo.follow("Open the next turn")
    cast.jo.sees(eli.name)  # has neither spoken nor passed
    cast.jo.does_not_see("Marcus Hale")  # who is locked keeps nobody waiting
    cast.jo.press("Open it without waiting")
    say(cast, (ana, "And let us read it."), (cleo, "I want to see it too."))
    release(cast.rosa, "Dialogue")

    open_next(cast)
    open_next(cast)  # commitments
    cast.hale.at.go("/listener/pledge/")
    cast.hale.at.page.locator("[name=agreed]").check()
    cast.hale.at.press("Sign the pledge")
    say(cast, (cast.hale, "By May all searches are posted."), (cast.calder, "I train the night shift on it."))
    release(cast.rosa, "Commitments")
    reply(cast, ana, cast.hale.name, "Post them at the drop-in too.")
    reply(cast, dora, cast.calder.name, "Let one of us speak there.")
    release(cast.rosa, "Commitments")
    everybody_reads(cast, "By May all searches are posted.", "Post them at the drop-in too.")

    open_next(cast)
    open_next(cast)  # closing
    say(cast, (ana, "I said it."), (ben, "I will look."), (cast.hale, "I heard you."))
    release(cast.rosa, "Closing")
    open_next(cast)
    take_next_step(cast.rosa, cast.session_id)  # close
    cast.rosa.go(f"/desk/sessions/{cast.session_id}/")
    cast.rosa.sees("Follow-up")
    assert list(DialogueSession.objects.get().rounds.values_list("kind", "state")) == [(kind, "done") for kind in KINDS]
    seats = dict(ListenerSeat.objects.values_list("listener__name", "state"))
    assert seats == {"Marcus Hale": "seated", "Ines Calder": "seated", "Tom Reyes": "not_placed"}
    assert set(ListenerSeat.objects.filter(state="seated").values_list("heard", flat=True)) == {"confirmed"}
    assert set(Comment.objects.values_list("state", flat=True)) == {"released"}
