"""What uvicorn serves: the pages run as WSGI in a bounded pool of threads.

Plain ASGI makes a thread a request, without bound; a burst then ends in time-outs of the database pool.
"""

from a2wsgi import WSGIMiddleware

from seeds.wsgi import application as pages

PAGE_THREADS = 8

application = WSGIMiddleware(pages, workers=PAGE_THREADS)
