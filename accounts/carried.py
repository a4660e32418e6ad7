"""Text that was sent after a web session had ended: it travels through the sign-in form and is stored nowhere."""

from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from seeds.faults import Fields, carried_fields, is_text, worth_carrying

NEXT = "next"
PREFIX = "carried-"


def own_path(request: HttpRequest, url: str | None) -> str:
    """The address if it is a path of this very site, else nothing."""
    if not url or not url.startswith("/"):
        return ""
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()) else ""


def referring_path(request: HttpRequest) -> str:
    """The page of ours with the form that was sent, if the browser tells."""
    here = f"{request.scheme}://{request.get_host()}"
    came_from = request.headers.get("Referer", "")
    return own_path(request, came_from.removeprefix(here)) if came_from.startswith(f"{here}/") else ""


@dataclass(frozen=True)
class Carried:
    """Where somebody was going, and with which fields. Without fields it is only a way to go."""

    path: str = ""
    fields: Fields = field(default_factory=list)

    @property
    def hidden(self) -> Fields:
        """As the sign-in form carries it on."""
        return [(NEXT, self.path), *((PREFIX + name, value) for name, value in self.fields)] if self.path else []

    @property
    def texts(self) -> Fields:
        """The fields that somebody wrote."""
        return [pair for pair in self.fields if is_text(*pair)]

    @property
    def others(self) -> Fields:
        """The fields that go along unseen."""
        return [pair for pair in self.fields if not is_text(*pair)]


def from_form(request: HttpRequest) -> Carried:
    """What was just sent to this address and could not be taken."""
    return Carried(request.get_full_path(), carried_fields(request))


def from_sign_in(request: HttpRequest) -> Carried:
    """What the sign-in form carries. A path that is not ours is dropped, and the fields with it."""
    sent = request.POST if request.method == "POST" else request.GET
    path = own_path(request, sent.get(NEXT))
    if not path or request.method != "POST":
        return Carried(path)
    names = [name for name in request.POST if name.startswith(PREFIX)]
    pairs = [(name.removeprefix(PREFIX), value) for name in names for value in request.POST.getlist(name)]
    return Carried(path, worth_carrying(pairs))
