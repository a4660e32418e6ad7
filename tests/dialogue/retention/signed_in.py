"""Signs an operator in, in the environment's own database and Redis; prints the cookie."""

import sys

import django


def main() -> None:
    """The operator is made the first time."""
    django.setup()
    from django.conf import settings
    from django.test import Client

    from accounts.models import Role, User
    from tests import factories
    from tests.cast import sign_in

    operator = User.objects.filter(role=Role.OPERATOR).first() or factories.make_user(Role.OPERATOR)
    cookie = sign_in(Client(), operator).cookies[settings.SESSION_COOKIE_NAME]
    sys.stdout.write(f"{cookie.key}={cookie.value}")


if __name__ == "__main__":
    main()
