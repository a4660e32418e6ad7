"""Signing in with seven words, out, and away; and the text that was sent after a web session had ended."""

import contextlib
from contextvars import copy_context
from threading import Thread

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from redis.exceptions import RedisError

from accounts.carried import Carried, from_sign_in
from accounts.models import Participant, Role
from accounts.participants.forms import PassphraseForm
from accounts.participants.keys import TooManyAtOnce
from accounts.participants.limits import SIGN_INS, Tries
from accounts.participants.signing import refuse_for_now, sign_in_participant
from accounts.policies import role_of
from accounts.websession import SessionStore

STORE_WAIT = 1.0  # seconds that the exit waits for the store of web sessions
TEMPLATE = "accounts/participants/sign_in.html"
FIRST_PAGE = {
    "participant": "sessions:mine",
    Role.LISTENER: "accounts:listener_home",
    Role.FACILITATOR: "desk:home",
    Role.OPERATOR: "accounts:operator_home",
}


class SeeOther(HttpResponseRedirect):
    """303: whatever this was, go on with a GET."""

    status_code = 303


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """One field for the seven words. Unknown words, and those of somebody barred, get the same answer."""
    carried = from_sign_in(request)
    if request.user.is_authenticated:
        return go_on(request, carried)
    if request.method != "POST" or "signed-in" in request.POST:
        return ask_words(request, carried)
    form = PassphraseForm(request.POST)
    if not form.is_valid():
        return ask_words(request, carried, form)
    return _try_words(request, carried, form)


def _try_words(request: HttpRequest, carried: Carried, form: PassphraseForm) -> HttpResponse:
    tries = Tries(request.session, "words")
    wait = tries.seconds_to_wait() or SIGN_INS.take()
    context = {"carried": carried, "too_old": False, "not_yet": False}
    if wait:
        return refuse_for_now(request, TEMPLATE, form, wait, context)
    try:
        person = authenticate(request, passphrase_secret=form.cleaned_data["words"])
    except TooManyAtOnce:
        return refuse_for_now(request, TEMPLATE, form, 60, context)
    if not isinstance(person, Participant):
        tries.count_wrong()
        form.add_error("words", _("These words do not open an account. Check each word and the order."))
        return ask_words(request, carried, form)
    tries.forget()
    sign_in_participant(request, person)
    return go_on(request, carried)


def ask_words(
    request: HttpRequest,
    carried: Carried,
    form: PassphraseForm | None = None,
    *,
    too_old: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The sign-in page, carrying on what somebody wrote. `too_old`: it had been open for too long itself."""
    request.is_writing = bool(carried.fields)  # type: ignore[attr-defined]  # leaving by itself must not eat words
    context = {
        "form": form or PassphraseForm(),
        "carried": carried,
        "too_old": too_old,
        "not_yet": "signed-in" in request.POST,
    }
    return render(request, TEMPLATE, context, status=status)


def go_on(request: HttpRequest, carried: Carried) -> HttpResponse:
    """To where somebody was going, or to their own text with a button that sends it on."""
    if carried.fields:
        return show_again(request, carried)
    return redirect(carried.path or "accounts:start")


def show_again(request: HttpRequest, carried: Carried, *, status: int = 200) -> HttpResponse:
    """What somebody wrote, in a form with a fresh token. Not a redirect: the text exists in this answer only."""
    request.is_writing = True  # type: ignore[attr-defined]  # read by seeds.middleware
    layout = "public.html" if role_of(request.user) in ("public", "participant") else "staff.html"
    return render(request, "accounts/participants/resume.html", {"carried": carried, "layout": layout}, status=status)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To the first page of one's role."""
    return redirect(FIRST_PAGE[role_of(request.user)])


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this web session."""
    logout(request)
    return redirect("welcome:home")


def _end_in_store(token: str | None) -> None:
    with contextlib.suppress(RedisError, OSError):
        SessionStore(token).delete()


@login_not_required
@csrf_exempt  # it must work from any page, however old; all that somebody else could do with it is sign one out
@require_POST
def leave_site(request: HttpRequest) -> HttpResponse:
    """The exit: end the web session in the store and in the browser, and go elsewhere, whatever else is broken.

    The middleware gives this address an empty session, so an unreachable store can't stop it. One that hangs can't
    hold it up either: nobody waits for it for longer than a second, and it hears of the end when it answers again.
    """
    ending = Thread(target=copy_context().run, args=[_end_in_store, request.COOKIES.get(settings.SESSION_COOKIE_NAME)])
    ending.start()
    ending.join(STORE_WAIT)
    response = SeeOther(resolve_url(settings.EXIT_URL))
    response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Strict")
    return response
