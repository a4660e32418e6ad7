"""The split web session: what lies in the store is noise without the cookie."""

import json

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import caches
from django.test import Client
from redis import Redis

from accounts.models import Participant
from accounts.websession import ABSOLUTE, IDLE, KEEP_ALIVE_EVERY, SessionStore
from tests.accounts.participants.helpers import everything_in_redis, sign_in

MARKER = "marker-in-the-web-session"


def saved(**data: object) -> SessionStore:
    session = SessionStore()
    session.update(data)
    session.save()
    return session


def test_comes_back_under_its_token():
    session = saved(what=MARKER)
    again = SessionStore(session.session_key)
    assert dict(again.items()) == {"what": MARKER}
    assert again.modified is False
    assert not again.is_empty()


@pytest.mark.promise("P3")
def test_store_holds_noise_and_not_the_token(settings):
    session = saved(what=MARKER)
    stored = everything_in_redis(settings.REDIS_URL)
    assert len(stored) == 1
    joined: bytes = b"".join([*stored, *stored.values()])
    for secret in (MARKER, session.session_key or MARKER, "what", "data"):
        assert secret.encode() not in joined


def test_two_sessions_with_the_same_content_look_different(settings):
    saved(what=MARKER)
    saved(what=MARKER)
    values = list(everything_in_redis(settings.REDIS_URL).values())
    assert len(values) == 2
    assert values[0] != values[1]


def test_another_token_opens_nothing():
    session = saved(what=MARKER)
    stranger = SessionStore("z" * 32)
    assert dict(stranger.items()) == {}
    assert stranger.session_key is None
    assert SessionStore().exists(session.session_key or "")
    assert not SessionStore().exists("z" * 32)


@pytest.mark.parametrize("position", [0, 12, -1])
def test_tampering_ends_it(settings, position):
    session = saved(what=MARKER)
    cache = caches["sessions"]
    (name,) = (key.decode().rsplit(":", 1)[-1] for key in everything_in_redis(settings.REDIS_URL))
    sealed = bytearray(cache.get(name))
    sealed[position] ^= 1
    cache.set(name, bytes(sealed))
    assert dict(SessionStore(session.session_key).items()) == {}


def test_what_is_stored_can_not_be_moved_to_another_token(settings):
    first, second = saved(what="first"), saved(what="second")
    cache = caches["sessions"]
    names = [key.decode().rsplit(":", 1)[-1] for key in everything_in_redis(settings.REDIS_URL)]
    one, other = (cache.get(name) for name in names)
    cache.set(names[0], other)
    cache.set(names[1], one)
    assert [dict(SessionStore(s.session_key).items()) for s in (first, second)] == [{}, {}]


def test_strange_bytes_in_the_store_are_no_session(settings):
    session = saved(what=MARKER)
    (name,) = (key.decode().rsplit(":", 1)[-1] for key in everything_in_redis(settings.REDIS_URL))
    caches["sessions"].set(name, json.dumps({"data": {}}))
    assert dict(SessionStore(session.session_key).items()) == {}


def test_idle_end_is_twenty_minutes(settings):
    saved(what=MARKER)
    (key,) = everything_in_redis(settings.REDIS_URL)
    with Redis.from_url(settings.REDIS_URL) as client:
        assert IDLE - 40 <= client.ttl(key) <= IDLE == 20 * 60


def test_views_move_the_idle_end_every_five_minutes_only():
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        session = saved(what=MARKER)
        clock.shift(KEEP_ALIVE_EVERY - 1)
        soon = SessionStore(session.session_key)
        assert soon["what"] == MARKER
        assert soon.modified is False
        clock.shift(1)
        later = SessionStore(session.session_key)
        assert later["what"] == MARKER
        assert later.modified is True


def test_absolute_end_is_four_hours_however_busy(settings):
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        session = saved(what=MARKER)
        clock.shift(ABSOLUTE - 60)
        near = SessionStore(session.session_key)
        assert near["what"] == MARKER
        near.save()
        (key,) = everything_in_redis(settings.REDIS_URL)
        with Redis.from_url(settings.REDIS_URL) as client:
            assert 20 <= client.ttl(key) <= 60
        clock.shift(60)
        assert dict(SessionStore(session.session_key).items()) == {}


def test_flush_leaves_nothing(settings):
    session = saved(what=MARKER)
    token = session.session_key
    session.flush()
    assert session.session_key is None
    assert everything_in_redis(settings.REDIS_URL) == {}
    assert dict(SessionStore(token).items()) == {}


def test_new_token_keeps_the_content_and_starts_the_clock_anew():
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        session = saved(what=MARKER)
        old = session.session_key
        clock.shift(ABSOLUTE - 60)
        session.cycle_key()
        session.save()
        assert session.session_key != old
        assert dict(SessionStore(old).items()) == {}
        clock.shift(120)
        assert SessionStore(session.session_key)["what"] == MARKER


def test_ended_session_is_not_brought_back_by_a_late_request():
    session = saved(what=MARKER)
    late = SessionStore(session.session_key)
    late["more"] = 1
    session.flush()
    with pytest.raises(UpdateError):
        late.save()


def test_saving_without_a_token_makes_one():
    session = SessionStore("z" * 32)
    session["what"] = MARKER
    session.save()
    assert session.session_key != "z" * 32
    assert SessionStore(session.session_key)["what"] == MARKER


def test_taken_token_is_drawn_again(monkeypatch):
    session = saved(what=MARKER)
    fresh = SessionStore()
    drawn = iter([session.session_key, "y" * 32])
    monkeypatch.setattr(fresh, "_get_new_session_key", lambda: next(drawn))
    fresh.create()
    assert fresh.session_key == "y" * 32
    assert SessionStore(session.session_key)["what"] == MARKER


def test_nothing_to_clear_and_nothing_to_delete():
    SessionStore.clear_expired()
    SessionStore().delete()
    assert SessionStore().exists("") is False


def test_visitor_without_a_form_gets_no_cookie(client: Client, db, settings):
    response = client.get("/how-it-works/")
    assert response.status_code == 200
    assert client.cookies == {}
    assert everything_in_redis(settings.REDIS_URL) == {}


def test_visitor_with_a_form_has_its_token_and_nothing_else(client: Client, db, settings):
    client.get("/card/")
    assert list(client.session.keys()) == ["_csrftoken"]
    (cookie,) = client.cookies.values()
    assert (cookie.key, cookie["max-age"], cookie["expires"]) == ("s", "", "")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


@pytest.mark.promise("P3")
def test_signed_in_participant_keeps_these_and_nothing_else(participant: Participant, client: Client, settings):
    sign_in(client, participant)
    assert sorted(client.session.keys()) == ["_auth_user_backend", "_auth_user_hash", "_auth_user_id", "alias_key"]
    stored = everything_in_redis(settings.REDIS_URL)
    joined = b"".join([*stored, *stored.values()])
    for secret in (str(participant.pk), participant.alias_key.hex(), client.cookies["s"].value):
        assert secret.encode() not in joined
