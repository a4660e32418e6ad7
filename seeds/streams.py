"""The streams below /live/: each says `look` when its reader's page is worth another look, and nothing else.

Who may hear what is asked of the pages themselves (one ordinary request, with all its checks), at the start and about
once a minute. Between two questions a stream holds a socket and a few kilobytes: no thread, no database connection.
"""

import asyncio
import json
import random
import resource
import signal
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from django.conf import settings
from redis import RedisError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from seeds.live import ASK_AGAIN, CONTENT_TYPE, LOOK, PREFIX, channel

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

RESYNC = "resync"  # something may have been missed
BEAT = 15.0  # seconds between two signs of life
ASK_EVERY = 60.0  # seconds between two questions whether this reader may still hear; about
ASK_AGAIN_WITHIN = 2.0  # seconds over which the questions are spread when all are asked at once
TICK = 60  # seconds between two looks of those who also look when nothing was told; on the clock, for all at once
MEMORY = 60.0  # seconds for which a new stream is told of what happened before: its page may be that old
AT_ONCE = 2  # questions to the pages at a time, so that people's own requests find threads
READY = 2.0  # seconds a first stream waits for Redis
RETRY = (1500, 4000)  # milliseconds after which a browser comes back; each stream draws its own
SAID = {
    LOOK: b"data: look\n\n",
    RESYNC: b"event: resync\ndata: look\n\n",
    "over": b"event: over\ndata: look\n\n",
    "alive": b":\n\n",
}


class Listener:
    """One open stream: what it has still to be told. However slow its reader, that is one of each kind at most."""

    __slots__ = ("gone", "pending", "ticks", "topics", "woken")

    def __init__(self, topics: Iterable[str], *, ticks: bool) -> None:
        self.topics, self.ticks = frozenset(topics), ticks
        self.pending: set[str] = set()
        self.gone = False
        self.woken = asyncio.Event()

    def hear(self, what: str) -> None:
        self.pending.add(what)
        self.woken.set()

    def leave(self) -> None:
        self.gone = True
        self.woken.set()

    async def wait(self, seconds: float) -> set[str]:
        """What was told; an empty set when nothing was for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                await self.woken.wait()
        self.woken.clear()
        told, self.pending = self.pending, set()
        return told


class Hub:
    """Hands on what Redis says, over one connection of this process, to the streams that it concerns."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[Listener]] = {}
        self.told: dict[str, float] = {}  # by topic: when it was told last
        self.is_over = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self._ready = asyncio.Event()
        self._work: list[asyncio.Task[None]] = []

    @property
    def all(self) -> set[Listener]:
        """Every open stream."""
        return set().union(*self.listeners.values())

    async def start(self) -> None:
        """Begin to listen, if that has not begun; and wait a moment until Redis has taken note."""
        if not self._work:
            self.loop = asyncio.get_running_loop()
            self._work = [self.loop.create_task(self._listen()), self.loop.create_task(self._tick())]
            _end_with_the_process(self.close)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), READY)

    @contextmanager
    def open(self, topics: Iterable[str], *, ticks: bool) -> Iterator[Listener]:
        """A stream that hears these topics; what they were told just before it came, it hears at once."""
        listener = Listener(topics, ticks=ticks)
        self._add(listener)
        if any(time.monotonic() - self.told.get(topic, -MEMORY) < MEMORY for topic in listener.topics):
            listener.hear(LOOK)
        try:
            yield listener
        finally:
            self._remove(listener)

    def change(self, listener: Listener, topics: Iterable[str]) -> None:
        """From now on the stream hears these topics."""
        if listener.topics != frozenset(topics):
            self._remove(listener)
            listener.topics = frozenset(topics)
            self._add(listener)

    def close(self) -> None:
        """End all streams, and take no more. May be called from any thread, and from a signal."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._close)

    def _close(self) -> None:
        self.is_over = True
        for listener in self.all:
            listener.leave()
        for task in self._work:
            task.cancel()

    def _add(self, listener: Listener) -> None:
        for topic in listener.topics:
            self.listeners.setdefault(topic, set()).add(listener)

    def _remove(self, listener: Listener) -> None:
        for topic in listener.topics:
            self.listeners[topic].discard(listener)
            if not self.listeners[topic]:
                del self.listeners[topic]

    def _hear(self, words: str) -> None:
        topic, _, what = words.partition(" ")
        if what == LOOK:
            now = time.monotonic()
            self.told = {topic: at for topic, at in self.told.items() if now - at < MEMORY} | {topic: now}
        for listener in self.listeners.get(topic, ()):
            listener.hear(what)

    def _resync(self) -> None:
        for listener in self.all:
            listener.hear(RESYNC)

    async def _listen(self) -> None:
        """Listen for good. Whenever Redis goes away or is there again, something may have been missed."""
        while True:
            with suppress(RedisError, OSError):
                async with _subscribed() as news:
                    self._resync()
                    self._ready.set()
                    while True:
                        message = await news.get_message(ignore_subscribe_messages=True, timeout=BEAT)
                        if message and message["type"] == "message":
                            self._hear(message["data"].decode())
            if self._ready.is_set():
                self._ready.clear()
                self._resync()
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311 - only spreads

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK - time.time() % TICK)
            for listener in self.all:
                if listener.ticks:
                    listener.hear(LOOK)


@asynccontextmanager
async def _subscribed() -> AsyncIterator[PubSub]:
    redis = Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=READY,
        socket_timeout=None,
        health_check_interval=BEAT,
        retry=Retry(NoBackoff(), 0),
    )
    async with redis, redis.pubsub() as news:
        await news.subscribe(channel())
        yield news


def _end_with_the_process(close: Callable[[], None]) -> None:
    """Have the signals that stop the server close the streams first, which it would wait for otherwise."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def ending(received: int, frame: FrameType | None, before: Any = before) -> None:
            close()
            if callable(before):
                before(received, frame)

        signal.signal(number, ending)


