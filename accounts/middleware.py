"""What every request of a signed-in person must meet."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.utils.http import urlencode

from accounts.models import Participant, Role, User
from accounts.second_factor import was_passed

Handler = Callable[[HttpRequest], HttpResponse]

#: Pages that lead out of a web session.
WAYS_OUT = frozenset({"account_logout", "accounts:exit", "accounts:new_password"})
#: Pages that somebody needs on the way to a second factor, and to leave.
BEFORE_SECOND_FACTOR = frozenset(
    {
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "account_reauthenticate",
        "account_email_verification_sent",
        *WAYS_OUT,
    }
)


class AliasKey:
    """Puts the participant's alias key, which lives in the encrypted web session only, on `request.user`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        if isinstance(request.user, Participant):
            request.user.alias_key = bytes.fromhex(request.session["alias_key"])


#: Addresses of allauth that anybody may open; the others are for named accounts.
ENTRANCES = frozenset({"account_login", "account_signup", "account_confirm_email", "account_reset_password"})


class NamedPagesOnly:
    """The pages of allauth and Django's admin know named accounts only: for everybody else they don't exist."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        match, role = request.resolver_match, getattr(request.user, "role", "public")
        if match is None or role in ("public", Role.OPERATOR):
            return
        if match.app_name == "admin":
            raise Http404
        named = match.view_name.startswith(("account_", "mfa_")) and match.view_name not in ENTRANCES
        if role == Participant.role and named:
            raise Http404

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """allauth puts a `site` of its own, with the address as its name, over ours."""
        match = request.resolver_match
        if match and match.view_name.startswith(("account_", "mfa_")) and response.context_data:
            response.context_data.pop("site", None)
        return response


class RequireSecondFactor:
    """A named account sees nothing but the way to a second factor until this web session has passed one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        user = request.user
        if getattr(user, "role", "public") in ("public", Participant.role) or not isinstance(user, User):
            return None
        match = request.resolver_match
        name = match.view_name if match else ""
        if is_mfa_enabled(user, ["totp", "webauthn"]):
            if name in WAYS_OUT or was_passed(request):
                return None
            logout(request)  # it began before the factor was set up, maybe by somebody else who had the password
            return redirect("account_login")
        return None if name in BEFORE_SECOND_FACTOR else redirect("mfa_activate_totp")


class AskAgainAndForget:
    """Before a change that needs the password again, the form is sent back to, not kept.

    allauth would keep the whole request until then, with the address it came from and the kind of browser.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ReauthenticationRequired) or request.method != "POST":
            return None
        ways = get_adapter(request).get_reauthentication_methods(request.user)
        way = ways[0]["url"] if ways else resolve_url("account_login")
        return redirect(f"{way}?{urlencode({'next': request.path})}")
