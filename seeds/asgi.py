"""What uvicorn serves: the pages run as WSGI in a bounded pool of threads.

Plain ASGI makes a thread a request, without bound; a burst then ends in time-outs of the database pool.
"""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from seeds.wsgi import application as pages

PAGE_THREADS = 8

application = WSGIMiddleware(cast(Any, pages), workers=PAGE_THREADS)  # it names the same types its own way
