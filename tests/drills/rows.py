"""Fills the drill's own database with what the staff would have prepared: two talks, a team, a listener, cards.

Run as a process with the drill's environment; prints what the drill needs to know as JSON.
"""

import json
import sys
from datetime import timedelta

import django
from django.utils import timezone


def main(cards: int) -> None:
    """Make the rows."""
    django.setup()
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    from accounts.models import InviteCode, today
    from accounts.participants import keys
    from dialogue.sessions.models import RoundKind, State
    from tests import factories

    team = [factories.make_facilitator(), factories.make_facilitator(is_peer=True)]
    secret = {"secret": get_adapter().encrypt(factories.TOTP_SECRET)}
    Authenticator.objects.create(user=team[0], type=Authenticator.Type.TOTP, data=secret)
    listener = factories.make_listener(name="Marcus Hale")
    partner = factories.make_partner()
    soon = timezone.now() + timedelta(hours=3)
    sessions = {}
    for name in ("A", "B"):
        made = factories.make_session(State.ANNOUNCED, team if name == "A" else None, starts_at=soon, capacity=cards)
        factories.make_round(made, RoundKind.DIALOGUE, "planned")
        factories.make_seat(made, listener)
        sessions[name] = str(made.pk)
    promise = factories.make_commitment(owner=listener, dialogue_session=made, due_on=today())
    codes = [keys.generate_code() for _ in range(cards + 1)]
    InviteCode.objects.bulk_create([InviteCode(digest=keys.code_digest(code), partner=partner) for code in codes])
    people = {"facilitator": team[0].email, "listener": listener.email}
    people |= {"password": factories.PASSWORD, "secret": factories.TOTP_SECRET}
    json.dump({"sessions": sessions, "codes": codes, "promise": str(promise.pk), **people}, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
