"""Who may propose, read, adopt and tell news of a commitment, and when."""

import hashlib
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.listeners.policies import may_sign_for
from accounts.models import Role, User, today
from accounts.policies import is_verified
from dialogue.commitments.models import Commitment
from dialogue.sessions.matrix import LISTENER, cell
from dialogue.sessions.models import DialogueSession, ListenerSeat, Round, RoundKind
from dialogue.sessions.models import State as SessionState
from dialogue.sessions.policies import may_lead
from dialogue.threads.policies import NOT_HEARD, refusal

Words = str | Promise
State = Commitment.State
Level = Commitment.Authority

#: What somebody works on, or still has to answer, before it is a promise.
UNADOPTED = (State.HELD, State.RETURNED, State.PROPOSED)
#: What binds somebody today.
RUNNING = (State.ADOPTED, State.IN_PROGRESS)
#: What anybody may read; of those that were taken back only what had been adopted (`is_public`).
MAY_BE_PUBLIC = (*RUNNING, State.DONE, State.CHANGED, State.BROKEN, State.WITHDRAWN)
#: How long after its day a facilitator may call a commitment broken of which nobody tells anything.
PATIENCE = timedelta(days=30)


def is_public(commitment: Commitment) -> bool:
    """Whether anybody may read it: it was adopted, whatever became of it since."""
    return commitment.state in MAY_BE_PUBLIC and commitment.adopted_on is not None


def has_authority(user: User, commitment: Commitment) -> bool:
    """Whether this listener can bind whom it binds. The check of who he is must be in force; a pledge need not be.

    One person binds himself; a unit is bound by the owner who leads one, or by the head; the office by its head.
    """
    if user.role != Role.LISTENER or not user.is_active or not is_verified(user):
        return False
    if commitment.level == Level.PERSONAL:
        return user.pk == commitment.owner_id
    if user.agency_id != commitment.agency_id:
        return False
    leads = commitment.level == Level.UNIT and user.pk == commitment.owner_id and user.listener_profile.leads_unit
    return leads or may_sign_for(user)


def may_adopt(user: User, commitment: Commitment) -> bool:
    """Whether this listener can make it a promise now."""
    return commitment.state == State.PROPOSED and has_authority(user, commitment)


def may_decline(user: User, commitment: Commitment) -> bool:
    """Whether this listener can end it before it is a promise: its owner, or whose word it waits for."""
    is_own = commitment.state in UNADOPTED and user.is_active and user.pk == commitment.owner_id
    return is_own or may_adopt(user, commitment)


def answers_for(user: User, commitment: Commitment) -> bool:
    """Whether this listener can tell news of it. No lapse of a pledge or a check stops its owner from that.

    Others who could bind the same people may too; where the owner's account is closed, the head of the agency.
    """
    if user.role != Role.LISTENER or not user.is_active:
        return False
    if user.pk == commitment.owner_id or has_authority(user, commitment):
        return True
    is_head = user.agency_id == commitment.agency_id and may_sign_for(user)
    return is_head and not commitment.owner.is_active


def may_change(user: User, commitment: Commitment) -> bool:
    """Whether this listener can propose another promise in its place: its owner, or who could bind the same people."""
    is_own = user.is_active and user.pk == commitment.owner_id
    return commitment.state in RUNNING and (is_own or has_authority(user, commitment))


def may_review(user: User, dialogue_session: DialogueSession) -> bool:
    """Whether this facilitator reads what is handed in: the team's own; once the session is purged, any."""
    if user.role != Role.FACILITATOR or not user.is_active:
        return False
    return dialogue_session.state == SessionState.PURGED or may_lead(user, dialogue_session)


def proposing_refusal(seat: ListenerSeat, current: Round | None) -> Words | None:
    """Why this listener can't propose a promise now; None if he can. `current` = the round that is on."""
    dialogue_session = seat.dialogue_session
    if dialogue_session.state == SessionState.FOLLOW_UP:
        needs_heard = cell(LISTENER, RoundKind.COMMITMENTS).needs_heard
        return NOT_HEARD if needs_heard and not seat.heard else None
    if dialogue_session.state == SessionState.OPEN and current and current.kind == RoundKind.COMMITMENTS:
        return refusal(LISTENER, current, written=0, heard=bool(seat.heard))
    return _("You can propose a promise in a round about commitments, and after the talk has closed.")


def entering_refusal(dialogue_session: DialogueSession) -> Words | None:
    """Why the team can't record a promise of this session now; None if it can."""
    if dialogue_session.paused:
        return format_lazy(_("There is a pause: {reason}"), reason=dialogue_session.why_paused)
    if dialogue_session.state in (SessionState.OPEN, SessionState.FOLLOW_UP):
        return None
    return _("Promises are recorded while a session is open, and in its follow-up.")


def days_late(commitment: Commitment) -> int:
    """For how many days it has been due without an end; 0 if it is not."""
    if commitment.state not in RUNNING:
        return 0
    return max(0, (today() - commitment.due_on).days)


def breaking_refusal(commitment: Commitment, *, news_waits: bool) -> Words | None:
    """Why a facilitator can't call it broken now; None if he can. `news_waits` = an update of it waits to be read."""
    if commitment.state not in RUNNING:
        return _("This promise is not running any more.")
    if days_late(commitment) <= PATIENCE.days:
        return format_lazy(_("This can be done {days} days after its day, not before."), days=PATIENCE.days + 1)
    if news_waits:
        return _("News of it waits to be read. Read that first.")
    return None


def fingerprint(commitment: Commitment) -> str:
    """What a page showed of it: a decision about other words than those is not carried out."""
    shown = (commitment.level, commitment.unit, commitment.text, commitment.measure, commitment.due_on.isoformat())
    return hashlib.sha256("\0".join(shown).encode()).hexdigest()[:24]
