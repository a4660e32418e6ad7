"""Why a session is on hold or was called off, as a person or the clock wrote it down."""

from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

#: What the clock stores as a reason: always in English, and translated for who reads it.
NO_TIME_FOUND = gettext_noop("We are looking for a new time.")
NOT_CLOSED = gettext_noop("Nobody closed it within 14 days of its planned end.")


def _told(reason: str) -> str:
    """The clock's own sentences in the reader's language; what a person wrote as it is."""
    return gettext(reason) if reason in (NO_TIME_FOUND, NOT_CLOSED) else reason


class WithReasons(models.Model):
    """The two reasons of a session; empty where it is neither on hold nor called off."""

    pause_reason = models.CharField(_("reason for the pause"), max_length=300, blank=True)
    cancel_reason = models.CharField(_("reason for cancelling"), max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def why_paused(self) -> str:
        """The reason for the pause, for whoever reads it."""
        return _told(self.pause_reason)

    @property
    def why_cancelled(self) -> str:
        """The reason for calling it off, for whoever reads it."""
        return _told(self.cancel_reason)
