"""Every address, by every kind of viewer."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import AgencyAgreement, Participant, User
from dialogue.messages.actions import send_message
from dialogue.notes.actions import write_note
from dialogue.reflections.models import Reflection
from dialogue.reminders.actions import add_rule
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, RoundKind
from dialogue.sessions.models_objections import Objection
from tests import factories
from tests.url_table import ROWS, VIEWERS, Row


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """The full names of all addresses below."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from names(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"


def test_every_address_is_classified_once() -> None:
    known = {name for name in names(get_resolver()) if not name.startswith("admin:")}
    assert sorted(row.name for row in ROWS) == sorted(known)


@pytest.fixture
def people(
    participant: Participant,
    other_participant: Participant,
    listener: User,
    other_listener: User,
    facilitator: User,
    other_facilitator: User,
    operator: User,
) -> dict[str, Any]:
    cast = (None, participant, other_participant, listener, other_listener, facilitator, other_facilitator, operator)
    return dict(zip(VIEWERS, cast, strict=True))


def what_was_heard(dialogue_session: DialogueSession, alias: Alias, seat: ListenerSeat) -> dict[str, Any]:
    """A story from an earlier round, and what the listener heard in it."""
    earlier = [factories.make_round(dialogue_session, RoundKind(kind), "done") for kind in ("listening", "reflecting")]
    story = factories.make_comment(earlier[0], alias, state="released")
    told = factories.make_comment(earlier[1], seat=seat, state="released")
    return {
        "story": story.pk,
        "reflection": Reflection.objects.create(comment=told, heard=story, seat=seat).pk,
    }


@pytest.fixture
def targets(open_session: DialogueSession, facilitator: User, participant: Participant) -> dict[str, dict[str, Any]]:
    """What the addresses name: the session that the insiders are in, and things in it."""
    current = open_session.rounds.get(state="open")
    alias = open_session.aliases.get(tag=factories.tag_of(participant, open_session))
    seat = open_session.seats.get()
    pks = {
        "session": open_session.pk,
        "round": current.pk,
        "planned_round": factories.make_round(open_session, state="planned").pk,
        "alias": alias.pk,
        "seat": seat.pk,
        "applied_seat": factories.make_seat(open_session, state="applied").pk,
        "acknowledgment": seat.acknowledgment.pk,
        "held": factories.make_comment(current, alias).pk,
        "returned": factories.make_comment(current, alias, state="returned").pk,
        "agency": seat.listener.agency_id,
        "agreement": AgencyAgreement.objects.get(agency=seat.listener.agency).pk,
        "profile": seat.listener.listener_profile.pk,
        "partner": factories.make_partner().pk,
        "person": factories.make_facilitator().pk,
        "resource": factories.make_resource().pk,
        "note": write_note(session=open_session, text="Slow down.", shared=False, by=facilitator).pk,
        "objection": Objection.objects.create(alias=alias, seat=seat).pk,
        "message": send_message(alias, text="A chair, please.", kind="access").pk,
        "rule": add_rule(open_session, before=timedelta(days=1), by=facilitator).pk,
    }
    pks |= what_was_heard(open_session, alias, seat)
    others: dict[str, dict[str, Any]] = {
        "-": {},
        "step": {"step": 1},
        "invitation": {"token": "unknown"},
        "mail_key": {"key": "abc-def"},
        "uid_key": {"uidb36": "abc", "key": "def"},
        "passkey": {"pk": 1},
    }
    return others | {name: {"pk": pk} for name, pk in pks.items()}


def cell(response: Any) -> str:
    if response.status_code == 302:
        location = response.headers["Location"]
        return "in" if location.startswith((reverse("accounts:sign_in"), reverse("account_login"))) else "to"
    return {405: "post"}.get(response.status_code, str(response.status_code))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_address(
    row: Row,
    people: dict[str, Any],
    targets: dict[str, dict[str, Any]],
    client_for: Callable[[User | Participant | None], Client],
) -> None:
    url = reverse(row.name, kwargs=targets[row.target])
    got = tuple(cell(client_for(people[viewer]).get(url)) for viewer in VIEWERS)
    assert dict(zip(VIEWERS, got, strict=True)) == dict(zip(VIEWERS, row.cells, strict=True))
