"""The page of a session's reminders."""

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Participant, User
from dialogue.reminders import actions, queries
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.reminders.planning import plan_reminders
from dialogue.reminders.queries import Tally, before_text, overview, reason_text
from dialogue.sessions.models import DialogueSession, State
from tests.factories import make_listener, make_seat, make_session

ClientFor = Callable[[User | Participant | None], Client]
DAY = timedelta(days=1)


def page_of(session: DialogueSession) -> str:
    return reverse("reminders:rules", args=[session.pk])


def text(client: Client, session: DialogueSession) -> str:
    return " ".join(unescape(client.get(page_of(session)).content.decode()).split())


def test_the_team_sets_up_adds_switches_and_removes(
    client_for: ClientFor, facilitator: User, draft: DialogueSession
) -> None:
    client = client_for(facilitator)
    assert "No reminders yet." in text(client, draft)
    assert client.post(reverse("reminders:set_up", args=[draft.pk]))["Location"] == page_of(draft)
    assert client.post(page_of(draft), {"count": "2", "unit": "days"})["Location"] == page_of(draft)
    shown = text(client, draft)
    for words in ("1 week before the start", "2 days before the start", "1 day before the start", "1 hour before"):
        assert words in shown
    rule = ReminderRule.objects.get(before=DAY * 2)
    client.post(reverse("reminders:switch", args=[rule.pk]))
    assert "Switched off" in text(client, draft)
    client.post(reverse("reminders:switch", args=[rule.pk]), {"active": ""})
    assert "Switched off" not in text(client, draft).replace("The reminder is switched off.", "")
    client.post(reverse("reminders:remove", args=[rule.pk]))
    assert not ReminderRule.objects.filter(pk=rule.pk).exists()
    assert "2 days before the start" not in text(client, draft)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"count": "", "unit": "days"}, "This field is required."),
        ({"count": "99", "unit": "weeks"}, "Choose between one minute and 90 days before the start."),
        ({"count": "80", "unit": "days"}, "That moment has passed already."),
        ({"count": "x", "unit": "years"}, "Enter a whole number."),
    ],
)
def test_a_rule_that_can_not_be_is_explained(
    client_for: ClientFor, facilitator: User, announced: DialogueSession, data: dict, words: str
) -> None:
    plan_reminders(timezone.now())
    shown = client_for(facilitator).post(page_of(announced), data)
    assert shown.status_code == 200
    assert words in unescape(shown.content.decode())
    assert f'value="{data["count"]}"' in shown.content.decode() or not data["count"]


def test_what_came_of_the_mails_is_said_and_failed_ones_go_again(
    client_for: ClientFor, facilitator: User, announced: DialogueSession
) -> None:
    for _ in range(5):
        make_seat(announced, make_listener())
    plan_reminders(timezone.now())
    week = Reminder.objects.filter(rule__before=DAY * 7)
    week.update(state="sent", sent_at=timezone.now())
    DialogueSession.objects.update(starts_at=timezone.now() + DAY * 5)
    Reminder.objects.filter(pk=week[0].pk).update(state="failed", sent_at=None, error="550", attempts=5)
    client = client_for(facilitator)
    words = "6 of 7 sent, 1 failed: the mail server does not know the address (550)"
    shown = text(client, announced)
    assert f"Not all mail went out.</span> {words}" in shown
    assert "7 to be sent" in shown
    assert client.post(reverse("reminders:retry", args=[announced.pk]))["Location"] == page_of(announced)
    shown = text(client, announced)
    assert "1 mail is sent again within a minute." in shown
    assert "6 of 7 sent" in shown
    assert "failed:" not in shown
    assert "There is nothing to send again" in unescape(
        client.post(reverse("reminders:retry", args=[announced.pk]), follow=True).content.decode()
    )


