"""Writing, revising, taking back and passing. Nobody on the staff acts here, so nothing goes to the audit log."""

from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dialogue.sessions.models import Alias, ListenerSeat, Round
from dialogue.sessions.queries import current_round
from dialogue.threads import policies
from dialogue.threads.actions_quotes import destroy_quotes
from dialogue.threads.models import Comment, Pass, QuoteConsent, Thread
from dialogue.threads.periods import current_period
from dialogue.threads.text import is_blank, tidy, too_many
from seeds.transitions import NotAllowed, move
from seeds.vault import Unreadable, seal, unseal


class AlreadySent(Exception):
    """Another text was handed in from the same form; nothing was changed."""


def checked(text: str) -> str:
    """The text put in order. Raises ValidationError when there is nothing to read, or with how much is too much."""
    tidied = tidy(text)
    if is_blank(tidied):
        raise ValidationError(_("Write something first, or pass."), code="blank")
    excess = too_many(tidied)
    if excess:
        message = ngettext("%(excess)d character too many.", "%(excess)d characters too many.", excess)
        raise ValidationError(message % {"excess": excess}, code="too_long")
    return tidied


def _sealed(round: Round, pk: UUID, text: str) -> bytes:
    """The text sealed for this row. Raises NotAllowed when the session's key is gone."""
    try:
        return seal(round.dialogue_session_id, pk, text)
    except Unreadable as error:
        raise NotAllowed(_("The texts of this talk are gone, so nothing can be added.")) from error


def locked(round: Round) -> Round:
    """The round as it is now; it can't be closed, and nobody else writes in it, until the transaction ends."""
    rounds = Round.objects.select_related("dialogue_session", "thread").filter(pk=round.pk)
    held = rounds.select_for_update(of=("self",), no_key=True).first()
    if held is None:
        raise NotAllowed(_("This round is not there any more. What you typed is still here."))
    return held


def _thread(round: Round) -> Thread:
    """The round's thread, made on first use. The round must be locked."""
    if hasattr(round, "thread"):
        return round.thread
    return Thread.objects.get_or_create(round=round)[0]  # somebody may have made it while we waited for the lock


def _own(thread: Thread, pk: UUID, *, alias: Alias | None, seat: ListenerSeat | None) -> list[Comment]:
    """This author's texts in the thread, and whatever has this id; without the words."""
    mine = Q(thread=thread, alias=alias, seat=seat)
    return list(Comment.objects.filter(mine | Q(pk=pk)).defer("body"))


def _is_same(comment: Comment, text: str, session_id: UUID) -> bool:
    """Whether the comment holds exactly this text."""
    try:
        return comment.body is not None and unseal(session_id, comment.pk, comment.body) == text
    except Unreadable:
        return False


def _earlier(own: list[Comment], pk: UUID, round: Round, text: str, author: tuple[object, object]) -> Comment | None:
    """The text handed in under this id before, if it is the same; None if there is none. Else AlreadySent."""
    earlier = next((comment for comment in own if comment.pk == pk), None)
    if earlier is None:
        return None
    if (earlier.alias_id, earlier.seat_id) != author or not _is_same(earlier, text, round.dialogue_session_id):
        raise AlreadySent
    return earlier


def was_heard(seat: ListenerSeat | None) -> bool:
    """Whether somebody said of this listener that he heard a story right, or the facilitators let him write; read
    freshly. True for a participant, of whom nobody asks it."""
    return seat is None or ListenerSeat.objects.filter(pk=seat.pk).exclude(heard="").exists()


def _check_parent(thread: Thread, parent: Comment | None) -> None:
    """Only a released text of the same thread that is no answer itself can be answered."""
    if parent is None:
        return
    answerable = Comment.objects.filter(pk=parent.pk, thread=thread, parent=None, state=Comment.State.RELEASED)
    if not answerable.exists():
        raise NotAllowed(_("The text you answer is not there any more. What you typed is still here."))


@transaction.atomic
def submit_comment(
    round: Round,
    *,
    text: str,
    alias: Alias | None = None,
    seat: ListenerSeat | None = None,
    parent: Comment | None = None,
    pk: UUID | None = None,
    wants_retelling: bool = False,
    tells_back: bool = False,
) -> Comment:
    """Hand in a text, to be read by a facilitator first. `pk` (random) makes handing in the same text twice one row.

    A participant may ask that a facilitator tells it in other words; for a listener `wants_retelling` means nothing.
    `tells_back` is for reflections, which add in the same transaction which story was heard.

    Raises ValidationError for a blank or too long text, NotAllowed when this author can't write in the round now, and
    AlreadySent when `pk` was used for something else.
    """
    role = policies.author_role(alias=alias, seat=seat)
    text = checked(text)
    round = locked(round)
    pk = pk or uuid4()
    thread = _thread(round)
    own = _own(thread, pk, alias=alias, seat=seat)
    author = (alias and alias.pk, seat and seat.pk)
    if earlier := _earlier(own, pk, round, text, author):
        return earlier
    written = sum(comment.counts for comment in own)
    answers = parent is not None
    heard = was_heard(seat)
    refused = policies.refusal(role, round, written=written, heard=heard, answers=answers, tells_back=tells_back)
    if refused is not None:
        raise NotAllowed(refused)
    _check_parent(thread, parent)
    return Comment.objects.create(
        pk=pk,
        thread=thread,
        alias=alias,
        seat=seat,
        parent=parent,
        body=_sealed(round, pk, text),
        period=current_period(),
        wants_retelling=wants_retelling and alias is not None,
    )


