"""Headers on every answer."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

Handler = Callable[[HttpRequest], HttpResponse]

#: Seconds after which a page left open goes back to the front page: as long as an idle web session lives.
LEAVE_AFTER = 20 * 60
#: The same for pages where people write. They sign in again to send; their text comes along.
LEAVE_AFTER_WRITING = 60 * 60


class ResponseHeaders:
    """Nothing is stored by browsers, nothing is indexed, and a page left open goes away by itself.

    A view where people write sets `request.is_writing = True`: leaving by itself must never eat words. A page that
    looks again sooner keeps its own time.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/static/"):
            return response
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if response.headers.get("Content-Type", "").startswith("text/html") and not 300 <= response.status_code < 400:
            if settings.ONION_URL and settings.ONION_URL != settings.SITE_URL:
                response.headers["Onion-Location"] = settings.ONION_URL + request.get_full_path()
            seconds = LEAVE_AFTER_WRITING if getattr(request, "is_writing", False) else LEAVE_AFTER
            response.headers.setdefault("Refresh", f"{seconds}; url={reverse('welcome:home')}")
        return response
