"""What twenty people, a facilitator and a listener do at the site, step by step."""

import io
import json
import re
import sys
import time
import uuid

from pypdf import PdfReader

from tests.drills.people import Hand, Person, form_with, made_up_word
from tests.drills.scene import SEALED, Scene, until

PEOPLE = 20
LISTENERS_ADDRESS = "127.78.201.44"
#: Stands for any fault: the database refuses each new text, so that the page fails in the middle of writing.
REFUSE = "ALTER TABLE dialogue_comment ADD CONSTRAINT drill CHECK (false) NOT VALID"
ALLOW = "ALTER TABLE dialogue_comment DROP CONSTRAINT drill"


class Play:
    """The acts. `sealed` collects each ciphertext that ever stood in the database."""

    def __init__(self, scene: Scene, people: int = PEOPLE) -> None:
        self.scene = scene
        told = json.loads(scene.run([sys.executable, "-m", "tests.drills.rows", str(people)]))
        self.sessions: dict[str, str] = told["sessions"]
        self.promise = f"/commitments/{told['promise']}/"
        self.facilitator, self.listener = told["facilitator"], told["listener"]
        self.password, self.secret = told["password"], told["secret"]
        *used, self.unused_code = told["codes"]
        self.people = [Person(number, code) for number, code in enumerate(used)]
        self.hands = [Hand(scene.port, person) for person in self.people]
        self.sealed: set[bytes] = set()
        self.printed: list[str] = []

    def run(self) -> None:
        """All acts, in their order."""
        for hand in self.hands:
            self.come_in(hand)
            self.tell_the_team(hand)
            self.check_a_promise(hand)
        self.open_talks()
        for hand in self.hands:
            self.write_and_regret(hand)
        self.return_texts()
        for hand in self.hands:
            self.answer_the_return(hand)
        self.stumble()
        self.leave_some()
        self.listener_signs_in()
        self.work_fails()
        self.look()

    def come_in(self, hand: Hand) -> None:
        """Card, three pages, seven words, then a name in both talks in one sitting."""
        person = owner(hand)
        page = hand.send("/card/", code=person.code.lower())
        for step in (1, 2, 3):
            page = hand.fill(f"/card/before/{step}/", page)
        person.words = " ".join(re.findall(r"<li>([a-z]+)</li>", hand.go("/card/words/")[1]))
        words = person.words.split()
        assert len(words) == 7
        page = hand.go("/card/words/check/")[1]
        asked = {f"word_{number}": words[int(number) - 1] for number in re.findall(r'name="word_(\d)"', page)}
        hand.fill("/card/words/check/", page, **asked)
        for session in self.sessions.values():
            path = f"/sessions/{session}/join/"
            page = hand.go(path)[1]
            name = re.search(r'<p class="lead">.*?<b[^>]*>([A-Za-z ]+)</b>', page, re.DOTALL)
            assert name, page
            person.names[session] = name[1]
            page = hand.fill(path, page, agreed="on")
            assert name[1] in page, page

    def tell_the_team(self, hand: Hand) -> None:
        """In private: a message and an objection that stay, and one of each that is taken back."""
        person, listener = owner(hand), r'name="about" value="([^"]+)"'
        for kind in ("message", "unsaid"):
            path = f"/sessions/{self.sessions['A']}/messages/"
            text = person.text(kind)
            assert person.mark_of(kind) in hand.send(path, kind="question", body=text)
        for kind, talk in (("objection", "B"), ("relented", "A")):
            path = f"/sessions/{self.sessions[talk]}/objections/"
            about = re.findall(listener, hand.go(path)[1])[0]
            text = person.text(kind)
            assert person.mark_of(kind) in hand.send(path, about=about, reason=text)
        self.look()
        for page in ("messages", "objections"):
            told = hand.go(f"/sessions/{self.sessions['A']}/{page}/")[1]
            path = re.findall(rf"/my/{page}/[0-9a-f-]+/take-back/", told)[-1]
            hand.fill(path, hand.go(path)[1])

    def check_a_promise(self, hand: Hand) -> None:
        """Say in one tap if a promise is seen."""
        answer = "seen" if owner(hand).number % 2 else "not_seen"
        page = hand.fill(self.promise, hand.go(self.promise)[1], to="/seen/", answer=answer)
        assert "You have said if you see it" in page, page

    def open_talks(self) -> None:
        """The facilitators' part, without their pages."""
        self.scene.as_site("UPDATE dialogue_dialoguesession SET state = 'open'")
        self.scene.as_site("UPDATE dialogue_round SET state = 'open', turn = 100")

    def write_and_regret(self, hand: Hand) -> None:
        """One text that is taken back, one that will be returned; and addresses and words that are wrong."""
        person, session = owner(hand), self.sessions["A"]
        self.write(hand, session, "withdrawn")
        self.look()
        self.withdraw(hand, person.texts["withdrawn"])
        self.write(hand, session, "returned")
        elsewhere = uuid.uuid4()
        assert hand.go(f"/room/{elsewhere}/?q={person.path}")[0] == 404
        assert hand.go(f"/room/texts/{elsewhere}/{person.path}/")[0] == 404
        stranger = Hand(self.scene.port, person)
        person.wrong_words = " ".join([*person.words.split()[:6], made_up_word(3)])
        assert "do not open an account" in stranger.sign_in(person.wrong_words)

    def return_texts(self) -> None:
        """The facilitator gives every text back, with a note that quotes it."""
        self.look()
        staff = Hand(self.scene.port, address="127.78.201.45")
        staff.sign_in_by_name(self.facilitator, self.password, self.secret, time.time())
        page = staff.fill("", staff.go("/desk/queue/")[1], to="/desk/queue/start/")
        while 'name="reason"' in page:
            quoted = re.search(r"they took (\w+) from me", page)
            assert quoted
            person = next(one for one in self.people if one.mark_of("returned") == quoted[1])
            person.texts["note"] = f"please leave {quoted[1]} out {made_up_word()}"
            given = {"reason": "identifies_other", "note": person.texts["note"]}
            page = staff.fill("", page, **given)
            if 'name="as_is"' in page:  # asked once more whether the note should go like that
                page = staff.fill("", page, **given, as_is="1")
        assert all("note" in person.texts for person in self.people)
        self.scene.manage("shell", "-v0", "-c", "from dialogue.moderation.tasks import give_back; give_back()")
        self.look()
        self.print_cards(staff)

    def print_cards(self, staff: Hand) -> None:
        """New cards for the partner; their sheets are taken, and another batch is left to wait."""
        for _batch in range(2):
            page = staff.go("/desk/cards/")[1]
            partner = re.findall(r'<option value="([0-9a-f-]{36})"', page)[0]
            waiting = staff.fill("/desk/cards/", page, partner=partner, count="8")
        action, fields = form_with(waiting, "paper")
        file = staff.take(action, fields | {"paper": "a4", "per_sheet": "8", "language": "en"})
        sheet = PdfReader(io.BytesIO(file)).pages[0].extract_text()
        self.printed = [one.replace("-", "") for one in re.findall(r"\w{4}-\w{4}-\w{4}", sheet)]
        assert len(self.printed) == 8

    def answer_the_return(self, hand: Hand) -> None:
        """Every second changes the text, the others take it back and write another; then a long one in talk B."""
        person, session = owner(hand), self.sessions["A"]
        mine = hand.go(f"/room/{session}/mine/")[1]
        assert person.mark_of("returned") in mine
        if person.number % 2:
            revise = re.search(r"/room/texts/[0-9a-f-]+/revise/", mine)
            assert revise
            hand.send(revise[0], body=person.text("pending"))
        else:
            self.withdraw(hand, person.texts["returned"])
            self.write(hand, session, "pending")
        self.write(hand, self.sessions["B"], "elsewhere", long=True)

    def stumble(self) -> None:
        """The database refuses what people write: a page fails with their words in its hands."""
        self.scene.as_superuser(REFUSE)
        for hand in self.hands:
            person, path = owner(hand), f"/room/{self.sessions['B']}/write/"
            fields = form_with(hand.go(path)[1], "body")[1] | {"body": person.text("lost")}
            status, page = hand.go(path, fields)
            if status == 200:  # asked once more whether to send it
                status, page = hand.go(path, form_with(page, "body")[1] | {"body": person.texts["lost"]})
            assert (status, person.mark_of("lost") in page) == (500, True)
        self.scene.as_superuser(ALLOW)

    def leave_some(self) -> None:
        """The last is forgotten in talk B, one leaves by the exit; the others just put their phones away."""
        forgotten = self.hands[-1]
        forgotten.send(f"/my/{self.sessions['B']}/forget/")
        assert self.hands[2].go("/exit/", {})[0] == 303

    def listener_signs_in(self) -> None:
        """With a wrong password first."""
        hand = Hand(self.scene.port, address=LISTENERS_ADDRESS)
        hand.sign_in_by_name(self.listener, "not the right password")
        assert "second factor" in hand.sign_in_by_name(self.listener, self.password)

    def work_fails(self) -> None:
        """A task of the worker comes upon a table that is not there."""
        log = self.scene.data / "worker.log"
        before = log.stat().st_size
        self.scene.as_superuser("ALTER TABLE dialogue_reminder RENAME TO drill")
        until(lambda: log.stat().st_size > before, "the worker tells of a fault")
        self.scene.as_superuser("ALTER TABLE drill RENAME TO dialogue_reminder")

    def look(self) -> None:
        """Note each ciphertext that stands in the database at this moment."""
        for table, column in SEALED:
            rows = self.scene.as_superuser(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
            self.sealed |= {bytes(body) for (body,) in rows}  # type: ignore[call-overload]

    def write(self, hand: Hand, session: str, kind: str, *, long: bool = False) -> None:
        """Hand a text in; whatever is asked in between is answered with yes."""
        text, path = owner(hand).text(kind, long=long), f"/room/{session}/write/"
        page = hand.send(path, body=text)
        if "<textarea" in page:
            page = hand.fill(path, page, body=text)
        assert owner(hand).mark_of(kind) in hand.go(f"/room/{session}/mine/")[1], page

    def withdraw(self, hand: Hand, text: str) -> None:
        """Take back the newest text, through the page that asks once more."""
        mine = hand.go(f"/room/{self.sessions['A']}/mine/")[1]
        for path in re.findall(r"/room/texts/[0-9a-f-]+/withdraw/", mine):
            if text.split()[2] in (page := hand.go(path)[1]):
                hand.fill(path, page)
                return
        raise AssertionError(mine)


def owner(hand: Hand) -> Person:
    assert hand.person is not None
    return hand.person
