"""Two people at the same moment, on the real database."""

import pytest

from dialogue.audit.models import AuditEvent
from dialogue.reflections.actions import answer_reflection, let_out_answers, submit_reflection
from dialogue.reflections.models import Reflection
from dialogue.threads.actions import withdraw_comment
from seeds.transitions import NotAllowed
from tests.dialogue.reflections.stage import Stage, at_reflection, release, tell_back
from tests.racing import at_once

stage = at_reflection
pytestmark = pytest.mark.django_db(transaction=True)


def answered(stage: Stage) -> tuple[Reflection, Reflection]:
    one, two = tell_back(stage), tell_back(stage, stage.other_story)
    answer_reflection(one, answer="corrected", alias=stage.alias)
    answer_reflection(two, answer="confirmed", alias=stage.other_alias)
    return one, two


def kinds(results: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in results)


@pytest.mark.parametrize("_", range(3))
def test_of_two_facilitators_one_lets_out(stage: Stage, _: int) -> None:
    answered(stage)
    results = at_once(*[lambda: let_out_answers(stage.round, by=stage.facilitator)] * 2)
    assert kinds(results) == ["NotAllowed", "int"]
    assert AuditEvent.objects.filter(verb="let_out_answers").count() == 1


@pytest.mark.parametrize("_", range(5))
def test_an_answer_changes_before_it_is_out_or_not_at_all(stage: Stage, _: int) -> None:
    one, _two = answered(stage)
    changed, _out = at_once(
        lambda: answer_reflection(one, answer="confirmed", alias=stage.alias),
        lambda: let_out_answers(stage.round, by=stage.facilitator),
    )
    one.refresh_from_db()
    assert one.is_out
    assert one.answer == ("corrected" if isinstance(changed, NotAllowed) else "confirmed")


@pytest.mark.parametrize("_", range(5))
def test_a_correction_comes_out_while_the_listener_rewrites(stage: Stage, _: int) -> None:
    """The second try is there only if the correction was out by then; never two, never one beside an open answer."""
    answered(stage)
    again, out = at_once(
        lambda: submit_reflection(stage.round, heard=stage.story, text="Again.", seat=stage.seat),
        lambda: let_out_answers(stage.round, by=stage.facilitator),
    )
    assert out == 2
    tries = list(Reflection.objects.filter(heard=stage.story).order_by("attempt").values_list("attempt", flat=True))
    assert tries == ([1] if isinstance(again, NotAllowed) else [1, 2])


def test_two_tries_at_once_are_one(stage: Stage) -> None:
    results = at_once(*[lambda: submit_reflection(stage.round, heard=stage.story, text="I", seat=stage.seat)] * 2)
    assert kinds(results) == ["NotAllowed", "Reflection"]


@pytest.mark.parametrize("_", range(3))
def test_a_story_is_taken_back_while_it_is_told_back(stage: Stage, _: int) -> None:
    told, _gone = at_once(
        lambda: submit_reflection(stage.round, heard=stage.story, text="I", seat=stage.seat),
        lambda: withdraw_comment(stage.story),
    )
    assert Reflection.objects.count() == (0 if isinstance(told, NotAllowed) else 1)
    stage.story.refresh_from_db()
    assert (stage.story.state, stage.story.body) == ("withdrawn", None)


@pytest.mark.parametrize("_", range(3))
def test_a_reflection_is_taken_back_while_it_is_answered(stage: Stage, _: int) -> None:
    one = tell_back(stage)
    release(one.comment)
    said, _gone = at_once(
        lambda: answer_reflection(one, answer="confirmed", alias=stage.alias), lambda: withdraw_comment(one.comment)
    )
    one.refresh_from_db()
    assert one.answer == ("" if isinstance(said, NotAllowed) else "confirmed")
