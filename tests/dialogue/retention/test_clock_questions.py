"""What all were asked ends with the sealing of the names at the latest, and facts that no report holds go."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from dialogue.facts.actions import count_position
from dialogue.facts.models import Fact, FactPosition
from dialogue.feedback.queries import figures
from dialogue.reports.models import Report
from dialogue.retention.models import Hold
from dialogue.sessions.models import DialogueSession, State
from dialogue.tallies.models import Tally, TallyMark
from tests import factories
from tests.dialogue.facts.test_actions import make_fact, newcomer
from tests.dialogue.feedback.sheets import answer
from tests.dialogue.retention.test_clock import CLOSED, PURGE, closed_session, run_at

DAY = timedelta(days=1)
SEALED = CLOSED + 30 * DAY


def asked_session(**fields: Any) -> DialogueSession:
    """A closed session in which six answered whether they were heard, and six whether a fact is so."""
    dialogue_session = closed_session(**fields)
    fact = make_fact(dialogue_session)
    answer(dialogue_session, 6)
    for _ in range(6):
        count_position(fact, position="agreed", by=newcomer(dialogue_session))
    FactPosition.objects.create(fact=fact, seat=factories.make_seat(dialogue_session), position="agreed")
    return dialogue_session


@pytest.mark.django_db
def test_questions_close_when_the_names_are_sealed() -> None:
    asked = asked_session()
    run_at(SEALED - DAY)
    asked.refresh_from_db()
    assert (asked.questions_closed_on, TallyMark.objects.count()) == (None, 12)
    run_at(SEALED)
    asked.refresh_from_db()
    assert (asked.questions_closed_on, TallyMark.objects.count()) == (SEALED.date(), 0)
    assert [one["n"] for one in figures(asked)["participants"]] == [6] * 8
    assert [tally.waiting for tally in Tally.objects.exclude(waiting={})] == []


@pytest.mark.django_db
def test_what_was_closed_before_is_left_alone() -> None:
    asked = asked_session()
    DialogueSession.objects.update(questions_closed_on=CLOSED.date())
    run_at(SEALED)
    asked.refresh_from_db()
    assert asked.questions_closed_on == CLOSED.date()


@pytest.mark.django_db
def test_of_a_cancelled_session_the_counts_go_at_once() -> None:
    asked = asked_session()
    plain = {"closed_at": None, "purge_on": PURGE, "cancel_reason": "Too few", "ends_at": CLOSED + 20 * DAY}
    DialogueSession.objects.update(state=State.CANCELLED, **plain)
    run_at(CLOSED + timedelta(minutes=5))
    asked.refresh_from_db()
    assert asked.questions_closed_on is not None
    assert (Tally.objects.count(), TallyMark.objects.count(), Fact.objects.count()) == (0, 0, 1)


@pytest.mark.django_db
def test_under_a_hold_nothing_closes(operator: User) -> None:
    asked = asked_session()
    Hold.objects.create(dialogue_session=asked, reason="A court asked.", placed_by=operator, placed_on=CLOSED)
    run_at(SEALED)
    assert TallyMark.objects.count() == 12


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "kept"), [("", 0), ("draft", 0), ("preview", 0), ("published", 1)])
def test_facts_outlast_the_words_only_in_a_report(state: str, kept: int) -> None:
    asked = asked_session()
    shown = {"figures": {}, "preview_from": CLOSED.date()} if state in ("preview", "published") else {}
    out = {"content": {}, "published_on": CLOSED.date(), "published_by": asked.created_by}
    if state:
        Report.objects.create(dialogue_session=asked, state=state, **shown, **(out if state == "published" else {}))
    run_at(datetime.combine(PURGE, CLOSED.timetz()).astimezone(UTC))
    asked.refresh_from_db()
    counts = [model.objects.count() for model in (Fact, FactPosition)]
    facts = Tally.objects.filter(subject__startswith="fact ").count()
    assert (asked.state, counts, facts) == (State.PURGED, [kept, kept], kept)
    assert [one["n"] for one in figures(asked)["participants"]] == [6] * 8
