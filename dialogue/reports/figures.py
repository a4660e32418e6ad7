"""Numbers for a report. Each is rounded on its own, so that no sum or difference of them tells a small one."""

from collections import Counter
from typing import Any

from dialogue.audit.models import AuditEvent
from dialogue.facts.queries import for_report
from dialogue.feedback.queries import figures as felt_heard
from dialogue.moderation.models import ModerationDecision, Reason
from dialogue.sessions.models import Alias, DialogueSession
from dialogue.threads.models import Comment

STEP = 5


def rounded(number: int) -> int:
    """To the nearest five; 0 stands for "fewer than 5", none included."""
    return 0 if number < STEP else (number + STEP // 2) // STEP * STEP


def taken(dialogue_session: DialogueSession) -> dict[str, Any]:
    """How many took part, what became of the texts of this session, and what everybody was asked, as JSON holds it.

    What was asked must be closed: before that it shows no numbers.
    """
    return {
        "present": rounded(_present(dialogue_session)),
        "texts": _texts(dialogue_session),
        "returned": _returned(dialogue_session),
        "heard": felt_heard(dialogue_session),
        "facts": for_report(dialogue_session),
    }


def _present(dialogue_session: DialogueSession) -> int:
    """How many participants were there: those who had themselves forgotten since, too."""
    return Alias.objects.filter(dialogue_session=dialogue_session, removed=False).count()


def _texts(dialogue_session: DialogueSession) -> dict[str, int]:
    texts = Comment.objects.filter(thread__round__dialogue_session=dialogue_session)
    rows = list(texts.values_list("state", "batch"))
    appeals = AuditEvent.objects.filter(verb=AuditEvent.Verb.HEAR_APPEAL, dialogue_session=dialogue_session.pk)
    return {
        "handed_in": rounded(len(rows)),
        "released": rounded(sum(batch is not None for _state, batch in rows)),
        "taken_back": rounded(sum(state == Comment.State.WITHDRAWN for state, _batch in rows)),
        "appealed": rounded(appeals.count()),
    }


def _returned(dialogue_session: DialogueSession) -> list[dict[str, Any]]:
    """How many texts came back for which reason; only reasons with five or more, so a single one shows nowhere."""
    decisions = ModerationDecision.objects.filter(
        comment__thread__round__dialogue_session=dialogue_session,
        outcome=ModerationDecision.Outcome.RETURNED,
        undone=False,
    )
    counts = Counter(reason for _text, reason in set(decisions.values_list("comment", "reason")))
    return [{"reason": reason.value, "number": rounded(counts[reason])} for reason in Reason if counts[reason] >= STEP]
