"""The web session on every request, and the sign-in page for those who have none."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse

from accounts.carried import from_form, referring_path
from accounts.participants.views_sign_in import ask_words
from seeds.live import is_by_itself


class WebSessions(SessionMiddleware):
    """Django's, but the exit never waits for the store (it must work when that is out of reach), and a page that asks
    by itself is nobody's visit."""

    def process_request(self, request: HttpRequest) -> None:
        """An empty web session for the exit, whose view ends the real one itself."""
        if request.method == "POST" and request.path == reverse("accounts:exit"):
            request.session = self.SessionStore()
            return
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """What a page asks by itself keeps no web session alive, and changes nothing in it."""
        if is_by_itself(request):
            request.session.modified = False
        return super().process_response(request, response)


class SignInFirst(LoginRequiredMiddleware):
    """Django's, but text that was sent after the web session had ended comes along through the sign-in form."""

    def handle_no_permission(  # type: ignore[override]  # also a page, not only a redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """The sign-in page: for a form with the text in it; without any text, on the way back to the form's page."""
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        carried = from_form(request)
        if carried.fields:
            return ask_words(request, carried, status=403)
        back = referring_path(request) or request.get_full_path()
        return redirect_to_login(back, resolve_url(self.get_login_url(view_func)))
