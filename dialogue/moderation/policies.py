"""Who may decide about a text, and which reasons fit it."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dialogue.moderation.models import Reason
from dialogue.sessions.models import DialogueSession, RoundKind
from dialogue.threads.models import Comment
from dialogue.threads.periods import hours_waiting
from dialogue.threads.policies import NOBODY, TAKES_DECISIONS

LONGEST_NOTE = 1_000  # characters
ON_THE_WAY = (*Comment.WAITING, Comment.State.PROPOSED)  # may still be approved although nobody writes any more
NOTHING_FOLLOWS = _(
    "This round is closed and nothing more waits to be read in it: what is left comes out only if the round is opened"
    " again, where that can still be done, or if a returned text is approved after a second look."
)
IN_TIME, LATE = "in_time", "late"  # against the promised reading hours; stand in tallies

#: What the author reads when the facilitator adds nothing of his own.
READY_NOTES: dict[Reason, str | Promise] = {
    Reason.IDENTIFIES_SELF: _(
        "Something in this text could show who you are. Please take it out, or say it in a more general way."
    ),
    Reason.IDENTIFIES_OTHER: _(
        "Something in this text could show who another person is. Please leave out what points to them."
    ),
    Reason.LOCATION_OR_SUPPLY: _(
        "This text names a place, or where drugs come from. Please leave that out. The rest can stay."
    ),
    Reason.OPEN_CASE: _(
        "This seems to be about a case that is still open. Police and prosecutors will read here,"
        " so please leave it out."
    ),
    Reason.THREAT: _(
        "This text speaks of a threat, or of harm that may happen soon. We can’t show it here. If you or somebody else"
        " is in danger, please use one of the help lines on the front page."
    ),
    Reason.CONTEMPT: _("This text puts somebody down. Please say what happened and what it did, without that."),
    Reason.ADVICE: _("This text tells others what to do or to get treatment. Please speak of yourself instead."),
    Reason.INTERROGATION: _(
        "This reads like a question in an interview with a suspect. Please ask about what it was like, not about who,"
        " where or when."
    ),
    Reason.OFF_TOPIC: _("This text is about something else than the question of this round."),
    Reason.SPAM: _("This text is not meant for this talk."),
    Reason.OTHER: "",
    Reason.NOT_READ: _(
        "Nobody read this text within two weeks, so we gave it back and keep it no longer in line. We are sorry."
        " While the talk is open you can send it again. You can always take it back."
    ),
}


def reading_of(session_id: UUID) -> str:
    """The name under which it is counted if the texts of a session were read in time."""
    return f"reading {session_id}"


def read_in_time(period: int, dialogue_session: DialogueSession) -> str:
    """Whether a text that has waited since this reading period is read in time. Never more exact than the period is."""
    return IN_TIME if hours_waiting(period) <= dialogue_session.reading_hours else LATE


def reasons_for(comment: Comment) -> list[Reason]:
    """The reasons for which this text can be returned: interrogation is something only listeners can do, and
    only the clock finds that nobody read it."""
    never = {Reason.NOT_READ} if comment.seat_id else {Reason.NOT_READ, Reason.INTERROGATION}
    return [reason for reason in Reason if reason not in never]


def authors_of(texts: Iterable[Comment]) -> dict[str, int]:
    """How many participants and how many listeners wrote these texts, as `release_refusal` takes it."""
    authors = {(text.alias_id, text.seat_id) for text in texts}
    participants = sum(alias is not None for alias, _seat in authors)
    return {"participants": participants, "listeners": len(authors) - participants}


def too_few(*, participants: int, listeners: int, kind: str = "", over: bool = False) -> str | Promise | None:
    """For whose text this batch has to wait; None when it has authors enough, or no text at all.

    `over`: the round is closed and nothing in it is on the way, so that waiting alone brings nothing.

    In a reflecting round (`kind`) a listener's text waits for nobody: participants can only answer there, and if he is
    the only listener nothing would ever come out.
    """
    lone_listener = participants == 0 and listeners == 1 and kind != RoundKind.REFLECTING
    if participants != 1 and not lone_listener:
        return None
    if over:
        few = _("Too few people’s texts are approved here.")
        return format_lazy("{few} {nothing}", few=few, nothing=NOTHING_FOLLOWS)
    if lone_listener:
        return _(
            "A batch needs texts of at least two authors, so that nobody can tell who wrote just now."
            " Wait until somebody else’s text is approved."
        )
    return _(
        "A batch with a participant’s text needs texts of at least two participants. Listeners know their own"
        " texts, so with one participant’s they could tell who wrote just now."
        " Wait until another participant’s text is approved."
    )


def listeners_first(*, participants: int, listeners: int, kind: str = "") -> bool:
    """Whether the listeners' texts may go out while those of the only participant among the authors wait."""
    return participants == 1 and listeners > 0 and too_few(participants=0, listeners=listeners, kind=kind) is None


