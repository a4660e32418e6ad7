"""The figures, once they may be shown, and who has still to answer."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import CharField, Func, IntegerField, Sum, Value
from django.db.models.functions import Cast, Coalesce

from accounts.models import Participant, User
from dialogue.feedback.policies import sheet_of, subjects_of
from dialogue.feedback.questions import ITEMS, Side, Step
from dialogue.sessions.models import DialogueSession
from dialogue.tallies.actions import FEWEST
from dialogue.tallies.models import Tally
from dialogue.tallies.queries import Counts, answered, shown

#: By side: for each question its key, how many answered it, and how many chose each step.
Figures = dict[str, list[dict[str, Any]]]


def _figures(counts: Mapping[tuple[str, str], Counts]) -> Figures:
    """The counts of a side and a question as a page and a report take them; those of fewer than five are left out."""
    found: Figures = {side: [] for side in Side.values}
    for side, rows in found.items():
        for item in ITEMS:
            steps = {step: counts.get((side, item.key), {}).get(step, 0) for step in Step.values}
            if (n := sum(steps.values())) >= FEWEST:
                rows.append({"item": item.key, "n": n, "counts": steps})
    return found


def figures(dialogue_session: DialogueSession) -> Figures:
    """What may be shown of one session: nothing before its questions are closed. One query."""
    subjects = {
        subject: (side, key) for side in Side.values for key, subject in subjects_of(dialogue_session.pk, side).items()
    }
    return _figures({subjects[subject]: counts for subject, counts in shown(subjects).items()})


def _word(number: int) -> Func:
    """One of the words of a subject, counted from 1."""
    return Func("subject", Value(" "), Value(number), function="split_part", output_field=CharField())


def _sum(step: str) -> Coalesce:
    """How many chose this step, of all that shows."""
    shown_text = Func("shown", Value(step), function="jsonb_extract_path_text", output_field=CharField())
    return Coalesce(Sum(Cast(shown_text, IntegerField())), 0)


def figures_of_all() -> Figures:
    """The same over all sessions, of those numbers alone that each session shows by itself. One query.

    So two views differ by what one or more sessions show, which is known, and never by fewer than five answers.
    """
    of_questions = Tally.objects.filter(subject__startswith="felt ").order_by()
    words = of_questions.annotate(side=_word(3), item=_word(4)).values_list("side", "item")
    sums = {f"step{step}": _sum(step) for step in Step.values}
    rows = words.annotate(**sums).values_list("side", "item", *sums)
    return _figures({(side, item): dict(zip(Step.values, numbers, strict=True)) for side, item, *numbers in rows})


def answered_in(person: Participant | User, sessions: Collection[UUID], side: str) -> set[UUID]:
    """Those of the sessions whose questions this person has answered. One query."""
    sheets = {sheet_of(pk, side): pk for pk in sessions}
    return {sheets[sheet] for sheet in answered(person, sheets)}
