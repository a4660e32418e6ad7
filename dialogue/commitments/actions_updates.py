"""News of a commitment: written, read by a facilitator, released. Its state moves only with what is released."""

from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User, today
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.commitments import policies
from dialogue.commitments.actions import locked
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.commitments.terms import MAX_NEWS, MAX_NOTE, link
from dialogue.repeats.checks import not_repeated
from dialogue.threads.text import fitting
from seeds.transitions import NotAllowed, move

Kind = CommitmentUpdate.Kind
State = CommitmentUpdate.State
Verb = AuditEvent.Verb
#: Where a commitment goes with each kind of news.
BECOMES = {
    Kind.PROGRESS: Commitment.State.IN_PROGRESS,
    Kind.DONE: Commitment.State.DONE,
    Kind.BROKEN: Commitment.State.BROKEN,
    Kind.WITHDRAWN: Commitment.State.WITHDRAWN,
}


def _news_waits(commitment: Commitment) -> bool:
    return commitment.updates.filter(state=State.HELD).exists()


@transaction.atomic
def write_update(
    commitment: Commitment, *, kind: str, text: str, by: User, evidence_url: str = "", pk: UUID | None = None
) -> CommitmentUpdate:
    """Hand in news of a running promise; a facilitator reads it before anything changes.

    The same `pk` twice is one row. Raises ValidationError by field, NotAllowed for others than who answers for it,
    when it is not running, and while other news of it waits.
    """
    pk = pk or uuid4()
    fields = _in_order(kind, text, evidence_url)
    held = locked(commitment)
    if earlier := CommitmentUpdate.objects.filter(pk=pk, commitment=held, written_by=by, **fields).first():
        return earlier
    if not policies.answers_for(by, held):
        raise NotAllowed(_("Only the person who answers for this promise can give news of it."))
    if held.state not in policies.RUNNING:
        raise NotAllowed(_("This promise is not running any more. What you typed is still here."))
    if _news_waits(held):
        raise NotAllowed(_("Other news of it still waits to be read. You can write more once that is read."))
    return CommitmentUpdate.objects.create(pk=pk, commitment=held, written_by=by, written_on=today(), **fields)


def _in_order(kind: str, text: str, evidence_url: str) -> dict[str, str]:
    wrong: dict[str, list[ValidationError]] = {}
    kept = {"kind": kind, "text": "", "evidence_url": ""}
    if kind not in Kind.values:
        wrong["kind"] = [ValidationError(_("Choose what is new."))]
    try:
        kept["text"] = fitting(text, MAX_NEWS)
    except ValidationError as error:
        wrong["text"] = [error]
    try:
        kept["evidence_url"] = link(evidence_url)
    except ValidationError as error:
        wrong["evidence_url"] = [error]
    if wrong:
        raise ValidationError(wrong)
    return kept


def _to_read(update: CommitmentUpdate, by: User) -> Commitment:
    """Its commitment, held until the transaction ends."""
    commitment = locked(update.commitment)
    if not policies.may_review(by, commitment.dialogue_session):
        raise NotAllowed(_("Only the facilitators of this session can do this."))
    return commitment


def _decide(update: CommitmentUpdate, to: str, *, by: User, note: str = "") -> None:
    try:
        move(update, to, sources=[State.HELD], note=note, decided_by=by, decided_on=today())
    except NotAllowed as refused:
        raise NotAllowed(_("A colleague has dealt with this already. Nothing was changed.")) from refused


def _follow(commitment: Commitment, kind: str) -> None:
    """Bring a running commitment where news of this kind says it is."""
    to = BECOMES[Kind(kind)]
    ended = None if to == Commitment.State.IN_PROGRESS else today()
    try:
        move(commitment, to, sources=policies.RUNNING, ended_on=ended)
    except NotAllowed as refused:
        raise NotAllowed(_("The promise has ended in the meantime. Give this back with a note.")) from refused


@transaction.atomic
def release_update(update: CommitmentUpdate, *, by: User) -> CommitmentUpdate:
    """Let the news out; the promise is from now on what it says. Raises NotAllowed for others than its readers, when
    it does not wait, and when the promise has ended meanwhile."""
    commitment = _to_read(update, by)
    _decide(update, State.RELEASED, by=by)
    _follow(commitment, update.kind)
    write(Verb.RELEASE_UPDATE, by=by, session_id=commitment.dialogue_session_id, detail=update.kind)
    return update


@transaction.atomic
def return_update(update: CommitmentUpdate, *, note: str, by: User) -> CommitmentUpdate:
    """Give the news back with a note. Raises as `release_update`, ValidationError for an empty or too long note."""
    said = fitting(note, MAX_NOTE)
    commitment = _to_read(update, by)
    _decide(update, State.RETURNED, by=by, note=said)
    write(Verb.RETURN_COMMITMENT, by=by, session_id=commitment.dialogue_session_id, detail="news")
    return update


@transaction.atomic
def break_commitment(commitment: Commitment, *, reason: str, by: User) -> CommitmentUpdate:
    """Call a promise broken that is long due and of which nobody tells anything; the reason is public news of it.

    Raises ValidationError for an empty or too long reason, or one with words of a text; NotAllowed for others than its
    readers and as `policies.breaking_refusal` says.
    """
    said = fitting(reason, MAX_NEWS)
    held = locked(commitment)
    if not policies.may_review(by, held.dialogue_session):
        raise NotAllowed(_("Only the facilitators of this session can do this."))
    refused = policies.breaking_refusal(held, news_waits=_news_waits(held))
    if refused is not None:
        raise NotAllowed(refused)
    not_repeated(held.dialogue_session, said)
    update = CommitmentUpdate.objects.create(
        commitment=held,
        kind=Kind.BROKEN,
        text=said,
        state=State.RELEASED,
        written_by=by,
        written_on=today(),
        decided_by=by,
        decided_on=today(),
    )
    _follow(held, Kind.BROKEN)
    write(Verb.RELEASE_UPDATE, by=by, session_id=held.dialogue_session_id, detail="called broken")
    return update
