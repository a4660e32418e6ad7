"""What the weaker settings put in place of ours."""

from collections.abc import Callable

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from accounts.adapters import AccountAdapter


class AddressAdapter(AccountAdapter):
    """Ours, with the library's own idea of who asks."""

    get_client_ip = DefaultAccountAdapter.get_client_ip


class Storable:
    """Answers say nothing about being stored, as Django's do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.headers.get("Cache-Control") == "no-store":
            del response.headers["Cache-Control"]
        return response
