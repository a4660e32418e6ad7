"""Signing a participant in, and saying "not now" to too many tries."""

from typing import Any

from django.contrib.auth import login
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from accounts.models import Participant
from accounts.participants.limits import minutes
from accounts.participants.years import renew

BACKEND = "accounts.backends.PassphraseBackend"


def sign_in_participant(request: HttpRequest, participant: Participant) -> None:
    """From now on this web session, under a fresh token, is theirs. The alias key lives in it and nowhere else.

    The account counts as in use this year. That comes first: the web session is bound to the epoch that it changes.
    """
    renew(participant)
    login(request, participant, backend=BACKEND)  # type: ignore[arg-type]  # two kinds of accounts
    request.session["alias_key"] = participant.alias_key.hex()


def refuse_for_now(
    request: HttpRequest, template: str, form: Form, seconds: int, context: dict[str, Any] | None = None
) -> HttpResponse:
    """429: the same page, with how long to wait; what was typed is still there."""
    wait = minutes(seconds)
    form.add_error(
        None,
        ngettext(
            "There were too many tries. Please wait %(n)d minute. Then try again.",
            "There were too many tries. Please wait %(n)d minutes. Then try again.",
            wait,
        )
        % {"n": wait},
    )
    response = render(request, template, {**(context or {}), "form": form}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
