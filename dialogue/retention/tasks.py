"""Background work on what is kept and for how long."""

from contextlib import suppress

from celery import shared_task
from celery.signals import after_task_publish, beat_init
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from dialogue.retention import clock
from dialogue.retention.backup import back_up_if_due
from dialogue.retention.key_backup import renew_keys
from dialogue.retention.models import Upkeep
from dialogue.retention.scrub import scrub_if_due
from dialogue.retention.upkeep import note_done


@shared_task(name="retention.scrub")
def scrub_when_due() -> None:
    """Every 30 minutes: the clean-up of what the database remembers, if anything changed."""
    scrub_if_due()


@shared_task(name="retention.run")
def delete_what_is_due() -> None:
    """Every 15 minutes: all that goes by the clock."""
    now = timezone.now()
    clock.check_time(now)
    clock.run(now)


@shared_task(name="retention.back_up")
def back_up_daily() -> None:
    """Every hour: today's backup if there is none yet; old ones go."""
    clock.check_time(timezone.now())
    back_up_if_due()


@shared_task(name="retention.renew_key_copy")
def renew_key_copy() -> None:
    """Every 15 minutes: a key that was destroyed goes from the copy of the keys as well."""
    renew_keys()


@shared_task(name="retention.sign_of_life", ignore_result=True)
def sign_of_life() -> None:
    """Every 30 seconds: a worker takes work and reaches the database."""
    note_done(Upkeep.Kind.WORKER)


@beat_init.connect
def _note_what_beat_hands_out(**_: object) -> None:
    """In beat's process only: it leaves a sign of its own whenever it has handed one out, the first one at once."""
    after_task_publish.connect(_beat_handed_out, sender=sign_of_life.name)
    with suppress(OperationalError):  # Redis may not be there yet; then the first one comes in its turn
        sign_of_life.apply_async(retry=False)


def _beat_handed_out(**_: object) -> None:
    try:
        note_done(Upkeep.Kind.BEAT)
    finally:
        connection.close()  # beat needs it for a moment every 30 seconds
