"""Becoming a participant, and ceasing to be one."""

import os

from django.db import transaction

from accounts.models import InviteCode, Participant
from accounts.participants import keys
from accounts.participants.years import new_epoch


@transaction.atomic
def redeem_code(code: str) -> bool:
    """Use up a card: its row is deleted, so that a used code and an unknown one look alike. True for one caller only.

    The account must be made in another transaction, or the two would be linked by their transaction's number.
    """
    deleted, _ = InviteCode.objects.filter(digest=keys.code_digest(code)).delete()
    return deleted == 1


@transaction.atomic
def create_participant(passphrase: str) -> Participant:
    """The account of these words, with its alias key set. Asked twice with the same words, it is the same account."""
    root = keys.root_key(passphrase)
    participant, _ = Participant.objects.get_or_create(
        lookup=keys.lookup(root), defaults={"wrapped": keys.wrap(root, os.urandom(32)), "epoch": new_epoch()}
    )
    participant.alias_key = keys.alias_key(keys.unwrap(root, participant.wrapped))
    return participant


@transaction.atomic
def end_web_sessions(participant: Participant) -> None:
    """Sign this participant out everywhere, the current place included."""
    participant.epoch = new_epoch()
    participant.save(update_fields=["epoch"])


@transaction.atomic
def delete_account(participant: Participant) -> None:
    """Cut every link for good: without the row, no one, not even the holder of the words, finds the names again."""
    participant.delete()
