"""The site behind its real web server, inside the test's process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application


@contextmanager
def serve() -> Iterator[str]:
    """Run the pages on a free port of this machine; yields the address."""
    listening = socket.create_server(("127.0.0.1", 0))
    application = WSGIMiddleware(get_wsgi_application(), workers=4)
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
