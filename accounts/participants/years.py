"""Which accounts are still in use: one byte of each account's epoch holds the year of the last sign-in, nothing else.

An account stays for the rest of that year and the whole of the next.
"""

import secrets

from django.db import transaction
from django.db.models import F, Func, IntegerField, Q, Value
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan
from django.utils import timezone

from accounts.models import Participant

FIRST = 2026  # no account can have been used in an earlier year: what says so was written before years were kept

EPOCH_RANDOM = 15  # bytes of an epoch that mean nothing; one more holds the year
CENTURY = 2000


def new_epoch() -> bytes:
    """A fresh epoch, different from every earlier one: random bytes, and the year as the last one.

    The year (UTC) is all that tells whether an account is still in use.
    """
    return secrets.token_bytes(EPOCH_RANDOM) + bytes([timezone.now().year - CENTURY])


def _year() -> Func:
    """The year of the last sign-in, as the database reads it from the epoch."""
    byte = Func(F("epoch"), Value(EPOCH_RANDOM), function="GET_BYTE", output_field=IntegerField())
    return byte + Value(CENTURY)  # type: ignore[return-value]  # an expression as good as a function


def year_of(participant: Participant) -> int:
    """The year of the last sign-in; 2000 for an account of before years were kept."""
    return bytes(participant.epoch)[EPOCH_RANDOM] + CENTURY


def renew(participant: Participant) -> None:
    """At a sign-in: let the account count as used this year.

    The first sign-in of a year ends the account's other web sessions. Of two at once both stay signed in.
    """
    if year_of(participant) == timezone.now().year:
        return
    old, fresh = participant.epoch, new_epoch()
    if Participant.objects.filter(pk=participant.pk, epoch=old).update(epoch=fresh):
        participant.epoch = fresh
        return
    found = Participant.objects.filter(pk=participant.pk).values_list("epoch", flat=True).first()
    participant.epoch = found or old


def date_unknown() -> int:
    """Let accounts that hold no year, or one that can't be, count as used this year; how many there were."""
    impossible = Q(LessThan(_year(), FIRST)) | Q(GreaterThan(_year(), timezone.now().year))
    pks = list(Participant.objects.filter(impossible).values_list("pk", flat=True))
    for pk in pks:
        Participant.objects.filter(pk=pk).update(epoch=new_epoch())
    return len(pks)


@transaction.atomic
def delete_unused() -> int:
    """Delete the accounts that nobody signed in to this year or in the last; how many went.

    Somebody who signs in at the same moment keeps the account: the condition is looked at row by row.
    """
    last_year = timezone.now().year - 1
    unused = Participant.objects.filter(GreaterThanOrEqual(_year(), FIRST), LessThan(_year(), last_year))
    return unused.delete()[0]
