"""The site's settings with some of its protections taken away: those named in DRILL_WITHOUT. For the drills only."""

import os
from typing import Any

from seeds.settings import *  # noqa: F403 - all of them, but for what follows
from seeds.settings import LOGGING as LOGGING_OF_OURS
from seeds.settings import MIDDLEWARE

OURS: dict[str, Any] = dict(LOGGING_OF_OURS)
OFF = os.environ["DRILL_WITHOUT"].split()

if "split_session" in OFF:
    SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    SESSION_CACHE_ALIAS = "sessions"
if "quiet_logs" in OFF:
    # What the framework's documentation recommends: messages in the log, and a mail about each error.
    plain = {"format": "{levelname} {asctime} {module} {message}", "style": "{"}
    errors = {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR"}
    LOGGING = OURS | {
        "formatters": {"nothing_personal": plain},
        "handlers": OURS["handlers"] | {"mail": errors},
        "root": {"handlers": ["stderr", "mail"], "level": "WARNING"},
        "loggers": OURS["loggers"] | {"uvicorn.access": {"level": "INFO", "propagate": True}},
    }
    ADMINS = [("Operations", "operations@seeds.example")]
if "address_bucket" in OFF:
    ACCOUNT_ADAPTER = "tests.drills.weaker_parts.AddressAdapter"
if "no_store" in OFF:
    MIDDLEWARE = ["tests.drills.weaker_parts.Storable", *MIDDLEWARE]
