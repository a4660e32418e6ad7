"""What is counted, for any number of sessions with the same number of queries. Whatever is about participants leaves
here by fives, or as the report rounds it: no caller gets an exact small number."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count

from accounts.models import User, today
from dialogue.commitments.models import Commitment
from dialogue.commitments.seen import Seen, subject_of
from dialogue.commitments.standing import Standing, that_are
from dialogue.feedback.policies import subjects_of
from dialogue.feedback.questions import AGREE, Side
from dialogue.figures.policies import BEGUN, Range, by_fives, is_counted
from dialogue.moderation.models import ModerationDecision, Reason
from dialogue.moderation.policies import IN_TIME, LATE, reading_of
from dialogue.reports.figures import rounded
from dialogue.sessions.models import Alias, DialogueSession, Round, State
from dialogue.tallies.actions import FEWEST
from dialogue.tallies.queries import shown
from dialogue.threads.models import Comment, Pass

Outcome = ModerationDecision.Outcome
#: The standings that are counted, in the order in which they are shown.
STANDINGS = (Standing.KEPT, Standing.RUNNING, Standing.LATE, Standing.BROKEN)


@dataclass(frozen=True)
class Share:
    """So many of so many. Only of numbers that may be shown as they are."""

    value: int
    of: int


def led(user: User) -> list[DialogueSession]:
    """This facilitator's sessions that have begun, the first one first."""
    begun = DialogueSession.objects.led_by(user).filter(state__in=(*BEGUN, State.PURGED))
    return list(begun.order_by("starts_at", "pk"))


# --- Who took part ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """How many took part in one round: handed in a text or passed, and of those, handed in a text."""

    round: Round
    spoke_or_passed: Range
    wrote: Range


def parts(sessions: Iterable[DialogueSession]) -> dict[UUID, list[Part]]:
    """Who took part in the rounds that are over, in their order, by session; none in which fewer than five joined.

    Everybody counts who had a name when it opened, those who left or were taken out too, and every text, whatever
    became of it: so nothing that one person does later changes a number. Four queries.
    """
    ids = [one.pk for one in sessions if one.state in BEGUN]
    names = Alias.objects.filter(dialogue_session__in=ids).order_by().values_list("dialogue_session")
    joined = {pk: number for pk, number in names.annotate(number=Count("pk")) if number >= FEWEST}
    rounds = Round.objects.filter(dialogue_session__in=joined)
    counted = [one for one in rounds.order_by("dialogue_session", "number") if is_counted(one)]
    of_these = {"thread__round__in": [one.pk for one in counted], "alias__isnull": False}
    wrote, passed = (
        _people(model.objects.filter(**of_these).order_by().values_list("thread__round", "alias").distinct())
        for model in (Comment, Pass)
    )
    found: dict[UUID, list[Part]] = defaultdict(list)
    for one in counted:
        n, texts = joined[one.dialogue_session_id], wrote[one.pk]
        found[one.dialogue_session_id].append(
            Part(one, by_fives(len(texts | passed[one.pk]), n), by_fives(len(texts), n))
        )
    return dict(found)


