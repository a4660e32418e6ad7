"""Three whole ways through the site with the keyboard alone, as people go them who use no mouse and no touch."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser
from pytest_django import Settings

from accounts.models import ListenerProfile, OutreachPartner, Participant, User, today
from demo.code import totp
from dialogue.acknowledgments.models import PARTS, Acknowledgment
from dialogue.moderation.actions import return_comment
from dialogue.notes.models import FacilitatorNote as Note
from dialogue.reflections.models import Reflection
from dialogue.sessions.models import DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.threads.models import Comment
from seeds.mailsink import MailSink
from tests import factories
from tests.accounts.participants.helpers import make_card
from tests.browser.elsewhere import OtherSite, exit_leads_elsewhere
from tests.browser.keyboard import Keyboard
from tests.journeys import conftest as journeys
from tests.journeys.mailbox import link_to

mail = journeys.mail
pytestmark = pytest.mark.slow
Sit = Callable[..., Keyboard]
ClientFor = Callable[[User | Participant | None], Client]
PASSWORD = "seven green lanterns over the harbor"
DESK = (1280, 740)


@pytest.fixture
def sit(browser: Browser, live_site: str) -> Iterator[Sit]:
    """Sit down at a keyboard: `scripted`, and `size` of the window if it is no phone."""
    opened: list[Keyboard] = []

    def down(**how: object) -> Keyboard:
        opened.append(Keyboard(browser, live_site, **how))  # type: ignore[arg-type]
        return opened[-1]

    yield down
    for keyboard in opened:
        keyboard.close()


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[OtherSite]:
    with exit_leads_elsewhere(settings) as site:
        yield site


def begin(made: DialogueSession, *kinds: RoundKind) -> Round:
    """The session is open, the last of these rounds is on. Waiting for others is not what is tested here."""
    DialogueSession.objects.filter(pk=made.pk).update(state=State.OPEN)
    for kind in kinds:
        made.rounds.update(state=Round.State.DONE)
        current = factories.make_round(made, kind)
    return current


# --- the participant, without JavaScript, on a phone


def come_in(person: Keyboard, code: str) -> None:
    """From the front page to one's own list of talks."""
    person.open("/")
    person.follow("I have a card")
    person.write("Code on", "not a code")
    person.press("Go on")
    person.mend("Code on", code.lower())
    person.press("Go on")
    for _ in range(3):
        person.press("Go on")
    words = person.page.locator(".seven li").all_inner_texts()
    assert len(words) == 7
    person.follow("I wrote them down")
    for _ in range(3):
        asked = person.walk_to(r".*\d", "textbox")
        person.type(words[int(re.findall(r"\d", asked.name)[0]) - 1])
    person.press("Go in")
    person.sees("My talks")


def join(person: Keyboard, title: str) -> str:
    """Look at a talk, draw another name, agree, and be in. Returns the name."""
    person.skip()
    person.follow(f"Join {title}")
    person.skip()
    person.press("Draw another name")
    person.skip()
    person.press("Join")
    person.lead_back("I ")
    person.page.keyboard.press("Space")
    person.press("Join")
    name = person.page.locator("main b").first.inner_text()
    person.sees(name)
    return name


def write_and_check(person: Keyboard) -> None:
    """Write, look at what could tell who somebody is, change one of two, and send."""
    person.skip()
    person.follow("Write$")
    person.press("Send$")
    person.mend("Your text", "It was Officer Brady. My landlord saw it.")
    person.press("Send$")
    person.sees("Officer Brady")
    person.skip()
    person.write("Your text", "It was an officer. My landlord saw it.")
    person.press("Check again")
    assert person.page.locator("mark bdi").all_inner_texts() == ["My landlord"]
    person.skip()
    person.press("Send it as it is")
    person.sees("We have your text.")


