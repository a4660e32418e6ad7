"""What became of one's own texts."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dialogue.sessions.models import DialogueSession
from dialogue.threads.models import Comment
from dialogue.threads.queries import Place
from dialogue.threads.queries_texts import opened
from dialogue.threads.text import paragraphs

_STATE_MARKS = {
    Comment.State.HELD: ("doing", _("Waiting to be read")),
    Comment.State.APPROVED: ("doing", _("Read and approved")),
    Comment.State.RETURNED: ("warn", _("Returned to you")),
    Comment.State.PROPOSED: ("warn", _("Other words for you to look at")),
    Comment.State.RELEASED: ("done", _("Released")),
    Comment.State.WITHDRAWN: ("todo", _("You took it back")),
}


def returned_with(comment: Comment) -> tuple[str, str]:
    """Why the text came back: the reason, and the facilitator's note ("" when it can't be read)."""
    for decision in comment.decisions.all():
        if decision.outcome == "returned" and decision.comment_version == comment.version - 1:
            session_id = comment.thread.round.dialogue_session_id
            note = opened(session_id, decision.pk, decision.note)[0]
            return str(decision.get_reason_display()), note
    return "", ""


def proposed_words(comment: Comment) -> str:
    """The other words that a facilitator proposes for the text; "" when there are none, or they can't be read."""
    edit = getattr(comment, "proposed_edit", None)
    return opened(comment.thread.round.dialogue_session_id, edit.pk, edit.body)[0] if edit else ""


def own_texts(place: Place) -> QuerySet[Comment]:
    """This author's texts in the session by round, newest round first, with what decided about them."""
    own = Comment.objects.filter(thread__round__dialogue_session=place.dialogue_session, **place.author)
    return (
        own.select_related("thread__round", "parent__alias", "parent__seat__listener")
        .prefetch_related("decisions")
        .order_by("-thread__round__number", "pk")
    )


def _answered_name(comment: Comment) -> str:
    parent = comment.parent
    if parent is None:
        return ""
    return parent.alias.name if parent.alias else parent.seat.listener.name if parent.seat else ""


def own_text(comment: Comment, dialogue_session: DialogueSession, number: int = 1) -> dict[str, Any]:
    """One of one's own texts, the `number`th on the page, with what became of it."""
    words, gone = opened(dialogue_session.pk, comment.pk, comment.body)
    reason, note = returned_with(comment) if comment.state == Comment.State.RETURNED else ("", "")
    kind, text = _STATE_MARKS[Comment.State(comment.state)]
    return {
        "pk": comment.pk,
        "number": number,
        "state": comment.state,
        "mark": {"kind": kind, "text": text},
        "round": comment.thread.round,
        "answers_to": _answered_name(comment),
        "paragraphs": paragraphs(words),
        "gone": gone,
        "batch": comment.batch,
        "reason": reason,
        "note": note,
        "version": comment.version,
        "is_by_listener": comment.alias_id is None,
        "wants_retelling": comment.wants_retelling,
        "is_retold": comment.is_retold,
    }
