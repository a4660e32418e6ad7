"""Which commitments somebody has to do with, and what the pages show of them."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.listeners.policies import may_sign_for
from accounts.listeners.queries import agreement_of
from accounts.models import Agency, ListenerProfile, Role, User, today
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.commitments.policies import (
    MAY_BE_PUBLIC,
    PATIENCE,
    RUNNING,
    UNADOPTED,
    answers_for,
    days_late,
    is_public,
    may_adopt,
    may_change,
    may_decline,
)
from dialogue.sessions.models import DialogueSession, ListenerSeat
from dialogue.sessions.models import State as SessionState
from dialogue.sessions.queries_public import listener_speaks

State = Commitment.State
Level = Commitment.Authority
#: The shape of each state's mark.
MARKS = {
    State.HELD: "todo",
    State.RETURNED: "warn",
    State.PROPOSED: "todo",
    State.ADOPTED: "doing",
    State.IN_PROGRESS: "doing",
    State.DONE: "done",
    State.CHANGED: "done",
    State.BROKEN: "stop",
    State.WITHDRAWN: "stop",
}


def signer_of(agency: Agency) -> User | None:
    """Who can bind this agency today: the head who signed its agreement, else any head whose check is in force."""
    agreement = agreement_of(agency)
    signed = agreement.signed_by if agreement else None
    if signed and signed.agency_id == agency.pk and may_sign_for(signed):
        return signed
    heads = ListenerProfile.objects.filter(
        is_head=True, verified_until__gte=today(), user__agency=agency, user__is_active=True, user__role=Role.LISTENER
    )
    head = heads.select_related("user").order_by("user__name", "pk").first()
    return head.user if head else None


def with_people(rows: QuerySet[Commitment]) -> QuerySet[Commitment]:
    """With everybody whom a page names beside it."""
    people = ("owner__listener_profile", "owner__agency", "adopted_by__listener_profile", "agency")
    return rows.select_related("dialogue_session", "replaces", *people)


def public() -> QuerySet[Commitment]:
    """Those that anybody may read."""
    return with_people(Commitment.objects.filter(state__in=MAY_BE_PUBLIC, adopted_on__isnull=False))


def concerning(user: User) -> QuerySet[Commitment]:
    """Those a listener has a say in: his own; as head also those of units and of the office once they were read, and
    those whose owner's account is closed."""
    mine = Q(owner=user.pk)
    if may_sign_for(user):
        read = Q(agency=user.agency_id, level__in=(Level.UNIT, Level.AGENCY)) & ~Q(
            state__in=(State.HELD, State.RETURNED)
        )
        mine |= (read & ~Q(state=State.WITHDRAWN, adopted_on=None)) | Q(
            agency=user.agency_id, owner__is_active=False, adopted_on__isnull=False
        )
    return with_people(Commitment.objects.filter(mine))


def in_session(dialogue_session: DialogueSession) -> QuerySet[Commitment]:
    """What everybody in a session reads: what was proposed and read, and what was promised."""
    rows = Commitment.objects.filter(dialogue_session=dialogue_session)
    return with_people(rows.filter(Q(state=State.PROPOSED) | Q(adopted_on__isnull=False)))


def reviewed_by(user: User) -> QuerySet[Commitment]:
    """All of the sessions whose promises this facilitator reads: those he leads, and those that are purged."""
    led = DialogueSession.objects.led_by(user).values("pk")
    mine = Q(dialogue_session__in=led) | Q(dialogue_session__state=SessionState.PURGED)
    return with_people(Commitment.objects.filter(mine))


def held(user: User) -> QuerySet[Commitment]:
    """What waits for this facilitator to be read, the nearest day first."""
    return reviewed_by(user).filter(state=State.HELD)


def updates_of(user: User) -> QuerySet[CommitmentUpdate]:
    """All news that this facilitator may read."""
    of = reviewed_by(user).select_related(None).order_by().values("pk")
    people = ("commitment__owner__listener_profile", "commitment__owner__agency", "commitment__dialogue_session")
    return CommitmentUpdate.objects.filter(commitment__in=of).select_related(
        "written_by", "commitment__agency", *people
    )


def held_updates(user: User) -> QuerySet[CommitmentUpdate]:
    """News that waits for this facilitator to be read, the earliest first."""
    return updates_of(user).filter(state=CommitmentUpdate.State.HELD).order_by("written_on", "pk")


def breakable(user: User) -> QuerySet[Commitment]:
    """What this facilitator may call broken: long due, and no news of it waits."""
    waits = CommitmentUpdate.objects.filter(commitment=OuterRef("pk"), state=CommitmentUpdate.State.HELD)
    return reviewed_by(user).filter(~Exists(waits), state__in=RUNNING, due_on__lt=today() - PATIENCE)


def waiting(user: User) -> int:
    """How many commitments and news wait for this facilitator to be read. Two queries."""
    return held(user).count() + held_updates(user).count()


