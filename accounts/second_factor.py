"""Whether this very web session has passed a second factor, not only whether its owner has one somewhere.

A session that began before the owner set one up must not go on with the password alone.
"""

from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from accounts.models import User

SESSION_KEY = "second_factor"


def remember(request: HttpRequest, user: User, **_: Any) -> None:
    """The session in which a factor is set up has shown it. Receives allauth's `authenticator_added`."""
    request.session[SESSION_KEY] = str(user.pk)


def was_passed(request: HttpRequest) -> bool:
    """Whether the second factor was asked for and given, or set up, in this web session."""
    if request.session.get(SESSION_KEY) == str(request.user.pk):
        return True
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))
