"""What became of one's own texts."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.models import DialogueSession
from dialogue.sessions.places import Place
from dialogue.threads import policies
from dialogue.threads.models import Comment
from dialogue.threads.queries_texts import STORY_GONE, opened
from dialogue.threads.text import paragraphs

_STATE_MARKS = {
    Comment.State.HELD: ("doing", _("Waiting to be read")),
    Comment.State.APPROVED: ("doing", _("Read and approved")),
    Comment.State.RETURNING: ("doing", _("Waiting to be read")),
    Comment.State.RETURNED: ("warn", _("Returned to you")),
    Comment.State.APPEALED: ("doing", _("Someone else looks again")),
    Comment.State.UPHELD: ("warn", _("Returned to you, after a second look")),
    Comment.State.PROPOSED: ("warn", _("Other words for you to look at")),
    Comment.State.RELEASED: ("done", _("Released")),
    Comment.State.WITHDRAWN: ("todo", _("You took it back")),
}


def told_state(comment: Comment) -> str:
    """The state as its author is told: of a return that can still be undone nothing yet."""
    return Comment.State.HELD if comment.state == Comment.State.RETURNING else comment.state


def last_return(comment: Comment) -> Any | None:
    """The decision with which the text last came back; None if it never did."""
    return _last(comment, "returned")


def _last(comment: Comment, outcome: str) -> Any | None:
    decided = [one for one in comment.decisions.all() if one.outcome == outcome and not one.undone]
    return max(decided, key=lambda one: one.comment_version, default=None)


def _why(comment: Comment) -> dict[str, str]:
    """Why the text came back: the reason, the facilitator's note, and that of a second one who agreed ("" when there is
    none, or it can't be read)."""
    returned = last_return(comment) if comment.state in policies.GIVEN_BACK else None
    if returned is None:
        return {"reason": "", "note": "", "second_note": ""}
    session_id = comment.thread.round.dialogue_session_id
    second = _last(comment, "upheld") if comment.state == Comment.State.UPHELD else None
    note = opened(session_id, returned.pk, returned.note)[0]
    return {
        "reason": str(returned.get_reason_display()),
        "note": gettext(note) if returned.decided_by_id is None else note,  # the clock's own words, stored in English
        "second_note": opened(session_id, second.pk, second.note)[0] if second else "",
    }


def team_of(dialogue_session: DialogueSession) -> set[UUID]:
    """The ids of those who lead the session and whose accounts are open."""
    return set(dialogue_session.facilitators.filter(is_active=True).values_list("pk", flat=True))


def second_look(comment: Comment, team: set[UUID]) -> str:
    """Whether somebody else of the `team` can look again at a text that came back: ASK, or NOBODY else is there.

    "" where there is nothing to look at again: nobody but the clock returned it, it was looked at twice, or its author
    wants it told in other words.
    """
    asked = comment.state in (Comment.State.RETURNED, Comment.State.APPEALED)
    returned = last_return(comment) if asked and not comment.wants_retelling else None
    if returned is None or returned.decided_by_id is None:
        return ""
    return policies.ASK if team - {returned.decided_by_id} else policies.NOBODY


def was_not_heard(comment: Comment) -> bool:
    """Whether its author had asked for a second look, and nobody took it in time."""
    returned = last_return(comment) if comment.state == Comment.State.RETURNED else None
    return returned is not None and comment.version > returned.comment_version + 1


def proposed_words(comment: Comment) -> str:
    """The other words that a facilitator proposes for the text; "" when there are none, or they can't be read."""
    edit = getattr(comment, "proposed_edit", None)
    return opened(comment.thread.round.dialogue_session_id, edit.pk, edit.body)[0] if edit else ""


def own_texts(place: Place) -> QuerySet[Comment]:
    """This author's texts in the session by round, newest round first, with what decided about them."""
    own = Comment.objects.filter(thread__round__dialogue_session=place.dialogue_session, **place.author)
    return (
        own.select_related("thread__round", "parent__alias", "parent__seat__listener", "reflection__heard")
        .prefetch_related("decisions")
        .order_by("-thread__round__number", "pk")
    )


def _answered_name(comment: Comment) -> str:
    parent = comment.parent
    if parent is None:
        return ""
    return parent.alias.name if parent.alias else parent.seat.listener.name if parent.seat else ""


def _story_is_gone(comment: Comment) -> bool:
    """Whether a listener tells back here what its teller took back."""
    told_back = comment.seat_id is not None and hasattr(comment, "reflection")
    return told_back and comment.reflection.heard.state == Comment.State.WITHDRAWN


def own_text(comment: Comment, dialogue_session: DialogueSession, number: int = 1) -> dict[str, Any]:
    """One of one's own texts, the `number`th on the page, with what became of it."""
    words, gone = opened(dialogue_session.pk, comment.pk, comment.body)
    if _story_is_gone(comment) and not gone:
        words, gone = "", STORY_GONE
    kind, text = _STATE_MARKS[Comment.State(comment.state)]
    return {
        "pk": comment.pk,
        "number": number,
        "state": told_state(comment),
        "mark": {"kind": kind, "text": text},
        "round": comment.thread.round,
        "answers_to": _answered_name(comment),
        "paragraphs": paragraphs(words),
        "gone": gone,
        "batch": comment.batch,
        "version": comment.version,
        "is_by_listener": comment.alias_id is None,
        "wants_retelling": comment.wants_retelling,
        "is_retold": comment.is_retold,
        "was_not_heard": was_not_heard(comment),
        **_why(comment),
        "quote_consent": comment.quote_consent,
        "quote_choice": comment.get_quote_consent_display(),
    }
