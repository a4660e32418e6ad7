"""One mail after the other, each noted as soon as the mail server has it."""

from functools import partial

from django.core.mail import EmailMessage

from accounts.models import OutreachPartner
from dialogue.bulletin.mail import written
from dialogue.jobs.models import Job
from dialogue.jobs.running import Failed, Held
from dialogue.reminders.post import NoServer, NotTaken, Post
from dialogue.reminders.sending import note_surely

TRIES = 2  # the second over a fresh connection


def send(held: Held) -> None:
    """Go on behind the last mail that was noted. Before each, the hold on the job is renewed, as it may be lost by now.

    A worker that is killed between a mail and its note sends that one again, with the same Message-ID (decision 20).
    """
    job = held.job
    with Post() as post:
        for number, pk in list(enumerate(job.wanted["partners"]))[job.done :]:
            held.step(number, skipped=job.skipped)
            skipped = job.skipped
            for one in OutreachPartner.objects.filter(pk=pk, is_active=True):  # none if it left meanwhile
                skipped += not _is_taken(post, written(one, job.wanted["area"], job.pk))
            note_surely(partial(held.step, number + 1, skipped=skipped))


def _is_taken(post: Post, mail: EmailMessage) -> bool:
    """Hand over one mail; False if this one will never be taken. Raises Failed when it might be taken later."""
    for _try in range(TRIES):
        try:
            post.send(mail)
        except NoServer as error:
            raise Failed(Job.Why.NO_SERVER) from error
        except NotTaken as refusal:
            if refusal.is_final:
                return False
        else:
            return True
    raise Failed(Job.Why.NO_SERVER)
