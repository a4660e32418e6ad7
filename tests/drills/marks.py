"""What an examiner looks for in a seized server, by the promise that it would break."""

from itertools import islice

from accounts.participants import keys
from tests.drills.examiner import Mark
from tests.drills.people import Person
from tests.drills.seized import Seized

PART = 24  # bytes of a ciphertext that are looked for at its beginning, middle and end
DESTROYED = ("withdrawn", "returned", "lost", "unsaid", "relented")


def addresses(seized: Seized) -> list[Mark]:
    """P3: where people came from, with what, and to which address that leads nowhere."""
    found = [Mark("address", "listener", seized.listeners_address.encode())]
    for person in seized.people:
        given = {"address": person.address, "agent": person.agent, "forwarded": person.forwarded, "path": person.path}
        found += [Mark(kind, str(person.number), value.encode()) for kind, value in given.items()]
    return found


def secrets(seized: Seized) -> list[Mark]:
    """P4: the seven words, wholly or three in a row, right or wrong; and the cookies that stand for them."""
    found = []
    for person in seized.people:
        whose = str(person.number)
        for words in (person.words.split(), person.wrong_words.split()):
            found += [Mark("words", whose, one.encode()) for one in (keys.normalize(" ".join(words)), *rows_of(words))]
        found += [Mark("cookie", whose, cookie.encode()) for cookie in person.cookies]
    return found


def rows_of(words: list[str]) -> list[str]:
    """Each three words in a row, as they may be written."""
    threes = [islice(words, start, start + 3) for start in range(len(words) - 2)]
    return [separator.join(three) for three in map(list, threes) for separator in (" ", "-", '", "', "</li><li>", "\n")]


def cards(seized: Seized) -> list[Mark]:
    """P5: the codes of used cards, and what the database held of them."""
    return [mark for person in seized.people for mark in card(person.code, str(person.number))]


def printed(seized: Seized) -> list[Mark]:
    """The codes of cards whose sheets were taken from here a while ago, as printed or typed."""
    written = [mark for code in seized.printed for mark in card(code, code) if mark.kind == "code"]
    return [Mark("printed", mark.whose, mark.raw) for mark in written]


def card(code: str, whose: str) -> list[Mark]:
    """A code as printed or typed, and its digest."""
    written = (code, keys.spaced(code), keys.spaced(code).replace("-", " "))
    return [*(Mark("code", whose, one.encode()) for one in written), Mark("digest", whose, keys.code_digest(code))]


def words_in_clear(seized: Seized, *kinds: str) -> list[Mark]:
    """P6: what people wrote, of these kinds or of all."""
    return [
        Mark(f"text {kind}", str(person.number), person.mark_of(kind).encode() if kind != "note" else note(person))
        for person in seized.people
        for kind in kinds or person.texts
    ]


def note(person: Person) -> bytes:
    """The word that only the facilitator's note to this person holds."""
    return person.texts["note"].split()[-1].encode()


def sealed(bodies: list[bytes], kind: str) -> list[Mark]:
    """Parts of ciphertexts: found if only a part of one is left."""
    marks = []
    for number, body in enumerate(bodies):
        starts = (0, (len(body) - PART) // 2, len(body) - PART)
        marks += [Mark(kind, str(number), body[start : start + PART]) for start in starts]
    return marks
