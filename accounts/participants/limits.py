"""How often words and codes may be tried, without knowing who tries."""

import time
from dataclasses import dataclass
from functools import cache
from math import ceil

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from redis import ConnectionPool, Redis

WRONG_TRIES = 5  # in one web session; the next one has to wait
WAIT = 10 * 60  # seconds

#: Takes one token or tells how many seconds until there is one; the clock is the store's own (GCRA).
TAKE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local step = tonumber(ARGV[1])
local free = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0)) + step
local wait = free - step * ARGV[2] - now
if wait > 0.001 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.3f', free), 'EX', math.ceil(step * ARGV[2]) + 1)
return 0
"""


@cache
def _client(url: str) -> Redis:
    return Redis(connection_pool=ConnectionPool.from_url(url, socket_connect_timeout=2, socket_timeout=5))


@dataclass(frozen=True)
class Bucket:
    """A number of tries for the whole site: `burst` at once, and `per_minute` come back. No address is looked at."""

    name: str
    burst: int
    per_minute: int

    def take(self) -> int:
        """0 when a try was to be had, else the seconds until there is one."""
        step = 60 / self.per_minute
        return int(_client(settings.REDIS_URL).eval(TAKE, 1, f"bucket:{self.name}", step, self.burst))


#: Each try to sign in costs a fifth of a second of one processor: at most a third of one goes into it.
SIGN_INS = Bucket("sign-ins", burst=60, per_minute=100)
CODES = Bucket("codes", burst=60, per_minute=60)


@dataclass(frozen=True)
class Tries:
    """The wrong tries of one web session, kept in it and gone with it."""

    session: SessionBase
    name: str

    @property
    def key(self) -> str:
        """Where the count stands in the web session."""
        return f"wrong {self.name}"

    def seconds_to_wait(self) -> int:
        """0 when another try is allowed."""
        count, until = self.session.get(self.key, (0, 0))
        return max(0, ceil(until - time.time())) if count >= WRONG_TRIES else 0

    def count_wrong(self) -> None:
        """One more. After WRONG_TRIES of them there is a wait, and then they count anew."""
        count, until = self.session.get(self.key, (0, 0))
        count = 1 if until and until <= time.time() else count + 1
        self.session[self.key] = (count, time.time() + WAIT if count >= WRONG_TRIES else 0)

    def forget(self) -> None:
        """It was right: the count is gone."""
        self.session.pop(self.key, None)


def minutes(seconds: int) -> int:
    """Full minutes, at least one."""
    return max(1, ceil(seconds / 60))
