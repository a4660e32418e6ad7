"""The streams behind the real server: who may hear, what they say, and when they end."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from redis import Redis

from accounts.models import Participant, User
from dialogue.moderation.actions import claim_comment, lay_aside, release_batch
from dialogue.sessions.actions import close_session, pause_session
from dialogue.sessions.actions_aliases import remove_alias
from dialogue.sessions.actions_rounds import close_round
from dialogue.sessions.models import Alias, DialogueSession, Round
from dialogue.threads.actions import submit_comment, withdraw_comment
from seeds import live, streams
from tests import factories
from tests.live.hearing import Ear, room_stream

ClientFor = Callable[[User | Participant | None], Client]
Open = Callable[..., Ear]
#: All that a stream may ever say.
WORDS = re.compile(r"retry: \d{4}\n\n(?::\n\n|(?:event: (?:resync|over)\n)?data: look\n\n)*")


@pytest.fixture
def open_stream(live_site: str, client_for: ClientFor) -> Iterator[Open]:
    """Opens a stream as this person, or with this browser."""
    ears: list[Ear] = []

    def open_as(person: User | Participant | Client | None, path: str) -> Ear:
        client = person if isinstance(person, Client) else client_for(person)
        ears.append(Ear(live_site, path, client))
        return ears[-1]

    yield open_as
    for ear in ears:
        ear.close()


@pytest.fixture
def ready(listening: Round) -> Round:
    """A round in which a batch waits to go out."""
    for _ in range(2):
        factories.make_comment(listening, state="approved")
    return listening


def test_all_in_the_room_hear_what_the_team_does(
    open_stream: Open,
    open_session: DialogueSession,
    ready: Round,
    participant: Participant,
    listener: User,
    facilitator: User,
    peer: User,
) -> None:
    ears = [open_stream(person, room_stream(open_session.pk)) for person in (participant, listener, facilitator)]
    ears.append(open_stream(peer, reverse("live:desk")))
    for ear in ears:
        assert ear.opened().status == 200
    release_batch(ready, by=facilitator)
    assert [ear.hears(1) for ear in ears] == [True] * 4
    pause_session(open_session, reason="A break", by=facilitator)
    assert [ear.hears(2) for ear in ears] == [True] * 4
    headers = ears[0].head.lower()
    for line in ("cache-control: no-store", "x-accel-buffering: no", "content-type: text/event-stream"):
        assert line in headers
    assert "set-cookie" not in headers
    assert "content-length" not in headers


def test_only_the_team_hears_of_the_queue(
    open_stream: Open,
    open_session: DialogueSession,
    listening: Round,
    participant: Participant,
    facilitator: User,
    peer: User,
) -> None:
    comment = factories.make_comment(listening)
    desk, room = (
        open_stream(peer, reverse("live:desk")).opened(),
        open_stream(peer, room_stream(open_session.pk)).opened(),
    )
    began = time.monotonic()
    claim_comment(comment, version=1, by=facilitator)
    assert desk.hears(1, seconds=2), "a colleague's claim is told within two seconds"
    assert time.monotonic() - began < 2
    lay_aside(comment, by=facilitator)
    assert desk.hears(2)
    assert room.looks == 0


def test_what_was_told_before_it_came_is_heard_too(
    open_stream: Open, open_session: DialogueSession, ready: Round, participant: Participant, facilitator: User
) -> None:
    """A page is a moment older than its stream: what happened in between must not be lost."""
    open_stream(facilitator, reverse("live:desk")).opened()
    release_batch(ready, by=facilitator)
    assert open_stream(participant, room_stream(open_session.pk)).hears(1)


def test_strangers_get_the_same_404_everywhere(
    live_site: str,
    client_for: ClientFor,
    open_session: DialogueSession,
    other_participant: Participant,
    other_listener: User,
) -> None:
    nowhere = "00000000-0000-4000-8000-000000000000"

    def page(path: str, client: Client) -> str:
        ear = Ear(live_site, path, client)
        assert ear.status == 404
        assert ear.wait(lambda: "</html>" in ear.said)
        ear.close()
        head = re.sub(r"date: .*", "", ear.head)
        drawn = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", ear.said)
        return head + drawn.replace(path, "the address that was asked for")

    for person in (None, other_participant, other_listener):
        client = client_for(person)
        assert page(room_stream(open_session.pk), client) == page(room_stream(nowhere), client)


def test_it_ends_for_whoever_is_removed_and_nobody_else_notices(
    open_stream: Open,
    open_session: DialogueSession,
    alias: Alias,
    participant: Participant,
    listener: User,
    facilitator: User,
) -> None:
    own, other = (open_stream(person, room_stream(open_session.pk)).opened() for person in (participant, listener))
    remove_alias(alias, by=facilitator)
    assert own.ends()
    assert own.said.endswith("event: over\ndata: look\n\n")
    assert not other.ended
    assert WORDS.fullmatch(other.said)
    assert other.looks == 0


def test_it_ends_with_the_session(
    open_stream: Open, closing: DialogueSession, participant: Participant, facilitator: User
) -> None:
    ear = open_stream(participant, room_stream(closing.pk)).opened()
    close_round(closing.rounds.get(state="open"), by=facilitator)
    close_session(closing, by=facilitator)
    assert ear.ends()
    assert ear.said.endswith("data: look\n\nevent: over\ndata: look\n\n") or ear.said.endswith(
        "event: over\ndata: look\n\n"
    )
    assert open_stream(participant, room_stream(closing.pk)).status == 204


def test_it_ends_for_whoever_signs_out(
    open_stream: Open,
    open_session: DialogueSession,
    client_for: ClientFor,
    participant: Participant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "ASK_EVERY", 1.0)
    client = client_for(participant)
    ear = open_stream(client, room_stream(open_session.pk)).opened()
    client.post(reverse("accounts:exit"))
    assert ear.ends()
    assert ear.said.endswith("event: over\ndata: look\n\n")


def test_it_keeps_no_web_session_alive(
    open_stream: Open,
    open_session: DialogueSession,
    client_for: ClientFor,
    participant: Participant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither the stream with its questions, nor a page that looks again by itself: only a visit does."""
    monkeypatch.setattr(streams, "ASK_EVERY", 0.2)
    monkeypatch.setattr("accounts.websession.KEEP_ALIVE_EVERY", 0)
    client, redis = client_for(participant), Redis.from_url(settings.REDIS_URL)
    room = reverse("threads:room", args=[open_session.pk])
    (key,) = (key for key in redis.keys("sessions:*"))
    redis.expire(key, 60)
    ear = open_stream(client, room_stream(open_session.pk)).opened()
    for _ in range(3):
        assert client.get(room, headers={"X-Live": "1"}).status_code == 200
        time.sleep(0.3)
    assert redis.ttl(key) <= 60
    client.get(room)
    assert redis.ttl(key) > 60
    redis.delete(key)
    assert ear.ends(), "it is over with the web session"
    assert ear.said.endswith("event: over\ndata: look\n\n")


