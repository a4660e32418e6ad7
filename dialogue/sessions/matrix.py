"""Who may write what in which kind of round: one table, which the server enforces and a public page shows."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from dialogue.sessions.models import Round, RoundKind

PARTICIPANT = "participant"
LISTENER = Role.LISTENER.value
FACILITATOR = Role.FACILITATOR.value
ROLES = (PARTICIPANT, LISTENER, FACILITATOR)


@dataclass(frozen=True)
class Cell:
    """What one role may do in one kind of round.

    `may_write`: a text of one's own under the prompt. `may_reply`: an answer below a released text. The two are
    independent. `limit`: how many texts of one's own one author may have in the round, not counting those returned
    or taken back; None = no limit. Replies are not limited. `in_turn`: as many of one's own as there were turns.
    `tells_back`: a text of one's own says what was heard in one story, nothing else. `needs_heard`: only those write
    or answer of whom somebody said that they heard a story right; the others read.
    """

    does: str | Promise  # a whole sentence, for the public page
    what: str | Promise = ""  # what is written, for "You may write ..."; "" where nothing may be written
    may_write: bool = False
    may_reply: bool = False
    limit: int | None = None
    in_turn: bool = False
    tells_back: bool = False
    needs_heard: bool = False


_RUNS = Cell(_("Reads each text first, and lets it through or gives it back with a reason."))

MATRIX: dict[RoundKind, dict[str, Cell]] = {
    RoundKind.OPENING: {
        PARTICIPANT: Cell(_("Reads what the listeners concede. Does not have to answer.")),
        LISTENER: Cell(_("Is there, and can’t write.")),
        FACILITATOR: Cell(_("Opens the session and reads the agreements.")),
    },
    RoundKind.LISTENING: {
        PARTICIPANT: Cell(_("Tells one story, or passes."), _("one story of your own"), may_write=True, limit=1),
        LISTENER: Cell(_("Only reads. The site takes no text from a listener in this round.")),
        FACILITATOR: _RUNS,
    },
    RoundKind.REFLECTING: {
        PARTICIPANT: Cell(
            _("Answers what a listener heard: was it right? Or passes."),
            _("an answer to what a listener heard"),
            may_reply=True,
        ),
        LISTENER: Cell(
            _("Tells back what was heard. Nothing else."), _("what you heard"), may_write=True, tells_back=True
        ),
        FACILITATOR: _RUNS,
    },
    RoundKind.CURIOSITY: {
        PARTICIPANT: Cell(_("Answers a question, or passes."), _("an answer to a listener’s question"), may_reply=True),
        LISTENER: Cell(
            _("Asks questions, nothing else. First somebody must have said: you heard my story right."),
            _("a question"),
            may_write=True,
            in_turn=True,
            needs_heard=True,
        ),
        FACILITATOR: _RUNS,
    },
    RoundKind.DIALOGUE: {
        PARTICIPANT: Cell(
            _("Writes and answers, or passes."),
            _("what you think, or an answer"),
            may_write=True,
            may_reply=True,
            in_turn=True,
        ),
        LISTENER: Cell(
            _("Writes and answers, or passes, once somebody said: you heard my story right."),
            _("what you think, or an answer"),
            may_write=True,
            may_reply=True,
            in_turn=True,
            needs_heard=True,
        ),
        FACILITATOR: _RUNS,
    },
    RoundKind.COMMITMENTS: {
        PARTICIPANT: Cell(
            _("Says what should be done, and answers what is promised."),
            _("what should be done, or an answer"),
            may_write=True,
            may_reply=True,
            in_turn=True,
        ),
        LISTENER: Cell(
            _("Says what they themselves will do, and by when, once somebody said: you heard my story right."),
            _("what you will do, or an answer"),
            may_write=True,
            may_reply=True,
            in_turn=True,
            needs_heard=True,
        ),
        FACILITATOR: _RUNS,
    },
    RoundKind.CLOSING: {
        PARTICIPANT: Cell(
            _("Writes one last word, or passes. Can say if people were heard."),
            _("one last word"),
            may_write=True,
            limit=1,
        ),
        LISTENER: Cell(
            _("Writes one last word, or passes, once somebody said: you heard my story right. Can say: heard or not."),
            _("one last word"),
            may_write=True,
            limit=1,
            needs_heard=True,
        ),
        FACILITATOR: Cell(_("Reads each text first, as always, and closes the session.")),
    },
}


def cell(role: str, kind: str) -> Cell:
    """What `role` may do in a round of `kind`; other roles may do nothing. Raises ValueError for an unknown kind."""
    return MATRIX[RoundKind(kind)].get(role, Cell(""))


def limit_of(cell: Cell, round: Round) -> int | None:
    """How many texts of one's own an author may have in this round by now; None = no limit."""
    if cell.limit is not None:
        return cell.limit
    return round.turn if cell.in_turn else None


def goes_in_turns(kind: str) -> bool:
    """Whether anybody writes in turn in a round of this kind."""
    return any(cell(role, kind).in_turn for role in ROLES)


def listeners_write(kind: str) -> bool:
    """Whether a listener may hand in any text in a round of this kind."""
    of_listener = cell(LISTENER, kind)
    return of_listener.may_write or of_listener.may_reply
