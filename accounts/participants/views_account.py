"""A participant's account: signing out everywhere, and cutting every link for good."""

from typing import cast

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.decorators import participant_only
from accounts.models import Participant
from accounts.participants.actions import delete_account, end_web_sessions

FOLDER = "accounts/participants"


@participant_only
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """What the account is. POST signs out everywhere."""
    if request.method == "POST":
        end_web_sessions(cast(Participant, request.user))
        logout(request)
        return redirect("accounts:sign_in")
    return render(request, f"{FOLDER}/account.html")


@participant_only
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Asks once, then deletes the account and ends the web session."""
    if request.method == "POST":
        delete_account(cast(Participant, request.user))
        logout(request)
        return redirect("welcome:home")
    return render(request, f"{FOLDER}/delete.html")
