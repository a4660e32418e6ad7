"""Django's admin: for operators, behind the second factor, and blind to participants."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import Agency, User, today
from tests import factories
from tests.factories import PASSWORD

ClientFor = Callable[[object], Client]


def test_what_is_registered() -> None:
    """A whole list, so that nothing of participants can slip in."""
    assert {model._meta.label for model in admin.site._registry} == {
        "accounts.Agency",
        "accounts.AgencyAgreement",
        "accounts.OutreachPartner",
        "accounts.User",
    }


def test_strangers_sign_in_by_name() -> None:
    moved = Client().get("/admin/")
    assert moved.headers["Location"] == "/admin/login/?next=/admin/"
    assert Client().get(moved.headers["Location"]).headers["Location"] == "/account/login/?next=/admin/"


def test_without_second_factor_nobody_comes_in(operator: User) -> None:
    client = Client()
    client.post("/account/login/", {"login": operator.email, "password": PASSWORD})
    for path in ("/admin/", "/admin/accounts/agency/", "/admin/login/", "/admin/password_change/"):
        assert client.get(path).headers["Location"] == "/account/2fa/totp/activate/", path


@pytest.mark.parametrize("who", ["listener", "facilitator", "participant"])
def test_for_others_it_does_not_exist(who: str, client_for: ClientFor, request: pytest.FixtureRequest) -> None:
    client = client_for(request.getfixturevalue(who))
    assert {client.get(path).status_code for path in ("/admin/", "/admin/login/", "/admin/accounts/user/")} == {404}


@pytest.mark.parametrize("path", ["email", "2fa", "2fa/totp/activate", "password/change", "logout", "reauthenticate"])
def test_participants_have_no_named_account_pages(path: str, client_for: ClientFor, participant: object) -> None:
    assert client_for(participant).get(f"/account/{path}/").status_code == 404


def test_pages_open(client_for: ClientFor, operator: User, listener: User) -> None:
    factories.make_partner()
    client = client_for(operator)
    models = ("accounts/agency", "accounts/agencyagreement", "accounts/outreachpartner", "accounts/user")
    pages = [f"/admin/{model}/" for model in models]
    pages += [f"/admin/{model}/add/" for model in (models[0], models[2])]
    pages += [f"/admin/accounts/user/{listener.pk}/change/"]
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    assert client.get("/admin/accounts/user/add/").status_code == 403


def agency_form(**changes: str) -> dict[str, str]:
    fields = {
        "name": "Lake Police",
        "kind": "police",
        "area": "Lake",
        "email_domains": "@Lake.example, pd.lake.example",
    }
    return fields | changes


def test_an_agency_with_its_domains(client_for: ClientFor, operator: User) -> None:
    client_for(operator).post("/admin/accounts/agency/add/", agency_form())
    assert Agency.objects.get().email_domains == ["lake.example", "pd.lake.example"]


@pytest.mark.parametrize(
    ("domains", "why"), [("nonsense", "is not a domain"), ("team.example", "Somebody on the team"), ("", "required")]
)
def test_wrong_domains(domains: str, why: str, client_for: ClientFor, operator: User) -> None:
    page = client_for(operator).post("/admin/accounts/agency/add/", agency_form(email_domains=domains))
    assert why in page.content.decode()
    assert not Agency.objects.exists()


def test_an_agreement_can_only_be_read_and_led_to_its_end(client_for: ClientFor, operator: User) -> None:
    signed = factories.make_agency().agreements.get()
    client, base = client_for(operator), "/admin/accounts/agencyagreement/"
    assert reverse("accounts:withdraw_agreement", args=[signed.pk]) in client.get(base).content.decode()
    assert client.get(f"{base}{signed.pk}/change/").status_code == 200
    for forbidden in (f"{base}add/", f"{base}{signed.pk}/delete/"):
        assert client.get(forbidden).status_code == 403
    assert client.post(f"{base}{signed.pk}/change/", {"text": "Other words"}).status_code == 403
    signed.withdrawn_on = today()
    signed.save(update_fields=["withdrawn_on"])
    assert "/withdraw/" not in client.get(base).content.decode()


def test_few_fields_of_people(client_for: ClientFor, operator: User, listener: User) -> None:
    fields = {
        "name": "Marcus Q. Hale",
        "time_zone": "UTC",
        "language": "en",
        "is_active": "on",
        "role": "operator",
        "email": "x@y.example",
    }
    client_for(operator).post(f"/admin/accounts/user/{listener.pk}/change/", fields)
    changed = User.objects.get(pk=listener.pk)
    assert (changed.name, changed.time_zone) == ("Marcus Q. Hale", "UTC")
    assert (changed.role, changed.email) == ("listener", listener.email)


def test_deleting_a_person_but_not_oneself(client_for: ClientFor, operator: User, new_listener: User) -> None:
    client = client_for(operator)
    assert client.post(f"/admin/accounts/user/{operator.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"/admin/accounts/user/{new_listener.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=new_listener.pk).exists()
