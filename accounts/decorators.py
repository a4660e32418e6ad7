"""Guards for views: the wrong role gets 404, as if the page did not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.models import Role, User
from accounts.policies import role_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def only(*roles: str) -> Callable[[View[P]], View[P]]:
    """Let only viewers of these roles in. Strangers were already sent to sign in by the middleware."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if role_of(request.user) not in roles:
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


participant_only = only("participant")
listener_only = only(Role.LISTENER)
facilitator_only = only(Role.FACILITATOR)
operator_only = only(Role.OPERATOR)
staff_only = only(Role.FACILITATOR, Role.OPERATOR)
named_only = only(*Role.values)


def named(request: HttpRequest) -> User:
    """The named account behind a request that one of the guards for named roles let in."""
    return cast(User, request.user)