def split_ready(texts: list[Comment], kind: str) -> tuple[list[Comment], list[Comment]]:
    """What of a round's approved texts can go out as one batch, and what waits: the texts of a lone participant.

    They hold up nobody else. Where nothing can go, all is in the first part, and `release_refusal` says why.
    """
    if not listeners_first(kind=kind, **authors_of(texts)):
        return texts, []
    return [text for text in texts if text.alias_id is None], [text for text in texts if text.alias_id is not None]


def waits_behind(count: int, *, over: bool) -> str:
    """For what so many texts of a lone participant wait while the others go; `over` as `too_few` takes it."""
    if over:
        left = ngettext(
            "%(count)d text of one participant is left.", "%(count)d texts of one participant are left.", count
        )
        return f"{left % {'count': count}} {NOTHING_FOLLOWS}"
    words = ngettext(
        "%(count)d text of one participant waits until another participant’s text is approved.",
        "%(count)d texts of one participant wait until another participant’s text is approved.",
        count,
    )
    return words % {"count": count}


def release_refusal(
    dialogue_session: DialogueSession, *, participants: int, listeners: int, kind: str = "", over: bool = False
) -> str | Promise | None:
    """Why approved texts of so many participants and listeners can't go out now in a round of this kind; None if they
    can. `over` as `too_few` takes it."""
    if dialogue_session.paused:
        return _("The session is paused. Texts go out again when it goes on.")
    if dialogue_session.state not in TAKES_DECISIONS:
        return _("Texts go out only while the session is open, or in its follow-up.")
    if not participants + listeners:
        return _("There is nothing to release: no approved text is waiting.")
    return too_few(participants=participants, listeners=listeners, kind=kind, over=over)


def proposal_refusal(dialogue_session: DialogueSession) -> str | Promise | None:
    """Why no other words can be proposed to an author of this session; None if they can."""
    if dialogue_session.state not in TAKES_DECISIONS:
        return _("The session has ended, so its author could not answer any more.")
    return None


def answer_refusal(dialogue_session: DialogueSession) -> str | Promise | None:
    """Why an author can't take other words for a text of his now; None if he can. Said to the author."""
    if dialogue_session.paused:
        return format_lazy(_("There is a pause: {reason}"), reason=dialogue_session.why_paused)
    if dialogue_session.state not in TAKES_DECISIONS:
        return _("This talk has ended, so nothing more comes out. You can still take your text back.")
    return None


def appeal_refusal(dialogue_session: DialogueSession, second_look: str) -> str | Promise | None:
    """Why an author can't ask that somebody else looks at a returned text again; None if he can. Said to the author.

    `second_look` as `queries_own.second_look` says.
    """
    refused = answer_refusal(dialogue_session)
    if refused is not None:
        return refused
    if second_look == NOBODY:
        return _("Nobody else is on the team right now who could look again. You can change it and send it again.")
    if not second_look:
        return _("We can’t look at this text again as it is. You can change it and send it again.")
    return None
