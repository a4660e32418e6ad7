"""News of a promise: written, read, released; and what it makes of the promise."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.listeners.actions import end_verification
from accounts.models import AgencyAgreement, ListenerProfile, Pledge, User, today
from dialogue.audit.models import AuditEvent
from dialogue.commitments.actions_updates import break_commitment, release_update, return_update, write_update
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.commitments.queries import signer_of
from dialogue.commitments.terms import link
from dialogue.sessions.models import Round, RoundKind
from dialogue.sessions.models import State as SessionState
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.commitments import helpers
from tests.dialogue.commitments.helpers import every_session_is, make_head
from tests.racing import at_once

head, promising = helpers.head, helpers.promising
State = Commitment.State
Kind = CommitmentUpdate.Kind


@pytest.fixture
def promise(listener: User, facilitator: User, peer: User) -> Commitment:
    """A promise of the listener's, of a session in its follow-up."""
    session = factories.make_session(SessionState.FOLLOW_UP, team=[facilitator, peer])
    return factories.make_commitment(owner=listener, dialogue_session=session)


def news(promise: Commitment, by: User, kind: str = Kind.PROGRESS, **fields: Any) -> CommitmentUpdate:
    return write_update(promise, kind=kind, text=fields.pop("text", "The order is written."), by=by, **fields)


def test_it_waits_and_nothing_moves(promise: Commitment, listener: User) -> None:
    made = news(promise, listener, Kind.DONE, text=" It is\r\ndone. ", evidence_url=" https://police.example/order ")
    made.refresh_from_db()
    promise.refresh_from_db()
    assert (made.state, made.text, made.evidence_url, made.written_by, made.written_on, made.decided_by) == (
        CommitmentUpdate.State.HELD,
        "It is\ndone.",
        "https://police.example/order",
        listener,
        today(),
        None,
    )
    assert promise.state == State.ADOPTED


@pytest.mark.parametrize(
    ("kind", "becomes", "ended"),
    [
        (Kind.PROGRESS, State.IN_PROGRESS, None),
        (Kind.DONE, State.DONE, today()),
        (Kind.BROKEN, State.BROKEN, today()),
        (Kind.WITHDRAWN, State.WITHDRAWN, today()),
    ],
)
@pytest.mark.parametrize("before", [State.ADOPTED, State.IN_PROGRESS])
def test_released_it_moves_the_promise(
    before: str, kind: str, becomes: str, ended: object, promise: Commitment, listener: User, facilitator: User
) -> None:
    Commitment.objects.update(state=before)
    made = release_update(news(promise, listener, kind), by=facilitator)
    promise.refresh_from_db()
    assert (promise.state, promise.ended_on, promise.adopted_by) == (becomes, ended, listener)
    assert (made.state, made.decided_by, made.decided_on) == (CommitmentUpdate.State.RELEASED, facilitator, today())
    assert list(AuditEvent.objects.values_list("verb", "actor", "detail")) == [("release_update", facilitator.pk, kind)]


def test_returned_it_moves_nothing(promise: Commitment, listener: User, peer: User) -> None:
    made = news(promise, listener, Kind.DONE)
    with pytest.raises(ValidationError):
        return_update(made, note="", by=peer)
    return_update(made, note="Where can that be seen?", by=peer)
    made.refresh_from_db()
    promise.refresh_from_db()
    assert (made.state, made.note, promise.state) == (
        CommitmentUpdate.State.RETURNED,
        "Where can that be seen?",
        State.ADOPTED,
    )
    for again in (lambda: release_update(made, by=peer), lambda: return_update(made, note="x", by=peer)):
        with pytest.raises(NotAllowed, match="dealt with this already"):
            again()
    assert news(promise, listener).state == CommitmentUpdate.State.HELD