def waiting_in(dialogue_session: DialogueSession) -> int:
    """How many wait in this session. One query for both."""
    rows = Commitment.objects.filter(dialogue_session=dialogue_session)
    news = CommitmentUpdate.objects.filter(commitment=OuterRef("pk"), state=CommitmentUpdate.State.HELD)
    return rows.filter(Q(state=State.HELD) | Exists(news)).count()


def with_news(rows: QuerySet[Commitment], *, every: bool = False) -> QuerySet[Commitment]:
    """With what was told of each as `news`, the latest last: what came out, or `every` word of it."""
    told = CommitmentUpdate.objects.select_related("written_by").order_by("written_on", "decided_on", "pk")
    if not every:
        told = told.filter(state=CommitmentUpdate.State.RELEASED)
    return rows.prefetch_related(Prefetch("updates", told, to_attr="news"))


def told_of(commitment: Commitment) -> list[CommitmentUpdate]:
    """The news of one that was read `with_news`; none otherwise."""
    return getattr(commitment, "news", [])


def waiting_news(commitment: Commitment) -> CommitmentUpdate | None:
    """The news that waits to be read, of one that was read `with_news(every=True)`."""
    return next((one for one in told_of(commitment) if one.state == CommitmentUpdate.State.HELD), None)


def state_shown(commitment: Commitment) -> dict[str, str]:
    """The state as a word with its shape."""
    state = State(commitment.state)
    return {"kind": MARKS[state], "text": str(state.label)}


def shown(commitment: Commitment, user: User | None = None) -> dict[str, Any]:
    """One commitment as the inner pages show it, with what this listener can do with it."""
    can = (
        {
            "adopt": may_adopt(user, commitment),
            "decline": may_decline(user, commitment),
            "tell": commitment.state in RUNNING and answers_for(user, commitment),
            "change": may_change(user, commitment),
            "revise": commitment.state == State.RETURNED and user.pk == commitment.owner_id,
        }
        if user
        else {}
    )
    return {
        "commitment": commitment,
        "speaker": listener_speaks(commitment.owner),
        "state": state_shown(commitment),
        "late": days_late(commitment),
        "public": is_public(commitment),
        "news": told_of(commitment),
        "can": can,
    }


def page(commitment: Commitment, user: User | None = None) -> dict[str, Any]:
    """The same for a page of its own: `row` for the parts of it, and all that is in it."""
    row = shown(commitment, user)
    return row | {"row": row}


def plans(dialogue_session: DialogueSession) -> list[Acknowledgment]:
    """The accepted first moves of the listeners who have a seat: a plan can become a promise; `is_used` if it did."""
    rows = Acknowledgment.objects.filter(
        seat__dialogue_session=dialogue_session,
        seat__state=ListenerSeat.State.SEATED,
        state=Acknowledgment.State.ACCEPTED,
    )
    rows = rows.annotate(is_used=Exists(Commitment.objects.filter(acknowledgment=OuterRef("pk"))))
    return list(rows.select_related("seat__listener__listener_profile").order_by("seat__listener__name", "pk"))


def owners(dialogue_session: DialogueSession) -> QuerySet[User]:
    """Who can answer for a promise of this session: the listeners who have a seat."""
    seated = ListenerSeat.objects.filter(dialogue_session=dialogue_session, state=ListenerSeat.State.SEATED)
    rows = User.objects.filter(pk__in=seated.values("listener"), is_active=True)
    return rows.select_related("agency", "listener_profile").order_by("name", "pk")


def expected_of(user: User) -> list[dict[str, Any]]:
    """What a listener has to do about promises now, as `shown` gives it, with `why`: returned, adopt, late."""
    found = []
    for one in concerning(user).filter(state__in=(State.RETURNED, State.PROPOSED, *RUNNING)):
        row = shown(one, user)
        why = _why(row)
        if why:
            found.append(row | {"why": why})
    order = ("returned", "adopt", "late")
    return sorted(found, key=lambda row: (order.index(row["why"]), row["commitment"].due_on))


def _why(row: dict[str, Any]) -> str:
    if row["can"]["revise"]:
        return "returned"
    if row["can"]["adopt"]:
        return "adopt"
    return "late" if row["late"] and row["can"]["tell"] else ""


def groups_of(user: User) -> list[dict[str, Any]]:
    """All that a listener has a say in, in groups: not promised yet, running, ended."""
    rows = [shown(one, user) for one in concerning(user)]
    titles = (
        (_("Not promised yet"), UNADOPTED),
        (_("Running"), RUNNING),
        (_("Over"), (State.DONE, State.CHANGED, State.BROKEN, State.WITHDRAWN)),
    )
    groups = [{"title": title, "rows": [row for row in rows if row["commitment"].state in of]} for title, of in titles]
    return [group for group in groups if group["rows"]]


def of_listener(user: User, pk: UUID) -> Commitment | None:
    """One that this listener has a say in, with all that was told of it."""
    return with_news(concerning(user).filter(pk=pk), every=True).first()
