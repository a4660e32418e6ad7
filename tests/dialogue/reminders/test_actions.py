"""Changing a session's reminder rules; trying failed mail again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from dialogue.audit.models import AuditEvent
from dialogue.reminders import actions, tasks
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.planning import plan_reminders
from dialogue.sessions.models import DialogueSession, State
from seeds.transitions import NotAllowed
from tests.factories import make_session

DAY = timedelta(days=1)


def offsets(session: DialogueSession) -> list[timedelta | None]:
    rules = session.reminder_rules.filter(kind="before_start").order_by("before")
    return list(rules.values_list("before", flat=True))


def test_rules_can_be_set_up_before_the_announcement(draft: DialogueSession, facilitator: User) -> None:
    actions.set_up_rules(draft, by=facilitator)
    actions.set_up_rules(draft, by=facilitator)
    assert offsets(draft) == [timedelta(hours=1), DAY, DAY * 7]
    assert set(AuditEvent.objects.values_list("verb", "dialogue_session", "detail")) == {
        ("change_session", draft.pk, "reminders: set up")
    }


def test_a_rule_is_added_once(announced: DialogueSession, facilitator: User) -> None:
    rule = actions.add_rule(announced, before=DAY * 2, by=facilitator)
    with pytest.raises(ValidationError, match="already"):
        actions.add_rule(announced, before=DAY * 2, by=facilitator)
    assert list(announced.reminder_rules.all()) == [rule]


@pytest.mark.parametrize("before", [timedelta(0), -DAY, DAY * 91, DAY * 10, DAY * 11])
def test_a_rule_needs_a_moment_to_come(announced: DialogueSession, facilitator: User, before: timedelta) -> None:
    """The session starts in ten days, less the moment since it was made."""
    with pytest.raises(ValidationError):
        actions.add_rule(announced, before=before, by=facilitator)
    assert not announced.reminder_rules.exists()


def test_only_the_team_changes_rules(
    announced: DialogueSession, facilitator: User, other_facilitator: User, operator: User, listener: User
) -> None:
    rule = actions.add_rule(announced, before=DAY, by=facilitator)
    for stranger in (other_facilitator, operator, listener):
        for change in (
            lambda by: actions.set_up_rules(announced, by=by),
            lambda by: actions.add_rule(announced, before=DAY * 2, by=by),
            lambda by: actions.switch_rule(rule, active=False, by=by),
            lambda by: actions.remove_rule(rule, by=by),
            lambda by: actions.retry_failed(announced, by=by),
        ):
            with pytest.raises(NotAllowed):
                change(stranger)
    assert list(ReminderRule.objects.values_list("before", "active")) == [(DAY, True)]


@pytest.mark.parametrize("state", [State.FOLLOW_UP, State.PURGED, State.CANCELLED])
def test_rules_of_a_session_that_is_over_stay(facilitator: User, state: State) -> None:
    over = make_session(state, [facilitator])
    with pytest.raises(NotAllowed):
        actions.add_rule(over, before=DAY, by=facilitator)


def test_what_was_sent_stays_in_the_ledger(announced: DialogueSession, facilitator: User, time_machine: object) -> None:
    plan_reminders(timezone.now())
    week = announced.reminder_rules.get(before=DAY * 7)
    day = announced.reminder_rules.get(before=DAY)
    nudge = announced.reminder_rules.get(kind="queue_waits")
    Reminder.objects.filter(rule=week).update(state="sent", sent_at=timezone.now())
    for kept in (week, nudge):
        with pytest.raises(NotAllowed):
            actions.remove_rule(kept, by=facilitator)
    actions.remove_rule(day, by=facilitator)
    assert offsets(announced) == [timedelta(hours=1), DAY * 7]
    plan_reminders(timezone.now())
    assert offsets(announced) == [timedelta(hours=1), DAY * 7]


def test_switching_off_and_on(announced: DialogueSession, facilitator: User) -> None:
    rule = actions.add_rule(announced, before=DAY, by=facilitator)
    for active in (False, False, True):
        actions.switch_rule(rule, active=active, by=facilitator)
        assert ReminderRule.objects.get().active is active


def test_failed_mail_is_tried_again(announced: DialogueSession, facilitator: User) -> None:
    plan_reminders(timezone.now())
    one, two = Reminder.objects.filter(rule__before=DAY * 7)
    now = timezone.now()
    Reminder.objects.filter(pk=one.pk).update(state="failed", attempts=5, error="550", due_at=now)
    Reminder.objects.filter(pk=two.pk).update(state="sent", sent_at=now)
    assert actions.retry_failed(announced, by=facilitator) == 1
    one.refresh_from_db()
    assert (one.state, one.attempts, one.error) == ("due", 0, "")
    tasks.send_due_reminders()
    one.refresh_from_db()
    assert (one.state, len(mail.outbox)) == ("sent", 1)
    with pytest.raises(NotAllowed):
        actions.retry_failed(announced, by=facilitator)


def test_failed_mail_of_a_time_that_has_passed_is_not_tried_again(
    announced: DialogueSession, facilitator: User
) -> None:
    plan_reminders(timezone.now())
    Reminder.objects.all().update(state="failed", attempts=5, error="550")
    DialogueSession.objects.update(starts_at=timezone.now() - DAY)
    with pytest.raises(NotAllowed):
        actions.retry_failed(announced, by=facilitator)
    assert set(Reminder.objects.values_list("state", flat=True)) == {"failed"}


def test_the_task_has_its_name_and_plans_and_sends(
    facilitator: User, django_capture_on_commit_callbacks: Callable
) -> None:
    make_session(State.ANNOUNCED, [facilitator], starts_at=timezone.now() + timedelta(hours=3))
    assert tasks.send_due_reminders.name == "reminders.send_due"
    tasks.send_due_reminders()
    tasks.send_due_reminders()
    assert [message.to for message in mail.outbox] == [[facilitator.email]]


def test_the_tasks_of_beat_exist(settings: object) -> None:
    from seeds.celery import app

    app.loader.import_default_modules()
    wanted = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {"reminders.send_due", "retention.run"} <= wanted <= set(app.tasks)
