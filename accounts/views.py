"""What somebody sees whose form can't be taken: mostly the web session ended while they were writing."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render
from django.urls import reverse

from accounts.carried import from_form, from_sign_in, referring_path
from accounts.participants.views_sign_in import ask_words, show_again

FOREIGN = (REASON_BAD_ORIGIN.split("%s")[0], "Referer checking failed")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Gives back what somebody wrote: at once if they are signed in, through the sign-in form if not.

    Text that another site sent in somebody's name is not shown as theirs.
    """
    if reason.startswith(FOREIGN):
        return render(request, "accounts/participants/too_old.html", {"again": reverse("welcome:home")}, status=403)
    at_sign_in = request.path == reverse("accounts:sign_in")
    carried = from_sign_in(request) if at_sign_in else from_form(request)
    if not carried.fields and not at_sign_in:
        again = referring_path(request) or reverse("welcome:home")
        return render(request, "accounts/participants/too_old.html", {"again": again}, status=403)
    if request.user.is_authenticated and carried.fields:
        return show_again(request, carried, status=403)
    return ask_words(request, carried, too_old=at_sign_in, status=403)
