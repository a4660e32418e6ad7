"""The facilitator's desk: what it shows, in which order, and at what cost."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AgencyAgreement, Participant, Pledge, User, today
from dialogue.acknowledgments.models import PARTS, Acknowledgment
from dialogue.desk.queries import Part, home
from dialogue.messages.actions import answer_message, send_message
from dialogue.reminders.models import Reminder, ReminderRule
from dialogue.sessions.models import Booking, DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.sessions.models_objections import Objection
from dialogue.threads.periods import current_period
from tests import factories

Browser = Callable[[User | Participant | None], Client]
pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(response.content.decode())).split())


def running(lead: User, **fields: Any) -> DialogueSession:
    """An open session in its dialogue round."""
    session = factories.make_session(State.OPEN, team=[], **fields)
    Booking.objects.create(
        dialogue_session=session, facilitator=lead, starts_at=session.starts_at, ends_at=session.ends_at
    )
    factories.make_round(session, RoundKind.LISTENING, Round.State.DONE)
    factories.make_round(session, RoundKind.DIALOGUE, Round.State.OPEN)
    return session


def wait(session: DialogueSession, periods: int) -> None:
    factories.make_comment(session.rounds.get(state="open"), period=current_period() - periods)


def part(user: User, template: str) -> Part | None:
    return next((one for one in home(user)["parts"] if one.template == template), None)


def rows(user: User, template: str) -> Any:
    found = part(user, template)
    return found.rows if found else []


def order(user: User) -> list[str]:
    return [one.template for one in home(user)["parts"]]


def make_mail(session: DialogueSession, user: User, state: str, **fields: Any) -> Reminder:
    rule, _ = ReminderRule.objects.get_or_create(
        dialogue_session=session, kind=ReminderRule.Kind.BEFORE_START, before=timedelta(days=1)
    )
    fields = {"schedule_version": session.schedule_version, "due_at": timezone.now()} | fields
    sent_at = timezone.now() if state == Reminder.State.SENT else None
    return Reminder.objects.create(
        rule=rule, dialogue_session=session, user=user, state=state, sent_at=sent_at, **fields
    )


class TestOrder:
    def test_an_empty_desk_says_what_to_do_first(self, client_for: Browser, facilitator: User) -> None:
        page = text_of(client_for(facilitator).get("/desk/"))
        assert "You lead no session yet. Plan the first one." in page
        folded = "In order: Private messages, Texts to read, Objections, Reminders that failed, Missing for what starts"
        assert folded in page
        assert order(facilitator) == []

    def test_broken_promises_come_first_then_today_then_what_is_to_come(
        self, draft: DialogueSession, facilitator: User
    ) -> None:
        session = running(facilitator, starts_at=timezone.now() + timedelta(days=40))
        assert order(facilitator) == ["today", "missing"]
        wait(session, 0)
        assert order(facilitator) == ["today", "queue", "missing"]
        wait(session, 4)
        assert order(facilitator) == ["today", "queue", "missing"], "soon late"
        wait(session, 6)
        assert order(facilitator) == ["queue", "today", "missing"]

    def test_who_is_not_doing_well_comes_before_everything(
        self, open_session: DialogueSession, facilitator: User
    ) -> None:
        alias = open_session.aliases.order_by("name")[0]
        factories.make_comment(open_session.rounds.get(state="open"), period=current_period() - 9)
        send_message(alias, text="Which door?", kind="question")
        assert order(facilitator) == ["queue", "today", "messages"]
        send_message(alias, text="I am not doing well.", kind="distress")
        assert order(facilitator)[0] == "messages"

    def test_who_is_not_doing_well_stays_there_until_somebody_answers(
        self, client_for: Browser, open_session: DialogueSession, facilitator: User
    ) -> None:
        alias = open_session.aliases.order_by("name")[0]
        factories.make_comment(open_session.rounds.get(state="open"), period=current_period() - 9)
        send_message(alias, text="I am not doing well.", kind="distress")
        client = client_for(facilitator)
        client.get(reverse("messages:conversation", args=[alias.pk]))
        assert order(facilitator)[0] == "messages"
        page = text_of(client.get("/desk/"))
        assert ("Somebody is not doing well: read, not answered" in page, "not read yet" in page) == (True, False)
        answer_message(alias, text="We are here.", by=facilitator)
        assert order(facilitator) == ["queue", "today"]

    def test_what_a_session_lacks_that_starts_soon_comes_first(self, facilitator: User) -> None:
        factories.make_session(State.PREPARING, [facilitator], starts_at=timezone.now() + timedelta(days=30))
        running(facilitator)
        assert order(facilitator) == ["today", "missing"]
        factories.make_session(State.PREPARING, [facilitator], starts_at=timezone.now() + timedelta(hours=47))
        assert order(facilitator) == ["missing", "today", "missing"]


class TestToday:
    def test_the_next_action_of_each(self, facilitator: User, other_facilitator: User) -> None:
        now = timezone.now()
        on = running(facilitator, starts_at=now + timedelta(days=20))  # open is open, whatever the times say
        factories.make_session(State.ANNOUNCED, [facilitator], starts_at=now + timedelta(days=40), title="Far away")
        factories.make_session(State.DRAFT, [facilitator], starts_at=now + timedelta(days=50), title="A draft")
        running(other_facilitator, title="Somebody else's")
        soon = factories.make_session(
            State.PREPARING, [facilitator], starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1)
        )
        found = rows(facilitator, "today")
        assert [row["session"] for row in found] == [soon, on]
        assert [(str(row["next"]["title"]), str(row["next"]["action"]), row["next"]["url"]) for row in found] == [
            ("A session needs at least two facilitators.", "Choose the team", f"/desk/sessions/{soon.pk}/edit/"),
            ("Round 2, Dialogue, is on", "Run the session", f"/desk/sessions/{on.pk}/run/"),
        ]

    def test_in_an_open_session_it_follows_the_run(self, client_for: Browser, facilitator: User) -> None:
        session = running(facilitator)

        def said() -> tuple[str, str]:
            step = rows(facilitator, "today")[0]["next"]
            return step["title"], step["action"]

        wait(session, 0)
        assert said() == ("A text waits to be read", "Read texts")
        factories.make_comment(session.rounds.get(state="open"), state="approved")
        assert said() == ("A text is ready to come out", "Run the session")
        wait(session, 6)
        assert said() == ("Texts have waited longer than promised", "Read texts")
        assert rows(facilitator, "today")[0]["facts"] == ["2 texts wait to be read.", "1 is approved and not out."]
        assert "Step 2 of 2: Dialogue" in text_of(client_for(facilitator).get("/desk/"))
        DialogueSession.objects.update(paused=True, pause_reason="A break.")
        assert said() == ("The session is on hold", "Run the session")

    def test_a_quiet_day(self, client_for: Browser, draft: DialogueSession, facilitator: User) -> None:
        assert "No session is on today." in text_of(client_for(facilitator).get("/desk/"))


class TestQueue:
    def test_against_the_promise(self, client_for: Browser, facilitator: User) -> None:
        late = running(facilitator, reading_hours=6)
        kept = running(facilitator, reading_hours=24, starts_at=timezone.now() + timedelta(days=30))
        for session, periods in ((late, 2), (late, 0), (kept, 4), (kept, 3)):
            wait(session, periods)
        found = rows(facilitator, "queue")
        assert [(row["session"], row["count"], row["late"], row["soon"]) for row in found["rows"]] == [
            (late, 2, 1, 1),
            (kept, 2, 0, 1),
        ]
        assert found["finding"] == "4 texts wait. 1 is late. 2 will be late within 8 hours."
        assert "Late: about 8 hours (promised: 6 h)" in text_of(client_for(facilitator).get("/desk/"))

    @pytest.mark.parametrize(
        ("periods", "finding"),
        [
            ([0], "1 text waits. None will be late within 8 hours."),
            ([4, 0], "2 texts wait. 1 will be late within 8 hours."),
            ([6, 0], "2 texts wait. 1 is late."),
            ([6, 9], "2 texts wait. 2 are late."),
        ],
    )
    def test_in_one_sentence(self, periods: list[int], finding: str, facilitator: User) -> None:
        session = running(facilitator)
        for one in periods:
            wait(session, one)
        assert rows(facilitator, "queue")["finding"] == finding


class TestMissing:
    def test_each_thing_with_a_link_that_says_what_it_does(
        self, client_for: Browser, draft: DialogueSession, facilitator: User
    ) -> None:
        response = client_for(facilitator).get("/desk/")
        assert "Missing before it is “Announced”:" in text_of(response)
        page = response.content.decode()
        assert 'href="/desk/help-lines/">Go to the help lines<' in page
        assert re.search(r">\s*(Look|Mend this)\s*<", page) is None

    def test_who_is_not_ready_and_what_is_lacking(
        self, client_for: Browser, announced: DialogueSession, facilitator: User
    ) -> None:
        ready = factories.make_seat(announced)
        lapsed = factories.make_seat(announced)
        Pledge.objects.filter(user=lapsed.listener).update(withdrawn_on=today())
        AgencyAgreement.objects.filter(agency=lapsed.listener.agency).update(expires_on=today() - timedelta(days=1))
        asking = factories.make_seat(announced, factories.make_new_listener(), state="applied")
        gone = factories.make_seat(announced, state=ListenerSeat.State.NOT_PLACED)
        lacking = {one["name"]: one["things"] for one in rows(facilitator, "missing")[0]["lacking"]}
        assert ready.listener.name not in lacking
        assert gone.listener.name not in lacking
        assert lacking[lapsed.listener.name] == ["the pledge", "the agency’s agreement"]
        assert lacking[asking.listener.name] == [
            "the pledge",
            "our check of who this is",
            "an acknowledgment that is complete",
            "the participants’ “enough to begin”",
        ]
        assert f"{lapsed.listener.name} : the pledge; the agency’s agreement." in text_of(
            client_for(facilitator).get("/desk/")
        )

    def test_of_participants_only_how_many(
        self, client_for: Browser, announced: DialogueSession, facilitator: User
    ) -> None:
        name = factories.make_alias(announced).name
        page = text_of(client_for(facilitator).get("/desk/"))
        assert "Participants: 1 joined, 2 are needed." in page
        assert name not in page
        factories.make_alias(announced)
        assert "are needed" not in text_of(client_for(facilitator).get("/desk/"))

    def test_a_stale_help_line_is_explained_with_the_way_on(self, client_for: Browser, facilitator: User) -> None:
        factories.make_resource(name="Fresh line")
        assert "not checked for 90 days" not in text_of(client_for(facilitator).get("/desk/"))
        old = factories.make_resource(name="Night line", contact="555-0101", verified_on=today() - timedelta(days=91))
        for address in ("/desk/", "/desk/help-lines/"):
            response = client_for(facilitator).get(address)
            assert "One help line was not checked for 90 days. Until somebody does, no session" in text_of(response)
            assert f'<a href="/desk/help-lines/{old.pk}/">I checked it' in response.content.decode()


class TestWhatWaits:
    def test_numbers_and_whose_they_are(
        self, announced: DialogueSession, facilitator: User, other_facilitator: User, new_listener: User
    ) -> None:
        seat = factories.make_seat(announced, state=ListenerSeat.State.APPLIED)
        words = dict.fromkeys(PARTS, "We concede.")
        Acknowledgment.objects.create(seat=seat, state=Acknowledgment.State.SUBMITTED, **words)
        assert [(tile["number"], tile["to"]) for tile in home(facilitator)["tiles"]] == [
            (1, "acknowledgments:to_check"),
            (1, "accounts:listeners"),
        ]
        assert [tile["number"] for tile in home(other_facilitator)["tiles"]] == [1]
        factories.make_update(factories.make_commitment(dialogue_session=announced))
        factories.make_commitment("held", dialogue_session=announced)
        assert [tile["number"] for tile in home(facilitator)["tiles"]] == [1, 2, 1]

    def test_reminders_of_the_times_that_hold(
        self, client_for: Browser, announced: DialogueSession, facilitator: User, peer: User, other_facilitator: User
    ) -> None:
        make_mail(announced, facilitator, Reminder.State.SENT)
        assert "1 reminder was sent." in text_of(client_for(facilitator).get("/desk/"))
        make_mail(announced, peer, Reminder.State.FAILED)
        page = text_of(client_for(facilitator).get("/desk/"))
        assert "1 mail did not go out; 1 was sent." in page
        assert "did not go out" not in text_of(client_for(other_facilitator).get("/desk/"))
        DialogueSession.objects.update(schedule_version=2)
        assert rows(facilitator, "mails") == []

    def test_objections_that_no_gate_asks_about_yet(
        self, client_for: Browser, announced: DialogueSession, facilitator: User
    ) -> None:
        alias, seat = factories.make_alias(announced), factories.make_seat(announced)
        Objection.objects.create(dialogue_session=announced, alias=alias, seat=seat)
        assert "1 objection waits. The session can’t open before." in text_of(client_for(facilitator).get("/desk/"))

    def test_reports_that_are_not_out(self, facilitator: User, peer: User) -> None:
        over = factories.make_session(State.FOLLOW_UP, [facilitator, peer])
        assert [row["session"] for row in rows(facilitator, "reports")] == [over]
        factories.make_report(over, "published", by=facilitator)
        assert rows(facilitator, "reports") == []

    def test_nothing_of_sessions_that_others_lead(self, facilitator: User, other_facilitator: User) -> None:
        session = running(other_facilitator)
        wait(session, 9)
        factories.make_comment(session.rounds.get(state="open"), state="approved")
        send_message(factories.make_alias(session), text="Help.", kind="distress")
        make_mail(session, other_facilitator, Reminder.State.FAILED)
        assert (order(facilitator), home(facilitator)["tiles"]) == ([], [])
        assert len(order(other_facilitator)) == 4


@pytest.mark.parametrize("count", [1, 30])
def test_the_desk_at_fixed_cost(
    count: int, client_for: Browser, facilitator: User, django_assert_num_queries: Any
) -> None:
    """Two for who is signed in, one for the sessions, seven for their gates, one for all that waits, three for help
    lines and reports."""
    soon = timezone.now() + timedelta(days=1)
    for number in range(count):
        session = running(facilitator, starts_at=soon + timedelta(days=10 * number))
        wait(session, number)
        factories.make_seat(session, _listener())
        send_message(factories.make_alias(session), text="Which door?", kind="question")
        make_mail(session, facilitator, Reminder.State.FAILED)
        for state, days in ((State.DRAFT, 400), (State.ANNOUNCED, 800), (State.FOLLOW_UP, 1200)):
            factories.make_session(state, [facilitator], starts_at=soon + timedelta(days=days + 10 * number))
    client = client_for(facilitator)
    with django_assert_num_queries(14):
        client.get("/desk/")
    with django_assert_num_queries(6):
        client.get("/desk/sessions/")


def _listener() -> User:
    """One for all sessions: what a listener costs to make is not the matter here."""
    return User.objects.filter(role="listener").first() or factories.make_listener()
