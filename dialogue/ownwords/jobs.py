"""The file that is too long to be made while a page waits."""

from dialogue.jobs.models import Job
from dialogue.jobs.running import Failed, Held
from dialogue.ownwords.actions import PDF, take_own_words
from dialogue.ownwords.paper import LONGEST, TooMuch


def make(held: Held) -> bytes:
    """The PDF with all own words of who asked."""
    try:
        return take_own_words(form=PDF, by=held.owner, longest=LONGEST)
    except TooMuch as error:
        raise Failed(Job.Why.TOO_MUCH) from error