def _people(rows: Iterable[tuple[UUID, UUID]]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for round_id, alias_id in rows:
        found[round_id].add(alias_id)
    return found


# --- Who felt heard --------------------------------------------------------------------------------------------------


def heard(sessions: Iterable[DialogueSession]) -> dict[UUID, Share]:
    """Of the answers participants gave, how many say “mostly” or “very much”, by session. One query.

    Only of questions that the session shows by itself: those that five or more answered, once they were closed.
    """
    closed = [one.pk for one in sessions if one.questions_closed_on is not None]
    subjects = {subject: pk for pk in closed for subject in subjects_of(pk, Side.PARTICIPANTS).values()}
    counts: dict[UUID, Counter[str]] = defaultdict(Counter)
    for subject, numbers in shown(subjects).items():
        if sum(numbers.values()) >= FEWEST:
            counts[subjects[subject]].update(numbers)
    return {pk: Share(sum(of[step] for step in AGREE), of.total()) for pk, of in counts.items()}


# --- What became of the texts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Texts:
    """What became of the texts of one session, each number rounded by itself as in the report."""

    handed_in: int = 0
    waiting: int = 0
    let_through: int = 0
    returned: int = 0
    words_taken: int = 0
    second_looks: int = 0
    reasons: dict[str, int] = field(default_factory=dict)  # those with five or more


def texts(sessions: Iterable[DialogueSession]) -> dict[UUID, Texts]:
    """What became of the texts, both sides', of each session that is closed and still has its texts. Two queries.

    While a session is open a number that grows would tell when somebody wrote.
    """
    ids = [one.pk for one in sessions if one.state == State.FOLLOW_UP]
    states: dict[UUID, Counter[str]] = {pk: Counter() for pk in ids}
    rows = Comment.objects.filter(thread__round__dialogue_session__in=ids).order_by()
    for pk, state in rows.values_list("thread__round__dialogue_session", "state"):
        states[pk][state] += 1
    decided: dict[UUID, list[tuple[UUID, int, str, str]]] = {pk: [] for pk in ids}
    where = "comment__thread__round__dialogue_session"
    decisions = ModerationDecision.objects.filter(**{f"{where}__in": ids}, undone=False).order_by()
    for pk, *row in decisions.values_list(where, "comment", "comment_version", "outcome", "reason"):
        decided[pk].append((row[0], row[1], row[2], row[3]))
    return {pk: _texts(states[pk], decided[pk]) for pk in ids}


def _texts(states: Counter[str], decisions: list[tuple[UUID, int, str, str]]) -> Texts:
    by_outcome: dict[str, set[tuple[UUID, int]]] = defaultdict(set)
    for comment, version, outcome, _reason in decisions:
        by_outcome[outcome].add((comment, version))

    def how_many(*outcomes: str) -> int:
        return rounded(len({comment for outcome in outcomes for comment, _version in by_outcome[outcome]}))

    # The author's yes is an approval of the very next version; new words of the author's own have a later one.
    taken = {(comment, version + 1) for comment, version in by_outcome[Outcome.PROPOSED]}
    reasons = Counter(reason for _text, reason in {(row[0], row[3]) for row in decisions if row[2] == Outcome.RETURNED})
    return Texts(
        handed_in=rounded(states.total()),
        waiting=rounded(sum(states[state] for state in Comment.WAITING)),
        let_through=how_many(*ModerationDecision.LETS_THROUGH),
        returned=how_many(Outcome.RETURNED),
        words_taken=rounded(len({comment for comment, _version in taken & by_outcome[Outcome.APPROVED]})),
        second_looks=how_many(Outcome.OVERTURNED, Outcome.UPHELD),
        reasons={reason.value: rounded(reasons[reason]) for reason in Reason if reasons[reason] >= FEWEST},
    )


def in_time(sessions: Iterable[DialogueSession]) -> dict[UUID, Share]:
    """How many texts were read within the promised hours, by session; counted by fives as they are read. One query."""
    subjects = {reading_of(one.pk): one.pk for one in sessions}
    return {
        subjects[subject]: Share(counts.get(IN_TIME, 0), counts.get(IN_TIME, 0) + counts.get(LATE, 0))
        for subject, counts in shown(subjects).items()
    }


# --- What was promised -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Promises:
    """How it stands with what was promised, and what participants say they see of it."""

    standing: dict[str, int]
    seen: dict[str, int]  # of promises of which five or more have said something


def promises(sessions: Iterable[DialogueSession]) -> dict[UUID, Promises]:
    """How it stands today with the promises made in these sessions, as the register has it. Two queries."""
    day = today()
    made = Commitment.objects.filter(dialogue_session__in=[one.pk for one in sessions], adopted_on__isnull=False)
    rows = list(made.values_list("pk", "dialogue_session"))
    if not rows:
        return {}
    counts = {one.value: Count("pk", filter=that_are(one, day)) for one in STANDINGS}
    standings = made.order_by().values("dialogue_session").annotate(**counts).values_list("dialogue_session", *counts)
    said = shown(subject_of(pk) for pk, _session in rows)
    seen: dict[UUID, Counter[str]] = defaultdict(Counter)
    for pk, session in rows:
        seen[session].update(said.get(subject_of(pk), {}))
    return {
        pk: Promises(dict(zip(counts, numbers, strict=True)), {one.value: seen[pk][one] for one in Seen})
        for pk, *numbers in standings
    }
