"""One whole session, from the operator's invitation to the close, in a real browser without JavaScript."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from seeds.mailsink import MailSink
from tests.journeys.mailbox import link_to
from tests.journeys.visitor import PASSWORD, Visitor

Visit = Callable[[], Visitor]

OPERATOR = "ola@seeds.example"
FACILITATOR = "rosa@team.example"
PEER = "jo@team.example"
LISTENER = "marcus.hale@police.example"


def accept_invitation(person: Visitor, link: str, address: str) -> None:
    person.go(link)
    person.fill(password=PASSWORD, again=PASSWORD)
    person.press("Accept")
    person.sign_in(address)


def become_operator(visit: Visit) -> Visitor:
    printed = StringIO()
    call_command("create_operator", OPERATOR, "Ola Berg", stdout=printed)
    operator = visit()
    accept_invitation(operator, printed.getvalue().split()[-1], OPERATOR)
    operator.sees("What is to do")
    return operator


def set_up_records(operator: Visitor) -> None:
    """An agency, its agreement, a help line and a partner."""
    today = timezone.now().date()
    operator.go("/admin/accounts/agency/add/")
    admin = operator.page
    admin.locator("#id_name").fill("Harbor City Police")
    admin.locator("#id_kind").select_option("police")
    admin.locator("#id_area").fill("Harbor City")
    admin.locator("#id_email_domains").fill("police.example")
    admin.locator("[name=_save]").click()
    operator.go("/admin/accounts/agencyagreement/add/")
    admin.locator("#id_agency").select_option(label="Harbor City Police")
    admin.locator("#id_text").fill("Nothing said here is used, but for what would have come out anyway.")
    admin.locator("#id_signed_by_name").fill("Dana Whitfield")
    admin.locator("#id_signed_by_title").fill("Chief of Police")
    admin.locator("#id_signed_on").fill(str(today - timedelta(days=3)))
    admin.locator("#id_expires_on").fill(str(today + timedelta(days=362)))
    admin.locator("[name=_save]").click()
    operator.go("/admin/dialogue/resource/add/")
    admin.locator("#id_name").fill("Harbor warm line")
    admin.locator("#id_contact").fill("555-0100")
    admin.locator("#id_verified_on").fill(str(today))
    admin.locator("[name=_save]").click()
    operator.go("/desk/partners/new/")
    operator.fill(name="Night Van", contact_name="Sam Rivera", email="sam@van.example")
    operator.press("Store the partner")
    operator.sees("Night Van")


def invite(operator: Visitor, visit: Visit, mail: MailSink, address: str, name: str, *, peer: bool) -> Visitor:
    operator.go("/operator/invite/")
    operator.fill(name=name, email=address)
    operator.page.locator("[name=role][value=facilitator]").check()
    if peer:
        operator.page.locator("[name=is_peer]").check()
    operator.press("Send the invitation")
    colleague = visit()
    accept_invitation(colleague, link_to(mail, address), address)
    colleague.go("/desk/")
    return colleague


def register_listener(visit: Visit, mail: MailSink) -> Visitor:
    listener = visit()
    listener.go("/account/signup/")
    listener.fill(name="Marcus Hale", rank="Lieutenant", email=LISTENER, password1=PASSWORD, password2=PASSWORD)
    listener.choose("agency", "Harbor City Police")
    listener.press("Register")
    listener.sees("Look into your mail")
    listener.go(link_to(mail, LISTENER))
    listener.press("Yes, confirm")
    listener.sign_in(LISTENER)
    listener.go("/listener/pledge/")
    listener.page.locator("[name=agreed]").check()
    listener.press("Sign the pledge")
    return listener


def verify(operator: Visitor) -> None:
    operator.go("/desk/listeners/")
    operator.follow("Marcus Hale")
    operator.page.locator("[name=method][value=call_back]").check()
    operator.press("Verify")
    operator.sees("Marcus Hale")


@pytest.mark.slow
def test_a_whole_session(visit: Visit, mail: MailSink) -> None:
    operator = become_operator(visit)
    set_up_records(operator)
    facilitator = invite(operator, visit, mail, FACILITATOR, "Rosa Lindqvist", peer=False)
    peer = invite(operator, visit, mail, PEER, "Jo Amari", peer=True)
    listener = register_listener(visit, mail)
    verify(operator)
    facilitator.sees("x"); peer.sees("x"); listener.sees("x")
