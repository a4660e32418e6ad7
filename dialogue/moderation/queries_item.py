"""One text in full, for the facilitator who has opened it."""

from typing import Any

from accounts.models import User
from dialogue.moderation.difference import difference
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.moderation.queries import age_of
from dialogue.reflections.models import Reflection
from dialogue.sessions.matrix import PARTICIPANT
from dialogue.sessions.models import RoundKind
from dialogue.sessions.queries_public import speaker_of
from dialogue.threads.models import Comment
from dialogue.threads.queries_own import last_return
from dialogue.threads.queries_texts import opened
from dialogue.threads.text import paragraphs

#: States in which a text is still in a facilitator's hands.
IN_HAND = (*Comment.WAITING, Comment.State.APPROVED, Comment.State.PROPOSED)


def is_open_to(comment: Comment, user: User) -> bool:
    """Whether this facilitator has opened the text, which was recorded, and may see its words."""
    return comment.state in (*IN_HAND, Comment.State.RETURNING) and comment.claimed_by_id == user.pk


def has_left(comment: Comment) -> bool:
    """Whether its author used "forget me here": nobody is there to answer what is proposed."""
    return comment.alias is not None and comment.alias.tag is None


def speaker(comment: Comment) -> dict[str, Any]:
    """Who wrote it, as speaker.html takes it."""
    if comment.alias:
        return {"kind": PARTICIPANT, "name": comment.alias.name}
    assert comment.seat is not None, "the database holds one author"  # noqa: S101
    return speaker_of(comment.seat)


def _words(comment: Comment) -> dict[str, Any]:
    words, gone = opened(comment.thread.round.dialogue_session_id, comment.pk, comment.body)
    return {"paragraphs": paragraphs(words), "gone": gone}


def _answered(comment: Comment) -> dict[str, Any] | None:
    """The released text that this one answers."""
    parent = comment.parent
    if parent is None:
        return None
    words, gone = opened(comment.thread.round.dialogue_session_id, parent.pk, parent.body)
    name = parent.alias.name if parent.alias else parent.seat.listener.name if parent.seat else ""
    return {"name": name, "paragraphs": paragraphs(words), "gone": gone}


def _told_back(comment: Comment) -> dict[str, Any] | None:
    """The story that a listener tells back in this text."""
    reflection = Reflection.objects.filter(comment=comment).select_related("heard__alias").first()
    if reflection is None:
        return None
    story = reflection.heard
    words, gone = opened(comment.thread.round.dialogue_session_id, story.pk, story.body)
    return {"name": story.alias.name if story.alias else "", "paragraphs": paragraphs(words), "gone": gone}


def _earlier_returns(comment: Comment) -> list[dict[str, Any]]:
    """Who returned it why, and who looked at that again and agreed ("" for the reason)."""
    session_id = comment.thread.round.dialogue_session_id
    given_back = (ModerationDecision.Outcome.RETURNED, ModerationDecision.Outcome.UPHELD)
    returned = [one for one in comment.decisions.all() if one.outcome in given_back and not one.undone]
    return [
        {
            "by": decision.decider,
            "reason": decision.get_reason_display() if decision.reason else "",
            "note": opened(session_id, decision.pk, decision.note)[0],
        }
        for decision in sorted(returned, key=lambda one: one.comment_version)
    ]


def was_overturned(comment: Comment) -> bool:
    """Whether an approved text was let through by somebody who looked again at a colleague's return."""
    counted = [one for one in comment.decisions.all() if not one.undone]
    last = max(counted, key=lambda one: one.comment_version, default=None)
    return last is not None and last.outcome == ModerationDecision.Outcome.OVERTURNED


def proposal_of(comment: Comment) -> dict[str, Any] | None:
    """The other words that are proposed for the text and what they change; None when there are none.

    A retelling starts from nothing, so it has no `pieces`. `gone` = the words that stand in place of unreadable ones.
    """
    edit: ProposedEdit | None = getattr(comment, "proposed_edit", None)
    if edit is None:
        return None
    session_id = comment.thread.round.dialogue_session_id
    own, unreadable = opened(session_id, comment.pk, comment.body)
    words, gone = opened(session_id, edit.pk, edit.body)
    compared = not (edit.is_retelling or gone or unreadable)
    return {
        "by": edit.proposed_by.name,
        "note": opened(session_id, edit.pk, edit.note)[0],
        "is_retelling": edit.is_retelling,
        "paragraphs": paragraphs(words),
        "gone": gone,
        "pieces": difference(own, words) if compared else [],
    }


def item_of(comment: Comment, user: User) -> dict[str, Any]:
    """What the page of one text shows; its words only to whoever has opened it."""
    round = comment.thread.round
    held, appealed = (comment.state == state for state in Comment.WAITING)
    last = last_return(comment)
    returned_it = last is not None and last.decided_by_id == user.pk
    is_open = is_open_to(comment, user)
    return {
        "pk": comment.pk,
        "version": comment.version,
        "round": round,
        "session": round.dialogue_session,
        "speaker": speaker(comment),
        "is_held": held,
        "is_appealed": appealed,
        "may_hear": appealed and not returned_it,
        "may_undo": comment.state == Comment.State.APPROVED and not (returned_it and was_overturned(comment)),
        "is_approved": comment.state == Comment.State.APPROVED,
        "is_returning": comment.state == Comment.State.RETURNING,
        "is_proposed": comment.state == Comment.State.PROPOSED,
        "wants_retelling": comment.wants_retelling,
        "has_left": has_left(comment),
        "is_retold": comment.is_retold,
        "proposal": proposal_of(comment) if is_open else None,
        "age": age_of(comment.period, round.dialogue_session.reading_hours) if comment.period is not None else None,
        "is_open": is_open,
        "reader": comment.claimed_by.name if comment.claimed_by else "",
        "words": _words(comment) if is_open else None,
        "answered": _answered(comment) if is_open else None,
        "told_back": _told_back(comment) if is_open and round.kind == RoundKind.REFLECTING else None,
        "returns": _earlier_returns(comment) if is_open else [],
    }


def outgoing(comments: list[Comment], user: User) -> list[dict[str, Any]]:
    """Approved texts as the release page lists them; words only of those this facilitator has opened."""
    return [
        {
            "pk": comment.pk,
            "speaker": speaker(comment),
            "is_retold": comment.is_retold,
            "words": _words(comment) if is_open_to(comment, user) else None,
        }
        for comment in comments
    ]
