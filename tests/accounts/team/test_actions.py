"""Invitations, accounts that close and open, and cards."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Agency, Invitation, InviteCode, OutreachPartner, Role, User
from accounts.participants.keys import code_digest
from accounts.team.actions import (
    accept_invitation,
    close_account,
    delete_old_invitations,
    invite,
    make_cards,
    open_account,
)
from accounts.team.queries import digest_of, invitation_for
from dialogue.audit.models import AuditEvent
from seeds.transitions import NotAllowed
from tests import factories

GOOD = "a password nobody guesses"


def audited() -> list[tuple[str, object, str]]:
    return list(AuditEvent.objects.order_by("verb").values_list("verb", "actor", "detail"))


def invited(by: User, **fields: Any) -> tuple[Invitation, str]:
    usual: dict[str, Any] = {"email": "New@Team.example", "name": "Nia", "role": Role.FACILITATOR, "is_peer": True}
    return invite(**usual | fields, by=by)


def test_invite(operator: User) -> None:
    invitation, token = invited(operator)
    assert (invitation.email, invitation.role, invitation.is_peer) == ("new@team.example", "facilitator", True)
    assert bytes(invitation.digest) == digest_of(token)
    assert token not in str(Invitation.objects.values())
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    assert audited() == [("invite", operator.pk, "facilitator")]


@pytest.mark.parametrize("who", ["facilitator", "listener"])
def test_only_operators_invite(who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed):
        invited(request.getfixturevalue(who))
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "a@police.example"}, "email"),
        ({"email": "a@sub.police.example"}, "email"),
        ({"role": Role.LISTENER}, "role"),
        ({"role": Role.OPERATOR, "is_peer": True}, "is_peer"),
    ],
)
def test_whom_nobody_can_invite(fields: dict[str, object], field: str, operator: User, agency: Agency) -> None:
    with pytest.raises(ValidationError) as caught:
        invited(operator, **fields)
    assert list(caught.value.message_dict) == [field]


def test_one_person_one_role(operator: User, listener: User) -> None:
    listener.email = "retired@mail.example"
    listener.save(update_fields=["email"])
    with pytest.raises(ValidationError, match="One person, one role"):
        invited(operator, email="RETIRED@mail.example")


def test_inviting_again_stops_the_earlier_link(operator: User) -> None:
    _earlier, first = invited(operator)
    _later, second = invited(operator)
    assert invitation_for(first) is None
    assert invitation_for(second) is not None


def test_accept(operator: User) -> None:
    _invitation, token = invited(operator)
    user = accept_invitation(token, name=" Nia Okoro ", password=GOOD)
    assert (user.name, user.email, user.role, user.is_peer, user.agency) == (
        "Nia Okoro",
        "new@team.example",
        "facilitator",
        True,
        None,
    )
    assert user.check_password(GOOD)
    assert EmailAddress.objects.values_list("email", "verified", "primary").get(user=user) == (user.email, True, True)


def test_accept_twice(operator: User) -> None:
    _invitation, token = invited(operator)
    accept_invitation(token, name="Nia", password=GOOD)
    with pytest.raises(NotAllowed, match="used already"):
        accept_invitation(token, name="Nia", password=GOOD)


def test_accept_unknown(db: None) -> None:
    with pytest.raises(NotAllowed, match="does not work"):
        accept_invitation("nothing", name="Nia", password=GOOD)


def test_accept_expired(operator: User) -> None:
    invitation, token = invited(operator)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
    with pytest.raises(NotAllowed, match="ran out"):
        accept_invitation(token, name="Nia", password=GOOD)
    assert not User.objects.filter(role=Role.FACILITATOR).exists()


def test_accept_with_a_weak_password(operator: User) -> None:
    _invitation, token = invited(operator)
    with pytest.raises(ValidationError):
        accept_invitation(token, name="Nia", password="123")
    assert accept_invitation(token, name="Nia", password=GOOD).name == "Nia"


def test_accept_after_the_domain_went_to_an_agency(operator: User) -> None:
    _invitation, token = invited(operator)
    factories.make_agency(email_domains=["team.example"])
    with pytest.raises(NotAllowed, match="belongs to an agency"):
        accept_invitation(token, name="Nia", password=GOOD)


def test_accept_after_registering_otherwise(operator: User) -> None:
    _invitation, token = invited(operator)
    factories.make_user(Role.OPERATOR, email="new@team.example")
    with pytest.raises(NotAllowed, match="already"):
        accept_invitation(token, name="Nia", password=GOOD)


@pytest.mark.django_db(transaction=True)
def test_two_browsers_accept_at_once(operator: User) -> None:
    _invitation, token = invited(operator)
    outcomes: list[str] = []

    def accept() -> None:
        try:
            outcomes.append(accept_invitation(token, name="Nia", password=GOOD).name)
        except NotAllowed:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Nia", "refused"]


def test_old_invitations_go(operator: User) -> None:
    old, _token = invited(operator, email="old@team.example")
    invited(operator, email="recent@team.example")
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=31))
    assert delete_old_invitations() == 1
    assert list(Invitation.objects.values_list("email", flat=True)) == ["recent@team.example"]


def test_close_and_open(operator: User, facilitator: User) -> None:
    close_account(facilitator, by=operator)
    assert not User.objects.get(pk=facilitator.pk).is_active
    with pytest.raises(NotAllowed):
        close_account(facilitator, by=operator)
    open_account(facilitator, by=operator)
    assert User.objects.get(pk=facilitator.pk).is_active
    assert audited() == [
        ("close_account", operator.pk, "facilitator"),
        ("open_account", operator.pk, "facilitator"),
    ]


def test_nobody_closes_himself(operator: User) -> None:
    with pytest.raises(NotAllowed):
        close_account(operator, by=operator)


def test_only_operators_close(facilitator: User, listener: User) -> None:
    with pytest.raises(NotAllowed):
        close_account(listener, by=facilitator)


@pytest.mark.parametrize("who", ["facilitator", "operator"])
def test_make_cards(who: str, partner: OutreachPartner, request: pytest.FixtureRequest) -> None:
    by = request.getfixturevalue(who)
    codes = make_cards(partner=partner, count=50, by=by)
    assert len(set(codes)) == 50
    rows = {bytes(row.digest): row.partner for row in InviteCode.objects.all()}
    assert rows == {code_digest(code): partner for code in codes}
    assert [bytes(row.digest) for row in InviteCode.objects.all()] != [code_digest(code) for code in codes]
    assert audited() == [("make_cards", by.pk, "50")]


@pytest.mark.parametrize("count", [0, -1, 51])
def test_too_few_or_many_cards(count: int, partner: OutreachPartner, operator: User) -> None:
    with pytest.raises(ValidationError):
        make_cards(partner=partner, count=count, by=operator)


def test_no_cards_for_listeners_or_former_partners(partner: OutreachPartner, listener: User, operator: User) -> None:
    with pytest.raises(NotAllowed):
        make_cards(partner=partner, count=1, by=listener)
    partner.is_active = False
    with pytest.raises(NotAllowed):
        make_cards(partner=partner, count=1, by=operator)
    assert not InviteCode.objects.exists()


def test_the_first_operator(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_operator", "first@team.example", "First")
    link = capsys.readouterr().out.splitlines()[-1]
    assert link.startswith("http://testserver/invitation/")
    user = accept_invitation(link.rstrip("/").rpartition("/")[2], name="First", password=GOOD)
    assert user.role == Role.OPERATOR
    assert audited() == []


@pytest.mark.parametrize("email", ["nonsense", "chief@police.example"])
def test_no_operator_from_an_agency(email: str, agency: Agency) -> None:
    with pytest.raises(CommandError):
        call_command("create_operator", email, "First")