@dataclass
class Answer:
    """What the pages said."""

    status: int = 503
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    @property
    def opens(self) -> bool:
        """Whether the reader may hear something."""
        return self.status == 200 and (b"content-type", CONTENT_TYPE.encode()) in self.headers

    async def pass_on(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


async def _nothing_sent() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _until_gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    listener.leave()


class WithStreams:
    """ASGI: what is below /live/ becomes a stream if the pages allow it; all else is theirs."""

    def __init__(self, pages: App) -> None:
        self.pages = pages
        self.hub = Hub()
        self.open = 0
        #: A stream needs a file descriptor, and so does everything else.
        self.most = min(4000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] * 3 // 4)
        self._questions = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX) or scope["method"] != "GET":
            await self.pages(scope, receive, send)
            return
        answer = await self._ask(scope)
        if not answer.opens:
            await answer.pass_on(send)
        elif self.hub.is_over or self.open >= self.most:
            await Answer().pass_on(send)
        else:
            self.open += 1
            try:
                await self._stream(scope, answer, receive, send)
            finally:
                self.open -= 1

    async def _ask(self, scope: Message) -> Answer:
        """Ask the pages, as the reader, what he may hear."""
        answer = Answer()
        async with self._questions:
            await self.pages(scope, _nothing_sent, answer.take)
        return answer

    async def _stream(self, scope: Message, answer: Answer, receive: Receive, send: Send) -> None:
        await self.hub.start()
        headers = [pair for pair in answer.headers if pair[0] != b"content-length"]

        async def say(words: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": words, "more_body": more})

        with self.hub.open(**json.loads(answer.body)) as listener:
            answer.body = b""
            watch = asyncio.ensure_future(_until_gone(receive, listener))
            try:
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await say(b"retry: %d\n\n" % random.randint(*RETRY))  # noqa: S311 - only spreads
                await self._go_on(scope, listener, say)
                await say(b"", more=False)
            finally:
                watch.cancel()

    async def _go_on(self, scope: Message, listener: Listener, say: Callable[[bytes], Awaitable[None]]) -> None:
        """Say what is told until the reader goes, may hear no more, or the server ends."""
        ask_at, beat_at = _next_question(), time.monotonic() + BEAT
        while True:
            told = await listener.wait(min(ask_at, beat_at) - time.monotonic())
            if listener.gone:
                return
            if RESYNC in told or LOOK in told:
                await say(SAID[RESYNC if RESYNC in told else LOOK])
            if time.monotonic() >= beat_at:  # at its own times, whatever happens: these too must tell nothing
                await say(SAID["alive"])
                beat_at += BEAT
            if ASK_AGAIN in told:
                ask_at = min(ask_at, time.monotonic() + random.uniform(0, ASK_AGAIN_WITHIN))  # noqa: S311 - only spreads
            if time.monotonic() < ask_at:
                continue
            answer = await self._ask(scope)
            if not answer.opens:
                if answer.status < 500:
                    await say(SAID["over"])
                return
            self.hub.change(listener, json.loads(answer.body)["topics"])
            ask_at = _next_question()


def _next_question() -> float:
    return time.monotonic() + ASK_EVERY * random.uniform(0.75, 1.25)  # noqa: S311 - only spreads
