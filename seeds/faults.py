"""What people see when something behind the site is down: a plain page that gives them back what they typed."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from kombu.exceptions import OperationalError as BrokerError
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

OUT_OF_REACH = (OperationalError, InterfaceError, PoolTimeout, RedisError, BrokerError, ConnectionError)
#: Fields whose text is worth giving back. Passwords, words and codes are not: they can be typed again.
CARRIED = ("body", "note", "past_harm", "present_harm", "responsibility", "apology", "plan")


def carried_text(request: HttpRequest) -> dict[str, str]:
    """What somebody typed into a long field of this form, to be given back and stored nowhere."""
    if request.method != "POST":
        return {}
    return {name: request.POST[name] for name in CARRIED if request.POST.get(name, "").strip()}


def server_error(request: HttpRequest) -> HttpResponse:
    """503 when the database or Redis is out of reach, else 500. Uses neither of them, nor the web session."""
    down = isinstance(sys.exc_info()[1], OUT_OF_REACH)
    page = loader.get_template("503.html" if down else "500.html")
    content = page.render({"carried": carried_text(request), "path": request.path})
    response = HttpResponse(content, status=503 if down else 500)
    if down:
        response.headers["Retry-After"] = "30"
    return response