def test_a_participant_from_the_card_to_the_exit(
    sit: Sit, partner: OutreachPartner, announced: DialogueSession, peer: User, elsewhere: OtherSite
) -> None:
    person = sit(scripted=False)
    come_in(person, make_card(partner))
    join(person, announced.title)
    begin(announced, RoundKind.OPENING, RoundKind.LISTENING)
    person.follow("Seeds")
    person.follow("My talks")
    person.skip()
    person.follow(f"Go in {announced.title}")
    write_and_check(person)

    sent = Comment.objects.get()
    return_comment(sent, version=sent.version, reason="identifies_other", note="Please leave out who saw it.", by=peer)
    person.follow("Back")
    person.skip()
    person.follow("What became of your texts")
    person.sees("Please leave out who saw it.")
    person.skip()
    person.follow("Take it back")
    person.press("Take it back")
    assert [one.state for one in Comment.objects.all()] == [Comment.State.WITHDRAWN]
    person.back_to("Exit")
    person.enter()
    assert person.page.url == elsewhere.url


# --- the listener, without JavaScript, on a phone


def register(person: Keyboard, mail: MailSink, address: str) -> None:
    """From the front page to a second factor."""
    person.open("/")
    person.follow("Sign up to listen")
    person.press("Register$")
    person.mend("Your full name", "Marcus Hale")
    person.write("Your rank", "Lieutenant")
    person.walk_to("Your agency", "combobox")
    person.page.keyboard.type("Harbor City")
    person.write("Your e-mail address", address)
    for _ in range(2):
        person.walk_to("Password|The password again", "textbox")
        person.type(PASSWORD)
    person.press("Register$")
    person.open(link_to(mail, address))
    person.press("Yes, confirm")
    person.write("E-?mail", address)
    person.write("Password", PASSWORD)
    person.press("Sign in")
    person.sees("Set up your second factor")
    secret = person.page.locator("main code").inner_text()
    person.write("The six digits", totp(secret, time.time()))
    person.press("Go on")
    person.follow("I have kept them")


def verified(listener: User) -> None:
    """What others do in the meantime: they make sure who this is."""
    ListenerProfile.objects.filter(user=listener).update(
        verified_by=factories.make_facilitator(),
        verified_on=today(),
        verified_until=today().replace(year=today().year + 1, day=1),
        verification_method=ListenerProfile.Method.CALL_BACK,
    )


def seat_them(by: User) -> None:
    """What others do in the meantime: the first move is enough to begin, and a seat is given."""
    day = today()
    ListenerSeat.objects.update(
        state=ListenerSeat.State.SEATED, acknowledged_on=day, accepted_on=day, decided_by=by, decided_on=day
    )


def acknowledge(person: Keyboard, title: str) -> None:
    """Ask for a seat and write the first move; one part is forgotten at first."""
    person.follow_in_menu("My seats")
    person.skip()
    person.follow(f"Ask for a seat {title}")
    person.press("Ask for a seat")
    person.follow_in_menu("My seats")
    person.skip()
    person.follow("Your acknowledgment")
    person.skip()
    person.choose("For my agency")
    for part in ("Past harm", "Present harm", "Responsibility", "Apology"):
        person.write(part, "We searched people because of where they stood. I gave those orders.")
    person.press("Check your answers")
    person.follow("Plan")
    assert person.focused().name == "Plan"
    person.type("From next month each search is written down with its reason.")
    person.press("Check your answers")
    person.press("Hand it in")


