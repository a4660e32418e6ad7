"""One whole session, from the operator's invitation to the close, in a real browser without JavaScript."""

import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from dialogue.moderation.tasks import give_back
from dialogue.threads.models import Comment, Thread
from seeds.mailsink import MailSink
from tests.journeys.background import worker_and_beat
from tests.journeys.mailbox import link_to, read
from tests.journeys.steps import (
    acknowledge,
    answer,
    approve,
    open_text,
    release,
    take_next_step,
    write,
    write_anyway,
)
from tests.journeys.visitor import PASSWORD, Visitor

Visit = Callable[[], Visitor]

OPERATOR = "ola@seeds.example"
FACILITATOR = "rosa@team.example"
PEER = "jo@team.example"
LISTENER = "marcus.hale@police.example"


def accept_invitation(person: Visitor, link: str, address: str) -> None:
    person.go(link)
    person.fill(password=PASSWORD, password_again=PASSWORD)
    person.press("Accept")
    person.sign_in(address)


def become_operator(visit: Visit) -> Visitor:
    printed = StringIO()
    call_command("create_operator", OPERATOR, "Ola Berg", stdout=printed)
    operator = visit()
    accept_invitation(operator, printed.getvalue().split()[-1], OPERATOR)
    operator.sees("What is to do")
    return operator


def set_up_records(operator: Visitor) -> None:
    """An agency, a help line and a partner."""
    operator.go("/admin/accounts/agency/add/")
    admin = operator.page
    admin.locator("#id_name").fill("Harbor City Police")
    admin.locator("#id_kind").select_option("police")
    admin.locator("#id_area").fill("Harbor City")
    admin.locator("#id_population").fill("400000")
    admin.locator("#id_email_domains").fill("police.example")
    admin.locator("[name=_save]").click()
    operator.go("/desk/help-lines/")
    operator.follow(re.compile("Add"))
    operator.mark("kind", "crisis")
    operator.fill(name="Harbor warm line", contact="555-0100")
    operator.tick(re.compile("I called there"))
    operator.press("Save")
    operator.sees("Harbor warm line")
    operator.go("/desk/partners/new/")
    operator.fill(name="Night Van", contact_name="Sam Rivera", email="sam@van.example")
    operator.press("Save")
    operator.sees("Night Van")


def invite(operator: Visitor, visit: Visit, mail: MailSink, address: str, name: str, *, peer: bool) -> Visitor:
    operator.go("/operator/invite/")
    operator.fill(name=name, email=address)
    operator.mark("role", "facilitator")
    if peer:
        operator.page.locator("[name=is_peer]").check()
    operator.press("Send the invitation")
    colleague = visit()
    accept_invitation(colleague, link_to(mail, address), address)
    colleague.go("/desk/")
    return colleague


def register_listener(visit: Visit, mail: MailSink) -> Visitor:
    listener = visit()
    listener.go("/account/signup/")
    listener.fill(name="Marcus Hale", rank="Lieutenant", email=LISTENER, password1=PASSWORD, password2=PASSWORD)
    listener.choose("agency", "Harbor City Police")
    listener.press("Register")
    listener.sees("Look into your mail")
    listener.go(link_to(mail, LISTENER))
    listener.press("Yes, confirm")
    listener.sign_in(LISTENER)
    listener.go("/listener/pledge/")
    listener.page.locator("[name=agreed]").check()
    listener.press("Sign the pledge")
    return listener


def verify(operator: Visitor) -> None:
    operator.go("/desk/listeners/")
    operator.follow("Marcus Hale")
    operator.mark("method", "call_back")
    operator.tick("This person is the head of the office")
    operator.press("Verify")
    operator.sees("Marcus Hale")


def sign_for_the_agency(head: Visitor) -> None:
    head.go("/listener/")
    head.follow("Read the agreement")
    head.sees("This is not immunity.")
    head.fill(title="Chief of Police")
    head.page.locator("[name=agreed]").check()
    head.press("Sign for the agency")
    head.sees("Signed by Marcus Hale, Chief of Police")


def schedule(facilitator: Visitor) -> str:
    """A session in three days with a short agenda, announced. Returns its id."""
    start = timezone.now() + timedelta(days=3)
    facilitator.go("/desk/sessions/new/")
    facilitator.fill(
        title="Listening in Harbor City",
        topic="Searches on the street",
        about="What a search does to the person searched, and what could change.",
        starts_at=start.strftime("%Y-%m-%dT13:00"),
        ends_at=(start + timedelta(days=2)).strftime("%Y-%m-%dT18:00"),
        minimum="3",
        listener_places="3",
        roster_days="0",
        legal_basis="Voluntary, by agreement with the agency. Nothing here is legally privileged.",
    )
    for label in ("Harbor City Police", "Rosa Lindqvist", "Jo Amari (peer)"):
        facilitator.tick(label)
    facilitator.mark("record_label", "chatham")
    facilitator.page.locator("main form button.button").first.click()
    facilitator.sees("Announce")
    session_id = facilitator.page.url.rstrip("/").split("/")[-1]
    for kind in ("Curiosity", "Commitments"):
        facilitator.go(f"/desk/sessions/{session_id}/agenda/")
        facilitator.page.locator("main li", has_text=kind).get_by_role("link", name="Take out").first.click()
        facilitator.page.locator("main form button.button").first.click()
    say_why_so_few(facilitator, session_id)
    take_next_step(facilitator, session_id)
    return session_id


