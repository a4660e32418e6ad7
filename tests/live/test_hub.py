"""What the streams do without a server around them: slow readers, too many of them, a silent Redis."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from redis import Redis

from seeds import live
from seeds.embedded import Redis as OwnRedis
from seeds.streams import Hub, Listener, WithStreams

Message = dict[str, Any]
TOPIC = "a-session"


async def allowing(scope: Any, receive: Any, send: Any) -> None:
    """Pages that let everybody hear one topic."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    await send({"type": "http.response.body", "body": b'{"topics": ["a-session"], "ticks": false}'})


class Reader:
    """The server's side of one request; it reads as fast as it is let to."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.status = 0
        self.reads = asyncio.Event()
        self.reads.set()
        self.leaves = asyncio.Event()

    async def receive(self) -> Message:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.reads.wait()
        self.status = message.get("status", self.status)
        self.said.append(message.get("body", b""))

    def opens(self, site: WithStreams) -> "asyncio.Task[None]":
        """Ask for a stream."""
        scope: Message = {"type": "http", "method": "GET", "path": "/live/room/1/", "headers": []}
        return asyncio.ensure_future(site(scope, self.receive, self.send))


async def soon(true: Callable[[], object], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    return bool(true())


def played(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it in a thread of its own: the browser tests keep an event loop on this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(play())).result()


def test_a_slow_reader_hears_once_of_many_things() -> None:
    async def play() -> None:
        site, reader = WithStreams(allowing), Reader()
        stream = reader.opens(site)
        assert await soon(lambda: reader.said[1:])
        reader.reads.clear()
        (listener,) = site.hub.all
        for _ in range(1000):
            listener.hear(live.LOOK)
            await asyncio.sleep(0)
        assert len(listener.pending) <= 1
        reader.reads.set()
        assert await soon(lambda: b"".join(reader.said).count(b"data: look") == 2), "the one on its way, and one more"
        reader.leaves.set()
        await asyncio.wait_for(stream, 5)
        assert site.hub.all == set()
        assert site.hub.listeners == {}

    played(play)


def test_there_is_an_end_to_how_many() -> None:
    async def play() -> None:
        site = WithStreams(allowing)
        site.most = 1
        first, second, third = Reader(), Reader(), Reader()
        stream = first.opens(site)
        assert await soon(lambda: first.status == 200)
        await second.opens(site)
        assert second.status == 503
        first.leaves.set()
        await stream
        third.opens(site)
        assert await soon(lambda: third.status == 200)
        third.leaves.set()

    played(play)


def test_once_it_ends_all_streams_end_and_none_begins() -> None:
    async def play() -> None:
        site, reader, late = WithStreams(allowing), Reader(), Reader()
        stream = reader.opens(site)
        assert await soon(lambda: reader.said[1:])
        site.hub.close()
        await asyncio.wait_for(stream, 1)
        await late.opens(site)
        assert late.status == 503

    played(play)


def test_who_may_hear_more_hears_more() -> None:
    async def play() -> None:
        hub = Hub()
        with hub.open(["one"], ticks=False) as listener:
            hub.change(listener, ["two", "three"])
            assert set(hub.listeners) == {"two", "three"}
        assert hub.listeners == {}

    played(play)


def test_nothing_is_remembered_for_longer_than_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        hub, now = Hub(), time.monotonic()
        for number, later in enumerate((0, 30, 90)):
            monkeypatch.setattr("seeds.streams.time.monotonic", lambda later=later: now + later)
            hub._hear(f"{number} look")
        assert set(hub.told) == {"2"}
        with hub.open(["0"], ticks=False) as too_late, hub.open(["2"], ticks=False) as in_time:
            assert [too_late.pending, in_time.pending] == [set(), {live.LOOK}]

    played(play)


def test_it_waits_until_something_is_told() -> None:
    async def play() -> None:
        listener = Listener([], ticks=False)
        assert await listener.wait(0.01) == set()
        listener.hear(live.LOOK)
        assert await listener.wait(5) == {live.LOOK}
        assert await listener.wait(-1) == set()

    played(play)


@pytest.mark.parametrize("kind", ["gone", "silent"])
def test_telling_never_fails_and_never_waits_for_long(kind: str, settings: Settings) -> None:
    """Whether Redis is not there, or takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0" if kind == "silent" else "unix:///nowhere.sock?db=0"
        began = time.monotonic()
        for _ in range(100):
            live._publish(TOPIC, live.LOOK)
        assert time.monotonic() - began < 4 * live.PATIENCE


def test_a_redis_that_was_killed_is_found_again(tmp_path: Path, settings: Settings) -> None:
    own = OwnRedis(tmp_path)
    settings.REDIS_URL = own.start()

    async def play() -> None:
        site, reader = WithStreams(allowing), Reader()
        reader.opens(site)
        assert await soon(lambda: reader.said[1:])
        await asyncio.to_thread(own.stop)
        assert await soon(lambda: b"event: resync" in b"".join(reader.said))
        await asyncio.to_thread(own.start)
        assert await soon(lambda: b"".join(reader.said).count(b"event: resync") == 2, 15)
        Redis.from_url(settings.REDIS_URL).publish(live.channel(), f"{TOPIC} look")
        assert await soon(lambda: reader.said[-1] == b"data: look\n\n")
        reader.leaves.set()

    try:
        played(play)
    finally:
        own.stop()