def test_a_listener_from_the_front_page_to_what_was_heard(
    sit: Sit, announced: DialogueSession, mail: MailSink, tmp_path: Path
) -> None:
    agency = factories.make_agency("Harbor City Police")
    announced.agencies.add(agency)
    person = sit(scripted=False)
    register(person, mail, "marcus.hale@police.example")
    listener = User.objects.get(email="marcus.hale@police.example")
    verified(listener)
    person.open("/listener/")
    person.follow(".*pledge")
    person.skip()
    person.tick("I have read the pledge")
    person.press("Sign the pledge")
    acknowledge(person, announced.title)
    acknowledgment = Acknowledgment.objects.get()
    assert [bool(getattr(acknowledgment, part)) for part in PARTS] == [True] * len(PARTS)

    seat_them(announced.created_by)
    listening = begin(announced, RoundKind.OPENING, RoundKind.LISTENING)
    factories.make_comment(listening, state="released", text="They searched me in front of my child.")
    begin(announced, RoundKind.REFLECTING)
    person.follow_in_menu("My seats")
    person.skip()
    person.follow("Go to the room")
    person.follow("Read the texts of round 2")
    person.sees("They searched me in front of my child.")
    person.skip()
    person.follow("Write$")
    person.skip()
    person.follow("Tell this story back")
    person.skip()
    person.write("What you heard|Your text", "You were searched in front of your child.")
    person.press("Send$")
    assert Reflection.objects.count() == 1


# --- the facilitator, with JavaScript, at a desk


def sign_in(person: Keyboard, user: User) -> None:
    """By name, with a password and the second factor; the first code is mistyped."""
    person.open("/account/login/")
    person.write("E-?mail", user.email)
    person.write("Password", factories.PASSWORD)
    person.press("Sign in")
    person.write("Code", "000000")
    person.press("Sign in")
    person.mend("Code", totp(factories.TOTP_SECRET, time.time()))
    person.press("Sign in")


def work_through_the_queue(person: Keyboard) -> None:
    """Approve, undo, approve again; return one, at first without a reason; a note; propose; lay aside; approve."""
    person.follow("Review$")
    person.press("Read the oldest")
    person.press("Approve")
    person.press("Undo")
    person.press("Approve")
    person.press("Return it")
    person.lead_back(".")
    person.page.keyboard.press("Space")
    assert person.page.locator("textarea[name=note]").input_value() != ""  # ready words for the first reason
    person.choose("It could show who somebody else is")
    person.write("Note to the author", "Please leave out the name.")
    person.press("Return it")
    person.press_key("n")
    person.write("Note", "Look at this one together.")
    person.press("Save the note")
    person.follow("Review$")
    person.press("Read the oldest")
    person.press_key("p")
    person.write("The words you propose", "Something like this happened.")
    person.press("See what the author will see")
    person.mend("Note to the author", "This way it shows nobody.")
    person.press("See what the author will see")
    person.press("Propose these words")
    person.follow("Review$")
    person.press("Read the oldest")
    person.press_key("j")
    person.press_key("a")
    person.follow("Review$")


def lead_on(person: Keyboard, title: str) -> None:
    """Let the batch out after a look at what that means, and back; close the round, undo it, close it again."""
    release = f"{re.escape(title)}, round 2"
    person.follow(release)
    person.follow("No, go back")
    person.follow(release)
    person.press("Release this batch")
    person.press("Close this round")
    person.press("Open it again")
    assert Round.objects.get(number=2).state == Round.State.OPEN
    person.press("Close this round")


def test_a_facilitator_at_the_queue_and_in_the_run_of_a_session(
    sit: Sit, open_session: DialogueSession, listening: Round, facilitator: User, client_for: ClientFor
) -> None:
    for number in range(1, 6):
        factories.make_comment(listening, text=f"Text number {number}.")
    client_for(facilitator)  # has a second factor
    person = sit(scripted=True, size=DESK)
    sign_in(person, facilitator)
    person.sees("Your desk")
    work_through_the_queue(person)
    states = Comment.objects.values_list("state", flat=True)
    assert sorted(states) == ["approved", "approved", "held", "proposed", "returning"]
    assert Note.objects.count() == 1
    lead_on(person, open_session.title)
    assert sorted(states.all()) == ["held", "proposed", "released", "released", "returning"]
    assert Round.objects.get(number=2).state == Round.State.DONE
