"""A participant says if a promise is seen; the clock ends the question.

Nothing but the counts and the mark is written: no line in the audit log, no time, and no lock on the commitment, whose
row would show it. So an answer in the very second in which the question ends can come after the end; the clock then
finds its mark at the next run and throws both away.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Participant, today
from dialogue.commitments.models import Commitment
from dialogue.commitments.seen import Seen, asked, subject_of
from dialogue.tallies import actions as tallies
from seeds.transitions import NotAllowed


@transaction.atomic
def say_seen(commitment: Commitment, *, answer: str, by: Participant) -> None:
    """Count one participant's answer, whoever made the promise in whichever session.

    Raises NotAllowed (nobody is asked about this one now, or there is no such answer), and AlreadyAnswered.
    """
    if answer not in Seen.values:
        raise NotAllowed(_("Choose one of the three: seen, not seen, or not sure."))
    if not Commitment.objects.filter(asked(today()), pk=commitment.pk).exists():
        raise NotAllowed(_("Nobody is asked about this promise now. Nothing was counted."))
    subject = subject_of(commitment.pk)
    tallies.count({subject: answer}, by=by, once=subject, by_fives=True)


def end_question(commitment: Commitment) -> None:
    """Throw away who has answered, and answers of fewer than five. What was shown stays."""
    subject = subject_of(commitment.pk)
    tallies.close([subject], once=subject)
