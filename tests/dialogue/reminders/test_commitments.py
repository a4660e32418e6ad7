"""Mail about commitments: to whom, when, once each, and none about what no longer runs."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import Agency, AgencyAgreement, Participant, User
from dialogue.commitments.models import Commitment
from dialogue.reminders import ledger
from dialogue.reminders.commitments import rows
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.planning import plan_reminders
from dialogue.reminders.sending import send_due
from dialogue.retention.clock import delete_reminders
from dialogue.sessions.models import DialogueSession, State
from seeds.mailsink import MailSink
from tests import factories
from tests.dialogue.reminders.test_sending import received, sink
from tests.racing import at_once

__all__ = ["sink"]  # a fixture
pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)  # three in the afternoon in New York
TODAY = NOW.date()
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def head(agency: Agency) -> User:
    """Who signed for the agency."""
    user = factories.make_listener(agency, name="Dana Whitfield")
    user.listener_profile.is_head = True
    user.listener_profile.save(update_fields=["is_head"])
    AgencyAgreement.objects.filter(agency=agency).update(signed_by=user)
    return user


def promise(owner: User, days: int, state: str = "adopted", **fields: Any) -> Commitment:
    """A commitment of this listener that is due in so many days, promised long ago."""
    fields = {"adopted_on": TODAY - 100 * DAY} | fields if state not in ("held", "returned", "proposed") else fields
    session = factories.make_session(State.FOLLOW_UP, closed_at=NOW - 100 * DAY)  # nobody waits for its closing note
    due_on = TODAY + days * DAY
    return factories.make_commitment(state, owner=owner, dialogue_session=session, due_on=due_on, **fields)


def tick(now: datetime = NOW) -> int:
    """One beat: plan, then send."""
    with time_machine.travel(now):
        plan_reminders(now)
        return send_due(now)


def told() -> list[tuple[str, int | None, str]]:
    """Who was told, how many days before or after, and what became of the mail."""
    found = Reminder.objects.filter(dialogue_session=None, rule__kind__startswith="commitment")
    shown = found.order_by("due_at", "user__name").values_list("user__name", "rule__before", "state")
    return [(name, before.days if before else None, state) for name, before, state in shown]


@pytest.mark.parametrize(
    ("days", "before"),
    [(15, None), (14, 14), (4, 14), (3, 3), (1, 3), (0, 3), (-1, -1), (-13, -1), (-14, -14), (-60, -14), (-61, None)],
)
def test_the_nearest_mail_only(listener: User, days: int, before: int | None) -> None:
    promise(listener, days)
    tick()
    assert told() == ([("Marcus Hale", before, "sent")] if before else [])
    assert len(mail.outbox) == len(told())


@pytest.mark.parametrize("hours", [9, 24])
def test_four_mails_each_once_at_nine_however_often_it_is_asked(listener: User, hours: int) -> None:
    due_on = promise(listener, 20).due_on
    for passed in range(0, 24 * 40, hours):
        tick(NOW + timedelta(hours=passed))
    sent = list(Reminder.objects.filter(state="sent").order_by("due_at"))
    assert [(due_on - row.due_at.date()).days for row in sent] == [14, 3, -1, -14]
    assert [row.due_at.hour for row in sent] == [14] * 4  # nine in the morning in New York
    assert len(mail.outbox) == Reminder.objects.count() == 4


def test_a_clock_that_jumps_tells_what_is_so_when_it_has_jumped(listener: User) -> None:
    promise(listener, 20)
    for days in (0, 18, 18, 35, 35, 50, 200):
        tick(NOW + days * DAY)
    assert told() == [("Marcus Hale", 3, "sent"), ("Marcus Hale", -14, "sent")]


def test_a_clock_put_back_repeats_nothing(listener: User) -> None:
    promise(listener, 3)
    for days in (0, 5, 0, 5):
        tick(NOW + days * DAY)
    assert told() == [("Marcus Hale", 3, "sent"), ("Marcus Hale", -1, "sent")]


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("America/New_York", 14), ("America/Los_Angeles", 17), ("Asia/Tokyo", 0), ("Pacific/Auckland", 20)],
)
def test_nine_is_the_owners_own(listener: User, zone: str, hour: int) -> None:
    User.objects.filter(pk=listener.pk).update(time_zone=zone)
    due_on = promise(listener, 15).due_on
    for passed in range(30):
        tick(NOW + timedelta(hours=passed))
    row = Reminder.objects.get()
    assert (due_on - row.due_at.date()).days == 14
    assert (row.due_at.hour, row.sent_at.hour if row.sent_at else None) == (hour, hour)


@pytest.mark.parametrize("days", [10, 2])
def test_who_promises_at_short_notice_is_not_reminded_at_once(listener: User, days: int) -> None:
    promise(listener, days, adopted_on=TODAY)
    for passed in range(days + 2):
        tick(NOW + passed * DAY)
    assert [before for _name, before, _state in told()] == ([3, -1] if days > 3 else [-1])


@pytest.mark.parametrize(
    ("state", "mails"),
    [(state, 1 if state in ("adopted", "in_progress") else 0) for state in Commitment.State.values],
)
@pytest.mark.parametrize("days", [3, -1])
def test_only_what_runs_is_told_of(listener: User, state: str, mails: int, days: int) -> None:
    promise(listener, days, state)
    assert tick() == mails


def test_once_overdue_the_signer_is_told_too(listener: User, head: User) -> None:
    promise(listener, 2)
    for passed in range(40):
        tick(NOW + passed * DAY)
    assert told() == [
        ("Marcus Hale", 3, "sent"),
        ("Dana Whitfield", -1, "sent"),
        ("Marcus Hale", -1, "sent"),
        ("Dana Whitfield", -14, "sent"),
        ("Marcus Hale", -14, "sent"),
    ]


def test_a_signer_who_owns_it_gets_one_mail(head: User) -> None:
    promise(head, -1)
    tick()
    assert told() == [("Dana Whitfield", -1, "sent")]


def test_other_heads_and_an_agency_without_one_get_none(listener: User) -> None:
    other = factories.make_listener(name="Of Another Agency")
    other.listener_profile.is_head = True
    other.listener_profile.save(update_fields=["is_head"])
    promise(listener, -1)
    tick()
    assert told() == [("Marcus Hale", -1, "sent")]


def test_of_a_closed_account_the_signer_is_told_alone(listener: User, head: User) -> None:
    promise(listener, -1)
    User.objects.filter(pk=listener.pk).update(is_active=False)
    tick()
    assert told() == [("Dana Whitfield", -1, "sent")]


def parts(sent: Any) -> list[str]:
    assert isinstance(sent, EmailMultiAlternatives)
    return [str(sent.body), str(sent.alternatives[0][0])]


@pytest.mark.parametrize(
    ("days", "subject", "words"),
    [
        (3, "Reminder: a promise is due soon", "You answer for this promise. It is due on Friday, December 4, 2026:"),
        (-1, "Reminder: a promise is overdue", "It was due on Monday, November 30, 2026, and nobody has said"),
    ],
)
def test_the_mail_says_what_is_due_and_where_to_tell_of_it(listener: User, days: int, subject: str, words: str) -> None:
    made = promise(listener, days, text="No names are run <on calls> for help.")
    tick()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([listener.email], subject)
    text, html = parts(sent)
    for body in (text, html):
        assert words in body
        assert f"http://testserver/commitments/{made.pk}/" in body
        assert f"http://testserver/listener/promises/{made.pk}/news/" in body
    assert "No names are run <on calls> for help." in text
    assert "No names are run &lt;on calls&gt; for help." in html


def test_the_signer_reads_whose_promise_it_is(listener: User, head: User) -> None:
    promise(listener, -1)
    tick()
    (theirs,) = [sent for sent in mail.outbox if sent.to == [head.email]]
    for body in parts(theirs):
        assert "This promise by Marcus Hale (Harbor City Police) was due on Monday, November 30, 2026" in body
        assert "You get this because you sign for Harbor City Police" in body


@pytest.mark.parametrize(("level", "may_tell"), [("personal", False), ("agency", True)])
def test_a_signer_gets_the_link_to_tell_news_only_where_it_opens(
    listener: User, head: User, level: str, may_tell: bool
) -> None:
    """A page that answers "there is no such page" is no help to anybody."""
    made = promise(listener, -1, level=level)
    tick()
    (message,) = [one for one in mail.outbox if one.to == [head.email]]
    assert (f"/listener/promises/{made.pk}/news/" in str(message.body)) is may_tell
    assert f"/commitments/{made.pk}/" in str(message.body)


def test_no_mail_holds_anything_of_participants(
    open_session: DialogueSession, participant: Participant, listener: User, head: User
) -> None:
    alias = open_session.aliases.get(tag=factories.tag_of(participant, open_session))
    type(alias).objects.filter(pk=alias.pk).update(name="MARKER NAME")
    factories.make_comment(open_session.rounds.get(state="open"), alias, state="released", text="MARKER TEXT")
    for days in (14, 3, -1, -14):
        factories.make_commitment(
            owner=listener, dialogue_session=open_session, due_on=TODAY + days * DAY, adopted_on=TODAY - 100 * DAY
        )
    tick()
    assert len(mail.outbox) == 6
    for sent in mail.outbox:
        whole = f"{parts(sent)} {sent.message().items()}"
        for secret in ("MARKER", str(alias.pk), str(participant.pk), str(open_session.pk), open_session.title):
            assert secret not in whole


def end(state: str) -> Callable[[Commitment], object]:
    return lambda made: Commitment.objects.filter(pk=made.pk).update(state=state, ended_on=TODAY)


def postpone(made: Commitment) -> None:
    Commitment.objects.filter(pk=made.pk).update(due_on=TODAY + 60 * DAY)


def close(made: Commitment) -> None:
    User.objects.filter(pk=made.owner.pk).update(is_active=False)


STEPS = [*(end(state) for state in ("done", "changed", "broken", "withdrawn")), postpone, close]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("days", [3, -1])
def test_what_ended_meanwhile_is_dropped(listener: User, step: Callable[[Commitment], object], days: int) -> None:
    made = promise(listener, days)
    plan_reminders(NOW)
    step(made)
    assert send_due(NOW) == 0
    plan_reminders(NOW)
    assert [state for *_, state in told()] == ["dropped"]
    assert mail.outbox == []


def test_a_signer_who_left_gets_none(listener: User, head: User) -> None:
    promise(listener, -1)
    plan_reminders(NOW)
    User.objects.filter(pk=head.pk).update(is_active=False)
    assert send_due(NOW) == 1
    assert mail.outbox[0].to == [listener.email]


def test_one_that_could_not_be_sent_before_the_day_is_not_sent_after_it(listener: User) -> None:
    promise(listener, 3)
    plan_reminders(NOW)
    tick(NOW + 4 * DAY)
    assert told() == [("Marcus Hale", 3, "dropped"), ("Marcus Hale", -1, "sent")]


def test_a_failed_one_is_given_up_when_it_is_no_news_any_more(listener: User) -> None:
    promise(listener, -1)
    plan_reminders(NOW)
    (row,) = ledger.claim(NOW)
    assert ledger.renew(row, NOW)
    ledger.mark_refused(row, "451", NOW)
    plan_reminders(NOW + 6 * DAY)
    assert told() == [("Marcus Hale", -1, "failed")]


def test_another_day_is_another_promise_to_keep(listener: User) -> None:
    made = promise(listener, 3)
    tick()
    end("changed")(made)
    promise(listener, 30, replaces=made)
    tick(NOW + 27 * DAY)
    assert told() == [("Marcus Hale", 3, "sent"), ("Marcus Hale", 3, "sent")]


def test_a_switched_off_rule_sends_nothing(listener: User) -> None:
    promise(listener, 3)
    plan_reminders(NOW - 40 * DAY)
    ReminderRule.objects.filter(kind__startswith="commitment").update(active=False)
    tick()
    assert told() == []
    assert ReminderRule.objects.filter(kind__startswith="commitment").count() == 4


def test_what_the_ledger_forgets_is_not_told_again(listener: User) -> None:
    promise(listener, -14)
    tick()
    for days in range(0, 200, 10):
        now = NOW + days * DAY
        delete_reminders(now)
        tick(now)
    assert (Reminder.objects.count(), len(mail.outbox)) == (0, 1)


@pytest.mark.parametrize("count", [1, 4])
def test_planning_at_fixed_cost(
    agency: Agency, head: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        promise(factories.make_listener(agency), -1)
    plan_reminders(NOW)
    with django_assert_num_queries(5):
        assert len(list(rows(NOW))) == 2 * count


@pytest.mark.django_db(transaction=True)
def test_two_beats_and_two_workers_send_each_once(listener: User, head: User, sink: MailSink) -> None:
    promise(listener, -1)
    promise(listener, 3)

    def plan() -> None:
        plan_reminders(NOW)

    def beat() -> int:
        try:
            plan()
            return send_due(NOW)
        finally:
            connection.close()

    assert sum(at_once(beat, beat, lambda: send_due(NOW), lambda: send_due(NOW))) == 3
    assert (len(received(sink)), len(set(received(sink)))) == (3, 3)
    assert {state for *_, state in told()} == {"sent"}
    assert sum(at_once(beat, beat)) == 0


def test_a_commitment_of_a_purged_session_is_told_of_as_well(listener: User) -> None:
    made = promise(listener, -1)
    DialogueSession.objects.filter(pk=made.dialogue_session_id).update(state=State.PURGED)
    assert tick() == 1


def test_the_day_is_that_of_the_site(listener: User) -> None:
    assert isinstance(promise(listener, 0).due_on, date)
    assert tick() == 1
    assert told() == [("Marcus Hale", 3, "sent")]
