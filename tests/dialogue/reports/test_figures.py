"""Numbers of a report: each rounded by itself, none below five told."""

import pytest

from accounts.models import User
from dialogue.audit.actions import write
from dialogue.audit.models import AuditEvent
from dialogue.moderation.models import ModerationDecision
from dialogue.reports.figures import rounded, taken
from dialogue.sessions.models import Round
from tests import factories
from tests.dialogue.reports import stage


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, 0), (1, 0), (4, 0), (5, 5), (6, 5), (7, 5), (8, 10), (9, 10), (10, 10), (12, 10), (13, 15), (101, 100)],
)
def test_rounding(number: int, shown: int) -> None:
    assert rounded(number) == shown


def returned(round: Round, reason: str, number: int, by: User) -> None:
    for _ in range(number):
        text = factories.make_comment(round, state="returned")
        ModerationDecision.objects.create(
            comment=text, comment_version=1, decided_by=by, outcome="returned", reason=reason
        )


@pytest.mark.django_db
def test_what_is_counted(facilitator: User, peer: User) -> None:
    session = stage.over([facilitator, peer])
    listening = session.rounds.get(kind="listening")
    alias = factories.make_alias(session)
    for number in range(7):
        factories.make_comment(listening, alias, state="released", batch=1, place=number + 1)
    factories.make_comment(listening, alias, state="withdrawn", batch=1, place=9)
    returned(listening, "contempt", 8, facilitator)
    returned(listening, "open_case", 4, facilitator)
    for _ in range(4):
        write(AuditEvent.Verb.HEAR_APPEAL, by=facilitator, session_id=session.pk)
    factories.make_alias(session, removed=True)
    assert taken(session) == {
        "present": 15,  # 13 hold a name
        "texts": {"handed_in": 20, "released": 10, "taken_back": 0, "appealed": 0},
        "returned": [{"reason": "contempt", "number": 10}],
        "heard": {"participants": [], "listeners": []},
        "facts": [],
    }


@pytest.mark.django_db
def test_a_text_that_came_back_twice_for_the_same_is_one_and_another_session_counts_nothing(
    facilitator: User, peer: User
) -> None:
    session, other = stage.over([facilitator, peer]), stage.over([facilitator, peer])
    listening = session.rounds.get(kind="listening")
    returned(listening, "spam", 4, facilitator)
    again = ModerationDecision.objects.filter(comment__thread__round=listening).first()
    assert again is not None
    ModerationDecision.objects.create(
        comment=again.comment, comment_version=2, decided_by=facilitator, outcome="returned", reason="spam"
    )
    returned(other.rounds.get(kind="listening"), "spam", 5, facilitator)
    assert taken(session)["returned"] == []
    assert taken(other)["returned"] == [{"reason": "spam", "number": 5}]
