"""What this site asks of allauth: no address of anybody's machine anywhere, and no secret in clear."""

import hashlib
import hmac
import secrets
import time
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.cache import cache
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.listeners.actions import register_listener
from accounts.models import User
from seeds.languages import active

#: Seconds after signing in during which the second factor may be set up without typing the password again.
FRESH = 600
#: Seconds after which nobody, not even this server, can tell two visits from one address as such.
SALT_LIVES = 3600


def new_salt() -> str:
    return secrets.token_hex(32)


class AccountAdapter(DefaultAccountAdapter):
    """Named accounts only: listeners sign up here, facilitators and operators come by invitation."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This address and this password don’t belong together."),
        "enter_current_password": _("This is not your password."),
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": _("Too many tries. Please wait five minutes."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """A bucket that stands for the address in rate limits: about one of a million, different every hour.

        Short on purpose: whoever read the salt from memory still finds thousands of addresses for each bucket.
        """
        salt = str(cache.get_or_set("address-salt", new_salt, SALT_LIVES))
        address = request.META.get("REMOTE_ADDR", "").encode()
        return "b" + hmac.new(salt.encode(), address, hashlib.sha256).hexdigest()[:5]

    def get_http_user_agent(self, request: HttpRequest) -> str:
        return ""

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """No second password for the second factor straight after signing in; also on the recovery codes after it."""
        request = context.request
        records = get_authentication_records(request, request.user)
        if app == "allauth.mfa" and records and time.time() - records[-1]["at"] < FRESH:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of the account, its links too; to an address without one in that of the page."""
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        language = user.language if isinstance(user, User) else active()
        links = {name: translate_url(url, language) for name, url in context.items() if name.endswith("_url")}
        with translation.override(language):
            super().send_mail(template_prefix, email, context | links)

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Who signs up is a listener."""
        return register_listener(user, **form.cleaned_data)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """To a page of ours with a link on it: browsers keep back our cookie on the way in from a mail program."""
        return settings.SITE_URL + reverse("accounts:new_password", args=[key])


class MFAAdapter(DefaultMFAAdapter):
    """Second-factor secrets are encrypted with a key that is not in the database."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code does not fit. Wait for the next one and try again."),
    }

    def encrypt(self, text: str) -> str:
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._box().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """Drawn in the page itself: the content security policy refuses images from data addresses."""
        return segno.make(url).svg_inline(scale=5, border=3, dark="#000", light="#fff", lineclass=None, svgclass=None)

    @staticmethod
    def _box() -> MultiFernet:
        return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
