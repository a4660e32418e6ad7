"""Changing a session's reminder rules, and trying failed mail again."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from dialogue.audit import actions as audit
from dialogue.audit.models import AuditEvent
from dialogue.reminders import ledger, policies
from dialogue.reminders.models import DEFAULT_OFFSETS, OF_THE_SITE, Reminder, ReminderRule
from dialogue.sessions.models import DialogueSession
from seeds.transitions import NotAllowed

Kind = ReminderRule.Kind


def create_default_rules(dialogue_session: DialogueSession) -> None:
    """A week, a day and an hour before the start, the nudges and the digests. What is there already is kept."""
    rules = [
        ReminderRule(dialogue_session=dialogue_session, kind=Kind.BEFORE_START, before=before)
        for before in DEFAULT_OFFSETS
    ]
    others = (kind for kind in Kind if kind not in (Kind.BEFORE_START, *OF_THE_SITE))
    rules += [ReminderRule(dialogue_session=dialogue_session, kind=kind) for kind in others]
    ReminderRule.objects.bulk_create(rules, ignore_conflicts=True)


def _check(by: User, dialogue_session: DialogueSession) -> None:
    if not policies.may_change_rules(by, dialogue_session):
        raise NotAllowed(_("The reminders of this session can’t be changed now."))


def _record(dialogue_session: DialogueSession, by: User, detail: str) -> None:
    audit.write(AuditEvent.Verb.CHANGE_SESSION, by=by, session_id=dialogue_session.pk, detail=detail)


@transaction.atomic
def set_up_rules(dialogue_session: DialogueSession, *, by: User) -> None:
    """Make the default rules before the session is announced, so that the team can change them in time."""
    _check(by, dialogue_session)
    create_default_rules(dialogue_session)
    _record(dialogue_session, by, "reminders: set up")


@transaction.atomic
def add_rule(dialogue_session: DialogueSession, *, before: timedelta, by: User) -> ReminderRule:
    """Remind `before` the start too. Raises ValidationError when there is such a rule or its moment has passed."""
    _check(by, dialogue_session)
    if not timedelta() < before <= policies.LONGEST_BEFORE:
        raise ValidationError(_("Choose between one minute and 90 days before the start."))
    if policies.is_past(before, dialogue_session):
        raise ValidationError(_("That moment has passed already."))
    rule, made = ReminderRule.objects.get_or_create(
        dialogue_session=dialogue_session, kind=Kind.BEFORE_START, before=before
    )
    if not made:
        raise ValidationError(_("There is a reminder at that moment already."))
    _record(dialogue_session, by, "reminders: added")
    return rule


@transaction.atomic
def switch_rule(rule: ReminderRule, *, active: bool, by: User) -> None:
    """Switch a rule on or off. Switched on again after its moment has passed, it sends nothing."""
    _check(by, rule.about)
    rule.active = active
    rule.save(update_fields=["active"])
    _record(rule.about, by, "reminders: switched on" if active else "reminders: switched off")


@transaction.atomic
def remove_rule(rule: ReminderRule, *, by: User) -> None:
    """Remove a rule of which nothing was sent. Raises NotAllowed for the others, the nudges and the digests."""
    _check(by, rule.about)
    if not policies.may_remove(rule):
        raise NotAllowed(_("Mail went out by this rule already. You can switch it off instead."))
    rule.delete()
    _record(rule.about, by, "reminders: removed")


@transaction.atomic
def retry_failed(dialogue_session: DialogueSession, *, by: User) -> int:
    """Send failed reminders of a session again; returns how many. Raises NotAllowed if none has a use any more."""
    if not policies.may_lead(by, dialogue_session):
        raise NotAllowed(_("Only the team of this session can do this."))
    count = ledger.take_up_failed(Reminder.objects.filter(dialogue_session=dialogue_session), timezone.now())
    if not count:
        raise NotAllowed(_("There is nothing to send again: the moment for it has passed."))
    _record(dialogue_session, by, f"reminders: {count} again")
    return count
