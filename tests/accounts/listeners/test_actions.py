"""Vouching for listeners, taking it back, and the pledge."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.listeners.actions import end_verification, sign_pledge, verify_listener
from accounts.listeners.promise import LASTS, NOT_IMMUNITY, PLEDGE, whole
from accounts.models import Agency, ListenerProfile, Pledge, Role, User, today
from accounts.policies import has_pledged, is_verified, may_listen
from dialogue.audit.models import AuditEvent
from seeds.transitions import NotAllowed
from tests import factories

CALL_BACK = ListenerProfile.Method.CALL_BACK
UNTIL = timedelta(days=100)


def audited() -> list[tuple[str, object, str]]:
    return list(AuditEvent.objects.order_by("verb").values_list("verb", "actor", "detail"))


@pytest.mark.parametrize("who", ["facilitator", "operator"])
def test_verify(who: str, new_listener: User, request: pytest.FixtureRequest) -> None:
    by = request.getfixturevalue(who)
    profile = verify_listener(new_listener.listener_profile, method=CALL_BACK, until=today() + UNTIL, by=by)
    profile.refresh_from_db()
    assert (profile.verified_by, profile.verified_on, profile.verified_until, profile.verification_method) == (
        by,
        today(),
        today() + UNTIL,
        CALL_BACK,
    )
    assert audited() == [("verify_listener", by.pk, "call_back")]


def test_verify_again_moves_the_day(listener: User, operator: User) -> None:
    verify_listener(listener.listener_profile, method="letter", until=today() + UNTIL, by=operator)
    assert ListenerProfile.objects.get(user=listener).verified_until == today() + UNTIL


def test_listeners_vouch_for_nobody(listener: User, new_listener: User) -> None:
    with pytest.raises(NotAllowed):
        verify_listener(new_listener.listener_profile, method=CALL_BACK, until=today() + UNTIL, by=listener)
    with pytest.raises(NotAllowed):
        end_verification(listener.listener_profile, by=listener)
    assert audited() == []


@pytest.mark.parametrize(
    ("method", "days", "field"),
    [("guess", 100, "method"), ("letter", 0, "until"), ("letter", -1, "until"), ("letter", 367, "until")],
)
def test_bad_input(method: str, days: int, field: str, new_listener: User, operator: User) -> None:
    until = today() + timedelta(days=days)
    with pytest.raises(ValidationError) as caught:
        verify_listener(new_listener.listener_profile, method=method, until=until, by=operator)
    assert list(caught.value.message_dict) == [field]


def test_an_unconfirmed_address_can_wait(new_listener: User, operator: User) -> None:
    EmailAddress.objects.filter(user=new_listener).update(verified=False)
    with pytest.raises(NotAllowed, match="not confirmed"):
        verify_listener(new_listener.listener_profile, method=CALL_BACK, until=today() + UNTIL, by=operator)


def test_end(listener: User, facilitator: User) -> None:
    assert may_listen(listener)
    end_verification(listener.listener_profile, by=facilitator)
    fresh = User.objects.get(pk=listener.pk)
    assert not may_listen(fresh)
    assert audited() == [("end_verification", facilitator.pk, "")]
    with pytest.raises(NotAllowed):
        end_verification(fresh.listener_profile, by=facilitator)


@pytest.mark.parametrize(("days", "expected"), [(0, True), (-1, False), (1, True)])
def test_verification_runs_out_the_day_after(days: int, expected: bool, listener: User) -> None:
    profile = listener.listener_profile
    profile.verified_on = today() - timedelta(days=50)
    profile.verified_until = today() + timedelta(days=days)
    profile.save(update_fields=["verified_on", "verified_until"])
    assert is_verified(User.objects.get(pk=listener.pk)) is expected


def test_pledge(new_listener: User) -> None:
    pledge = sign_pledge(new_listener)
    assert (pledge.signed_on, pledge.expires_on, pledge.text) == (today(), today() + LASTS, whole(PLEDGE))
    assert has_pledged(new_listener)
    with pytest.raises(NotAllowed):
        sign_pledge(new_listener)
    assert Pledge.objects.count() == 1


def test_pledge_anew_in_its_last_month(new_listener: User) -> None:
    signed = today() - timedelta(days=340)
    Pledge.objects.create(user=new_listener, text="x", signed_on=signed, expires_on=today() + timedelta(days=30))
    assert sign_pledge(new_listener).expires_on == today() + LASTS


def test_only_listeners_pledge(facilitator: User) -> None:
    with pytest.raises(NotAllowed):
        sign_pledge(facilitator)


def test_the_pledge_says_what_it_is_not() -> None:
    assert "but for" in whole(PLEDGE)
    assert "not immunity" in str(NOT_IMMUNITY)


@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.OPERATOR])
def test_the_database_keeps_the_team_out_of_agencies(role: Role, agency: Agency, db: None) -> None:
    user = factories.make_user(role)
    user.agency = agency
    with pytest.raises(IntegrityError), transaction.atomic():
        user.save(update_fields=["agency"])
