"""A web session that never passed a second factor is over once its owner has one."""

from collections.abc import Callable

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from tests import factories

ClientFor = Callable[[User | Participant | None], Client]


@pytest.fixture
def thief(facilitator: User) -> Client:
    """Somebody who had the password before the owner set up a factor."""
    client = Client()
    client.force_login(facilitator, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("desk:home")).headers["Location"] == reverse("mfa_activate_totp")
    return client


def enrol(user: User) -> None:
    data = {"secret": get_adapter().encrypt(factories.TOTP_SECRET)}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


@pytest.mark.parametrize(
    "name", ["desk:home", "mfa_view_recovery_codes", "mfa_deactivate_totp", "mfa_index", "account_reauthenticate"]
)
def test_the_old_session_ends(thief: Client, facilitator: User, name: str) -> None:
    enrol(facilitator)
    answer = thief.get(reverse(name))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account_login"))
    assert thief.get(reverse("desk:home")).headers["Location"].startswith(reverse("accounts:sign_in"))


def test_the_owner_s_session_goes_on(facilitator: User, client_for: ClientFor) -> None:
    assert client_for(facilitator).get(reverse("desk:home")).status_code == 200


def test_one_person_s_factor_is_not_another_s(facilitator: User, peer: User, client_for: ClientFor) -> None:
    client = client_for(facilitator)
    enrol(peer)
    client.force_login(peer, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["second_factor"] = str(facilitator.pk)
    session.save()
    assert client.get(reverse("desk:home")).headers["Location"] == reverse("account_login")