def test_one_waits_at_a_time(promise: Commitment, listener: User) -> None:
    pk = uuid4()
    first = news(promise, listener, pk=pk)
    assert news(promise, listener, pk=pk) == first
    with pytest.raises(NotAllowed, match="still waits to be read"):
        news(promise, listener)
    with pytest.raises(NotAllowed, match="still waits to be read"):
        news(promise, listener, Kind.DONE, pk=pk)
    assert CommitmentUpdate.objects.get() == first
    with pytest.raises(IntegrityError, match="update_one_waits"), transaction.atomic():
        factories.make_update(promise)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "rumor"}, ["kind"]),
        ({"text": "  "}, ["text"]),
        ({"text": "x" * 1001}, ["text"]),
        ({"evidence_url": "http://police.example/"}, ["evidence_url"]),
        ({"evidence_url": "javascript:alert(1)"}, ["evidence_url"]),
        ({"evidence_url": "https://" + "x" * 300 + ".example/"}, ["evidence_url"]),
        ({"evidence_url": "see our page", "text": ""}, ["text", "evidence_url"]),
    ],
)
def test_what_can_not_stand(fields: dict[str, Any], wrong: list[str], promise: Commitment, listener: User) -> None:
    with pytest.raises(ValidationError) as refused:
        news(promise, listener, **fields)
    assert list(refused.value.message_dict) == wrong


@pytest.mark.parametrize("address", ["https://me:pw@police.example/", "//police.example", "https://", "https://[::1"])
def test_no_other_links(address: str) -> None:
    with pytest.raises(ValidationError):
        link(address)


def test_a_link_may_be_missing() -> None:
    assert link("  ") == ""


def test_no_lapse_stops_the_owner(promise: Commitment, listener: User, operator: User, facilitator: User) -> None:
    Pledge.objects.update(withdrawn_on=today())
    AgencyAgreement.objects.update(withdrawn_on=today())
    end_verification(listener.listener_profile, by=operator)
    made = news(promise, User.objects.get(pk=listener.pk), Kind.DONE)
    assert release_update(made, by=facilitator).state == CommitmentUpdate.State.RELEASED


def test_nobody_else_tells_news(
    promise: Commitment, head: User, other_listener: User, facilitator: User, operator: User
) -> None:
    for person in (head, other_listener, facilitator, operator):
        with pytest.raises(NotAllowed, match="Only the person who answers for this promise"):
            news(promise, person)


def test_who_could_bind_the_same_people_may_too(promise: Commitment, head: User, other_listener: User) -> None:
    for level, unit in (("unit", "Nights"), ("agency", "")):
        Commitment.objects.update(level=level, unit=unit)
        with pytest.raises(NotAllowed):
            news(promise, make_head(other_listener.agency))  # type: ignore[arg-type]
        news(promise, head).delete()


def test_for_a_closed_account_the_head_tells(promise: Commitment, listener: User, head: User) -> None:
    colleague = factories.make_listener(listener.agency)
    User.objects.filter(pk=listener.pk).update(is_active=False)
    for person in (User.objects.get(pk=listener.pk), colleague):
        with pytest.raises(NotAllowed):
            news(promise, person)
    assert news(promise, head, Kind.DONE).written_by == head


@pytest.mark.parametrize("state", [s for s in State if s not in (State.ADOPTED, State.IN_PROGRESS)])
def test_only_a_running_promise_has_news(state: str, listener: User) -> None:
    with pytest.raises(NotAllowed, match="not running any more"):
        news(factories.make_commitment(state, owner=listener), listener)


def test_only_the_team_reads(promise: Commitment, listener: User, other_facilitator: User, operator: User) -> None:
    made = news(promise, listener)
    for person in (listener, other_facilitator, operator):
        for act in (lambda: release_update(made, by=person), lambda: return_update(made, note="x", by=person)):  # noqa: B023
            with pytest.raises(NotAllowed, match="Only the facilitators"):
                act()
    every_session_is(SessionState.PURGED)
    closed = factories.make_facilitator(is_active=False)
    with pytest.raises(NotAllowed):
        release_update(made, by=closed)
    assert release_update(made, by=other_facilitator).decided_by == other_facilitator


def test_news_of_what_has_ended_can_only_be_given_back(promise: Commitment, listener: User, peer: User) -> None:
    made = news(promise, listener, Kind.DONE)
    Commitment.objects.update(state=State.CHANGED, ended_on=today())
    with pytest.raises(NotAllowed, match="has ended in the meantime"):
        release_update(made, by=peer)
    made.refresh_from_db()
    assert made.state == CommitmentUpdate.State.HELD
    assert return_update(made, note="It was replaced.", by=peer).state == CommitmentUpdate.State.RETURNED


