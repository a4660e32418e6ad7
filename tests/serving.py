"""The site behind its real web server, inside the test's process."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, cast

import uvicorn
from a2wsgi import WSGIMiddleware
from django.db import connections

from seeds import wsgi
from seeds.streams import WithStreams


def pages(environ: Any, start_response: Any) -> Iterable[bytes]:
    """The site, leaving no connection open in the server's threads, however a browser went away."""
    try:
        answer: Any = wsgi.application(environ, start_response)
        with closing(answer):
            yield from answer
    finally:
        connections.close_all()


@contextmanager
def serve() -> Iterator[str]:
    """Run the pages on a free port of this machine; yields the address."""
    listening = socket.create_server(("127.0.0.1", 0))
    in_threads = WSGIMiddleware(pages, workers=4)
    application = WithStreams(cast(Any, in_threads))
    config = uvicorn.Config(application, lifespan="off", log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        application.hub.close()
        thread.join(10)
        in_threads.executor.shutdown(wait=True)
        listening.close()
