"""Who may write, pass, revise and take back, and in which words the page says so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.matrix import FACILITATOR, LISTENER, PARTICIPANT, Cell, cell, limit_of
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, State
from dialogue.sessions.times import hour, local, zone_name
from dialogue.threads.models import Comment

Words = str | Promise

#: States of a text in which its author may take it back: all in which there is still something to destroy.
WITHDRAWABLE = tuple(state for state in Comment.State if state != Comment.State.WITHDRAWN)
#: ... in which it is on its way to the others.
ON_ITS_WAY = (*Comment.WAITING, Comment.State.RETURNING, Comment.State.APPROVED, Comment.State.PROPOSED)
#: ... and in which the author can hand it in again, changed.
REVISABLE = (Comment.State.RETURNED, Comment.State.UPHELD, Comment.State.PROPOSED)
#: ... and in which somebody has given it back with a reason.
GIVEN_BACK = (Comment.State.RETURNED, Comment.State.APPEALED, Comment.State.UPHELD)

#: States of a session in which texts go out, and authors can say yes to other words or ask for a second look.
TAKES_DECISIONS = (State.OPEN, State.FOLLOW_UP)
#: Whether somebody else of the team can look again at a text that came back.
ASK, NOBODY = "ask", "nobody"

#: What those read who can't write in the open round. Nobody is left to guess why.
READING: dict[str, Words] = {
    PARTICIPANT: _("In this round you read. You don’t have to answer."),
    LISTENER: _("In this round you only read. The site takes no text from listeners now."),
    FACILITATOR: _("You read each text first. Then you let it through, or give it back with a reason."),
}

#: What a listener reads of whom nobody said yet that he heard a story right.
NOT_HEARD: Words = _(
    "You can write once somebody has said of one of your reflections: yes, that’s it. Until then you read."
)


@dataclass(frozen=True)
class Now:
    """What somebody can do in a room at this moment: one sentence, and what is open."""

    text: Words
    may_write: bool = False
    may_reply: bool = False
    may_pass: bool = False


def author_role(*, alias: Alias | None, seat: ListenerSeat | None) -> str:
    """The role in which a text is written. Raises ValueError unless exactly one author is given."""
    if (alias is None) == (seat is None):
        raise ValueError("A text has one author: an alias or a seat.")
    return PARTICIPANT if alias else LISTENER


def closed(dialogue_session: DialogueSession) -> Words | None:
    """Why nobody can write in this session now; None if it is open and goes on."""
    if dialogue_session.paused:
        return format_lazy(_("There is a pause: {reason}"), reason=dialogue_session.why_paused)
    return {
        State.OPEN: None,
        State.FOLLOW_UP: _("This talk is over. You can still read it, and take your own texts back."),
        State.CANCELLED: _("This talk was called off. Nothing more can be written."),
        State.PURGED: _("This talk is over, and its texts are gone."),
    }.get(State(dialogue_session.state), _("This talk has not begun yet."))


def kept_in(dialogue_session: DialogueSession, *, alias: Alias | None, seat: ListenerSeat | None) -> Words | None:
    """Why no text of this author comes out any more; None if it can. Said on the author's own page."""
    if dialogue_session.state == State.CANCELLED:
        return _("This talk was called off, so this text does not come out.")
    removed = alias is not None and alias.removed
    unseated = seat is not None and seat.state != ListenerSeat.State.SEATED
    return _("You are no longer in this talk, so this text does not come out.") if removed or unseated else None


def writing_begins(round: Round) -> datetime | None:
    """The moment up to which all think first; None if there is none ahead."""
    if round.opened_at is None or not round.think_minutes:
        return None
    begins = round.opened_at + timedelta(minutes=round.think_minutes)
    return begins if begins > timezone.now() else None


def _thinking(round: Round) -> Words | None:
    """Why nobody writes a text of his own yet; None if it can be done. A minute that has begun is counted whole."""
    begins = writing_begins(round)
    if begins is None:
        return None
    zone = round.dialogue_session.time_zone
    shown = hour(local(begins + timedelta(seconds=59), zone))
    words = _("Take some time to think first. You can write from {hour} ({zone} time).")
    return format_lazy(words, hour=shown, zone=zone_name(zone))


def _had_enough(rights: Cell, round: Round, written: int) -> bool:
    limit = limit_of(rights, round)
    return limit is not None and written >= limit


