"""Background work. The truth lives in database rows; Celery only wakes the code that looks at them."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seeds.settings")

app = Celery("seeds")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks([f"dialogue.{name}" for name in ("jobs", "moderation", "reminders", "retention", "sessions")])


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Connecting is enough: Celery then leaves the log settings alone, which print nothing personal."""
