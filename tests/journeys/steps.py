"""Steps that several journeys take, by what is written on the pages."""

import re

from tests.journeys.visitor import Visitor


def take_next_step(facilitator: Visitor, session_id: str) -> None:
    """The one big button on the session's page, and its confirmation where it asks for one."""
    facilitator.go(f"/desk/sessions/{session_id}/")
    with facilitator.page.expect_navigation():
        facilitator.page.locator(".next-step .button").click()
    if not facilitator.page.url.endswith((f"/desk/sessions/{session_id}/", "/run/")):
        facilitator.page.locator("main form button.button").first.click()


def answer(person: Visitor, session_id: str, words: str) -> None:
    """Say of the one first move if it is enough to begin."""
    person.go(f"/sessions/{session_id}/acknowledgments/")
    person.press(words)
    person.sees(f"You chose: {words.split(':')[0]}")


def write(person: Visitor, session_id: str, text: str) -> None:
    person.go(f"/room/{session_id}/")
    person.follow("Write")
    person.fill(body=text)
    person.press("Send")
    person.go(f"/room/{session_id}/mine/")
    person.sees(text)


def write_anyway(person: Visitor, session_id: str, text: str, *found: str) -> None:
    """Send a text as it is although the check found something in it."""
    person.go(f"/room/{session_id}/")
    person.follow("Write")
    person.fill(body=text)
    person.press("Send")
    assert person.texts("mark bdi") == list(found)
    person.press("Send it as it is")
    person.sees("Waiting to be read")


def open_text(facilitator: Visitor, author: str) -> None:
    facilitator.go("/desk/queue/")
    facilitator.follow(author)
    if not facilitator.page.get_by_role("button", name="Approve").count():  # else it came up as the next one already
        facilitator.press(re.compile("open", re.IGNORECASE))


def approve(facilitator: Visitor, author: str) -> None:
    open_text(facilitator, author)
    facilitator.press("Approve")


def release(facilitator: Visitor, kind: str) -> None:
    facilitator.go("/desk/queue/")
    facilitator.follow(re.compile(kind))
    facilitator.press("Release this batch")


def acknowledge(listener: Visitor, session_id: str) -> None:
    listener.go(f"/sessions/{session_id}/apply/")
    listener.press("Ask for a seat")
    listener.go("/listener/seats/")
    listener.follow("Your acknowledgment")
    listener.fill(
        past_harm="For years we searched people because of where they stood.",
        present_harm="We still do it, and people stop calling for help.",
        responsibility="I gave those orders. Nobody made me.",
        apology="I am sorry for what these searches did to you.",
        plan="From next month each search is written down with its reason, and the numbers are public.",
    )
    listener.press("Check your answers")
    listener.press("Hand it in")