def test_the_page_says_when_each_goes_out_in_the_sessions_zone(facilitator: User) -> None:
    session = make_session(
        State.ANNOUNCED,
        [facilitator],
        starts_at=datetime.fromisoformat("2027-03-15T18:00-04:00"),  # the clocks went forward the day before
        time_zone="America/New_York",
    )
    actions.create_default_rules(session)
    lines = overview(session, timezone.now()).lines
    assert [(line.what, line.when, line.who) for line in lines] == [
        ("1 week before the start", "Monday, March 8, 2027, 5:00 PM", "Team, listeners, outreach partners"),
        ("1 day before the start", "Sunday, March 14, 2027, 6:00 PM", "Team, listeners, outreach partners"),
        ("1 hour before the start", "Monday, March 15, 2027, 5:00 PM", "Team, listeners, outreach partners"),
        ("The closing note is missing", "24 hours after closing, when nobody has written it", "Team"),
        (
            "Texts wait longer than promised",
            "at 9 in the morning, when a text has waited longer than 24 hours",
            "Team",
        ),
        (
            "Something is new for listeners",
            "at 9 in the morning, when texts came out or a round began in which listeners write",
            "Listeners with a place",
        ),
        ("Texts wait to be read", "at 9 in the morning, when texts wait", "Team"),
    ]


def test_paused_and_cancelled_sessions_say_that_nothing_is_sent(
    client_for: ClientFor, facilitator: User, peer: User
) -> None:
    paused = make_session(State.OPEN, [facilitator], paused=True, pause_reason="Illness")
    cancelled = make_session(State.CANCELLED, [peer])
    assert "Nothing is sent until it goes on." in text(client_for(facilitator), paused)
    shown = text(client_for(peer), cancelled)
    assert "Nothing is sent any more." in shown
    assert "No reminders were sent for this session." in shown
    assert "Set up" not in shown


def test_the_page_is_for_the_team(
    client_for: ClientFor,
    announced: DialogueSession,
    facilitator: User,
    other_facilitator: User,
    operator: User,
    listener: User,
    participant: Participant,
) -> None:
    rule = actions.add_rule(announced, before=DAY, by=facilitator)
    on_session = [reverse(f"reminders:{name}", args=[announced.pk]) for name in ("rules", "set_up", "retry")]
    on_rule = [reverse(f"reminders:{name}", args=[rule.pk]) for name in ("switch", "remove")]
    for person in (other_facilitator, operator, listener, participant):
        client = client_for(person)
        assert client.get(on_session[0]).status_code == 404
        for url in on_session + on_rule:
            assert client.post(url, {"count": "3", "unit": "days"}).status_code == 404
    assert list(ReminderRule.objects.values_list("pk", "active")) == [(rule.pk, True)]
    for url in on_session[1:] + on_rule:
        assert client_for(facilitator).get(url).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_rule_and_three(
    client_for: ClientFor,
    facilitator: User,
    announced: DialogueSession,
    django_assert_num_queries: Callable,
    count: int,
) -> None:
    for number in range(count):
        actions.add_rule(announced, before=DAY * (number + 1), by=facilitator)
    plan_reminders(timezone.now())
    client = client_for(facilitator)
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(page_of(announced))


PAGE_QUERIES = 7


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (DAY * 14, "2 weeks before the start"),
        (DAY * 8, "8 days before the start"),
        (timedelta(hours=36), "36 hours before the start"),
        (timedelta(minutes=90), "90 minutes before the start"),
        (timedelta(minutes=1), "1 minute before the start"),
    ],
)
def test_offsets_in_words(before: timedelta, words: str) -> None:
    assert before_text(before) == words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("450", "the mail server asked us to try later (450)"),
        ("550", "the mail server does not know the address (550)"),
        ("552", "the mailbox is full (552)"),
        ("554", "the mail server refused the mail (554)"),
        ("unreachable", "no mail server could be reached"),
        ("broken", "the connection to the mail server broke"),
        ("interrupted", "the sending was interrupted"),
        ("unusable", "the address can’t be used"),
    ],
)
def test_reasons_in_words(error: str, words: str) -> None:
    assert reason_text(error) == words


def test_tallies_in_words() -> None:
    tally = Tally()
    assert str(tally) == ""
    tally.add("due", "", 6)
    assert str(tally) == "6 to be sent"
    tally = Tally()
    tally.add("sent", "", 6)
    assert str(tally) == "6 of 6 sent"
    tally.add("failed", "552", 1)
    tally.add("due", "450", 2)
    assert str(tally) == (
        "6 of 9 sent, 1 failed: the mail server asked us to try later (450); the mailbox is full (552)"
    )
    assert queries.Tally() == Tally()
