"""The pages of private messages."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.messages.actions import answer_message, read_by_team, send_message, take_back_message
from dialogue.messages.models import PrivateMessage
from dialogue.messages.queries import unanswered_for
from dialogue.sessions.models import Alias, DialogueSession
from tests import factories

ClientFor = Callable[[User | Participant | None], Client]
MARK = "zanzibar knee"


def page_of(client: Client, name: str, pk: object) -> str:
    return client.get(reverse(name, args=[pk])).content.decode()


def ticket_on(page: str) -> str:
    return page.partition('name="ticket" value="')[2].partition('"')[0]


def test_a_participant_writes_and_reads_the_answer(
    client_for: ClientFor, alias: Alias, participant: Participant, facilitator: User
) -> None:
    url = reverse("messages:mine", args=[alias.dialogue_session_id])
    client = client_for(participant)
    typed = {"body": MARK, "kind": "access", "ticket": ticket_on(client.get(url).content.decode())}
    assert client.post(url, typed).headers["Location"] == url
    assert client.post(url, typed).headers["Location"] == url  # a double click
    assert PrivateMessage.objects.count() == 1
    team = client_for(facilitator)
    assert MARK in page_of(team, "messages:conversation", alias.pk)
    answered = reverse("messages:conversation", args=[alias.pk])
    ticket = ticket_on(team.get(answered).content.decode())
    assert team.post(answered, {"body": "We have a chair.", "ticket": ticket}).status_code == 302
    shown = client.get(url).content.decode()
    assert ("We have a chair." in shown, "Rosa Lindqvist" in shown, MARK in shown) == (True, True, True)


@pytest.mark.parametrize("body", ["", "x" * 3_001])
def test_what_is_refused_comes_back(client_for: ClientFor, alias: Alias, participant: Participant, body: str) -> None:
    url = reverse("messages:mine", args=[alias.dialogue_session_id])
    client = client_for(participant)
    ticket = ticket_on(client.get(url).content.decode())
    page = client.post(url, {"body": body, "kind": "question", "ticket": ticket})
    assert (page.status_code, PrivateMessage.objects.count()) == (200, 0)
    assert body in page.content.decode()


def test_a_form_without_its_ticket_loses_nothing(client_for: ClientFor, alias: Alias, participant: Participant) -> None:
    url = reverse("messages:mine", args=[alias.dialogue_session_id])
    page = client_for(participant).post(url, {"body": MARK, "kind": "question", "ticket": "stale"}).content.decode()
    assert (MARK in page, "was not sent yet" in page, PrivateMessage.objects.count()) == (True, True, 0)


def test_help_lines_stand_there_for_who_is_not_well(
    client_for: ClientFor, alias: Alias, participant: Participant
) -> None:
    factories.make_resource(name="Harbor night line", contact="555-0199")
    url = reverse("messages:mine", args=[alias.dialogue_session_id])
    client = client_for(participant)
    typed = {"body": MARK, "kind": "distress", "ticket": ticket_on(client.get(url).content.decode())}
    page = client.post(url, typed, follow=True).content.decode()
    assert ("Harbor night line" in page, "555-0199" in page) == (True, True)


def test_one_takes_ones_own_message_back(client_for: ClientFor, alias: Alias, participant: Participant) -> None:
    message = send_message(alias, text=MARK, kind="question")
    url = reverse("messages:take_back", args=[message.pk])
    client = client_for(participant)
    assert client.get(url).status_code == 200
    assert client.post(url).headers["Location"] == reverse("messages:mine", args=[alias.dialogue_session_id])
    assert MARK not in page_of(client, "messages:mine", alias.dialogue_session_id)
    assert client.post(url).status_code == 404  # there is nothing left to take back


def test_others_messages_are_nobodys(
    client_for: ClientFor, alias: Alias, other_participant: Participant, other_facilitator: User, operator: User
) -> None:
    message = send_message(alias, text=MARK, kind="question")
    assert client_for(other_participant).get(reverse("messages:take_back", args=[message.pk])).status_code == 404
    for person in (other_facilitator, operator, other_participant):
        assert client_for(person).get(reverse("messages:conversation", args=[alias.pk])).status_code == 404


@pytest.mark.promise("P10")
def test_no_page_of_a_listener_shows_a_private_word(
    client_for: ClientFor, alias: Alias, listener: User, facilitator: User
) -> None:
    send_message(alias, text=MARK, kind="objection")
    answer_message(alias, text=f"About your {MARK}.", by=facilitator)
    client, here = client_for(listener), alias.dialogue_session_id
    pages = [
        reverse("threads:room", args=[here]),
        reverse("threads:mine", args=[here]),
        reverse("acknowledgments:read", args=[here]),
        reverse("sessions:detail", args=[here]),
        reverse("sessions:seats"),
        reverse("accounts:listener_home"),
        reverse("retention:session", args=[here]),
    ]
    shown = {url: client.get(url) for url in pages}
    assert {response.status_code for response in shown.values()} == {200}
    assert [
        url for url, page in shown.items() if MARK in page.content.decode() or "messages/" in str(page.content)
    ] == []
    for name, pk in (("messages:mine", here), ("messages:list", here), ("messages:conversation", alias.pk)):
        assert client.get(reverse(name, args=[pk])).status_code == 404


def test_who_is_not_well_stands_on_top_and_a_look_is_recorded(
    client_for: ClientFor, alias: Alias, other_alias: Alias, facilitator: User
) -> None:
    for number in range(3):
        send_message(alias, text=f"Question {number}", kind="question")
    send_message(other_alias, text="Bad night", kind="distress")
    client = client_for(facilitator)
    page = page_of(client, "messages:list", alias.dialogue_session_id)
    assert page.index(other_alias.name) < page.index(alias.name)
    page_of(client, "messages:conversation", other_alias.pk)
    event = AuditEvent.objects.get(verb="read_messages")
    assert (event.actor, event.detail) == (facilitator.pk, "1 new")
    page = page_of(client, "messages:list", alias.dialogue_session_id)
    assert page.index(other_alias.name) < page.index(alias.name)  # a look is no answer
    assert ("Is not doing well" in page, "Read, not answered" in page) == (True, True)
    answer_message(other_alias, text="We are here.", by=facilitator)
    page = page_of(client, "messages:list", alias.dialogue_session_id)
    assert page.index(alias.name) < page.index(other_alias.name)
    assert ("Is not doing well" in page, "Read, not answered" in page) == (False, False)


@pytest.mark.parametrize("what", ["answered before", "answered", "removed", "forgotten", "taken back", "over", ""])
def test_who_is_not_well_waits_until_an_answer_is_sent(
    alias: Alias, facilitator: User, other_facilitator: User, what: str
) -> None:
    if what == "answered before":
        answer_message(alias, text="How are you?", by=facilitator)
    message = send_message(alias, text="Bad night", kind="distress")
    assert not unanswered_for(facilitator)  # nobody read it: it is among the unread
    read_by_team(alias, by=facilitator)
    send_message(alias, text="Anybody there?", kind="question")
    if what == "answered":
        answer_message(alias, text="We are here.", by=facilitator)
    if what == "taken back":
        take_back_message(message)
    if what == "over":
        DialogueSession.objects.update(state="purged", closed_at=timezone.now())
    Alias.objects.filter(pk=alias.pk, removed=False).update(removed=what == "removed")
    if what == "forgotten":
        Alias.objects.filter(pk=alias.pk).update(tag=None)
    assert list(unanswered_for(facilitator)) == ([message] if what in ("answered before", "") else [])
    assert not unanswered_for(other_facilitator)


def test_the_desk_and_the_room_lead_there(client_for: ClientFor, alias: Alias, facilitator: User) -> None:
    client, here = client_for(facilitator), reverse("messages:list", args=[alias.dialogue_session_id])
    assert here not in client.get(reverse("desk:home")).content.decode()
    send_message(alias, text=MARK, kind="question")
    pages = (reverse("desk:home"), reverse("sessions:manage", args=[alias.dialogue_session_id]))
    assert [here in client.get(url).content.decode() for url in pages] == [True, True]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_for_many_as_for_one(
    client_for: ClientFor,
    open_session: DialogueSession,
    facilitator: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for _ in range(count):
        send_message(factories.make_alias(open_session), text=MARK, kind="question")
    client = client_for(facilitator)
    with django_assert_num_queries(5):
        client.get(reverse("messages:list", args=[open_session.pk]))


def test_a_message_is_looked_at_once_before_it_is_sent(
    client_for: ClientFor, alias: Alias, participant: Participant
) -> None:
    client, url = client_for(participant), reverse("messages:mine", args=[alias.dialogue_session_id])
    typed = {"kind": "question", "body": "Call me at 212-555-0147 about it."}
    page = client.post(url, typed)
    html = unescape(page.content.decode())
    assert (page.status_code, PrivateMessage.objects.count()) == (200, 0)
    assert "We don’t need them." in html
    assert "212-555-0147" in html
    assert "Send it as it is" in html
    hidden = dict(re.findall(r'name="(seen|ticket)" value="([^"]*)"', html))
    assert client.post(url, typed | hidden | {"as_is": "1"})["Location"] == url
    assert PrivateMessage.objects.count() == 1


def test_who_is_not_doing_well_is_not_held_up(client_for: ClientFor, alias: Alias, participant: Participant) -> None:
    client, url = client_for(participant), reverse("messages:mine", args=[alias.dialogue_session_id])
    ticket = re.search(r'name="ticket" value="([^"]*)"', client.get(url).content.decode())
    assert ticket
    typed = {"kind": "distress", "body": "Call me at 212-555-0147, I can’t go on.", "ticket": ticket[1]}
    assert client.post(url, typed).status_code == 302
    assert PrivateMessage.objects.count() == 1
