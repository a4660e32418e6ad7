from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import register

from seeds.checks import check_catalogs


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        register(check_catalogs, "seeds")  # seeds/ is no app of its own
        from allauth.mfa.signals import authenticator_added  # noqa: PLC0415 - models load after the apps
        from django.contrib.auth.models import update_last_login  # noqa: PLC0415 - as above

        from accounts import second_factor  # noqa: PLC0415 - as above

        # Django would write the time of sign-in on whoever signs in; a participant has no such column, on purpose.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(update_last_login, sender=self.get_model("User"), dispatch_uid="update_last_login")
        authenticator_added.connect(second_factor.remember, dispatch_uid="second_factor")