def test_a_page_that_looks_by_itself_is_no_visit(
    open_session: DialogueSession, ready: Round, client_for: ClientFor, participant: Participant, facilitator: User
) -> None:
    """What came out since somebody was here stays new until they come themselves."""
    client = client_for(participant)
    room = reverse("threads:room", args=[open_session.pk])
    client.get(room)
    release_batch(ready, by=facilitator)
    for _ in range(2):
        assert "Since you were here" in client.get(room, headers={"X-Live": "1"}).content.decode()
    assert "Since you were here" in client.get(room).content.decode()
    assert "Since you were here" not in client.get(room).content.decode()


def test_when_redis_is_lost_all_look_again_and_go_on(
    open_stream: Open, open_session: DialogueSession, ready: Round, participant: Participant, facilitator: User
) -> None:
    ear = open_stream(participant, room_stream(open_session.pk)).opened()
    redis = Redis.from_url(settings.REDIS_URL)
    for one in redis.client_list(_type="pubsub"):
        redis.client_kill_filter(_id=one["id"])
    assert ear.wait(lambda: ear.said.count("event: resync") >= 2), "once when it is lost, once when it is back"
    assert not ear.ended
    heard = ear.looks
    release_batch(ready, by=facilitator)
    assert ear.hears(heard + 1)


