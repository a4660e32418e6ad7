"""What people see when something behind the site is down: a plain page that gives them back what they typed."""

import re
import sys

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template import loader
from kombu.exceptions import OperationalError as BrokerError
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from seeds.context import site

OUT_OF_REACH = (OperationalError, InterfaceError, PoolTimeout, RedisError, BrokerError, ConnectionError)
#: Fields people write in. Whatever they typed there is worth giving back, however short.
CARRIED = ("body", "note", "past_harm", "present_harm", "responsibility", "apology", "plan")
LONG = 40  # characters; longer text in any other field is worth giving back too
#: Passwords, words and codes are not: they can be typed again, and must not stand in a page.
NEVER_CARRIED = re.compile(r"pass|word|code|token|secret|credential", re.IGNORECASE)

Fields = list[tuple[str, str]]


def worth_carrying(fields: Fields) -> Fields:
    """All fields but the secret ones if at least one holds somebody's text, else nothing."""
    kept = [(name, value) for name, value in fields if not NEVER_CARRIED.search(name)]
    texts = [value for name, value in kept if is_text(name, value)]
    return kept if any(text.strip() for text in texts) else []


def is_text(name: str, value: str) -> bool:
    """Whether somebody wrote this, rather than chose or was handed it: ids and signatures hold no spaces."""
    return name.removeprefix("carried-") in CARRIED or (len(value) > LONG and len(value.split()) > 1)


def carried_fields(request: HttpRequest) -> Fields:
    """What somebody sent with this form, to be given back and stored nowhere; empty without any text of theirs."""
    if request.method != "POST":
        return []
    try:
        sent = [(name, value.replace("\0", "")) for name, values in request.POST.lists() for value in values]
    except (SuspiciousOperation, MultiPartParserError, OSError):
        return []  # what was sent can't be read, so there is nothing to give back
    return worth_carrying(sent)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 when the database or Redis is out of reach, else 500. Uses neither of them, nor the web session."""
    down = isinstance(sys.exc_info()[1], OUT_OF_REACH)
    fields = carried_fields(request)
    request.is_writing = bool(fields)  # type: ignore[attr-defined]  # read by seeds.middleware
    context = {
        **site(HttpRequest()),  # the site's facts without the viewer: asking who it is would need what is down
        "texts": [pair for pair in fields if is_text(*pair)],
        "others": [pair for pair in fields if not is_text(*pair)],
        # The token stays good for as long as the web session lives; without one the sign-in page takes the text on.
        "token": request.POST.get("csrfmiddlewaretoken", "") if fields else "",
        "path": request.get_full_path(),
    }
    content = loader.get_template("503.html" if down else "500.html").render(context)
    response = HttpResponse(content, status=503 if down else 500)
    if down:
        response.headers["Retry-After"] = "30"
    return response