def say_why_so_few(facilitator: Visitor, session_id: str) -> None:
    """The gate asks for a reason where a session needs fewer than five; the link beside what is missing leads there."""
    facilitator.go(f"/desk/sessions/{session_id}/")
    facilitator.sees("It can open with fewer than five participants. To go on all the same, say why.")
    facilitator.follow("Give a reason")
    facilitator.mark("guard", "few")
    facilitator.fill(reason="Three people asked for a small circle.")
    facilitator.press("Keep this reason")
    facilitator.sees("There is a reason for each of these")


def print_cards(facilitator: Visitor, count: int) -> list[str]:
    facilitator.go("/desk/cards/")
    facilitator.choose("partner", "Night Van")
    facilitator.fill(count=str(count))
    facilitator.press("Make the cards")
    facilitator.sees("Print these cards now")
    sheets = PdfReader(facilitator.download("Take the sheets (PDF)"))
    return re.findall(r"\w{4}-\w{4}-\w{4}", "\n".join(page.extract_text() for page in sheets.pages))


def join_with_card(visit: Visit, code: str, session_id: str) -> tuple[Visitor, str]:
    """From the card to a name in the session. Returns the person and the name."""
    person = visit()
    person.go("/")
    person.follow("I have a card")
    person.page.locator("main input[type=text]").fill(code.lower())
    person.press("Go on")
    for _ in range(3):
        person.press("Go on")
    person.sees("Your seven words")
    words = person.texts(".seven li")
    assert len(words) == 7
    person.follow("I wrote them down")
    person.sees("Type three of them")
    for field in person.page.locator("main input[type=text]").all():
        asked = re.search(r"\d", person.text(f"label[for='{field.get_attribute('id')}']"))
        assert asked
        field.fill(words[int(asked[0]) - 1].upper())
    person.press("Go in")
    person.sees("My talks")
    person.go(f"/sessions/{session_id}/join/")
    person.press("Draw another name")
    name = person.text("p.lead b")
    person.page.locator("[name=agreed]").check()
    person.press("Join")
    person.sees(name)
    return person, name


def check_and_count(facilitator: Visitor, session_id: str, answers: Callable[[], None]) -> None:
    facilitator.go("/desk/acknowledgments/")
    facilitator.follow("Marcus Hale")
    facilitator.press("It is complete")
    answers()
    facilitator.go("/desk/acknowledgments/")
    facilitator.follow("Marcus Hale")
    facilitator.follow("Have the answers counted")
    facilitator.press("Count them now")
    facilitator.sees("It is enough to begin.")


def seat(facilitator: Visitor, session_id: str) -> None:
    facilitator.go(f"/desk/sessions/{session_id}/")
    facilitator.follow("Give the seat")
    facilitator.page.locator("main form button.button").first.click()


def tell_back(listener: Visitor, session_id: str, name: str, text: str) -> None:
    """Choose the story of this name, and say what was heard in it."""
    listener.go(f"/room/{session_id}/")
    listener.follow("Write")
    listener.follow(re.compile(f"Tell this story back.*{name}"))
    listener.fill(body=text)
    listener.press("Send")
    listener.sees("Waiting to be read")


def reminders_arrive_once(mail: MailSink, folder: Path) -> None:
    """Four people by name or for the partner, one mail each, however long worker and beat go on."""
    expected = sorted((FACILITATOR, PEER, LISTENER, "sam@van.example"))
    with worker_and_beat(folder):
        end = time.monotonic() + 60
        while len(reminded(mail)) < len(expected) and time.monotonic() < end:
            time.sleep(0.5)
        time.sleep(4)  # several more ticks: nothing may come twice
    assert sorted(reminded(mail)) == expected


def reminded(mail: MailSink) -> list[str]:
    """The recipients of mails that carry a calendar file."""
    messages = [read(file) for file in mail.messages()]
    return [
        message["X-Envelope-To"]
        for message in messages
        if any(part.get_content_type() == "text/calendar" for part in message.walk())
    ]


