"""What the tests of participants' accounts share."""

from django.test import Client
from redis import Redis

from accounts.models import InviteCode, OutreachPartner, Participant
from accounts.participants import keys


def everything_in_redis(url: str) -> dict[bytes, bytes]:
    """Every key with its value, rate limits left out."""
    with Redis.from_url(url) as client:
        return {key: client.get(key) for key in client.scan_iter() if not key.startswith(b"bucket:")}


def sign_in(client: Client, participant: Participant) -> None:
    """As after typing the words, without the cost of checking them."""
    client.force_login(participant, backend="accounts.backends.PassphraseBackend")  # type: ignore[arg-type]
    session = client.session
    session["alias_key"] = participant.alias_key.hex()
    session.save()


def make_card(partner: OutreachPartner) -> str:
    """An unused card's code."""
    code = keys.generate_code()
    InviteCode.objects.create(digest=keys.code_digest(code), partner=partner)
    return code
