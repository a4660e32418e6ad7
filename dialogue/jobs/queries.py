"""What somebody sees of the own long work. Nobody sees another person's."""

from django.db.models import QuerySet

from accounts.models import User
from dialogue.jobs.models import Job


def jobs_of(person: User) -> QuerySet[Job]:
    """What this person asked for and is still told of, the latest first."""
    return Job.objects.filter(owner=person).order_by("-goes_at", "pk")
