"""What uvicorn serves: the pages run as WSGI in a bounded pool of threads, the streams without any.

Plain ASGI makes a thread a request, without bound; a burst then ends in time-outs of the database pool.
"""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from seeds.streams import WithStreams
from seeds.wsgi import application as pages

PAGE_THREADS = 8

# It names the same types its own way.
application = WithStreams(cast(Any, WSGIMiddleware(cast(Any, pages), workers=PAGE_THREADS)))
