"""The room and the queue as full as they get: answers, batches, taken back texts, returned ones, an opened one."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from accounts.models import Participant, User
from dialogue.moderation.actions import approve_comment, claim_comment, return_comment
from dialogue.moderation.actions_appeals import ask_again, uphold_return
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, RoundKind
from seeds.languages import in_language
from tests import factories
from tests.browser.soundness import Inspector, nu_errors

ClientFor = Callable[[User | Participant | None], Client]
RIGHT_TO_LEFT = "كنت خائفة من أن أتصل بالإسعاف.\n\nصديقي نجا."
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 8 + " 👩‍👧‍👦 <b>no</b>"


@pytest.fixture
def pages(
    open_session: DialogueSession, listening: Round, alias: Alias, seat: ListenerSeat, facilitator: User, peer: User
) -> dict[str, list[str]]:
    """By role: the addresses of the full pages."""
    for text in (RIGHT_TO_LEFT, LONG):
        factories.make_comment(listening, text=text, state="released")
    factories.make_comment(listening, state="withdrawn", batch=2, place=7_000)
    open_session.rounds.update(state=Round.State.DONE)
    reflecting = factories.make_round(open_session, RoundKind.REFLECTING)
    heard = factories.make_comment(reflecting, seat=seat, state="released")
    factories.make_comment(reflecting, alias, parent=heard, text=LONG, state="released", batch=2)
    returned = factories.make_comment(reflecting, alias, parent=heard)
    return_comment(returned, version=1, reason="identifies_other", note=RIGHT_TO_LEFT, by=facilitator)
    heard_out, not_his = (
        ask_again(
            return_comment(
                factories.make_comment(reflecting, alias, parent=heard, text=LONG),
                version=1,
                reason="other",
                note=LONG,
                by=by,
            ),
            version=2,
        )
        for by in (peer, facilitator)
    )
    claim_comment(heard_out, version=3, by=facilitator)
    upheld = return_comment(
        factories.make_comment(reflecting, alias, parent=heard), version=1, reason="contempt", by=peer
    )
    uphold_return(ask_again(upheld, version=2), version=3, note=RIGHT_TO_LEFT, by=facilitator)
    for state in ("held", "approved", "withdrawn"):
        factories.make_comment(listening, alias, state=state)
    opened, read, done = (factories.make_comment(reflecting, parent=heard, text=LONG) for _ in range(3))
    claim_comment(opened, version=1, by=facilitator)
    claim_comment(read, version=1, by=peer)
    claim_comment(done, version=1, by=facilitator)
    approve_comment(done, version=1, by=facilitator)
    factories.make_comment(reflecting, seat=seat, state="approved")
    room = reverse("threads:room", args=[open_session.pk])
    queue = reverse("moderation:queue")
    return {
        "participant": [
            room,
            f"{room}?round=2",
            f"{room}write/?reply={heard.pk}",
            f"{room}write/?reply=gone",
            f"{room}mine/",
            reverse("threads:revise", args=[returned.pk]),
            reverse("threads:revise", args=[upheld.pk]),
        ],
        "listener": [room, f"{room}write/"],
        "facilitator": [
            f"{queue}?done={done.pk}",
            f"{queue}{opened.pk}/?done={done.pk}",
            f"{queue}{read.pk}/",
            f"{queue}{done.pk}/",
            f"{queue}{returned.pk}/",
            f"{queue}{heard_out.pk}/",
            f"{queue}{not_his.pk}/",
            f"{queue}{upheld.pk}/",
            reverse("moderation:release", args=[reflecting.pk]),
        ],
    }


def cookies(client: Client) -> Mapping[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}


@pytest.mark.slow
def test_full_pages_are_sound(
    browser: Browser,
    live_site: str,
    client_for: ClientFor,
    pages: dict[str, list[str]],
    participant: Participant,
    listener: User,
    facilitator: User,
) -> None:
    people: dict[str, Any] = {"participant": participant, "listener": listener, "facilitator": facilitator}
    found: dict[str, list[str]] = {}
    for role, paths in pages.items():
        inspector = Inspector(browser, live_site, cookies(client_for(people[role])))
        found |= {f"{role} {path}": inspector.faults_in_both_languages(path) for path in paths}
        inspector.close()
    assert {page: faults for page, faults in found.items() if faults} == {}


@pytest.mark.django_db
def test_full_pages_and_their_errors_are_valid_html(
    client_for: ClientFor,
    pages: dict[str, list[str]],
    participant: Participant,
    listener: User,
    facilitator: User,
) -> None:
    people: dict[str, Any] = {"participant": participant, "listener": listener, "facilitator": facilitator}
    html: dict[str, str] = {}
    for role, paths in pages.items():
        client = client_for(people[role])
        for path in paths:
            spanish = in_language(path, "es")
            html[f"{role} {spanish}"] = client.get(spanish).content.decode()
            html[f"{role} {path}"] = client.get(path).content.decode()
            address = path.partition("?")[0]
            html[f"{role} {path}, sent"] = client.post(address, {"body": "", "version": 1}).content.decode()
        html.setdefault(f"{role}, nothing", "")
    assert nu_errors({name: page for name, page in html.items() if page}) == []
