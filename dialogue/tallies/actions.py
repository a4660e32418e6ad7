"""Counting an answer, showing counts, closing a question.

Two ways of showing, and a question uses one of them: by fives as answers come, or all of it once, when it is closed.
In both what changes from one view to the next are at least five answers, so nobody can subtract one view from another
and learn what a single person said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from django.db import transaction

from accounts.models import Participant, User
from dialogue.tallies.models import Tally, TallyMark
from dialogue.tallies.queries import Counts, tag_of

#: Fewer answers than this are never shown.
FEWEST = 5


class AlreadyAnswered(Exception):
    """This person was counted before; nothing was changed."""


def _locked(subjects: Iterable[str]) -> list[Tally]:
    """The rows of these questions until the transaction ends, always in the same order, so that two never wait for
    each other; made where there was none."""
    wanted = sorted(set(subjects))
    Tally.objects.bulk_create([Tally(subject=subject) for subject in wanted], ignore_conflicts=True)
    return list(Tally.objects.select_for_update().filter(subject__in=wanted).order_by("subject"))


@transaction.atomic
def count(votes: Mapping[str, str], *, by: Participant | User, once: str, by_fives: bool = False) -> None:
    """Add one person's answers: an option for each subject. `once` names the question that is answered once only.

    `by_fives`: whenever five new answers have come together, they are shown. Raises AlreadyAnswered.
    """
    mark = TallyMark(subject=once, tag=tag_of(by, once))
    if not TallyMark.objects.bulk_create([mark], ignore_conflicts=True) or not _was_made(mark):
        raise AlreadyAnswered
    for tally in _locked(votes):
        _add(tally, votes[tally.subject], by_fives=by_fives)


@transaction.atomic
def count_one(subject: str, option: str) -> None:
    """Count something that nobody answered and that leads to nobody, such as a text that was read in time. By fives."""
    for tally in _locked([subject]):
        _add(tally, option, by_fives=True)


def _add(tally: Tally, option: str, *, by_fives: bool) -> None:
    tally.waiting[option] = tally.waiting.get(option, 0) + 1
    if by_fives and sum(tally.waiting.values()) >= FEWEST:
        _show(tally)
    tally.save(update_fields=["waiting", "shown"])


def _was_made(mark: TallyMark) -> bool:
    """A conflict is ignored without a word, so look if the row that is there is this one."""
    return TallyMark.objects.filter(pk=mark.pk).exists()


def _show(tally: Tally) -> None:
    tally.shown = dict(Counter(tally.shown) + Counter(tally.waiting))
    tally.waiting = {}


@transaction.atomic
def close(subjects: Iterable[str], *, once: str = "") -> None:
    """End a question: show what five or more said, throw away the rest and every mark. Closing again changes nothing.

    For questions that are shown by fives what waits is thrown away: shown alone it would be fewer than five. The
    caller sees to it that nobody answers afterwards.
    """
    for tally in _locked(subjects):
        if not tally.shown and sum(tally.waiting.values()) >= FEWEST:
            _show(tally)
        tally.waiting = {}
        tally.save(update_fields=["waiting", "shown"])
    TallyMark.objects.filter(subject=once).delete()


@transaction.atomic
def discard(subjects: Iterable[str], *, once: str) -> None:
    """Throw a question away: what was counted, shown or not, and every mark."""
    Tally.objects.filter(pk__in=[tally.pk for tally in _locked(subjects)]).delete()
    TallyMark.objects.filter(subject=once).delete()


@transaction.atomic
def settle(subject: str) -> Counts:
    """End a question whose numbers nobody gets to see: what was answered, for a rule that says yes or no. The counts
    and every mark are deleted."""
    counts: Counts = {}
    for tally in _locked([subject]):
        counts = dict(tally.waiting)
        tally.delete()
    TallyMark.objects.filter(subject=subject).delete()
    return counts
