"""Every address, by every kind of viewer."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import AgencyAgreement, Participant, User, today
from dialogue.facts.actions import add_fact
from dialogue.messages.actions import send_message
from dialogue.notes.actions import write_note
from dialogue.reflections.models import Reflection
from dialogue.reminders.actions import add_rule
from dialogue.reports.models import Report
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, RoundKind, State
from dialogue.sessions.models_objections import Objection
from tests import factories
from tests.url_table import ROWS, VIEWERS


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


def what_was_promised(dialogue_session: DialogueSession, seat: ListenerSeat) -> dict[str, Any]:
    """Promises of the seated listener at several stages, and news of one of them."""
    made = {
        name: factories.make_commitment(
            state, owner=seat.listener, dialogue_session=dialogue_session, due_on=today() + timedelta(days=days)
        )
        for name, state, days in (
            ("promise", "adopted", 0),
            ("told_promise", "adopted", 60),
            ("held_promise", "held", 60),
            ("returned_promise", "returned", 60),
            ("proposed_promise", "proposed", 60),
        )
    }
    return {name: one.pk for name, one in made.items()} | {
        "promise_news": factories.make_update(made["told_promise"]).pk
    }


def what_is_reported(
    dialogue_session: DialogueSession, team: list[User], participant: Participant, alias: Alias
) -> dict[str, dict[str, Any]]:
    """A report being written with a theme and a quote, one that the participants look at, and one that is out."""
    said = factories.make_comment(
        dialogue_session.rounds.order_by("number")[0], alias, state="released", quote_consent="verbatim"
    )
    theme = factories.make_theme(dialogue_session, by=team[0])
    quote = factories.make_quote(theme, said)
    over = [factories.make_session(State.FOLLOW_UP, team=team) for _ in range(2)]
    factories.make_alias(over[0], participant)
    factories.make_report(over[0], Report.State.PREVIEW)
    return {
        "theme": {"pk": theme.pk},
        "quote": {"pk": quote.pk},
        "theme_text": {"pk": theme.pk, "text": said.pk},
        "previewed": {"pk": over[0].pk},
        "report": {"pk": factories.make_report(over[1], Report.State.PUBLISHED, by=team[0]).pk},
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
        "job": factories.make_job(facilitator).pk,
        "batch": uuid4(),  # gone, as for everybody but who made it
        "person": factories.make_facilitator().pk,
        "resource": factories.make_resource().pk,
        "note": write_note(session=open_session, text="Slow down.", shared=False, by=facilitator).pk,
        "objection": Objection.objects.create(dialogue_session=open_session, alias=alias, seat=seat).pk,
        "fact": add_fact(open_session, statement="Most calls come at night.", source="A report", by=facilitator).pk,
        "message": send_message(alias, text="A chair, please.", kind="access").pk,
        "rule": add_rule(open_session, before=timedelta(days=1), by=facilitator).pk,
    }
    pks |= what_was_heard(open_session, alias, seat)
    pks |= what_was_promised(open_session, seat)
    team = list(open_session.facilitators.order_by("pk"))
    reports = what_is_reported(open_session, team, participant, alias)
    kept = factories.make_agenda_template(made_by=facilitator)
    others: dict[str, dict[str, Any]] = {
        "ready_agenda": {"pk": open_session.pk, "key": "first-meeting"},
        "own_agenda": {"pk": open_session.pk, "key": str(kept.pk)},
        "-": {},
        "step": {"step": 1},
        "invitation": {"token": "unknown"},
        "mail_key": {"key": "abc-def"},
        "uid_key": {"uidb36": "abc", "key": "def"},
        "passkey": {"pk": 1},
    }
    return others | reports | {name: {"pk": pk} for name, pk in pks.items()}


def cell(response: Any) -> str:
    if response.status_code == 302:
        location = response.headers["Location"]
        return "in" if location.startswith((reverse("accounts:sign_in"), reverse("account_login"))) else "to"
    return {405: "post"}.get(response.status_code, str(response.status_code))


@pytest.mark.parametrize("viewer", VIEWERS)
def test_address(
    viewer: str,
    people: dict[str, Any],
    targets: dict[str, dict[str, Any]],
    client_for: Callable[[User | Participant | None], Client],
) -> None:
    """A GET changes nothing, so one cast serves the whole walk of a viewer."""
    client = client_for(people[viewer])
    got = {row.name: cell(client.get(reverse(row.name, kwargs=targets[row.target]))) for row in ROWS}
    expected = {row.name: row.cells[VIEWERS.index(viewer)] for row in ROWS}
    assert {name: (got[name], expected[name]) for name in expected if got[name] != expected[name]} == {}
