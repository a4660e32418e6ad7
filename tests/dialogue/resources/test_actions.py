"""Keeping help lines right: by whom, on which day, and never what nobody has seen."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.bulletin.queries import bulletin
from dialogue.resources.actions import (
    add_resource,
    change_resource,
    check_resource,
    delete_resource,
    move_resource,
)
from dialogue.resources.models import Resource
from dialogue.resources.policies import day_here, mark_of
from dialogue.sessions.models import State
from dialogue.sessions.policies import gaps
from dialogue.sessions.snapshot import take
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

pytestmark = pytest.mark.django_db
OLD = timedelta(days=91)
WORDS = {"kind": "crisis", "name": "Night Lamp", "contact": "555-0142", "hours": "Always", "note": "Talk."}


def old_line(**fields: Any) -> Resource:
    return factories.make_resource(verified_on=day_here() - OLD, **fields)


def audited() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("at", "detail").values_list("verb", "detail"))


def names() -> list[str]:
    return list(Resource.objects.values_list("name", flat=True))


def test_a_new_line_was_called_today(operator: User) -> None:
    pk = uuid4()
    line = add_resource(pk, called=True, by=operator, **WORDS)
    line.refresh_from_db()
    assert {field: getattr(line, field) for field in WORDS} == WORDS
    assert line.verified_on == day_here()
    assert audited() == [("change_resource", f"added {pk}")]


def test_a_line_nobody_called_is_not_added(operator: User) -> None:
    with pytest.raises(ValidationError) as refused:
        add_resource(uuid4(), called=False, by=operator, **WORDS)
    assert refused.value.message_dict == {"called": ["Call there first, or go there. Then tick this box."]}
    assert (names(), audited()) == ([], [])


def test_a_form_sent_twice_makes_one_line(operator: User) -> None:
    pk = uuid4()
    for _ in range(2):
        add_resource(pk, called=True, by=operator, **WORDS)
    assert (names(), len(audited())) == (["Night Lamp"], 1)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_makes_one_line(operator: User) -> None:
    pk = uuid4()

    def act() -> Resource:
        return add_resource(pk, called=True, by=operator, **WORDS)

    assert {one.pk for one in at_once(act, act)} == {pk}
    assert (names(), len(audited())) == (["Night Lamp"], 1)


def test_a_check_in_the_evening_is_of_that_day(facilitator: User) -> None:
    old = old_line()
    with time_machine.travel(datetime(2027, 5, 4, 1, tzinfo=UTC)):  # nine in the evening in New York
        assert check_resource(old, seen=mark_of(old), by=facilitator).verified_on == date(2027, 5, 3)
        assert "May 3, 2027" in bulletin().made_on


def test_a_check_is_of_today(facilitator: User, operator: User) -> None:
    for person in (facilitator, operator):
        line = old_line()
        assert check_resource(line, seen=mark_of(line), by=person).verified_on == day_here()
        line.refresh_from_db()
        assert line.verified_on == day_here()
        assert AuditEvent.objects.filter(actor=person.pk).get().detail == f"checked {line.pk}"


@pytest.mark.parametrize("field", WORDS)
def test_nobody_vouches_for_what_the_page_did_not_show(operator: User, field: str) -> None:
    line = old_line()
    seen = mark_of(line)
    Resource.objects.filter(pk=line.pk).update(**{field: "local"})
    for act in (check_resource, delete_resource):
        with pytest.raises(NotAllowed, match="Somebody changed this help line in the meantime"):
            act(line, seen=seen, by=operator)
    with pytest.raises(NotAllowed, match="Somebody changed this help line in the meantime"):
        change_resource(line, seen=seen, called=True, by=operator, **WORDS)
    assert Resource.objects.get().verified_on == day_here() - OLD
    assert audited() == []


@pytest.mark.parametrize(
    ("contact", "called", "checked_on"),
    [("555-0100", False, day_here() - OLD), ("555-0100", True, day_here()), ("555-0199", True, day_here())],
)
def test_a_changed_line_keeps_the_day_of_its_check(operator: User, contact: str, called: bool, checked_on: Any) -> None:
    line = old_line(contact="555-0100")
    words = WORDS | {"contact": contact}
    change_resource(line, seen=mark_of(line), called=called, by=operator, **words)
    line.refresh_from_db()
    assert ({field: getattr(line, field) for field in WORDS}, line.verified_on) == (words, checked_on)
    assert audited() == [("change_resource", f"changed{' and checked' if called else ''} {line.pk}")]


def test_another_number_is_called_first(operator: User) -> None:
    line = old_line(name="Night Lamp", contact="555-0100")
    with pytest.raises(ValidationError):
        change_resource(line, seen=mark_of(line), called=False, by=operator, **WORDS)
    line.refresh_from_db()
    assert (line.contact, audited()) == ("555-0100", [])


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_is_told(operator: User) -> None:
    line = old_line()
    seen = mark_of(line)

    def act(name: str) -> Callable[[], Resource]:
        return lambda: change_resource(line, seen=seen, called=True, by=operator, **WORDS | {"name": name})

    results = at_once(act("One"), act("Two"))
    assert sorted(type(one).__name__ for one in results) == ["NotAllowed", "Resource"]
    assert len(audited()) == 1


@pytest.mark.django_db(transaction=True)
def test_who_calls_while_another_changes_does_not_vouch_for_the_change(facilitator: User, operator: User) -> None:
    line = old_line()
    seen = mark_of(line)
    results = at_once(
        lambda: check_resource(line, seen=seen, by=facilitator),
        lambda: change_resource(line, seen=seen, called=False, by=operator, **WORDS | {"contact": line.contact}),
    )
    assert not isinstance(results[1], Exception)  # a check changes no words
    line.refresh_from_db()
    checked = not isinstance(results[0], NotAllowed)
    assert (line.name, line.verified_on) == ("Night Lamp", day_here() if checked else day_here() - OLD)


def test_lines_are_ordered_within_their_kind(operator: User) -> None:
    lines = [factories.make_resource(name=name, order=7) for name in "ABC"]
    factories.make_resource(name="Z", kind="local", order=1)
    for _ in range(2):  # a button pressed twice
        move_resource(lines[2], to=1, by=operator)
    ordered = Resource.objects.filter(kind="crisis").values_list("name", "order")
    assert list(ordered) == [("A", 0), ("C", 1), ("B", 2)]
    move_resource(lines[0], to=99, by=operator)
    assert list(Resource.objects.filter(kind="crisis").values_list("name", flat=True)) == ["C", "B", "A"]
    assert Resource.objects.get(name="Z").order == 1
    assert audited()[0] == ("change_resource", f"moved {min(str(lines[2].pk), str(lines[0].pk))}")


@pytest.mark.django_db(transaction=True)
def test_moves_at_once_leave_a_whole_order(operator: User) -> None:
    lines = [factories.make_resource(name=name, order=number) for number, name in enumerate("ABCD")]
    results = at_once(
        lambda: move_resource(lines[3], to=0, by=operator), lambda: move_resource(lines[0], to=3, by=operator)
    )
    assert results == [None, None]
    assert sorted(Resource.objects.values_list("order", flat=True)) == [0, 1, 2, 3]


def test_a_new_line_comes_last_of_its_kind(operator: User) -> None:
    factories.make_resource(name="First", order=4)
    assert add_resource(uuid4(), called=True, by=operator, **WORDS).order == 5
    assert add_resource(uuid4(), called=True, by=operator, **WORDS | {"kind": "local"}).order == 0


def test_a_deleted_line_is_gone_and_said_so_to_who_comes_late(operator: User) -> None:
    line = old_line()
    seen = mark_of(line)
    delete_resource(line, seen=seen, by=operator)
    assert names() == []
    with pytest.raises(NotAllowed, match="Somebody deleted this help line in the meantime"):
        delete_resource(line, seen=seen, by=operator)
    move_resource(line, to=0, by=operator)  # nothing is left to move
    assert audited() == [("change_resource", f"deleted {line.pk}")]


def test_others_change_nothing(listener: User, facilitator: User) -> None:
    line = old_line()
    seen = mark_of(line)
    acts: list[Callable[[User], object]] = [
        lambda by: add_resource(uuid4(), called=True, by=by, **WORDS),
        lambda by: change_resource(line, seen=seen, called=True, by=by, **WORDS),
        lambda by: move_resource(line, to=0, by=by),
        lambda by: delete_resource(line, seen=seen, by=by),
    ]
    for act in acts:
        for person in (listener, facilitator):
            with pytest.raises(NotAllowed, match="Only operators change help lines"):
                act(person)
    with pytest.raises(NotAllowed, match="Only the team checks help lines"):
        check_resource(line, seen=seen, by=listener)
    assert (names(), audited()) == (["Harbor warm line"], [])


def test_the_announcement_waits_for_lines_that_were_checked(facilitator: User, operator: User) -> None:
    draft = factories.make_session(team=[facilitator])

    def missing() -> list[str]:
        found = gaps(take([draft])[draft.pk], State.ANNOUNCED)
        return [str(gap.text) for gap in found if gap.url_name == "resources:list"]

    assert missing() == ["No help line is listed yet. An operator adds the first one."]
    line = old_line(contact="555-0142")
    assert missing() == ["A help line was last checked more than 90 days ago."]
    change_resource(line, seen=mark_of(line), called=False, by=operator, **WORDS)
    assert missing() == ["A help line was last checked more than 90 days ago."]
    line.refresh_from_db()
    check_resource(line, seen=mark_of(line), by=facilitator)
    assert missing() == []
