"""Forty texts worked through with keys alone, and two facilitators at the same queue."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from accounts.models import Participant, User
from dialogue.moderation.actions import return_comment
from dialogue.moderation.actions_appeals import ask_again
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.moderation.tasks import give_back
from dialogue.notes.models import FacilitatorNote
from dialogue.sessions.models import Round
from dialogue.threads.models import Comment
from tests import factories
from tests.browser.keyboard import PHONE, Keyboard

pytestmark = pytest.mark.slow
DESK = (1280, 740)
QUEUE = "/desk/queue/"
SOON = 8_000  # milliseconds; two seconds where the machine is not busy
Sit = Callable[..., Keyboard]


@pytest.fixture
def sit(browser: Browser, live_site: str, client_for: Callable[[User | Participant | None], Client]) -> Iterator[Sit]:
    """Sit down at the queue as this facilitator, signed in."""
    opened: list[Keyboard] = []

    def down(user: User, *, scripted: bool = True, size: tuple[int, int] = DESK) -> Keyboard:
        person = Keyboard(browser, live_site, scripted=scripted, size=size)
        opened.append(person)
        morsels = client_for(user).cookies.items()
        person.context.add_cookies([{"name": name, "value": one.value, "url": live_site} for name, one in morsels])
        person.open(QUEUE)
        return person

    yield down
    for person in opened:
        person.close()


class Worker:
    """Somebody with the keys of the queue. Counts what is pressed, not the letters of what is written."""

    def __init__(self, person: Keyboard) -> None:
        self.person = person
        self.presses = 0

    @property
    def text(self) -> int:
        """The number of the text that is open."""
        shown = self.person.page.locator("article .words").inner_text()
        return int(re.findall(r"Text number (\d+)\.", shown)[0])

    @property
    def has_one_open(self) -> bool:
        return self.person.page.locator("article .words").count() == 1

    def key(self, *keys: str) -> None:
        """Keys of which the last leads to another page. Each finds the focus where it is expected."""
        for key in keys[:-1]:
            self.person.page.keyboard.press(key)
        self.person.press_key(keys[-1])
        self.presses += len(keys)

    def write(self, words: str) -> None:
        self.person.page.keyboard.type(words)

    def tab(self) -> None:
        self.person.page.keyboard.press("Tab")
        self.presses += 1

    def offer_other_words(self, words: str) -> None:
        """From the text to the page for other words, a look at what the author will see, and sent."""
        self.key("p")
        self.person.page.keyboard.press("Control+A")
        self.write(words)
        self.tab()
        self.write("This way it shows nobody.")
        self.key("Control+Enter")
        self.person.sees("What the author will see")
        self.tab()
        self.key("Enter")


def forty(listening: Round, peer: User) -> list[Comment]:
    """Forty that wait: two ask for a retelling, one came back from a colleague and asks for a second look."""
    texts = factories.make_held_comments(listening, 39)
    Comment.objects.filter(pk__in=(texts[2].pk, texts[22].pk)).update(wants_retelling=True)
    text = factories.make_comment(listening, text="Text number 40.")
    ask_again(return_comment(text, version=1, reason="contempt", by=peer), version=2)
    return [*texts, text]


# --- what is done with a text that is not simply let through


def retell(at: Worker) -> None:
    at.offer_other_words("They searched somebody whose child was there.")


def propose(at: Worker) -> None:
    at.offer_other_words("They searched me, and I was not alone.")


def call_back(at: Worker) -> None:
    number = at.text
    propose(at)
    at.key("u")
    assert at.text == number
    at.key("a")


def undo(at: Worker) -> None:
    number = at.text
    at.key("a")
    at.key("u")
    assert at.text == number
    at.key("a")


def lay_aside(at: Worker) -> None:
    number = at.text
    at.key("j")
    assert at.text == number + 1
    at.key("k")
    assert at.text == number
    at.key("j")


def return_it(at: Worker) -> None:
    at.key("4", "Enter")


def return_for_the_wrong_reason(at: Worker) -> None:
    number = at.text
    at.key("5", "Enter")
    at.key("u")
    assert at.text == number
    at.key("6", "Enter")


def return_with_a_note(at: Worker) -> None:
    for key in ("r", "2"):
        at.person.page.keyboard.press(key)
    at.tab()
    at.person.page.keyboard.press("Control+A")
    at.write("Please leave out the name.")
    at.presses += 3
    at.key("Control+Enter")


def write_a_note(at: Worker) -> None:
    at.key("n")
    at.write("Look at this one together.")
    at.person.press("Save the note")
    at.key("a")  # back at the text


Act = Callable[[Worker], None]
ODD: dict[int, Act] = {
    **dict.fromkeys((3, 23), retell),
    **dict.fromkeys((5, 25), propose),
    6: call_back,
    8: undo,
    12: lay_aside,
    16: return_for_the_wrong_reason,
    17: write_a_note,
    **dict.fromkeys((18, 28), return_with_a_note),
    **dict.fromkeys((9, 19, 29, 39), return_it),
}


def work_through(at: Worker) -> int:
    """All that waits, each text in its way; those that are laid aside are approved at the end. How many breaks."""
    odd, breaks = dict(ODD), 0
    at.key("j")
    while at.has_one_open or "/break/" in at.person.page.url:
        if at.has_one_open:
            odd.pop(at.text, lambda at: at.key("a"))(at)
            continue
        at.person.sees("You have read 40 texts.")
        breaks += 1
        at.key("j")
    return breaks


def test_forty_texts_by_keys_alone(sit: Sit, listening: Round, facilitator: User, peer: User) -> None:
    texts = forty(listening, peer)
    at = Worker(sit(facilitator))
    assert work_through(at) == 1
    give_back()
    states = {text.pk: text.state for text in Comment.objects.all()}
    by_number = {number: states[text.pk] for number, text in enumerate(texts, start=1)}
    assert [n for n, state in by_number.items() if state == "proposed"] == [3, 5, 23, 25]
    assert [n for n, state in by_number.items() if state == "returned"] == [9, 16, 18, 19, 28, 29, 39]
    assert sorted(by_number.values()).count("approved") == 29
    assert ProposedEdit.objects.filter(is_retelling=True).count() == 2
    assert FacilitatorNote.objects.count() == 1
    assert ModerationDecision.objects.get(outcome="overturned").comment == texts[-1]
    assert at.presses <= 40 * 3, "three presses a text, the odd ones included"


def test_keys_leave_alone_who_types_and_who_turned_them_off(sit: Sit, listening: Round, facilitator: User) -> None:
    factories.make_held_comments(listening, 2)
    rosa = sit(facilitator)
    at = Worker(rosa)
    at.key("j")
    rosa.page.keyboard.press("r")
    assert rosa.focused().role == "radio"
    rosa.page.keyboard.press("a")  # among the reasons nothing is approved
    rosa.page.keyboard.press("2")
    assert rosa.focused().name.startswith("It could show who somebody else is")
    rosa.page.keyboard.press("Escape")
    rosa.page.keyboard.press("h")
    assert not rosa.page.get_by_text("Text number 1.").is_visible()
    rosa.page.keyboard.press("h")
    assert rosa.page.get_by_text("Text number 1.").is_visible()
    rosa.page.keyboard.press("?")
    rosa.sees("Choose a reason; Enter then returns the text")
    assert rosa.page.get_by_role("button", name="Approve").get_attribute("aria-keyshortcuts") == "a"

    rosa.follow("How you read")
    rosa.tick("Work with single keys")
    rosa.press("Read like this")
    rosa.page.keyboard.press("a")
    assert rosa.page.get_by_role("button", name="Approve").get_attribute("aria-keyshortcuts") is None
    assert set(Comment.objects.values_list("state", flat=True)) == {"held"}


def test_ten_texts_without_javascript(sit: Sit, listening: Round, facilitator: User) -> None:
    factories.make_held_comments(listening, 10)
    rosa = sit(facilitator, scripted=False, size=PHONE)
    rosa.press("Read the oldest")
    for number in range(1, 11):
        rosa.sees(f"Text number {number}.")
        if number == 4:
            rosa.choose("It is about an open case")
            rosa.press("Return it")
        elif number == 7:
            rosa.press("Approve")
            rosa.back_to("Undo")
            rosa.enter()
            rosa.sees("Text number 7.")
            rosa.press("Approve")
        else:
            rosa.tab()  # the cover
            stop = rosa.tab()
            if stop.name == "Undo" or number > 1:  # the undo of the step before stands first
                stop = stop if stop.name == "Approve" else rosa.tab()
            assert stop.name == "Approve", "few stops to the first button"
            rosa.enter()
    rosa.sees("Nothing waits.")
    give_back()
    states = sorted(Comment.objects.values_list("state", flat=True))
    assert states == ["approved"] * 9 + ["returned"]


def test_a_colleagues_claim_shows_without_a_reload(sit: Sit, listening: Round, facilitator: User, peer: User) -> None:
    factories.make_held_comments(listening, 3)
    rosa = sit(facilitator)
    rosa.page.wait_for_timeout(1_500)  # the stream opens after a second
    jo = Worker(sit(peer))
    jo.key("j")
    reading = rosa.page.get_by_text("Jo Amari is reading this")
    expect(reading).to_be_visible(timeout=SOON)
    jo.key("a")
    expect(rosa.page.get_by_text("1 text", exact=False).first).to_be_visible(timeout=SOON)
    expect(rosa.page.locator("#item, [data-live-part=waiting] li")).to_have_count(2, timeout=SOON)
    Worker(rosa).key("j")
    assert Worker(rosa).text == 3


def test_two_facilitators_at_one_queue(sit: Sit, listening: Round, facilitator: User, peer: User) -> None:
    """Nothing is decided twice, and each sees at the next load what the other has open."""
    factories.make_held_comments(listening, 12)
    rosa, jo = (Worker(sit(user)) for user in (facilitator, peer))
    rosa.key("j")
    assert rosa.text == 1
    jo.person.open(QUEUE)
    jo.person.sees("Rosa Lindqvist is reading this")
    jo.key("j")
    assert jo.text == 2
    rosa.key("a")  # the next free one is the third
    assert rosa.text == 3
    rosa.person.sees("Jo Amari is reading this")

    jo.person.open(rosa.person.page.url.split("?")[0])
    jo.person.sees("Rosa Lindqvist is reading this.")
    jo.key("o")  # takes it over, on a page that says so
    jo.key("a")
    rosa.key("a")  # on a page that is out of date
    rosa.person.sees("Jo Amari approved this text.")
    rosa.person.sees("So what you just pressed changed nothing.")
    rosa.person.open(QUEUE)
    rosa.key("j")

    while rosa.has_one_open or jo.has_one_open:
        for one in (rosa, jo):
            if one.has_one_open:
                one.key("a")
    decisions = ModerationDecision.objects.filter(undone=False)
    assert decisions.values("comment").distinct().count() == decisions.count() == 12
    assert set(decisions.values_list("decided_by", flat=True)) == {facilitator.pk, peer.pk}
    assert set(Comment.objects.values_list("state", flat=True)) == {"approved"}
