"""In a round that goes in turns, all speak once before anybody speaks again."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions_rounds import running
from dialogue.sessions.matrix import goes_in_turns
from dialogue.sessions.models import Round
from dialogue.threads.queries_turns import waited_for
from seeds.transitions import NotAllowed, move


@transaction.atomic
def open_next_turn(round: Round, *, without_waiting: bool, by: User) -> Round:
    """Let everybody who may write in the open round write one more text; `round.turn` is the turn that `by` saw.

    Raises NotAllowed when the round does not go in turns, is not on, or is in another turn by now; and, unless
    `without_waiting`, while somebody has neither spoken nor passed.
    """
    running(round, by=by)
    if not goes_in_turns(round.kind):
        raise NotAllowed(_("This round does not go in turns."))
    held = Round.objects.select_for_update(no_key=True).filter(pk=round.pk).first()  # nobody hands in a text meanwhile
    if held is None or held.state != Round.State.OPEN:
        raise NotAllowed(_("This round is not on. Nothing was changed."))
    if held.turn != round.turn:
        raise NotAllowed(_("The next turn was opened in the meantime. Nothing was changed."))
    if not without_waiting:
        _check_all_have_spoken(held)
    move(round, Round.State.OPEN, sources=[Round.State.OPEN], where={"turn": round.turn}, turn=F("turn") + 1)
    write(
        AuditEvent.Verb.MOVE_ROUND,
        by=by,
        session_id=round.dialogue_session_id,
        detail=f"{held.number} turn {round.turn}",
    )
    return round


def _check_all_have_spoken(round: Round) -> None:
    left = len(waited_for(round))
    if left:
        message = ngettext(
            "%(left)d person has not spoken or passed yet. Nothing was changed.",
            "%(left)d people have not spoken or passed yet. Nothing was changed.",
            left,
        )
        raise NotAllowed(message % {"left": left})
