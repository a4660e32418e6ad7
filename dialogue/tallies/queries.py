"""What may be shown of a count, and who has answered."""

import hmac
from collections.abc import Iterable

from django.conf import settings

from accounts.models import Participant, User
from accounts.participants.keys import tally_tag
from dialogue.tallies.models import Tally, TallyMark

Counts = dict[str, int]


def tag_of(person: Participant | User, subject: str) -> bytes:
    """The mark that this person leaves at this question. A participant's is made of a key that only he can bring."""
    if isinstance(person, Participant):
        return tally_tag(person.alias_key, subject)
    return hmac.digest(settings.SITE_SALT, b"seeds/v1/tally/" + person.pk.bytes + subject.encode(), "sha256")


def has_answered(person: Participant | User, subject: str) -> bool:
    """Whether this person has answered this question."""
    return TallyMark.objects.filter(tag=tag_of(person, subject)).exists()


def answered(person: Participant | User, subjects: Iterable[str]) -> set[str]:
    """Those of the questions that this person has answered; one query for all."""
    tags = {tag_of(person, subject): subject for subject in subjects}
    found = TallyMark.objects.filter(tag__in=tags).values_list("tag", flat=True)
    return {tags[bytes(tag)] for tag in found}


def shown(subjects: Iterable[str]) -> dict[str, Counts]:
    """What may be shown of each question by now, by its subject; those of which nothing may be shown are left out."""
    found = Tally.objects.filter(subject__in=set(subjects)).values_list("subject", "shown")
    return {subject: counts for subject, counts in found if counts}


def how_many(subject: str) -> int:
    """How many have answered this question, whatever they said. For those who wait for a number."""
    return TallyMark.objects.filter(subject=subject).count()