def _spoken(rights: Cell) -> Words:
    """What those read who have written as much as they may by now in a round that goes in turns."""
    if rights.may_reply:
        return _(
            "You have spoken. You can speak again when all have had their turn. Until then you can read, and answer."
        )
    return _("You have spoken. You can speak again when all have had their turn. Until then you can read.")


def refusal(
    role: str, round: Round, *, written: int, heard: bool = True, answers: bool = False, tells_back: bool = False
) -> Words | None:
    """Why this author can't hand in a text in this round now; None if he can.

    `written` = how many texts of his count in the round; `heard` = False for a listener of whom nobody said that he
    heard a story right; `answers` = the text answers a released one; `tells_back` = it says what was heard in a story.
    """
    shut = closed(round.dialogue_session)
    if shut is not None:
        return shut
    if round.state != Round.State.OPEN:
        return _("This round is over, so no new text can go in. What you typed is still here.")
    rights = cell(role, round.kind)
    if rights.needs_heard and not heard:
        return NOT_HEARD
    if answers:
        return None if rights.may_reply else _("You can’t answer texts in this round.")
    if not rights.may_write:
        return _("In this round you read. You can’t write a text of your own.")
    if tells_back and not rights.tells_back:
        return _("You can tell back what you heard only in a reflecting round. What you typed is still here.")
    if rights.tells_back and not tells_back:
        return _("In this round you only tell back what you heard. Choose a story for that in the room.")
    if not _had_enough(rights, round, written):
        return _thinking(round)
    if rights.in_turn:
        return _spoken(rights)
    return _("You have already written in this round. To write something else, take that text back first.")


def _words_of_now(rights: Cell, round: Round, *, written: int, passed: bool) -> Words:
    if rights.may_write and _had_enough(rights, round, written):
        return _spoken(rights) if rights.in_turn else _("You have written in this round. Now you can read.")
    thinking = _thinking(round) if rights.may_write else None
    if passed and thinking:
        return format_lazy(_("You have passed. {thinking}"), thinking=thinking)
    if passed:
        return _("You have passed. You can still write if you want to.")
    if thinking:
        return thinking
    if written and rights.in_turn:
        return _("It is your turn again. You can write one more text, or pass.")
    if written:
        return _("You have written in this round. You can write more.")
    return format_lazy(_("Now you can write {what}. Or you can pass."), what=rights.what)


def now(
    role: str,
    dialogue_session: DialogueSession,
    current: Round | None,
    *,
    written: int,
    passed: bool,
    heard: bool = True,
) -> Now:
    """What this role can do in the room, given the open round and what this author did in it (see `refusal`)."""
    if role == FACILITATOR and dialogue_session.state == State.FOLLOW_UP and not dialogue_session.paused:
        return Now(_("This talk is over. What comes now is its report."))
    shut = closed(dialogue_session)
    if shut is not None:
        return Now(shut)
    if current is None or current.state != Round.State.OPEN:
        return Now(_("We are between two rounds. There is nothing you need to do now."))
    rights = cell(role, current.kind)
    if not rights.may_write and not rights.may_reply:
        return Now(READING[role])
    if rights.needs_heard and not heard:
        return Now(NOT_HEARD)
    may_write = refusal(role, current, written=written, tells_back=rights.tells_back) is None
    has_spoken = _had_enough(rights, current, written) if rights.in_turn else bool(written)
    text = _words_of_now(rights, current, written=written, passed=passed)
    return Now(text, may_write, rights.may_reply, may_pass=not passed and not has_spoken)


def revision_refusal(
    role: str, round: Round, *, written: int, answers: bool, current: Round | None = None, heard: bool = True
) -> Words | None:
    """Why a returned text can't go back in, changed; None if it can. Its own round may be over, the talk may not.

    `current` = the open round. While listeners only read, nothing of theirs comes in, old or new.
    """
    shut = closed(round.dialogue_session)
    if shut is not None:
        return shut
    return room_refusal(role, round, written=written, answers=answers, current=current, heard=heard)


def room_refusal(
    role: str, round: Round, *, written: int, answers: bool, current: Round | None, heard: bool
) -> Words | None:
    """Why a returned text can't wait again, for what its author wrote since or may do now; None if it can."""
    if role == LISTENER and current is not None:
        rights = cell(role, current.kind)
        if not (rights.may_write or rights.may_reply):
            return _("In this round listeners only read. Send it again in a round in which you may write.")
        if rights.needs_heard and not heard:
            return NOT_HEARD
    if not answers and _had_enough(cell(role, round.kind), round, written):
        return _("You have written another text in this round since. Take that one back first.")
    return None
