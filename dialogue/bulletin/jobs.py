"""One mail after the other, each noted as soon as the mail server has it."""

from accounts.models import OutreachPartner
from dialogue.bulletin.mail import written
from dialogue.jobs.models import Job
from dialogue.jobs.running import Failed, Held
from dialogue.reminders.post import NoServer, NotTaken, Post


def send(held: Held) -> None:
    """Go on behind the last mail that was noted. Before each, the hold on the job is renewed, as it may be lost by now.

    A worker that is killed between a mail and its note sends that one again, with the same Message-ID (decision 20).
    """
    job = held.job
    with Post() as post:
        for number, pk in list(enumerate(job.wanted["partners"]))[job.done :]:
            held.step(number, skipped=job.skipped)
            skipped = job.skipped
            for partner in OutreachPartner.objects.filter(pk=pk, is_active=True):  # none if it left meanwhile
                try:
                    post.send(written(partner, job.wanted["area"], job.pk))
                except NoServer as error:
                    raise Failed(Job.Why.NO_SERVER) from error
                except NotTaken:
                    skipped += 1
            held.step(number + 1, skipped=skipped)
