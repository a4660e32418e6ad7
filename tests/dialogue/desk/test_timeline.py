"""The timeline of a session: what the team did, to the hour; nothing about participants."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Participant, User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.desk.queries_timeline import STEPS, timeline, to_come
from dialogue.moderation.actions import release_batch
from dialogue.sessions.actions import pause_session, resume_session
from dialogue.sessions.actions_rounds import close_round, reopen_round
from dialogue.sessions.models import Alias, DialogueSession, Round, State
from dialogue.threads.actions_turns import open_next_turn
from tests import factories
from tests.dialogue.desk.test_views import text_of

pytestmark = pytest.mark.django_db
Browser = Callable[[User | Participant | None], Client]
Verb = AuditEvent.Verb


def log(session: DialogueSession, verb: str, detail: str, at: datetime, by: User) -> None:
    AuditEvent.objects.create(verb=verb, actor=by.pk, dialogue_session=session.pk, detail=detail, at=at)


def lines(session: DialogueSession) -> list[str]:
    return [str(line["text"]) for day in timeline(session) for hour in day["hours"] for line in hour["lines"]]


def test_day_by_day_hour_by_hour(announced: DialogueSession, facilitator: User, peer: User) -> None:
    morning = datetime(2027, 3, 9, 14, tzinfo=UTC)
    for verb, detail, hours, by in (
        (Verb.RELEASE, "3 texts", 50, peer),
        (Verb.MOVE_ROUND, "2 open", 50, facilitator),
        (Verb.MOVE_ROUND, "1 done", 50, facilitator),
        (Verb.MOVE_ROUND, "1 open", 49, facilitator),
        (Verb.MOVE_SESSION, "announced", 0, facilitator),
        (Verb.CHANGE_SESSION, "created", 0, facilitator),
        (Verb.OVERRIDE_GUARD, "few", 0, peer),
    ):
        log(announced, verb, detail, morning + timedelta(hours=hours), by)
    days = timeline(announced)
    assert [(day["name"], [hour["span"] for hour in day["hours"]]) for day in days] == [
        ("Tuesday, March 9, 2027", ["9:00 AM to 10:00 AM"]),
        ("Thursday, March 11, 2027", ["10:00 AM to 11:00 AM", "11:00 AM to 12:00 PM"]),
    ]
    assert lines(announced) == [
        "Went on with a reason: It can open with fewer than five participants",
        "Planned",
        "Announced: everything for it was there",
        "Round 1: opened",
        "Round 1: closed",
        "Round 2: opened",
        "3 texts came out as a batch",
    ]
    assert {line["by"] for day in days for hour in day["hours"] for line in hour["lines"]} == {
        facilitator.name,
        peer.name,
    }


def test_what_the_actions_write_is_understood(
    open_session: DialogueSession, listening: Round, facilitator: User, peer: User, alias: Alias, other_alias: Alias
) -> None:
    for one in (alias, other_alias):
        factories.make_comment(listening, one, state="approved")
    release_batch(listening, by=facilitator)
    close_round(listening, by=facilitator)
    reopen_round(listening, by=facilitator)
    Round.objects.filter(pk=listening.pk).update(kind="dialogue")
    listening.refresh_from_db()
    open_next_turn(listening, without_waiting=True, by=facilitator)
    pause_session(open_session, reason="A break.", by=facilitator)
    resume_session(open_session, by=peer)
    write(Verb.MOVE_SESSION, by=None, session_id=open_session.pk, detail="postponed")
    assert sorted(lines(open_session)) == [
        "2 texts came out as a batch",
        "Got other times",
        "Put on hold",
        "Round 2, Dialogue: closed",
        "Round 2, Dialogue: opened again",
        "Round 2, Dialogue: turn 2 opened",
        "Went on",
    ]


def test_nothing_about_participants_or_looks_at_texts(
    client_for: Browser, open_session: DialogueSession, facilitator: User
) -> None:
    for verb in Verb:
        if not any(verb == told for told, _detail in STEPS) and verb not in (Verb.MOVE_ROUND, Verb.RELEASE):
            log(open_session, verb, "3", timezone.now(), facilitator)
    for verb, detail in ((Verb.MOVE_ROUND, "x"), (Verb.RELEASE, "amber brook"), (Verb.CHANGE_SESSION, "title")):
        log(open_session, verb, detail, timezone.now(), facilitator)
    assert lines(open_session) == []
    page = text_of(client_for(facilitator).get(reverse("desk:timeline", args=[open_session.pk])))
    assert "Nothing is in the log." in page
    assert all(alias.name not in page for alias in open_session.aliases.all())


def test_the_log_of_another_session_is_not_shown(
    client_for: Browser, open_session: DialogueSession, facilitator: User, other_facilitator: User
) -> None:
    log(
        factories.make_session(team=[other_facilitator]),
        Verb.CHANGE_SESSION,
        "created",
        timezone.now(),
        other_facilitator,
    )
    assert lines(open_session) == []
    address = reverse("desk:timeline", args=[open_session.pk])
    assert client_for(other_facilitator).get(address).status_code == 404


def test_what_is_to_come(facilitator: User, peer: User) -> None:
    now = timezone.now()
    ahead = factories.make_session(State.ANNOUNCED, [facilitator, peer], starts_at=now + timedelta(days=10))
    assert [one["text"] for one in to_come(ahead, now)] == ["The list of listeners closes", "Starts", "Ends"]
    assert [one["text"] for one in to_come(ahead, now + timedelta(days=8))] == ["Starts", "Ends"]
    over = factories.make_session(
        State.FOLLOW_UP,
        [facilitator, peer],
        starts_at=now - timedelta(days=9),
        purge_on=(now + timedelta(days=66)).date(),
    )
    gone = ["Notes are deleted", "Names are cut off from people", "All words are destroyed"]
    assert [one["text"] for one in to_come(over, now)] == gone
    assert [one["text"] for one in to_come(over, now + timedelta(days=40))] == gone[2:]
    assert (
        list(to_come(factories.make_session(team=[facilitator, peer], starts_at=now + timedelta(days=90)), now)) == []
    )


@pytest.mark.parametrize("count", [1, 40])
def test_the_timeline_at_fixed_cost(
    count: int, client_for: Browser, open_session: DialogueSession, facilitator: User, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        by = factories.make_facilitator()
        log(open_session, Verb.RELEASE, "3 texts", timezone.now() + timedelta(hours=number), by)
    client = client_for(facilitator)
    with django_assert_num_queries(6):
        client.get(reverse("desk:timeline", args=[open_session.pk]))
