"""Kept, running, late, broken: for a day, from what is stored, in Python and in the database alike."""

from datetime import timedelta

import pytest

from accounts.models import today
from dialogue.commitments.models import Commitment
from dialogue.commitments.standing import Standing, overdue, standing, that_are
from tests import factories

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NEVER_ADOPTED = {"adopted_by": None, "adopted_on": None}


@pytest.mark.parametrize(
    ("state", "days", "expected"),
    [
        ("adopted", 1, "running"),
        ("adopted", 0, "running"),  # the whole day is theirs
        ("adopted", -1, "late"),
        ("in_progress", 1, "running"),
        ("in_progress", -1, "late"),
        ("done", 1, "kept"),
        ("done", -400, "kept"),
        ("broken", 1, "broken"),
        ("broken", -1, "broken"),
        ("changed", -1, "changed"),
        ("withdrawn", -1, "taken_back"),
    ],
)
def test_how_it_stands(state: str, days: int, expected: str) -> None:
    one = factories.make_commitment(state, due_on=today() + days * DAY)
    assert standing(one, today()) == expected
    found = [wanted for wanted in Standing if Commitment.objects.filter(that_are(wanted, today())).exists()]
    assert found == [expected]
    assert overdue(Commitment.objects.all(), today()).exists() is (expected == "late")


def test_it_becomes_late_by_the_day_alone() -> None:
    one = factories.make_commitment(due_on=today())
    assert [standing(one, today() + days * DAY) for days in (-30, 0, 1)] == ["running", "running", "late"]


@pytest.mark.parametrize("state", ["held", "returned", "proposed", "withdrawn"])
def test_what_was_never_adopted_has_no_standing(state: str) -> None:
    one = factories.make_commitment(state, due_on=today() - DAY, **NEVER_ADOPTED)
    with pytest.raises(ValueError, match="not adopted"):
        standing(one, today())
    assert [wanted for wanted in Standing if Commitment.objects.filter(that_are(wanted, today())).exists()] == []
