"""Fills the drill's own database: a session that starts soon, with many to remind, and one in which somebody writes.

Run as a process with the drill's environment; prints what the drill needs to know as JSON.
"""

import json
import sys
from datetime import timedelta

import django
from django.utils import timezone


def main(partners: int) -> None:
    """Make the rows. `partners` + 2 mails are due at once."""
    django.setup()
    from dialogue.sessions.models import Round, RoundKind, State
    from tests import factories

    team = [factories.make_facilitator(), factories.make_facilitator(is_peer=True)]
    soon = timezone.now() + timedelta(hours=3)
    factories.make_session(State.ANNOUNCED, team, starts_at=soon, ends_at=soon + timedelta(days=1))
    for _ in range(partners):
        factories.make_partner()
    participant, words = factories.make_participant_with_words()
    running = factories.make_session(State.OPEN, starts_at=timezone.now() - timedelta(days=1))
    factories.make_round(running, RoundKind.OPENING, Round.State.DONE)
    factories.make_round(running, RoundKind.LISTENING, Round.State.OPEN)
    factories.make_alias(running, participant)
    json.dump({"words": words, "session": str(running.pk), "mails": partners + len(team)}, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
