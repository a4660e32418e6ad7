"""The site behind its real web server, inside the test's process."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware
from django.db import connections

from seeds import wsgi


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
    application = WSGIMiddleware(pages, workers=4)
    config = uvicorn.Config(application, lifespan="off", log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        application.executor.shutdown(wait=True)
        listening.close()