def check_room(comment: Comment, round: Round, *, changed: bool) -> None:
    """Raises NotAllowed when a text that came back can't wait again, changed or as it was: because of what else its
    author wrote or may do now, or since it tells back a story that was taken back. The round must be locked."""
    role = policies.author_role(alias=comment.alias, seat=comment.seat)
    own = _own(comment.thread, comment.pk, alias=comment.alias, seat=comment.seat)
    refusal = policies.revision_refusal if changed else policies.room_refusal
    refused = refusal(
        role,
        round,
        written=sum(other.counts for other in own if other.pk != comment.pk),
        answers=comment.parent_id is not None,
        current=current_round(round.dialogue_session),
        heard=was_heard(comment.seat),
    )
    if refused is not None:
        raise NotAllowed(refused)
    if comment.seat and Comment.objects.filter(reflections__comment=comment.pk, body=None).exists():
        raise NotAllowed(_("The person who told this story took it back. Your words are still here."))


def destroy_proposal(comment: Comment) -> None:
    """Delete the other words that a facilitator proposed for the text, if there are any."""
    comment._state.fields_cache.pop("proposed_edit", None)  # what was read before the text was locked may be old
    if hasattr(comment, "proposed_edit"):
        comment.proposed_edit.delete()
        comment._state.fields_cache.pop("proposed_edit", None)


@transaction.atomic
def revise_comment(comment: Comment, *, text: str, version: int, wants_retelling: bool = False) -> Comment:
    """Hand in a returned text again, or one for which other words are proposed, changed or not. The proposal is gone.

    It is read anew, and its age counts from now. Twice is the same as once. Raises ValidationError for a blank or too
    long text, NotAllowed when it is not (or no longer) this version of such a text, or the session takes no texts.
    """
    text = checked(text)
    round = locked(comment.thread.round)
    comment.refresh_from_db(fields=["state", "version", "body"])
    sent_before = (comment.state, comment.version) == (Comment.State.HELD, version + 1)
    if sent_before and _is_same(comment, text, round.dialogue_session_id):
        return comment
    if comment.state not in policies.REVISABLE or comment.version != version:
        raise NotAllowed(_("This text is not waiting for a change any more. What you typed is still here."))
    check_room(comment, round, changed=True)
    move(
        comment,
        Comment.State.HELD,
        sources=policies.REVISABLE,
        where={"version": version},
        version=F("version") + 1,
        body=_sealed(round, comment.pk, text),
        period=current_period(),
        claimed_by=None,
        wants_retelling=wants_retelling and comment.alias_id is not None,
        is_retold=False,
        quote_consent=QuoteConsent.NONE,
    )
    destroy_proposal(comment)
    destroy_quotes(comment)
    return comment


@transaction.atomic
def ask_for_retelling(comment: Comment, *, wanted: bool, version: int) -> Comment:
    """Let a facilitator tell one's held text in other words, or no longer. Asking twice is the same as once.

    Raises NotAllowed for a listener's text, and when it is not (or no longer) this version of a held one. A decision
    that a facilitator takes on the page before is then refused.
    """
    comment.refresh_from_db(fields=["state", "version", "wants_retelling"])
    asked_before = (comment.version, comment.wants_retelling) == (version + 1, wanted)
    if asked_before and comment.state == Comment.State.HELD:
        return comment
    return move(
        comment,
        Comment.State.HELD,
        sources=[Comment.State.HELD],
        where={"version": version, "alias__isnull": False},
        version=F("version") + 1,
        wants_retelling=wanted,
    )


@transaction.atomic
def withdraw_comment(comment: Comment) -> Comment:
    """Destroy the text, whatever state it is in: its words, other words proposed, what facilitators wrote about it to
    its author, and what a report that is not out yet would have carried of it.

    Facilitators' own notes stay theirs and lose the link. Raises NotAllowed when it was taken back before.
    """
    move(
        comment,
        Comment.State.WITHDRAWN,
        sources=policies.WITHDRAWABLE,
        version=F("version") + 1,
        body=None,
        period=None,
        claimed_by=None,
        wants_retelling=False,
        is_retold=False,
        quote_consent=QuoteConsent.NONE,
    )
    destroy_proposal(comment)
    destroy_quotes(comment)
    comment.decisions.update(note=None)
    comment.notes.update(comment=None)
    return comment


@transaction.atomic
def pass_round(round: Round, *, alias: Alias | None = None, seat: ListenerSeat | None = None) -> Pass:
    """Note that this author does not speak in this round; doing it twice is the same as once. He may still write.

    Raises NotAllowed when the round is not open to him.
    """
    role = policies.author_role(alias=alias, seat=seat)
    round = locked(round)
    heard = was_heard(seat)
    if not policies.now(role, round.dialogue_session, round, written=0, passed=False, heard=heard).may_pass:
        raise NotAllowed(_("There is nothing to pass in this round."))
    return Pass.objects.get_or_create(thread=_thread(round), alias=alias, seat=seat)[0]
