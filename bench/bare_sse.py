"""The least that tells 500 browsers something: one Redis channel, a queue a client; bench.live compares."""

import asyncio
import os
from typing import Any

from redis.asyncio import Redis

CHANNEL = "bare"
clients: set[asyncio.Queue[bytes]] = set()
work: list[asyncio.Task[None]] = []


async def listen() -> None:
    """Hand on what the channel says."""
    news = Redis.from_url(os.environ["REDIS_URL"], socket_timeout=None).pubsub()
    await news.subscribe(CHANNEL)
    async for message in news.listen():
        if message["type"] == "message":
            for client in clients:
                client.put_nowait(b"data: look\n\n")


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """ASGI: every request is a stream without end."""
    if not work:
        work.append(asyncio.create_task(listen()))
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    clients.add(queue)
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
    while True:
        await send({"type": "http.response.body", "body": await queue.get(), "more_body": True})
