"""What a listener takes along: his own words and the record around them. docs/own-words.md tells each field.

Nothing here reads a participant's words, a drawn name, or a facilitator's note: those are not even asked for.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Prefetch, Q, QuerySet
from django.utils.translation import get_language

from accounts.models import Agency, AgencyAgreement, User, today
from dialogue.acknowledgments.models import PARTS, Acknowledgment, AcknowledgmentVersion
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.moderation.models import ModerationDecision
from dialogue.reflections.models import Reflection
from dialogue.sessions.models import DialogueSession, ListenerSeat
from dialogue.threads.models import Comment
from dialogue.threads.queries_own import told_state
from seeds import vault

SCHEMA = "seeds-own-words/1"
Fields = dict[str, Any]


def own_words(listener: User) -> Fields:
    """All of it as JSON-able data, in a fixed number of queries however much there is."""
    profile = listener.listener_profile
    return {
        "schema": SCHEMA,
        "made_on": today().isoformat(),
        "site": settings.SITE_NAME,
        "language": get_language() or "en",
        "listener": {"name": listener.name, "rank": profile.rank, "agency": _name(listener.agency)},
        "pledges": [_dated(one) for one in listener.pledges.order_by("signed_on", "pk")],
        "agreements": [
            {"agency": _name(listener.agency), "signed_by": one.signed_by_name, "title": one.signed_by_title}
            | _dated(one)
            for one in AgencyAgreement.objects.filter(agency=listener.agency_id).order_by("signed_on", "pk")
        ],
        "sessions": _sessions(listener),
        "commitments": [_commitment(one) for one in _commitments(listener)],
    }


def _name(agency: Agency | None) -> str:
    return agency.name if agency else ""


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _dated(signed: Any) -> Fields:
    """A pledge or an agreement: what was signed, and when."""
    return {
        "version": signed.version,
        "text": signed.text,
        "signed_on": _day(signed.signed_on),
        "expires_on": _day(signed.expires_on),
        "withdrawn_on": _day(signed.withdrawn_on),
    }


# --- The sessions he has or had a seat in, or asked for one ---------------------------------------------------------


def _sessions(listener: User) -> list[Fields]:
    versions = Prefetch("acknowledgment__versions", AcknowledgmentVersion.objects.order_by("number"))
    seats = ListenerSeat.objects.filter(listener=listener).select_related("dialogue_session", "acknowledgment")
    texts: dict[UUID, list[Fields]] = {}
    for comment in _texts(listener):
        texts.setdefault(comment.seat_id or UUID(int=0), []).append(_text(comment))
    ordered = seats.prefetch_related(versions).order_by("dialogue_session__starts_at", "pk")
    return [_session(seat.dialogue_session) | _seat(seat, texts.get(seat.pk, [])) for seat in ordered]


def _session(dialogue_session: DialogueSession) -> Fields:
    return {
        "title": dialogue_session.title,
        "state": dialogue_session.state,
        "begins": dialogue_session.starts_at.isoformat(),
        "ends": dialogue_session.ends_at.isoformat(),
        "record_label": dialogue_session.record_label,
    }


def _seat(seat: ListenerSeat, texts: list[Fields]) -> Fields:
    own = {"state": seat.state, "complete_on": _day(seat.acknowledged_on), "accepted_on": _day(seat.accepted_on)}
    return {"seat": own, "acknowledgment": _acknowledgment(getattr(seat, "acknowledgment", None)), "texts": texts}


def _parts(written: Acknowledgment | AcknowledgmentVersion) -> Fields:
    return {"scope": written.scope} | {name: getattr(written, name) for name in PARTS}


def _acknowledgment(acknowledgment: Acknowledgment | None) -> Fields | None:
    """Every version that was handed in, and what was written since. What a facilitator noted is not his."""
    if acknowledgment is None:
        return None
    versions = list(acknowledgment.versions.all())
    now = _parts(acknowledgment)
    is_new = not versions or now != _parts(versions[-1])
    return {
        "state": acknowledgment.state,
        "versions": [{"number": one.number, "handed_in_on": _day(one.handed_in_on)} | _parts(one) for one in versions],
        "draft": now if is_new else None,
    }


def _texts(listener: User) -> QuerySet[Comment]:
    """His texts that he did not take back, round by round.

    A reflection goes with the story that it tells back: once that was taken back, no page shows it, and nor do we.
    """
    returns = ModerationDecision.objects.filter(outcome=ModerationDecision.Outcome.RETURNED, undone=False)
    returns = returns.exclude(comment__state=Comment.State.RETURNING)  # nobody is told yet
    kept = Comment.objects.filter(seat__listener=listener, body__isnull=False)
    kept = kept.exclude(reflection__heard__body__isnull=True, reflection__isnull=False)
    return (
        kept.select_related("thread__round", "reflection")
        .prefetch_related(Prefetch("decisions", returns.order_by("comment_version"), to_attr="returns"))
        .order_by("thread__round__number", F("batch").asc(nulls_last=True), "place", "pk")
    )


def _text(comment: Comment) -> Fields:
    """One text with what became of it; its words are None once they can't be read any more."""
    round = comment.thread.round
    reflection: Reflection | None = getattr(comment, "reflection", None)
    return {
        "round": {"number": round.number, "kind": round.kind, "prompt": round.prompt},
        "kind": "reflection" if reflection else "answer" if comment.parent_id else "text",
        "state": told_state(comment),
        "is_released": comment.state == Comment.State.RELEASED,
        "returned_for": [decision.reason for decision in comment.returns],  # type: ignore[attr-defined]  # prefetched
        "is_confirmed": _is_confirmed(reflection) if reflection else None,
        "words": _words(round.dialogue_session_id, comment),
    }


def _is_confirmed(reflection: Reflection) -> bool:
    """Whether all in the room read that somebody said yes. What else was answered, or not yet let out, is not told."""
    return reflection.is_out and reflection.answer == Reflection.Answer.CONFIRMED


def _words(session_id: UUID, comment: Comment) -> str | None:
    try:
        return vault.unseal(session_id, comment.pk, comment.body or b"")
    except vault.Unreadable:
        return None


# --- Commitments ----------------------------------------------------------------------------------------------------


def _commitments(listener: User) -> QuerySet[Commitment]:
    """Those he answers for, but for what he took back before it was a promise; with his own updates."""
    updates = CommitmentUpdate.objects.filter(written_by=listener).order_by("written_on", "pk")
    kept = Commitment.objects.filter(owner=listener).exclude(Q(state=Commitment.State.WITHDRAWN, adopted_on=None))
    return (
        kept.select_related("dialogue_session", "agency")
        .prefetch_related(Prefetch("updates", updates, to_attr="own_updates"))
        .order_by("due_on", "pk")
    )


def _commitment(commitment: Commitment) -> Fields:
    return {
        "session": commitment.dialogue_session.title,
        "agency": commitment.agency.name,
        "level": commitment.level,
        "unit": commitment.unit,
        "text": commitment.text,
        "measure": commitment.measure,
        "due_on": _day(commitment.due_on),
        "state": commitment.state,
        "adopted_on": _day(commitment.adopted_on),
        "ended_on": _day(commitment.ended_on),
        "updates": [_update(one) for one in commitment.own_updates],  # type: ignore[attr-defined]  # prefetched
    }


def _update(update: CommitmentUpdate) -> Fields:
    return {
        "kind": update.kind,
        "text": update.text,
        "evidence_url": update.evidence_url,
        "state": update.state,
        "written_on": _day(update.written_on),
    }
