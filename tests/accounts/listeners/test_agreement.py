"""The head of an office signs for the agency and may withdraw it; a listener may withdraw the pledge."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.listeners.actions import end_verification, sign_pledge, verify_listener, withdraw_pledge
from accounts.listeners.actions_agreement import sign_agreement, withdraw_agreement
from accounts.listeners.promise import AGREEMENT, VERSION, whole
from accounts.models import Agency, AgencyAgreement, ListenerProfile, Participant, Pledge, User, today
from accounts.policies import may_listen
from dialogue.audit.models import AuditEvent
from dialogue.sessions.models import DialogueSession
from dialogue.sessions.queries import my_seat
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]
YEAR = timedelta(days=365)


@pytest.fixture
def head(agency: Agency) -> User:
    """The verified head of the agency, whose agreement has run out."""
    AgencyAgreement.objects.update(expires_on=today() - timedelta(days=1))
    user = factories.make_listener(agency, name="Dana Whitfield")
    ListenerProfile.objects.filter(user=user).update(is_head=True)
    return User.objects.get(pk=user.pk)


def test_the_head_signs_in_the_words_shown(head: User, listener: User, agency: Agency) -> None:
    assert not may_listen(listener)
    signed = sign_agreement(head, title="  Chief of \n Police ")
    assert (signed.agency, signed.text, signed.version) == (agency, whole(AGREEMENT), VERSION)
    assert (signed.signed_by, signed.signed_by_name, signed.signed_by_title) == (
        head,
        "Dana Whitfield",
        "Chief of Police",
    )
    assert (signed.signed_on, signed.expires_on, signed.withdrawn_on) == (today(), today() + YEAR, None)
    assert "but for their taking part" in signed.text
    assert may_listen(listener)
    assert list(AuditEvent.objects.values_list("verb", "actor", "detail")) == [("sign_agreement", head.pk, VERSION)]


@pytest.mark.parametrize("title", ["", "  ", "x" * 121])
def test_a_title_is_needed(head: User, title: str) -> None:
    with pytest.raises(ValidationError):
        sign_agreement(head, title=title)
    assert AgencyAgreement.objects.count() == 1


def test_nobody_else_signs(head: User, listener: User, facilitator: User, operator: User) -> None:
    for person in (listener, facilitator, operator):
        with pytest.raises(NotAllowed):
            sign_agreement(person, title="Chief")
    lapsed = timezone.now() + timedelta(days=366)
    with time_machine.travel(lapsed), pytest.raises(NotAllowed):
        sign_agreement(head, title="Chief")
    User.objects.filter(pk=head.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        sign_agreement(User.objects.get(pk=head.pk), title="Chief")
    assert AgencyAgreement.objects.count() == 1


def test_it_is_signed_once_and_anew_in_its_last_month(head: User) -> None:
    first = sign_agreement(head, title="Chief")
    with pytest.raises(NotAllowed, match="already"):
        sign_agreement(head, title="Chief")
    AgencyAgreement.objects.filter(pk=first.pk).update(expires_on=today() + timedelta(days=30))
    assert sign_agreement(head, title="Chief").expires_on == today() + YEAR


@pytest.mark.django_db(transaction=True)
def test_two_clicks_sign_once(head: User) -> None:
    results = at_once(*[lambda: sign_agreement(User.objects.get(pk=head.pk), title="Chief")] * 3)
    assert sorted(isinstance(one, NotAllowed) for one in results) == [False, True, True]


@pytest.mark.parametrize("who", ["head", "operator"])
def test_withdrawn_it_locks_every_listener_at_the_next_request(
    head: User, listener: User, open_session: DialogueSession, who: str, request: pytest.FixtureRequest
) -> None:
    signed, by = sign_agreement(head, title="Chief"), request.getfixturevalue(who)
    assert my_seat(listener, open_session)
    withdraw_agreement(signed, by=by)
    assert signed.withdrawn_on == today()
    assert my_seat(listener, open_session) is None
    assert AuditEvent.objects.get(verb="end_agreement").actor == by.pk
    with pytest.raises(NotAllowed, match="not in force"):
        withdraw_agreement(signed, by=by)


@pytest.mark.parametrize("which", ["renewed", "earlier"])
def test_withdrawn_after_a_renewal_none_stays_in_force(
    head: User, listener: User, other_listener: User, which: str
) -> None:
    AgencyAgreement.objects.filter(agency=head.agency).update(expires_on=today() + timedelta(days=20))
    earlier = AgencyAgreement.objects.get(agency=head.agency)
    renewed = sign_agreement(head, title="Chief")
    withdraw_agreement(renewed if which == "renewed" else earlier, by=head)
    assert set(AgencyAgreement.objects.filter(agency=head.agency).values_list("withdrawn_on", flat=True)) == {today()}
    assert (may_listen(listener), AuditEvent.objects.filter(verb="end_agreement").count()) == (False, 1)
    assert not AgencyAgreement.objects.exclude(agency=head.agency).filter(withdrawn_on=today()).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_withdraw_it_at_once(head: User, operator: User) -> None:
    signed = sign_agreement(head, title="Chief")

    def withdraw(by: User) -> object:
        return withdraw_agreement(AgencyAgreement.objects.get(pk=signed.pk), by=User.objects.get(pk=by.pk))

    results = at_once(lambda: withdraw(head), lambda: withdraw(operator))
    assert sorted(type(result).__name__ for result in results) == ["AgencyAgreement", "NotAllowed"]
    assert AuditEvent.objects.filter(verb="end_agreement").count() == 1


def test_nobody_else_withdraws_it(head: User, listener: User, other_listener: User, facilitator: User) -> None:
    signed = sign_agreement(head, title="Chief")
    ListenerProfile.objects.filter(user=other_listener).update(is_head=True)  # of another agency
    for person in (listener, User.objects.get(pk=other_listener.pk), facilitator):
        with pytest.raises(NotAllowed):
            withdraw_agreement(signed, by=person)
    signed.refresh_from_db()
    assert signed.withdrawn_on is None


def test_only_a_checked_listener_is_a_head(new_listener: User, operator: User) -> None:
    with pytest.raises(IntegrityError, match="listener_head_is_verified"), transaction.atomic():
        ListenerProfile.objects.filter(user=new_listener).update(is_head=True)
    until = today() + timedelta(days=10)
    profile = verify_listener(new_listener.listener_profile, method="in_person", until=until, is_head=True, by=operator)
    assert profile.is_head
    assert AuditEvent.objects.get().detail == "in_person, head of office"
    assert not end_verification(profile, by=operator).is_head


def test_a_withdrawn_pledge_locks_and_can_be_signed_again(listener: User, open_session: DialogueSession) -> None:
    assert my_seat(listener, open_session)
    withdraw_pledge(listener)
    assert my_seat(listener, open_session) is None
    with pytest.raises(NotAllowed):
        withdraw_pledge(listener)
    assert sign_pledge(listener).version == VERSION
    assert my_seat(listener, open_session)
    assert list(Pledge.objects.order_by("withdrawn_on").values_list("withdrawn_on", flat=True)) == [today(), None]


@pytest.mark.parametrize("what", ["pledge", "agreement", "check"])
def test_each_lapse_locks_at_the_next_request(
    client_for: ClientFor, listener: User, open_session: DialogueSession, what: str
) -> None:
    client, room = client_for(listener), reverse("threads:room", args=[open_session.pk])
    assert client.get(room).status_code == 200
    yesterday = today() - timedelta(days=1)
    if what == "pledge":
        Pledge.objects.update(signed_on=yesterday - YEAR, expires_on=yesterday)
    elif what == "agreement":
        AgencyAgreement.objects.update(signed_on=yesterday - YEAR, expires_on=yesterday)
    else:
        ListenerProfile.objects.filter(user=listener).update(verified_on=yesterday - YEAR, verified_until=yesterday)
    assert client.get(room).status_code == 404
    assert "Locked" in client.get(reverse("sessions:seats")).content.decode()
    assert "Next step:" in client.get(reverse("accounts:listener_home")).content.decode()


# --- Pages


def test_the_head_finds_the_agreement_and_signs(client_for: ClientFor, head: User) -> None:
    client, url = client_for(head), reverse("accounts:agreement")
    assert "Sign for your agency" in client.get(reverse("accounts:listener_home")).content.decode()
    page = client.get(url).content.decode()
    assert "but for their taking part" in page.replace("\n", " ")
    assert "This is not immunity." in page
    wrong = client.post(url, {"title": "Chief of Police"}).content.decode()
    assert "Tick the box if you sign for your agency." in wrong
    assert 'value="Chief of Police"' in wrong
    assert client.post(url, {"title": "Chief of Police", "agreed": "on"})["Location"] == url
    page = client.get(url).content.decode()
    assert "Signed by Dana Whitfield, Chief of Police," in page
    assert "Sign for the agency" not in page
    again = client.post(url, {"title": "Chief of Police", "agreed": "on"}, follow=True).content.decode()
    assert "signed already" in again


def test_other_listeners_are_led_to_the_letter(client_for: ClientFor, listener: User, head: User) -> None:
    client, url = client_for(listener), reverse("accounts:agreement")
    assert client.get(url)["Location"] == reverse("accounts:agreement_letter")
    client.post(url, {"title": "Chief", "agreed": "on"})
    assert AgencyAgreement.objects.count() == 1
    assert "please register at http://testserver" in client.get(reverse("accounts:agreement_letter")).content.decode()


def test_withdrawing_asks_once(client_for: ClientFor, head: User, operator: User) -> None:
    for person in (head, operator):
        signed = sign_agreement(head, title="Chief")
        client, url = client_for(person), reverse("accounts:withdraw_agreement", args=[signed.pk])
        assert "every listener of this agency is locked out" in client.get(url).content.decode()
        signed.refresh_from_db()
        assert signed.withdrawn_on is None
        assert client.post(url).status_code == 302
        signed.refresh_from_db()
        assert signed.withdrawn_on == today()
        assert "is not in force" in client.post(url, follow=True).content.decode()


def test_withdrawing_the_pledge_asks_once(client_for: ClientFor, listener: User) -> None:
    client, url = client_for(listener), reverse("accounts:withdraw_pledge")
    assert url in client.get(reverse("accounts:pledge")).content.decode()
    assert "you can’t read or write in any session" in client.get(url).content.decode()
    assert may_listen(listener)
    assert client.post(url)["Location"] == reverse("accounts:pledge")
    assert not may_listen(listener)
    assert "You have no pledge in force." in client.post(url, follow=True).content.decode()


def test_who_verifies_says_that_it_is_the_head(client_for: ClientFor, operator: User, new_listener: User) -> None:
    url = reverse("accounts:verify_listener", args=[new_listener.listener_profile.pk])
    client = client_for(operator)
    client.post(url, {"method": "call_back", "until": str(today() + timedelta(days=9)), "is_head": "on"})
    assert ListenerProfile.objects.get(user=new_listener).is_head
    assert "Head of the office" in client.get(url).content.decode()
    client.post(url, {"method": "call_back", "until": str(today() + timedelta(days=9))})
    assert not ListenerProfile.objects.get(user=new_listener).is_head


def test_who_verifies_says_that_somebody_leads_a_unit(
    client_for: ClientFor, operator: User, new_listener: User
) -> None:
    client, url = client_for(operator), reverse("accounts:verify_listener", args=[new_listener.listener_profile.pk])
    client.post(url, {"method": "call_back", "until": str(today() + timedelta(days=9)), "leads_unit": "on"})
    profile = ListenerProfile.objects.get(user=new_listener)
    assert (profile.is_head, profile.leads_unit) == (False, True)
    assert AuditEvent.objects.get(verb="verify_listener").detail == "call_back, leads a unit"
    assert "Leads a unit" in client.get(url).content.decode()
    client.post(reverse("accounts:end_verification", args=[profile.pk]))
    assert not ListenerProfile.objects.get(user=new_listener).leads_unit
