"""From a card to an account: the code, three screens to read, seven words, three of them typed back."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.participants import entry
from accounts.participants.actions import create_participant, redeem_code
from accounts.participants.entry import Entry
from accounts.participants.forms import CodeForm, WordsCheckForm
from accounts.participants.keys import TooManyAtOnce
from accounts.participants.limits import CODES, Tries
from accounts.participants.signing import refuse_for_now, sign_in_participant

FOLDER = "accounts/participants"
View = Callable[..., HttpResponse]


def _where(request: HttpRequest) -> HttpResponse:
    """To the furthest step that was reached."""
    step = Entry(request.session).step
    if not step:
        return redirect("accounts:card")
    return redirect("accounts:words") if step == entry.WORDS else redirect("accounts:before", step)


def newcomers_only(view: View) -> View:
    """Open to everybody without an account; who has one is sent to it."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: int, **kwargs: int) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect("accounts:start")
        return view(request, *args, **kwargs)

    return guarded


@newcomers_only
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest) -> HttpResponse:
    """One field for the code. A used code and an unknown one get the same answer."""
    if Entry(request.session).step:
        return _where(request)
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        tries = Tries(request.session, "codes")
        wait = tries.seconds_to_wait() or CODES.take()
        if wait:
            return refuse_for_now(request, f"{FOLDER}/card.html", form, wait)
        if redeem_code(form.cleaned_data["code"]):
            tries.forget()
            Entry(request.session).begin()
            return redirect("accounts:before", 1)
        tries.count_wrong()
        form.add_error("code", _("This code does not work. Look at your card again. A card works only once."))
    return render(request, f"{FOLDER}/card.html", {"form": form}, status=status)


@newcomers_only
@require_http_methods(["GET", "HEAD", "POST"])
def before(request: HttpRequest, step: int) -> HttpResponse:
    """Three short screens: what we keep, who reads it, what we can't promise."""
    if not 1 <= step <= entry.READINGS:
        raise Http404
    progress = Entry(request.session)
    if progress.step < step:
        return _where(request)
    if request.method == "POST":
        progress.reach(step + 1)
        return redirect("accounts:words") if step == entry.READINGS else redirect("accounts:before", step + 1)
    context = {"steps": _stepper(step), "back": step - 1}
    return render(request, f"{FOLDER}/before_{step}.html", context)


@newcomers_only
@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """The seven words, big and numbered, to be written down."""
    progress = Entry(request.session)
    if progress.step < entry.WORDS:
        return _where(request)
    context = {"words": progress.passphrase().split(), "steps": _stepper(entry.WORDS)}
    return render(request, f"{FOLDER}/words.html", context)


@newcomers_only
@require_http_methods(["GET", "HEAD", "POST"])
def words_check(request: HttpRequest) -> HttpResponse:
    """Three of the words are typed back; then the account is made, in a transaction of its own."""
    progress = Entry(request.session)
    if progress.step < entry.WORDS:
        return _where(request)
    form = WordsCheckForm(request.POST if request.method == "POST" else None, asked=progress.asked)
    template = f"{FOLDER}/words_check.html"
    context = {"form": form, "steps": _stepper(entry.WORDS + 1)}
    if not form.is_valid():
        return render(request, template, context)
    try:
        participant = create_participant(progress.passphrase())
    except TooManyAtOnce:
        return refuse_for_now(request, template, form, seconds=60, context=context)
    progress.end()
    sign_in_participant(request, participant)
    messages.success(request, _("You are in. Keep your seven words: they are the only way back."))
    return redirect("sessions:mine")


@newcomers_only
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Walking away between the card and the account: nothing stays, and the card is used up."""
    if request.method == "POST":
        request.session.flush()
        return redirect("welcome:home")
    if not Entry(request.session).step:
        return redirect("welcome:home")
    return render(request, f"{FOLDER}/leave.html")


def _stepper(now: int) -> list[dict[str, str]]:
    names = [_("What we keep"), _("Who reads it"), _("What we can’t promise"), _("Your words"), _("Check")]
    states = ["done"] * (now - 1) + ["now"] + ["next"] * (len(names) - now)
    return [{"name": name, "state": state} for name, state in zip(names, states, strict=True)]