def test_fifty_streams_need_no_thread_and_no_database(
    open_stream: Open,
    open_session: DialogueSession,
    ready: Round,
    participant: Participant,
    client_for: ClientFor,
    facilitator: User,
) -> None:
    client, path = client_for(participant), room_stream(open_session.pk)
    open_stream(client, path).opened()
    before = {thread for thread in threading.enumerate() if "ear" not in thread.name}
    ears = [open_stream(client, path) for _ in range(50)]
    for ear in ears:
        ear.opened()
    time.sleep(0.3)
    more = [one for one in threading.enumerate() if one not in before and one not in {ear.thread for ear in ears}]
    assert len([one for one in more if one.is_alive()]) <= 3, "the four that serve pages, at most"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"  # PostgreSQL tidies up by itself
        )
        assert cursor.fetchone() == (1,), "ours"
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    release_batch(ready, by=facilitator)
    assert [ear.hears(1) for ear in ears] == [True] * 50
    for ear in ears:
        ear.close()
    assert ears[0].wait(lambda: len(list(Path("/proc/self/fd").iterdir())) <= descriptors - 90), "both ends are closed"


@pytest.mark.promise("P8", "P11")
def test_a_stream_says_nothing_of_who_is_there(
    open_stream: Open,
    live_site: str,
    open_session: DialogueSession,
    listening: Round,
    participant: Participant,
    listener: User,
    facilitator: User,
    client_for: ClientFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every byte of every role's stream, and of Redis' channel, while participants do all that they can do."""
    monkeypatch.setattr(streams, "BEAT", 0.4)
    monkeypatch.setattr(streams, "TICK", 10**10)  # a full minute may pass meanwhile, and it is nobody's doing
    redis = Redis.from_url(settings.REDIS_URL).pubsub()
    redis.subscribe(live.channel())
    room = room_stream(open_session.pk)
    ears = [open_stream(person, room) for person in (participant, listener, facilitator)]
    ears.append(open_stream(facilitator, reverse("live:desk")))
    for ear in ears:
        ear.opened()
    others = [factories.make_alias(open_session) for _ in range(3)]
    texts = [submit_comment(listening, text="Words.", alias=one) for one in others]
    withdraw_comment(texts[0])
    factories.make_comment(listening, state="released")
    client = client_for(participant)
    client.get(reverse("threads:room", args=[open_session.pk]))
    client.post(reverse("threads:pass", args=[open_session.pk]), {"round": listening.pk})
    client.post(reverse("threads:withdraw", args=[texts[1].pk]))
    coming = open_stream(client, room).opened()
    coming.close()
    client.post(reverse("accounts:exit"))
    time.sleep(1.5)
    for ear in ears:
        assert WORDS.fullmatch(ear.said), ear.said
        assert ear.looks == 0
    heard = [message for message in iter(lambda: redis.get_message(timeout=0.1), None) if message["type"] == "message"]
    assert heard == []
    assert Redis.from_url(settings.REDIS_URL).pubsub_numsub(live.channel())[0][1] == 2, "a process, and this test"


def test_what_is_told_names_a_session_and_nobody(
    open_session: DialogueSession, ready: Round, facilitator: User, live_site: str
) -> None:
    redis = Redis.from_url(settings.REDIS_URL).pubsub()
    redis.subscribe(live.channel())
    release_batch(ready, by=facilitator)
    claim_comment(factories.make_comment(ready), version=1, by=facilitator)
    heard = []
    while message := redis.get_message(timeout=0.5):
        heard += [message["data"].decode()] if message["type"] == "message" else []
    assert heard == [f"{open_session.pk} look", f"{open_session.pk}/team look"]


def test_who_leads_also_looks_once_in_a_while(
    open_stream: Open, facilitator: User, monkeypatch: pytest.MonkeyPatch, open_session: DialogueSession
) -> None:
    """So that new texts show, without anybody being told that one came."""
    monkeypatch.setattr(streams, "TICK", 1)
    desk, room = open_stream(facilitator, reverse("live:desk")), open_stream(facilitator, room_stream(open_session.pk))
    assert desk.hears(2)
    assert room.opened().looks == 0
