"""Mail is written in the language of the account it goes to, whoever's page made it, and its links lead into it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from accounts.listeners.promise import PLEDGE, whole
from accounts.models import Agency, Invitation, Participant, User, today
from tests.accounts.test_flow import SIGN_UP, sign_up
from tests.factories import PASSWORD

ClientFor = Callable[[User | Participant | None], Client]


def spanish(user: User) -> User:
    user.language = "es"
    user.save(update_fields=["language"])
    return user


def last() -> tuple[str, str, list[str]]:
    """Subject, text and links of the last mail."""
    message = mail.outbox[-1]
    return str(message.subject), str(message.body), re.findall(r"http://testserver(\S+)", str(message.body))


def test_who_registers_on_a_spanish_page_gets_spanish_mail(client: Client, agency: Agency) -> None:
    data = SIGN_UP | {"agency": str(agency.pk)}
    assert client.post("/es/account/signup/", data).headers["Location"] == "/es/account/confirm-email/"
    assert User.objects.values_list("language", flat=True).get(email=SIGN_UP["email"]) == "es"
    subject, _body, links = last()
    assert subject == "Confirme su dirección de correo"
    assert links[0].startswith("/es/account/confirm-email/")
    assert client.post(links[0]).headers["Location"] == "/es/account/login/"


def test_who_registers_on_an_english_page_gets_english_mail(client: Client, agency: Agency) -> None:
    sign_up(client, agency)
    assert User.objects.values_list("language", flat=True).get(email=SIGN_UP["email"]) == "en"
    assert last()[0] == "Confirm your e-mail address"


@pytest.mark.parametrize(
    ("page", "language", "subject", "start"),
    [
        ("/account/password/reset/", "es", "Una contraseña nueva", "/es/new-password/"),
        ("/es/account/password/reset/", "en", "A new password", "/new-password/"),
    ],
)
def test_the_account_decides_not_the_page(
    client: Client, listener: User, page: str, language: str, subject: str, start: str
) -> None:
    User.objects.filter(pk=listener.pk).update(language=language)
    client.post(page, {"email": listener.email})
    found, _body, links = last()
    assert (found, links[0].startswith(start)) == (subject, True)


def test_an_invitation_is_in_the_language_the_operator_chose(operator: User, client_for: ClientFor) -> None:
    who = {"name": "Nia", "email": "nia@team.example", "role": "facilitator"}
    client_for(operator).post("/operator/invite/", who | {"language": "es"})
    subject, _body, links = last()
    assert (subject, links[0].startswith("/es/invitation/")) == ("Una invitación", True)
    assert "language" not in {field.name for field in Invitation._meta.get_fields()}

    answers = {"name": "Nia", "password": PASSWORD, "password_again": PASSWORD}
    assert Client().post(links[0], answers).headers["Location"] == "/es/account/login/"
    assert User.objects.get(email="nia@team.example").language == "es"


def test_without_a_choice_an_invitation_is_in_the_language_of_the_page(operator: User, client_for: ClientFor) -> None:
    who = {"name": "Nia", "email": "nia@team.example", "role": "facilitator"}
    client_for(operator).post("/es/operator/invite/", who)
    assert last()[0] == "Una invitación"


def test_word_of_being_verified_comes_in_the_listener_s_language(
    new_listener: User, facilitator: User, client_for: ClientFor
) -> None:
    spanish(new_listener)
    path = f"/desk/listeners/{new_listener.listener_profile.pk}/"
    until = today() + timedelta(days=90)
    client_for(facilitator).post(path, {"method": "call_back", "until": str(until)})
    subject, body, links = last()
    assert (subject, links) == ("Ya comprobamos quién es usted", ["/es/listener/"])
    with translation.override("es"):
        assert date_format(until, r"j \d\e F \d\e Y") in body


def test_one_s_language_is_changed_on_one_s_page(facilitator: User, client_for: ClientFor) -> None:
    data = {"name": facilitator.name, "time_zone": facilitator.time_zone, "language": "es"}
    assert client_for(facilitator).post("/profile/", data).status_code == 302
    facilitator.refresh_from_db()
    assert facilitator.language == "es"
    refused = client_for(facilitator).post("/profile/", data | {"language": "tlh"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (200, ["language"])


@pytest.mark.parametrize(("language", "version"), [("es", "2026-11-es"), ("en", "2026-11")])
def test_what_is_signed_is_kept_in_the_language_it_was_read_in(
    new_listener: User, client_for: ClientFor, language: str, version: str
) -> None:
    spanish(new_listener)  # the page counts, not the language of one's mail
    with translation.override(language):
        client_for(new_listener).post(reverse("accounts:pledge"), {"agreed": "on"})
        read = whole(PLEDGE)
    assert new_listener.pledges.values_list("text", "version").get() == (read, version)