@pytest.mark.slow
def test_a_whole_session(visit: Visit, mail: MailSink, tmp_path: Path) -> None:
    operator = become_operator(visit)
    set_up_records(operator)
    facilitator = invite(operator, visit, mail, FACILITATOR, "Rosa Lindqvist", peer=False)
    peer = invite(operator, visit, mail, PEER, "Jo Amari", peer=True)
    listener = register_listener(visit, mail)
    verify(operator)
    sign_for_the_agency(listener)

    session_id = schedule(facilitator)
    codes = print_cards(facilitator, 3)
    people = [join_with_card(visit, code, session_id) for code in codes]
    (ana, ana_name), (ben, ben_name), (cleo, cleo_name) = people
    acknowledge(listener, session_id)
    reminders_arrive_once(mail, tmp_path)

    def answers() -> None:
        for person, words in ((ana, "Enough to begin"), (ben, "Not yet"), (cleo, "Enough to begin")):
            answer(person, session_id, words)

    check_and_count(peer, session_id, answers)
    take_next_step(facilitator, session_id)  # preparing
    seat(peer, session_id)
    take_next_step(facilitator, session_id)  # open

    take_next_step(facilitator, session_id)  # the opening round
    ana.go(f"/sessions/{session_id}/acknowledgments/")
    ana.sees("I am sorry for what these searches did to you.")
    take_next_step(facilitator, session_id)
    take_next_step(facilitator, session_id)  # the listening round
    write(ana, session_id, "They emptied my bag on the sidewalk in front of my kid.")
    write(ben, session_id, "I stopped calling when somebody went down. I was too scared.")
    brady = "It was Officer Brady at the corner of Fifth and Main."
    write_anyway(cleo, session_id, brady, "Officer Brady", "corner of Fifth and Main")
    listener.go(f"/room/{session_id}/write/")
    expect(listener.page.locator("textarea")).to_have_count(0)
    approve(facilitator, ana_name)
    approve(peer, ben_name)
    ben.go(f"/room/{session_id}/")
    ben.does_not_see("They emptied my bag")  # approved is not released
    open_text(facilitator, cleo_name)
    facilitator.mark("reason", "identifies_other")
    facilitator.fill(note="Please leave out the name and the corner. What happened to you can stay.")
    facilitator.press("Return it")
    give_back()  # the clock tells authors
    release(facilitator, "Listening")
    listener.go(f"/room/{session_id}/")
    listener.sees("They emptied my bag")
    listener.does_not_see("Officer Brady")
    cleo.go(f"/room/{session_id}/mine/")
    cleo.sees("Please leave out the name and the corner.")

    take_next_step(facilitator, session_id)
    take_next_step(facilitator, session_id)  # the reflecting round
    tell_back(listener, session_id, ana_name, "You were searched in front of your child.")
    tell_back(listener, session_id, ben_name, "You were too scared of us to call for help.")
    approve(facilitator, "Marcus Hale")
    approve(facilitator, "Marcus Hale")
    release(facilitator, "Reflecting")
    ana.go(f"/room/{session_id}/")
    ana.press("Yes, that’s it")
    listener.go(f"/room/{session_id}/")
    listener.does_not_see("Yes, that’s it")  # it comes out with others
    take_next_step(facilitator, session_id)
    facilitator.go(f"/desk/sessions/{session_id}/reflections/")
    facilitator.follow("Let the answers out")
    facilitator.press("Let them out")
    listener.go(f"/room/{session_id}/")
    listener.sees("Yes, that’s it")

    take_next_step(facilitator, session_id)  # the dialogue
    write(cleo, session_id, "I take this one back in a moment.")
    cleo.follow("Take it back")
    cleo.press("Take it back")
    write(ana, session_id, "Write down every search, and let us read the numbers.")
    write(ben, session_id, "And come without the siren when somebody is down.")
    write(listener, session_id, "I can promise the numbers. I will bring them here myself.")
    approve(facilitator, ana_name)
    approve(facilitator, ben_name)
    approve(peer, "Marcus Hale")
    release(peer, "Dialogue")
    ben.go(f"/room/{session_id}/")
    ben.sees("I can promise the numbers.")
    ben.sees("Marcus Hale")
    ben.does_not_see("I take this one back")

    facilitator.go(f"/desk/sessions/{session_id}/notes/new/")
    facilitator.fill(body="Ask Jo to check in with the group before the closing.")
    facilitator.press("Save the note")
    peer.go(f"/desk/sessions/{session_id}/notes/")
    peer.does_not_see("Ask Jo to check in")

    take_next_step(facilitator, session_id)
    take_next_step(facilitator, session_id)  # the closing round
    take_next_step(facilitator, session_id)
    take_next_step(facilitator, session_id)  # close
    facilitator.go(f"/desk/sessions/{session_id}/")
    facilitator.sees("Follow-up")
    assert states_of_texts() == {"released": 7, "returned": 1, "withdrawn": 1}
    assert batches_released() == [1, 1, 1]
    assert sorted(reminded(mail)) == sorted((FACILITATOR, PEER, LISTENER, "sam@van.example"))


def states_of_texts() -> dict[str, int]:
    return dict(Counter(Comment.objects.values_list("state", flat=True)))


def batches_released() -> list[int]:
    return sorted(Thread.objects.filter(batches__gt=0).values_list("batches", flat=True))