@pytest.mark.django_db(transaction=True)
def test_released_and_returned_at_once(promise: Commitment, listener: User, facilitator: User, peer: User) -> None:
    made = news(promise, listener, Kind.DONE)
    results = at_once(
        lambda: release_update(CommitmentUpdate.objects.get(pk=made.pk), by=facilitator),
        lambda: release_update(CommitmentUpdate.objects.get(pk=made.pk), by=peer),
        lambda: return_update(CommitmentUpdate.objects.get(pk=made.pk), note="x", by=peer),
    )
    assert sum(isinstance(one, NotAllowed) for one in results) == 2
    promise.refresh_from_db()
    assert promise.state == (State.ADOPTED if not isinstance(results[2], NotAllowed) else State.DONE)
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_news_written_at_once_is_one(promise: Commitment, listener: User) -> None:
    results = at_once(*[lambda: news(promise, listener)] * 3)
    assert sum(isinstance(one, NotAllowed) for one in results) == 2
    assert CommitmentUpdate.objects.count() == 1


# --- Called broken ------------------------------------------------------------------------------------------------


def long_due(promise: Commitment, days: int = 31) -> Commitment:
    Commitment.objects.filter(pk=promise.pk).update(due_on=today() - timedelta(days=days))
    return promise


def test_long_due_without_news_it_can_be_called_broken(promise: Commitment, facilitator: User) -> None:
    long_due(promise)
    made = break_commitment(promise, reason="Nothing was told since May.", by=facilitator)
    promise.refresh_from_db()
    assert (promise.state, promise.ended_on) == (State.BROKEN, today())
    assert (made.kind, made.state, made.text, made.written_by, made.decided_by) == (
        Kind.BROKEN,
        CommitmentUpdate.State.RELEASED,
        "Nothing was told since May.",
        facilitator,
        facilitator,
    )
    assert AuditEvent.objects.get().detail == "called broken"
    with pytest.raises(NotAllowed, match="not running any more"):
        break_commitment(promise, reason="x", by=facilitator)


def test_not_before_thirty_days_and_not_while_news_waits(
    promise: Commitment, listener: User, facilitator: User
) -> None:
    with pytest.raises(NotAllowed, match="31 days after its day"):
        break_commitment(long_due(promise, 30), reason="x", by=facilitator)
    news(promise, listener)
    with pytest.raises(NotAllowed, match="News of it waits"):
        break_commitment(long_due(promise), reason="x", by=facilitator)
    with pytest.raises(ValidationError):
        break_commitment(promise, reason=" ", by=facilitator)


def test_why_it_is_broken_repeats_nobody(promise: Commitment, facilitator: User) -> None:
    told = "They came again last night and took the last thing I had."
    listening = factories.make_round(promise.dialogue_session, RoundKind.LISTENING, Round.State.DONE)
    factories.make_comment(listening, text=told, state="released")
    with pytest.raises(ValidationError, match="Say it in your own words"):
        break_commitment(long_due(promise), reason=f"Somebody wrote: {told}", by=facilitator)
    assert not CommitmentUpdate.objects.exists()


def test_only_the_team_calls_it_broken(
    promise: Commitment, other_facilitator: User, listener: User, operator: User
) -> None:
    long_due(promise)
    for person in (other_facilitator, listener, operator):
        with pytest.raises(NotAllowed, match="Only the facilitators"):
            break_commitment(promise, reason="x", by=person)
    every_session_is(SessionState.PURGED)
    assert break_commitment(promise, reason="x", by=other_facilitator).written_by == other_facilitator


@pytest.mark.django_db(transaction=True)
def test_called_broken_while_news_comes_in(promise: Commitment, listener: User, facilitator: User) -> None:
    long_due(promise)
    results = at_once(
        lambda: news(promise, listener, Kind.DONE),
        lambda: break_commitment(promise, reason="Nothing was told.", by=facilitator),
    )
    assert sum(isinstance(one, NotAllowed) for one in results) == 1
    promise.refresh_from_db()
    assert promise.state == (State.BROKEN if isinstance(results[0], NotAllowed) else State.ADOPTED)
    assert CommitmentUpdate.objects.count() == 1


@pytest.mark.parametrize("agreement_by", ["head", "nobody"])
def test_who_can_sign(agreement_by: str, head: User, listener: User) -> None:
    agency = head.agency
    assert agency is not None
    earlier = make_head(agency, name="Ann Aarons")
    if agreement_by == "head":
        AgencyAgreement.objects.filter(agency=agency).update(signed_by=head)
        assert signer_of(agency) == head
        ListenerProfile.objects.filter(user=head).update(is_head=False)  # no longer
    assert signer_of(agency) == earlier
    ListenerProfile.objects.update(is_head=False)
    assert signer_of(agency) is None
