"""Signing in with seven words."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django.utils.module_loading import import_string

from accounts.models import Participant
from accounts.participants import keys


class PassphraseBackend(BaseBackend):
    """Knows participants only; named accounts sign in through allauth's backend."""

    def authenticate(  # type: ignore[override]  # BaseBackend's **kwargs would let passwords in here
        self, request: HttpRequest | None, passphrase_secret: str | None = None
    ) -> Participant | None:
        """The participant with these words, with the alias key set; None for unknown ones and for barred people.

        The argument's name holds "secret": Django hands failed credentials to every listener of `user_login_failed`
        and masks only names that look secret. Raises keys.TooManyAtOnce.
        """
        if not passphrase_secret or len(passphrase_secret) > keys.MAX_PASSPHRASE:
            return None
        root = keys.root_key(passphrase_secret)
        participant = Participant.objects.filter(lookup=keys.lookup(root)).first()
        if participant is None:
            return None
        participant.alias_key = keys.alias_key(keys.unwrap(root, participant.wrapped))
        return None if import_string(settings.BARRED_CHECK)(participant.alias_key) else participant

    def get_user(self, user_id: UUID) -> Participant | None:  # type: ignore[override]  # two kinds of accounts
        """The participant of a running web session, without the alias key."""
        return Participant.objects.filter(pk=user_id).first()
