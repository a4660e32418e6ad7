"""The language stands in the address: English has no prefix, each other language its code (docs/decisions/0060)."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language


def active() -> str:
    """The language of the page or mail that is being made."""
    return get_language() or settings.LANGUAGE_CODE


def prefix_of(code: str) -> str:
    """What stands before a path in this language."""
    return "" if code == settings.LANGUAGE_CODE else f"/{code}"


def in_language(path: str, code: str) -> str:
    """A path of this site, with or without a query, as it is called in another language than the active one."""
    prefix = prefix_of(active())
    return prefix_of(code) + (path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path)


def opens_by_get(view: Callable[..., Any] | None) -> bool:
    """Whether an address has a page. Django's decorator keeps the methods that it lets through to itself."""
    while view is not None:
        if isinstance(view, FunctionType) and "request_method_list" in view.__code__.co_freevars:
            kept = dict(zip(view.__code__.co_freevars, view.__closure__ or (), strict=True))
            return "GET" in kept["request_method_list"].cell_contents
        view = getattr(view, "__wrapped__", None)
    return True


def this_page(request: HttpRequest, code: str) -> str:
    """This page in another language; where only forms are sent to its address, the front page."""
    match = request.resolver_match
    if match is not None and not opens_by_get(match.func):
        return in_language(reverse("welcome:home"), code)
    query = request.GET.copy()
    if "next" in query:  # where somebody goes after signing in
        query["next"] = in_language(str(query["next"]), code)
    return in_language(request.path, code) + (f"?{query.urlencode(safe='/')}" if query else "")
