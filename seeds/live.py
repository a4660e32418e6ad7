"""Telling open pages that there is something new. What it is, a page learns by asking for itself again.

So nothing is sent that its reader could not see anyway, and Redis keeps nothing: whoever listens hears it, and it is
gone. See docs/decisions/0066.
"""

import json
import time
from collections.abc import Iterable
from functools import cache, partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

#: Where the streams are. seeds.streams holds them open; the pages say who may hear what.
PREFIX = "/live/"
CONTENT_TYPE = "text/event-stream"
#: The header of a request that a page makes by itself, without anybody doing anything.
BY_ITSELF = "X-Live"
#: What is told: there is something new; somebody may have lost access, so ask again who may hear.
LOOK, ASK_AGAIN = "look", "ask-again"
PATIENCE = 0.2  # seconds that telling may hold up the page that tells
REST = 2.0  # seconds after a failure in which nothing is tried


def is_by_itself(request: HttpRequest) -> bool:
    """Whether a page asks, not a person: that must not keep a web session alive."""
    return request.method == "GET" and (request.path.startswith(PREFIX) or BY_ITSELF in request.headers)


def room_of(session_pk: UUID) -> str:
    """The topic of what everybody in a session may know."""
    return str(session_pk)


def team_of(session_pk: UUID) -> str:
    """The topic of what only those who lead the session may know."""
    return f"{session_pk}/team"


def tell(topic: str, what: str = LOOK) -> None:
    """Tell everybody who hears this topic, once the transaction is committed. Never fails, never waits for long."""
    transaction.on_commit(partial(_publish, topic, what))


class StreamResponse(HttpResponse):
    """The pages' answer to a request for a stream: what its reader may hear. seeds.streams makes a stream of it.

    `ticks` = also say `look` once a minute, whether or not anything happened.
    """

    def __init__(self, topics: Iterable[str], *, ticks: bool) -> None:
        super().__init__(json.dumps({"topics": list(topics), "ticks": ticks}), content_type=CONTENT_TYPE)
        self.headers["X-Accel-Buffering"] = "no"  # a proxy hands on each line at once


def channel() -> str:
    """The one channel of this site: who listens to it is a process, never a person."""
    return f"live.{Redis.from_url(settings.REDIS_URL).connection_pool.connection_kwargs.get('db', 0)}"


class _Teller:
    """The connection by which this process tells. When Redis does not answer, it is left alone for a while."""

    def __init__(self, url: str) -> None:
        self.redis = Redis.from_url(
            url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self.channel = channel()
        self.rests_until = 0.0

    def say(self, words: str) -> None:
        if time.monotonic() < self.rests_until:
            return
        try:
            self.redis.publish(self.channel, words)
        except (RedisError, OSError):
            self.rests_until = time.monotonic() + REST


_teller = cache(_Teller)


def _publish(topic: str, what: str) -> None:
    _teller(settings.REDIS_URL).say(f"{topic} {what}")
